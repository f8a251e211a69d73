/**
 * Where things are. Everything that set-up makes lies inside the project, in folders that git ignores.
 */
import { isAbsolute, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const windows = process.platform === 'win32';

/** The project's root folder. */
export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '');

/** The lessons; JupyterLab opens here. */
export const notebooksDir = join(root, 'notebooks');

/** The classroom's assignments, with nbgrader's settings. */
export const assignmentsDir = join(notebooksDir, 'assignments');

export const nodeModulesDir = join(root, 'node_modules');

/** The Python environment, and the prefix that kernels and JupyterLab extensions are installed under. */
export const venvDir = join(root, '.venv');

/**
 * The Python interpreter of a virtual environment.
 * @param {string} [venv]
 */
export function venvPython(venv = venvDir) {
  return windows ? join(venv, 'Scripts', 'python.exe') : join(venv, 'bin', 'python');
}

/** Parts that are costly to fetch and build, kept outside node_modules so that `npm ci` does not delete them. */
export const cacheDir = process.env.SPARSELAB_CACHE || join(root, '.cache');

/** Held by the one set-up that may change the project's folders. Never shared, unlike the cache. */
export const lockFile = join(root, '.cache', 'setup.lock');

/** JupyterLab's settings, workspaces and run-time files for this project, apart from the user's own. */
export const jupyterDir = join(root, '.jupyter');

/** The npm package whose native half set-up brings. */
export const tfjsNodeDir = join(nodeModulesDir, '@tensorflow', 'tfjs-node');

/** A path as shown to the user: from the project's root where it lies inside. @param {string} path */
export function shown(path) {
  const inside = relative(root, path);
  return inside.startsWith('..') || isAbsolute(inside) ? path : inside;
}
