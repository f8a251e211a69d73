/**
 * The declarations that the compiler reads in a page: found by compiling a cell that imports all that cells can import.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { notebooksDir, root } from '../paths.mjs';

/** A cell with each import of the live course. */
const CELL = `import * as sparselab from 'sparselab';
import * as teaching from 'sparselab/teaching';
import * as tf from '@tensorflow/tfjs';
import { strict as assert } from 'node:assert';
[sparselab, teaching, tf, assert]`;

/** The fields of a package.json that locate its declarations. */
const FIELDS = ['name', 'version', 'type', 'main', 'types', 'typings', 'exports', 'typesVersions'];

/**
 * The archive, compressed by gzip: the texts of all declarations by the paths that they have in a page, where packages
 * lie in `/node_modules`.
 * @returns {Buffer}
 */
export function packedDeclarations() {
  const require = createRequire(import.meta.url);
  const compiled = (/** @type {string[]} */ ...path) => require(join(root, 'dist', ...path));
  const { CellCompiler } = compiled('kernel', 'core', 'compiler', 'cellCompiler.js');
  const { Declarations } = compiled('kernel', 'core', 'compiler', 'declarations.js');
  const { filesOnDisk, loadTypeScript, readSourceMap, slashes } = compiled('kernel', 'node', 'typescript.js');
  const ts = loadTypeScript();
  const disk = filesOnDisk(ts, notebooksDir);
  /** @type {Set<string>} */
  const read = new Set();
  const system = {
    ...disk,
    readFile(/** @type {string} */ path) {
      const text = disk.readFile(path);
      if (text !== undefined) read.add(path);
      return text;
    },
    fileExists(/** @type {string} */ path) {
      const exists = disk.fileExists(path);
      // They say how names are resolved, also where another one had been read before.
      if (exists && path.endsWith('package.json')) read.add(path);
      return exists;
    },
  };
  new CellCompiler(ts, system, readSourceMap).compile(Declarations.none, CELL);
  // A browser may have more of the language than this Node.
  for (const name of readdirSync(disk.libraryFolder)) {
    if (/^lib\.(es|decorators)[\w.]*\.d\.ts$/.test(name)) read.add(`${disk.libraryFolder}/${name}`);
  }

  const project = slashes(root);
  const inPage = (/** @type {string} */ path) => {
    const from = path.lastIndexOf('/node_modules/');
    if (from >= 0) return path.slice(from);
    return path.startsWith(`${project}/`)
      ? `/node_modules/sparselab${path.slice(project.length)}`
      : undefined;
  };
  /** @type {Record<string, string>} */
  const files = {};
  for (const path of [...read].sort()) {
    const name = inPage(path);
    if (name === undefined || !/(\.d\.[cm]?ts|package\.json)$/.test(name) || name.includes('/notebooks/'))
      continue;
    files[name] = needed(name, readFileSync(path, 'utf8'));
  }
  const archive = {
    libraryFolder: inPage(disk.libraryFolder),
    ambientFiles: disk.ambientFiles.map(inPage),
    files,
  };
  return gzipSync(JSON.stringify(archive), { level: 9 });
}

/** Declarations of names that a page does not have, or that no lesson asks about: half of them are comments. */
const WITHOUT_COMMENTS = /^\/node_modules\/(@types|undici-types|@webgpu)\//;

/** The part of a file that the compiler needs. @param {string} name @param {string} text */
function needed(name, text) {
  if (!name.endsWith('package.json')) {
    return WITHOUT_COMMENTS.test(name) ? text.replace(/\/\*\*[\s\S]*?\*\//g, '') : text;
  }
  const description = JSON.parse(text);
  return JSON.stringify(Object.fromEntries(FIELDS.map((field) => [field, description[field]])));
}
