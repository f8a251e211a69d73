/**
 * Native TensorFlow under @tensorflow/tfjs-node. The package's own install script would fetch it, but here no
 * third-party install script runs, and many schools cannot reach its host.
 *
 * The library and the compiled binding lie in one folder of the cache, laid out as tfjs-node wants them (`deps/` and
 * `lib/`), and are linked into the npm package. `npm ci` removes the links only.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { messageOf, SetupError } from '../errors.mjs';
import { isAlive } from '../lock.mjs';
import { cacheDir, shown, tfjsNodeDir } from '../paths.mjs';
import { run } from '../processes.mjs';
import { current, done, warning } from '../steps.mjs';
import { fetchArchive, unpack } from './archive.mjs';
import { compileBinding, compilerAdvice, findCompiler } from './compiler.mjs';
import { sourcesFor } from './sources.mjs';

/** Where tfjs-node looks for its binding, from its own folder. The folders of the cache are laid out alike. */
const BINDING = join('lib', 'napi-v8', 'tfjs_binding.node');

const probeScript = fileURLToPath(new URL('probe.cjs', import.meta.url));

const FALLBACK = 'The lessons use WebAssembly instead: the same results, and slower training.';

/** Advice for users of a platform for which there is no verified source. */
export const UNVERIFIED =
  'let the package fetch its own, unverified: npm rebuild @tensorflow/tfjs-node --ignore-scripts=false';

/** @type {import('../steps.mjs').Step} */
export const nativeTensorflowStep = {
  name: 'TensorFlow',
  async run() {
    const wanted = process.env.SPARSELAB_BACKEND;
    if (wanted && wanted !== 'tensorflow')
      return current(`native is not needed: SPARSELAB_BACKEND is ${wanted}`);

    const present = await probeBinding(tfjsNodeDir);
    if ('version' in present) return current(`native ${present.version}`);

    try {
      return done(`native ${await install(sourcesFor())}`);
    } catch (error) {
      if (!(error instanceof SetupError) || wanted === 'tensorflow') throw error;
      return warning(`not native: ${error.message}`, `${FALLBACK} To fix it: ${error.remedy}`);
    }
  },
};

/**
 * Loads the binding in a folder laid out as tfjs-node's and computes something with it. tfjs-node's folder may hold
 * one that its own install script brought; that one serves as well as ours.
 * @param {string} [folder]
 * @returns {Promise<{ version: string } | { problem: string }>} TensorFlow's version, or why it cannot be used
 */
export async function probeBinding(folder = tfjsNodeDir) {
  const binding = join(folder, BINDING);
  if (!existsSync(binding)) return { problem: 'it is not installed' };
  const { code, stdout, output } = await run(process.execPath, [probeScript, binding], { timeoutMs: 60_000 });
  if (code === 0) return { version: stdout.trim() };
  return { problem: /^Error: (.*)$/m.exec(output)?.[1] ?? 'loading it ends the process' };
}

/**
 * Installs from the first source that works.
 * @param {readonly import('./sources.mjs').Source[]} sources
 * @returns {Promise<string>} TensorFlow's version
 * @throws {SetupError} saying of the last source why it does not work
 */
async function install(sources) {
  // A binding that is there but does not work could end the kernel's process.
  for (const name of ['lib', 'deps']) rmSync(join(tfjsNodeDir, name), { recursive: true, force: true });
  removeLeftovers(cacheDir);

  let failure = new SetupError(
    `there is no verified TensorFlow for ${process.platform} on ${process.arch} that its binding compiles against.`,
    UNVERIFIED,
  );
  for (const source of sources) {
    try {
      const folder = join(cacheDir, folderName(source));
      if (!existsSync(folder)) await build(source, folder);
      const result = await probeBinding(folder);
      if ('version' in result) {
        link(folder);
        return result.version;
      }
      throw new SetupError(
        `${source.name} does not run on this machine: ${result.problem}.`,
        `if that should have changed, remove ${shown(folder)} and run npm start again.`,
      );
    } catch (error) {
      if (!(error instanceof SetupError)) throw error;
      failure = error;
    }
  }
  throw failure;
}

/**
 * Fetches, unpacks and compiles into a folder of its own, which gets its name when it is complete.
 * @param {import('./sources.mjs').Source} source
 * @param {string} folder
 */
async function build(source, folder) {
  const partial = `${folder}.partial-${process.pid}`;
  const scratch = join(partial, 'scratch');
  mkdirSync(scratch, { recursive: true });
  try {
    // Before the download: without a compiler it would be in vain.
    const compiler = await findCompiler(scratch);
    if (!compiler)
      throw new SetupError('there is no C++ compiler.', `${compilerAdvice}; then run npm start again.`);
    const depsDir = join(partial, 'deps');
    await unpack(await fetchArchive(source, scratch), depsDir, source.libraries);
    rmSync(scratch, { recursive: true });
    await compileBinding({ compiler, depsDir, libraries: source.libraries, binding: join(partial, BINDING) });
    moveIntoPlace(partial, folder);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

/**
 * @param {string} partial
 * @param {string} folder
 */
function moveIntoPlace(partial, folder) {
  try {
    renameSync(partial, folder);
  } catch (error) {
    // In a cache that several projects share, another one may have been first.
    if (!existsSync(folder)) throw new SetupError(messageOf(error), `make ${cacheDir} writable.`);
  }
}

/** The binding's link comes last: where it is, everything is. @param {string} folder */
function link(folder) {
  for (const name of ['deps', 'lib']) {
    symlinkSync(relative(tfjsNodeDir, join(folder, name)), join(tfjsNodeDir, name), 'dir');
  }
}

/** Removes what set-ups that were killed have left. @param {string} folder */
export function removeLeftovers(folder) {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    const owner = /\.partial-(\d+)$/.exec(name)?.[1];
    if (owner && !isAlive(Number(owner))) rmSync(join(folder, name), { recursive: true, force: true });
  }
}

/** @param {import('./sources.mjs').Source} source */
function folderName(source) {
  const { version } = JSON.parse(readFileSync(join(tfjsNodeDir, 'package.json'), 'utf8'));
  const id = source.name.toLowerCase().replaceAll(' ', '-');
  return `${id}-tfjs-node-${version}-${process.platform}-${process.arch}`;
}
