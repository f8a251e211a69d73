/**
 * The two scripts of the live course: the kernel with TypeScript, and the library. esbuild makes both from `dist/`.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, transformSync } from 'esbuild';
import { root } from '../paths.mjs';

/**
 * @typedef {object} Bundle
 * @property {string} code
 * @property {readonly string[]} files what went into it, from the project's root
 */

/** The common part of both. @satisfies {import('esbuild').BuildOptions} */
const common = {
  absWorkingDir: root,
  bundle: true,
  write: false,
  metafile: true,
  minify: true,
  platform: /** @type {const} */ ('browser'),
  format: /** @type {const} */ ('iife'),
  target: 'es2022',
  legalComments: /** @type {const} */ ('none'),
  logLevel: /** @type {const} */ ('error'),
};

/** The worker's script. @returns {Promise<Bundle>} */
export async function kernelBundle() {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return bundled({
    ...common,
    entryPoints: ['dist/kernel/web/worker.js'],
    define: { SPARSELAB_VERSION: JSON.stringify(version) },
    plugins: [quickInspect],
  });
}

/**
 * The modules for cells, as the global `sparselabLibrary`. Asynchronous functions are translated to promises, whose
 * callbacks the kernel can follow.
 * @returns {Promise<Bundle>}
 */
export async function libraryBundle() {
  return bundled({
    ...common,
    stdin: {
      contents: `
        exports.sparselab = require('./dist/index.js');
        exports.teaching = require('./dist/teaching.js');
        exports.tf = exports.sparselab.tf;
        exports.fs = require('./dist/platform/web/nodeFs.js');
        exports.storage = require('./dist/platform/web/storage.js').storage;`,
      resolveDir: root,
    },
    globalName: 'sparselabLibrary',
    // A value's display contains the name of its class.
    keepNames: true,
    supported: { 'async-await': false, 'async-generator': false, 'for-await': false },
    define: { SPARSELAB_CODE: JSON.stringify(codeVersion()) },
    plugins: [sharedInspect, withoutWebgl],
  });
}

/** The playground's worker; the library is the one beside it. @returns {Promise<Bundle>} */
export const playgroundWorkerBundle = () =>
  bundled({ ...common, entryPoints: ['dist/playground/worker.js'], plugins: [libraryBeside] });

/** A page's script. @param {'main' | 'front'} page @returns {Promise<Bundle>} */
export const playgroundPageBundle = (page) =>
  bundled({ ...common, entryPoints: [`src/playground/page/${page}.ts`] });

/** A script in fewer bytes: three quarters of plotly.js remain, compressed. @param {string} code */
export const minified = (code) => transformSync(code, { minify: true, legalComments: 'none' }).code;

/** How values are shown, the kernel's bundle has already; translated, that code would not know generators. @type {import('esbuild').Plugin} */
const sharedInspect = {
  name: 'shared inspect',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node-inspect-extracted$/ }, () => ({ path: 'inspect', namespace: 'kernel' }));
    onLoad({ filter: /./, namespace: 'kernel' }, () => ({
      contents: `exports.inspect = globalThis[Symbol.for('sparselab.inspect')];`,
    }));
  },
};

/**
 * A page has no way to list the named properties of an array but to list its elements as well: seconds for a million of them, and more
 * memory than there is for the pixels of MNIST. So a long array is shown without such properties.
 * @type {import('esbuild').Plugin}
 */
const quickInspect = {
  name: 'quick inspect',
  setup({ onLoad }) {
    onLoad({ filter: /node-inspect-extracted[\\/]dist[\\/]inspect\.js$/ }, ({ path }) => {
      const head = 'getOwnNonIndexProperties:function(t,e=2){';
      const code = readFileSync(path, 'utf8');
      if (!code.includes(head)) throw new Error(`${path} must contain ${head}; it does not`);
      return { contents: code.replace(head, `${head}if(t.length>10000)return[];`) };
    });
  },
};

/** The library as `library.js` gives it to the script of a worker. @type {import('esbuild').Plugin} */
const libraryBeside = {
  name: 'library beside the script',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^\.\.\/index$/ }, () => ({ path: 'sparselab', namespace: 'beside' }));
    onLoad({ filter: /./, namespace: 'beside' }, () => ({
      // Errors show values; without a kernel they are shown as JSON.
      contents: `
        globalThis[Symbol.for('sparselab.inspect')] ??= (value) => JSON.stringify(value) ?? String(value);
        importScripts('library.js');
        module.exports = sparselabLibrary.sparselab;`,
    }));
  },
};

/** No engine of ours computes on a GPU; tf names this backend only to say its version. @type {import('esbuild').Plugin} */
const withoutWebgl = {
  name: 'without WebGL',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^@tensorflow\/tfjs-backend-webgl$/ }, () => ({
      path: 'webgl',
      namespace: 'absent',
    }));
    onLoad({ filter: /./, namespace: 'absent' }, () => ({
      contents: 'export const version_webgl = undefined;',
    }));
  },
};

/** @param {import('esbuild').BuildOptions} options @returns {Promise<Bundle>} */
async function bundled(options) {
  const { outputFiles, metafile } = await build(options);
  return { code: outputFiles?.[0]?.text ?? '', files: Object.keys(metafile?.inputs ?? {}) };
}

/** A hash of the library's code and of the versions of all packages. */
function codeVersion() {
  const hash = createHash('sha256');
  const dist = join(root, 'dist');
  const modules = readdirSync(dist, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.js') && !/^(kernel|notebook)[\\/]/.test(path))
    .sort();
  for (const path of [...modules.map((path) => join(dist, path)), join(root, 'package-lock.json')])
    hash.update(readFileSync(path));
  return hash.digest('hex');
}
