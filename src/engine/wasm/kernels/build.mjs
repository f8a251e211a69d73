/**
 * Compiles the kernels to WebAssembly and writes them into `../kernelBytes.ts`, which is committed: users of
 * Sparselab need no compiler. To be run after every change to a .c or .h file here:
 *
 *     node src/engine/wasm/kernels/build.mjs
 *
 * Needs clang and lld 16 (`apt install clang-16 lld-16`); another version gives other bytes.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const folder = import.meta.dirname ?? new URL('.', import.meta.url).pathname;
const COMPILER = 'clang-16';

/** Where the bytes are committed. */
export const kernelBytesFile = join(folder, '..', 'kernelBytes.ts');

const sources = readdirSync(folder)
  .filter((name) => /\.[ch]$/.test(name))
  .sort();

/** Whether the compiler is installed. */
export function hasCompiler() {
  try {
    execFileSync(COMPILER, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** The hash of all that the bytes are made from: sources and this script. */
export function sourceHash() {
  const hash = createHash('sha256');
  for (const name of [...sources, 'build.mjs']) {
    hash.update(name).update(readFileSync(join(folder, name), 'utf8').replaceAll('\r\n', '\n'));
  }
  return hash.digest('hex');
}

/** The text of `kernelBytes.ts`. */
export function kernelBytesText() {
  const simd = compile([]);
  const relaxed = compile(['-mrelaxed-simd']);
  const bytesHash = createHash('sha256').update(simd).update(relaxed).digest('hex');
  return `// Written by kernels/build.mjs from the sources next to it; not to be edited.

/** The SHA-256 of sources and script, and that of the two texts below, one behind the other. */
export const SOURCE_HASH = '${sourceHash()}';
export const BYTES_HASH = '${bytesHash}';

/** With SIMD, which every engine has; base64. */
export const SIMD =
  '${simd}';

/** With relaxed SIMD too: a product and a sum in one instruction; base64. */
export const RELAXED =
  '${relaxed}';
`;
}

/** @param {readonly string[]} features @returns {string} the module in base64 */
function compile(features) {
  const output = mkdtempSync(join(tmpdir(), 'sparselab-kernels-'));
  try {
    const module = join(output, 'kernels.wasm');
    const target = ['--target=wasm32', '-O3', '-msimd128', '-mbulk-memory', ...features, '-Wall', '-Werror'];
    const files = sources.filter((name) => name.endsWith('.c'));
    for (const file of files) {
      // Threads that share a memory have no stacks of their own in it.
      const assembly = execFileSync(COMPILER, [...target, '-S', '-o', '-', file], {
        cwd: folder,
        encoding: 'utf8',
      });
      if (assembly.includes('__stack_pointer'))
        throw new Error(`${file} needs a stack: keep its arrays in \`work\``);
    }
    const linking = ['--no-entry', '--export-dynamic', '--import-memory', '--strip-all'];
    execFileSync(
      COMPILER,
      [...target, '-nostdlib', ...linking.map((option) => `-Wl,${option}`), '-o', module, ...files],
      { cwd: folder, stdio: 'inherit' },
    );
    return readFileSync(module).toString('base64');
  } finally {
    rmSync(output, { recursive: true, force: true });
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  writeFileSync(kernelBytesFile, kernelBytesText());
}
