/**
 * Registers the kernel with Jupyter: `node dist/kernel/node/install.js <prefix>`.
 *
 * @module
 */

import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** tslab's own kernel name, so that notebooks made for tslab open in this kernel and the other way round. */
const KERNEL_NAME = 'tslab';

/**
 * Writes `<prefix>/share/jupyter/kernels/tslab/kernel.json`; each file appears complete or not at all.
 *
 * @param prefix the root of a Python environment
 * @returns the folder of the kernel specification
 */
export function installKernelspec(prefix: string): string {
  const folder = resolve(prefix, 'share', 'jupyter', 'kernels', KERNEL_NAME);
  mkdirSync(folder, { recursive: true });
  writeAtomically(join(folder, 'kernel.json'), `${JSON.stringify(kernelspec(), undefined, 2)}\n`);
  writeAtomically(join(folder, 'logo-svg.svg'), LOGO);
  return folder;
}

function kernelspec(): object {
  return {
    argv: [
      process.execPath,
      '--no-force-async-hooks-checks',
      join(__dirname, 'main.js'),
      '{connection_file}',
    ],
    display_name: 'TypeScript (Sparselab)',
    language: 'typescript',
    // A message reaches the kernel on every system, Windows included, and whatever its main thread is doing.
    interrupt_mode: 'message',
    metadata: { debugger: false },
  };
}

/** A dense code above, a sparse one below. */
const LOGO = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">
  <rect width="64" height="64" rx="10" fill="#24507a"/>
  <g fill="#ffffff">
    <rect x="10" y="12" width="8" height="18" opacity=".8"/><rect x="22" y="16" width="8" height="14" opacity=".65"/>
    <rect x="34" y="10" width="8" height="20" opacity=".9"/><rect x="46" y="18" width="8" height="12" opacity=".55"/>
    <rect x="10" y="51" width="8" height="2" opacity=".6"/><rect x="22" y="51" width="8" height="2" opacity=".6"/>
    <rect x="46" y="51" width="8" height="2" opacity=".6"/>
  </g>
  <rect x="34" y="35" width="8" height="18" fill="#ffb84d"/>
</svg>
`;

function writeAtomically(path: string, text: string): void {
  const draft = `${path}.${process.pid}`;
  try {
    writeFileSync(draft, text);
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

if (require.main === module) {
  const [, , prefix] = process.argv;
  if (prefix === undefined) {
    process.stderr.write('usage: node install.js <prefix>\n');
    process.exitCode = 2;
  } else {
    process.stdout.write(`${installKernelspec(prefix)}\n`);
  }
}
