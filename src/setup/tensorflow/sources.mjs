/**
 * Where TensorFlow's C library comes from. Only archives whose checksum is known are used.
 *
 * tfjs-node's own install script also fetches a prebuilt binding. Nobody publishes a checksum of that one, so it is
 * not used: the binding's C++ comes with the npm package and compiles in seconds.
 */

/**
 * @typedef {object} Source
 * @property {string} name what it is, for a person
 * @property {{ url: string } | { wheel: string, platform: string }} from an address, or a requirement and the
 *   platform tag of its wheel. Nothing in the libraries needs Python, so one wheel serves whatever Python there is.
 * @property {string} sha256 of the archive, in hex
 * @property {readonly string[]} libraries the file names under which the linker and the loader find them
 */

const OFFICIAL = 'https://storage.googleapis.com/tensorflow/libtensorflow/libtensorflow-cpu';

// The version that tfjs-node 4.22 itself fetches. Checksums: wamuir/graft's Bazel rules and NixOS/nixpkgs (mjolnir) agree.

/** @type {Source} */
const officialLinux = {
  name: 'libtensorflow 2.9.1',
  from: { url: `${OFFICIAL}-linux-x86_64-2.9.1.tar.gz` },
  sha256: '7f510d2546e3db5e10b1d119463689003d587842892ad3c95bca51cf82820173',
  libraries: ['libtensorflow.so.2', 'libtensorflow_framework.so.2'],
};

/** @type {Source} */
const officialMac = {
  name: 'libtensorflow 2.9.1',
  from: { url: `${OFFICIAL}-darwin-x86_64-2.9.1.tar.gz` },
  sha256: '56f83d3320ba0f69aaafd6c058645e1b7fbc75fb9a3fc36d6be98de1291ca226',
  libraries: ['libtensorflow.2.dylib', 'libtensorflow_framework.2.dylib'],
};

// Checksums: those that PyPI states for these files.

/** @type {Source} */
const wheelLinux = {
  name: 'TensorFlow 2.21.0',
  from: { wheel: 'tensorflow-cpu==2.21.0', platform: 'manylinux_2_27_x86_64' },
  sha256: '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
  libraries: ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'],
};

/** @type {Source} */
const wheelLinuxArm = {
  name: 'TensorFlow 2.21.0',
  from: { wheel: 'tensorflow==2.21.0', platform: 'manylinux_2_27_aarch64' },
  sha256: '4b24aca16d527a3cf1c37f720c04c484c3d20f4d0fdfa98632ac8b9f3be6eb5c',
  libraries: ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'],
};

/** @type {Source} */
const wheelMacArm = {
  name: 'TensorFlow 2.21.0',
  from: { wheel: 'tensorflow==2.21.0', platform: 'macosx_12_0_arm64' },
  sha256: '51f46f4806139d01fc7920cc72a4c75876f80649bf40ff083ab6212ceb43ca88',
  libraries: ['libtensorflow_cc.2.dylib', 'libtensorflow_framework.2.dylib'],
};

/** By platform and architecture, best first. @type {Record<string, readonly Source[]>} */
const SOURCES = {
  'linux-x64': [officialLinux, wheelLinux],
  'linux-arm64': [wheelLinuxArm],
  'darwin-x64': [officialMac],
  'darwin-arm64': [wheelMacArm],
};

/**
 * The sources for a platform, best first; none where TensorFlow cannot be had in a form that is verified and that
 * the binding compiles against.
 * @param {string} [platform]
 * @param {string} [arch]
 * @returns {readonly Source[]}
 */
export function sourcesFor(platform = process.platform, arch = process.arch) {
  return SOURCES[`${platform}-${arch}`] ?? [];
}
