/**
 * Ruff over the project's Python, as `npm run check` and `npm run format` call it: `node src/setup/ruff.mjs [--write]`.
 */
import { fileURLToPath } from 'node:url';
import { venvPython } from './paths.mjs';
import { runInForeground } from './processes.mjs';
import { pythonEnvironment } from './venv.mjs';

/**
 * Looks at format and lint, or puts right what can be.
 * @param {{ write?: boolean }} [options]
 * @returns {Promise<boolean>} whether all is well
 */
export async function ruff({ write = false } = {}) {
  const steps = write
    ? [['check', '--quiet', '--fix'], ['format']]
    : [
        ['check', '--quiet'],
        ['format', '--check', '--quiet'],
      ];
  for (const step of steps) {
    const code = await runInForeground(venvPython(), ['-m', 'ruff', ...step, '.'], {
      env: { ...pythonEnvironment(), RUFF_NO_CACHE: 'true' },
    });
    if (code !== 0) return false;
  }
  return true;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = (await ruff({ write: process.argv.includes('--write') })) ? 0 : 1;
}
