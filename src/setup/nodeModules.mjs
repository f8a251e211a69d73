/**
 * The npm packages: node_modules as package-lock.json wants it.
 */
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { SetupError } from './errors.mjs';
import { nodeModulesDir, notebooksDir, root, shown } from './paths.mjs';
import { downloadRemedy, runOrFail } from './processes.mjs';
import { current, done } from './steps.mjs';

/**
 * @typedef {Record<string, { version?: string, integrity?: string, optional?: boolean, link?: boolean }>} LockedPackages
 *   by folder, as in the `packages` of an npm lock file
 */

/** @type {import('./steps.mjs').Step} */
export const nodeModulesStep = {
  name: 'npm packages',
  async run() {
    const before = importedProject();
    if (nodeModulesAreCurrent() && lessonsImportThisProject()) return current('as in package-lock.json');
    const npm = npmCommand();
    // On the command line, so that no setting of the user's outweighs it; .npmrc says it to a plain `npm ci`.
    await runOrFail(npm.command, [...npm.args, 'ci', '--install-links=false'], {
      shell: npm.shell,
      problem: '`npm ci` could not install the npm packages.',
      remedy: downloadRemedy,
    });
    const after = importedProject();
    if (!lessonsImportThisProject()) {
      throw new SetupError(
        `The lessons' import 'sparselab' finds ${after ? shown(after) : 'nothing'} instead of this project.`,
        after
          ? `Remove ${shown(after)}, then run the same command again.`
          : 'Update npm, then run the same command again.',
      );
    }
    const copied = before !== undefined && before !== after;
    return done(copied ? `installed; ${shown(before)} was a copy of the project` : 'installed');
  },
};

/** Whether node_modules holds what package-lock.json names. */
export function nodeModulesAreCurrent() {
  try {
    const wanted = readPackages(join(root, 'package-lock.json'));
    // npm writes this one last, so it is missing after an interrupted `npm ci`.
    const installed = readPackages(join(nodeModulesDir, '.package-lock.json'));
    return (
      lockIsMet(wanted, installed) && Object.keys(installed).every((folder) => existsSync(join(root, folder)))
    );
  } catch {
    return false;
  }
}

/**
 * The folder that a lesson's `import 'sparselab'` finds, links resolved; undefined if there is none. It must be this
 * project. npm 9 can make a copy where later versions make a link; the copy has no dist/, or an old one.
 * @param {string} [from] the folder of the lessons
 */
export function importedProject(from = notebooksDir) {
  const folders = createRequire(join(from, 'lesson.js')).resolve.paths('sparselab') ?? [];
  const found = folders.map((folder) => join(folder, 'sparselab')).find((path) => existsSync(path));
  return found && realpathSync(found);
}

/** Whether the lessons import this project. */
export function lessonsImportThisProject() {
  return importedProject() === realpathSync(root);
}

/**
 * Whether the installed packages are those of the lock file. An optional package may be missing: most are for other
 * platforms.
 * @param {LockedPackages} wanted
 * @param {LockedPackages} installed
 */
export function lockIsMet(wanted, installed) {
  const nothingMissing = Object.entries(wanted).every(([folder, { version, integrity, optional }]) => {
    const found = installed[folder];
    if (folder === '') return true; // the project itself
    return found ? found.version === version && found.integrity === integrity : optional === true;
  });
  return nothingMissing && Object.keys(installed).every((folder) => folder in wanted);
}

/** @param {string} file @returns {LockedPackages} */
function readPackages(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages;
}

/** How to run npm: the one that runs this script, else the one on the PATH. */
export function npmCommand() {
  const cli = process.env.npm_execpath;
  if (cli && basename(cli) === 'npm-cli.js') return { command: process.execPath, args: [cli], shell: false };
  return { command: 'npm', args: [], shell: process.platform === 'win32' };
}
