/**
 * JupyterLab for this project: our kernel, our renderer of figures, and the folders and settings it works with.
 */
import { readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { assignmentsDir, jupyterDir, root, venvDir } from './paths.mjs';
import { runOrFail } from './processes.mjs';
import { current, done } from './steps.mjs';
import { pythonEnvironment } from './venv.mjs';

/** The settings that are the same for everybody. */
const settingsDir = fileURLToPath(new URL('jupyter', import.meta.url));

/** Settings on top of those: a learner sees nothing of the classroom. */
const lessonSettingsDir = join(settingsDir, 'lessons');

/** The file under the environment's prefix that registers the kernel. */
export const kernelSpecFile = join(venvDir, 'share', 'jupyter', 'kernels', 'tslab', 'kernel.json');

/** The file by which JupyterLab loads the renderer of figures. */
export const rendererFile = join(
  venvDir,
  'share',
  'jupyter',
  'labextensions',
  'sparselab-plotly',
  'package.json',
);

/** Registers the kernel; its description holds absolute paths, so this runs every time. */
export const kernelStep = installStep('Kernel', join('kernel', 'node', 'install.js'), kernelSpecFile);

/** Gives JupyterLab and Notebook our renderer of figures. */
export const rendererStep = installStep(
  'Figure renderer',
  join('notebook', 'installRenderer.js'),
  rendererFile,
);

/**
 * The environment that Jupyter runs in: its user folders are the project's, so the user's own Jupyter neither changes
 * it nor is changed.
 * @returns {NodeJS.ProcessEnv}
 */
export function jupyterEnvironment() {
  return {
    ...pythonEnvironment(),
    JUPYTER_CONFIG_PATH: settingsDir,
    JUPYTER_CONFIG_DIR: join(jupyterDir, 'config'),
    JUPYTER_DATA_DIR: join(jupyterDir, 'data'),
    JUPYTER_RUNTIME_DIR: join(jupyterDir, 'runtime'),
    // These two then follow the config folder.
    JUPYTERLAB_SETTINGS_DIR: undefined,
    JUPYTERLAB_WORKSPACES_DIR: undefined,
  };
}

/**
 * The environment in which JupyterLab shows the lessons.
 * @param {{ teacher: boolean }} options whether nbgrader's tools are there, and know the course's assignments
 * @returns {NodeJS.ProcessEnv}
 */
export function labEnvironment({ teacher }) {
  const more = teacher ? assignmentsDir : lessonSettingsDir;
  return { ...jupyterEnvironment(), JUPYTER_CONFIG_PATH: [more, settingsDir].join(delimiter) };
}

/**
 * @param {string} name
 * @param {string} script under dist/; takes the environment's prefix
 * @param {string} product the file by which its work is known
 * @returns {import('./steps.mjs').Step}
 */
function installStep(name, script, product) {
  return {
    name,
    async run() {
      const before = contentOf(product);
      await runOrFail(process.execPath, [join(root, 'dist', script), venvDir], {
        problem: `${name}: it could not be installed into .venv.`,
        remedy: 'Read the lines above; if they do not help, remove .venv and run npm start again.',
      });
      return contentOf(product) === before ? current('in .venv') : done('installed into .venv');
    },
  };
}

/** @param {string} file */
function contentOf(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
