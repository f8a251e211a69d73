/**
 * The checks of `npm run doctor`. Nothing here changes anything.
 */
import { existsSync, readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { messageOf, SetupError } from './errors.mjs';
import { jupyterEnvironment, kernelSpecFile } from './jupyter.mjs';
import {
  importedProject,
  lessonsImportThisProject,
  nodeModulesAreCurrent,
  npmCommand,
} from './nodeModules.mjs';
import { notebooksDir, root, shown, venvDir, venvPython } from './paths.mjs';
import { excerpt, run } from './processes.mjs';
import { findPython, versionOf } from './python.mjs';
import { requireNode } from './setUp.mjs';
import { compilerAdvice } from './tensorflow/compiler.mjs';
import { probeBinding, UNVERIFIED } from './tensorflow/native.mjs';
import { sourcesFor } from './tensorflow/sources.mjs';
import { pythonEnvironment, venvVersion } from './venv.mjs';

/**
 * @typedef {object} Finding
 * @property {string} name
 * @property {'good' | 'could be better' | 'missing'} state with something missing a lesson may not run
 * @property {string} detail
 * @property {string} [remedy] the command, or what to do
 */

const SET_UP = 'npm start';

/** Parts that `npm start` checks only from outside are made again. */
const REPAIR = 'remove dist, run npm ci, then npm start';

const libraryProbe = fileURLToPath(new URL('probeLibrary.cjs', import.meta.url));
const kernelProbe = fileURLToPath(new URL('probeKernel.py', import.meta.url));

/**
 * Looks at everything that a lesson needs.
 * @returns {Promise<Finding[]>} in the order in which set-up brings it
 */
export async function checkUp() {
  return [
    node(),
    await npm(),
    npmPackages(),
    lessonsImport(),
    await python(),
    await pythonPackages(),
    await jupyterLab(),
    await kernel(),
    await renderer(),
    ...(await library()),
  ];
}

/** Whether a lesson can run. @param {readonly Finding[]} findings */
export function isHealthy(findings) {
  return findings.every(({ state }) => state !== 'missing');
}

/** @param {string} name @param {string} detail @returns {Finding} */
const good = (name, detail) => ({ name, state: 'good', detail });

/** @param {string} name @param {string} detail @param {string} [remedy] @returns {Finding} */
const missing = (name, detail, remedy = SET_UP) => ({ name, state: 'missing', detail, remedy });

function node() {
  try {
    requireNode();
    return good('Node', process.versions.node);
  } catch (error) {
    return missing('Node', messageOf(error), remedyOf(error));
  }
}

async function npm() {
  const { command, args, shell } = npmCommand();
  const { code, stdout } = await run(command, [...args, '--version'], { shell });
  return code === 0 ? good('npm', stdout.trim()) : missing('npm', 'not found', 'install it, as part of Node');
}

function npmPackages() {
  const name = 'npm packages';
  return nodeModulesAreCurrent()
    ? good(name, 'as in package-lock.json')
    : missing(name, 'missing or outdated');
}

function lessonsImport() {
  const name = "Lessons' import";
  if (lessonsImportThisProject()) return good(name, "'sparselab' is this project");
  const found = importedProject();
  return missing(
    name,
    found ? `'sparselab' is ${shown(found)}, not this project` : "there is no 'sparselab'",
  );
}

async function python() {
  try {
    const interpreter = await findPython();
    return good('Python', `${versionOf(interpreter)} (${interpreter.command.join(' ')})`);
  } catch (error) {
    // An environment that works does without the Python it was made with.
    if (await venvVersion()) return good('Python', 'only in .venv');
    return missing('Python', messageOf(error), remedyOf(error));
  }
}

async function pythonPackages() {
  const version = await venvVersion();
  return version
    ? good('Python packages', `as in requirements.txt, Python ${version}`)
    : missing('Python packages', '.venv is missing or outdated');
}

async function jupyterLab() {
  const script = 'from importlib.metadata import version; print(version("jupyterlab"))';
  const { code, stdout } = await run(venvPython(), ['-c', script], { env: pythonEnvironment() });
  return code === 0 ? good('JupyterLab', stdout.trim()) : missing('JupyterLab', 'not installed');
}

/** Starts the kernel as Jupyter does, and lets it run a cell. */
async function kernel() {
  const title = kernelTitle();
  if (title === undefined) return missing('Kernel', 'not registered');
  const { code, output } = await run(venvPython(), [kernelProbe], {
    cwd: notebooksDir,
    env: jupyterEnvironment(),
    timeoutMs: 180_000,
  });
  if (code === 0) return good('Kernel', `${title}, ran a cell`);
  // Its log's line says what it is before what to do.
  const reason = /^\[sparselab kernel\] cannot run: (.*?) — /m.exec(output)?.[1];
  return missing('Kernel', `cannot run: ${reason ?? output.trim().split('\n').at(-1)}`, REPAIR);
}

/** The registered kernel's name; undefined if there is none, or a file that it names is gone. */
function kernelTitle() {
  try {
    const { argv, display_name: title } = JSON.parse(readFileSync(kernelSpecFile, 'utf8'));
    const gone = argv.some((/** @type {string} */ part) => isAbsolute(part) && !existsSync(part));
    return gone ? undefined : String(title);
  } catch {
    return undefined;
  }
}

async function renderer() {
  const name = 'Figure renderer';
  const installer = join(root, 'dist', 'notebook', 'installRenderer.js');
  if (!existsSync(installer)) return missing(name, 'not installed');
  try {
    const { rendererProblem } = await import(pathToFileURL(installer).href);
    const problem = rendererProblem(venvDir);
    return problem ? missing(name, problem) : good(name, 'installed, every file as it should be');
  } catch (error) {
    return missing(name, messageOf(error), REPAIR);
  }
}

/** The backend and the data, asked of the library itself. @returns {Promise<Finding[]>} */
async function library() {
  const { code, stdout, output } = await run(process.execPath, [libraryProbe, root], { timeoutMs: 180_000 });
  if (code !== 0) {
    const isBuilt = existsSync(join(root, 'dist', 'index.js'));
    const reason = isBuilt ? excerpt(output) || 'it does not answer' : 'src/ is not built';
    return [missing('Library', `it cannot be loaded: ${reason}`, isBuilt ? REPAIR : SET_UP)];
  }
  const { backend, mnist } = JSON.parse(stdout);
  return [await backendFinding(backend), mnistFinding(mnist)];
}

/** @param {{ name: string, description: string }} backend @returns {Promise<Finding>} */
async function backendFinding({ name, description }) {
  if (name === 'tensorflow') return good('TensorFlow', description);
  const forced = process.env.SPARSELAB_BACKEND;
  if (forced) return good('TensorFlow', `${description}, as SPARSELAB_BACKEND says`);
  const native = await probeBinding();
  const problem = 'problem' in native ? native.problem : 'tfjs-node does not load it';
  return {
    name: 'TensorFlow',
    state: 'could be better',
    detail: `${description}, slower than native TensorFlow: ${problem}`,
    remedy: sourcesFor().length > 0 ? `${SET_UP} (it needs a C++ compiler: ${compilerAdvice})` : UNVERIFIED,
  };
}

/** @param {{ images: number } | { problem: string }} mnist @returns {Finding} */
function mnistFinding(mnist) {
  return 'images' in mnist
    ? good('MNIST', `${mnist.images} images, checksums verified`)
    : missing('MNIST', mnist.problem, 'npm ci, then npm start');
}

/** @param {unknown} error */
function remedyOf(error) {
  return error instanceof SetupError ? error.remedy : undefined;
}
