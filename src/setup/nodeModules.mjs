/**
 * The npm packages: node_modules as package-lock.json wants it.
 */
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { nodeModulesDir, root } from './paths.mjs';
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
    if (nodeModulesAreCurrent()) return current('as in package-lock.json');
    const npm = npmCommand();
    await runOrFail(npm.command, [...npm.args, 'ci'], {
      shell: npm.shell,
      problem: '`npm ci` could not install the npm packages.',
      remedy: downloadRemedy,
    });
    return done('installed');
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
