/**
 * Python environments: the project's, `.venv`, which is exactly what requirements.txt locks, verified by hash; and the one
 * of the bench's peers.
 */
import { createHash } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, SetupError } from './errors.mjs';
import { root, shown, venvDir, venvPython } from './paths.mjs';
import { downloadRemedy, run, runOrFail } from './processes.mjs';
import { findPython } from './python.mjs';
import { current, done } from './steps.mjs';

/**
 * A Python environment that holds what a file of requirements names.
 * @typedef {object} Environment
 * @property {string} folder
 * @property {string} requirements the file
 * @property {readonly (readonly string[])[]} installs arguments of `pip install`, one call after another
 */

/**
 * All versions are locked, so nothing is left to be resolved: pip 23 would take the newest release of a package that another
 * one wants with an extra, `jsonschema[format-nongpl]`, and then refuse it since its hash is not known.
 * @type {Environment}
 */
const environment = {
  folder: venvDir,
  requirements: join(root, 'requirements.txt'),
  installs: [['--require-hashes', '--no-deps', '--only-binary=:all:', '-r', join(root, 'requirements.txt')]],
};

/** @type {import('./steps.mjs').Step} */
export const venvStep = {
  name: 'Python packages',
  async run() {
    const installed = await venvVersion();
    if (installed) return current(`as in requirements.txt, Python ${installed}`);
    await makeEnvironment(environment);
    return done(`installed, Python ${await venvVersion()}`);
  },
};

/** {@link environmentVersion} of the project's own. */
export const venvVersion = () => environmentVersion(environment);

/**
 * The version of an environment's Python; undefined if the environment is missing, unfinished, made for other
 * requirements or at another place (its scripts hold absolute paths), or if its Python is gone.
 * @param {Environment} environment
 * @returns {Promise<string | undefined>}
 */
export async function environmentVersion(environment) {
  if (readStamp(environment) !== wantedStamp(environment)) return undefined;
  const { code, stdout } = await run(
    venvPython(environment.folder),
    ['-c', 'import platform; print(platform.python_version())'],
    { env: pythonEnvironment() },
  );
  return code === 0 ? stdout.trim() : undefined;
}

/** Makes an environment, which replaces the old one. @param {Environment} environment */
export async function makeEnvironment(environment) {
  const { folder, installs } = environment;
  const [python, ...args] = (await findPython()).command;
  removeEnvironment(folder);
  await runOrFail(python, [...args, '-m', 'venv', folder], {
    env: pythonEnvironment(),
    problem: `Python could not make the environment ${shown(folder)}.`,
    remedy: 'Read the lines above; SPARSELAB_PYTHON may name another Python to use.',
  });
  for (const what of installs) {
    await runOrFail(venvPython(folder), ['-m', 'pip', 'install', '--quiet', ...what], {
      env: pythonEnvironment(),
      problem: `pip could not install the Python packages of ${shown(folder)}.`,
      remedy: downloadRemedy,
    });
  }
  writeFileSync(stampOf(folder), wantedStamp(environment));
}

/** An environment without the user's own Python settings. @returns {NodeJS.ProcessEnv} */
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

/** Written last, so that an environment without it is unfinished. @param {string} folder */
const stampOf = (folder) => join(folder, 'sparselab.json');

/** @param {Environment} environment */
function wantedStamp({ folder, requirements }) {
  const wanted = createHash('sha256').update(readFileSync(requirements)).digest('hex');
  return JSON.stringify({ requirements: wanted, path: folder });
}

/** @param {Environment} environment */
function readStamp({ folder }) {
  try {
    return readFileSync(stampOf(folder), 'utf8');
  } catch {
    return undefined;
  }
}

/** @param {string} folder */
function removeEnvironment(folder) {
  try {
    rmSync(stampOf(folder), { force: true });
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  } catch (error) {
    throw new SetupError(
      `The outdated environment ${shown(folder)} cannot be removed: ${messageOf(error)}`,
      'Close what still uses it (a running JupyterLab?), then run the same command again.',
    );
  }
}
