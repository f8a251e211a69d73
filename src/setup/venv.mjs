/**
 * The project's Python environment, `.venv`: exactly what requirements.txt locks, verified by hash.
 */
import { createHash } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError } from './errors.mjs';
import { root, venvDir, venvPython } from './paths.mjs';
import { downloadRemedy, run, runOrFail } from './processes.mjs';
import { findPython } from './python.mjs';
import { current, done } from './steps.mjs';

const requirementsFile = join(root, 'requirements.txt');

/** Written last, so that an environment without it is unfinished. */
const stampFile = join(venvDir, 'sparselab.json');

/** @type {import('./steps.mjs').Step} */
export const venvStep = {
  name: 'Python packages',
  async run() {
    const installed = await venvVersion();
    if (installed) return current(`as in requirements.txt, Python ${installed}`);
    const [python, ...args] = (await findPython()).command;
    removeVenv();
    await runOrFail(python, [...args, '-m', 'venv', venvDir], {
      env: pythonEnvironment(),
      problem: 'Python could not make the environment .venv.',
      remedy: 'Read the lines above; SPARSELAB_PYTHON may name another Python to use.',
    });
    await runOrFail(
      venvPython(),
      ['-m', 'pip', 'install', '--quiet', '--require-hashes', '--only-binary=:all:', '-r', requirementsFile],
      {
        env: pythonEnvironment(),
        problem: 'pip could not install the Python packages.',
        remedy: downloadRemedy,
      },
    );
    writeFileSync(stampFile, wantedStamp());
    return done(`installed, Python ${await venvVersion()}`);
  },
};

/**
 * The version of the environment's Python; undefined if the environment is missing, unfinished, made for other
 * requirements or at another place (its scripts hold absolute paths), or if its Python is gone.
 * @returns {Promise<string | undefined>}
 */
export async function venvVersion() {
  if (readStamp() !== wantedStamp()) return undefined;
  const { code, stdout } = await run(
    venvPython(),
    ['-c', 'import platform; print(platform.python_version())'],
    {
      env: pythonEnvironment(),
    },
  );
  return code === 0 ? stdout.trim() : undefined;
}

/** An environment in which nothing of the user's own Python set-up gets between. @returns {NodeJS.ProcessEnv} */
export function pythonEnvironment() {
  return {
    ...process.env,
    PYTHONHOME: undefined,
    PYTHONPATH: undefined,
    PYTHONNOUSERSITE: '1',
    PIP_USER: '0',
    PIP_NO_INPUT: '1',
    PIP_DISABLE_PIP_VERSION_CHECK: '1',
  };
}

function wantedStamp() {
  const requirements = createHash('sha256').update(readFileSync(requirementsFile)).digest('hex');
  return JSON.stringify({ requirements, path: venvDir });
}

function readStamp() {
  try {
    return readFileSync(stampFile, 'utf8');
  } catch {
    return undefined;
  }
}

function removeVenv() {
  try {
    rmSync(stampFile, { force: true });
    rmSync(venvDir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  } catch (error) {
    throw new SetupError(
      `The outdated environment .venv cannot be removed: ${/** @type {Error} */ (error).message}`,
      'Close what still uses it (a running JupyterLab?), then run the same command again.',
    );
  }
}
