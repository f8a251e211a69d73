/**
 * Programs that some tests run and that the project does not bring. As root on a system with apt, set-up for tests
 * installs them; elsewhere it says what to install, and which tests wait for it. The lessons need none of them.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './paths.mjs';
import { excerpt, run } from './processes.mjs';
import { current, done, warning } from './steps.mjs';

/**
 * @typedef {object} TestProgram
 * @property {string} name
 * @property {string} aptPackage Debian's package
 * @property {string} install how to install it, per system
 * @property {string} tests the tests that wait for it
 * @property {() => Promise<string | undefined>} version its version if it runs here, else undefined
 *
 * @typedef {(aptPackage: string) => Promise<string>} Apt installs a package; returns its output
 */

/** @type {readonly TestProgram[]} */
const PROGRAMS = [
  {
    name: 'Redis',
    aptPackage: 'redis-server',
    install: 'Debian, Ubuntu: sudo apt install redis-server; macOS: brew install redis',
    tests: 'the tests of sweeps on a queue fail',
    version: () => firstMatch('redis-server', ['--version'], /v=([\d.]+)/),
  },
  {
    name: 'OpenSSL',
    aptPackage: 'openssl',
    install: 'Debian, Ubuntu: sudo apt install openssl; macOS: brew install openssl',
    tests: 'the tests of queues with TLS fail',
    version: () => firstMatch('openssl', ['version'], /SSL ([\d.]+)/),
  },
  {
    name: 'Chromium',
    aptPackage: 'chromium',
    install:
      'Debian: sudo apt install chromium; elsewhere Chrome or Edge serve; SPARSELAB_BROWSER can name one',
    tests: 'the tests of pages are skipped, and fail where CI is set',
    version: () => browserVersion(({ launchBrowser }) => launchBrowser()),
  },
  {
    name: 'Firefox',
    aptPackage: 'firefox-esr',
    install:
      'Debian: sudo apt install firefox-esr; elsewhere any Firefox serves; SPARSELAB_FIREFOX can name one',
    tests: 'the tests of the live course in Firefox are skipped, and fail where CI is set',
    version: () => browserVersion(({ launchFirefox }) => launchFirefox()),
  },
];

/** One step per program. @type {readonly import('./steps.mjs').Step[]} */
export const testProgramSteps = PROGRAMS.map((program) => programStep(program, availableApt()));

/**
 * @param {TestProgram} program
 * @param {Apt | undefined} apt undefined where this process cannot install packages
 * @returns {import('./steps.mjs').Step}
 */
export function programStep({ name, aptPackage, install, tests, version }, apt) {
  const advice = `Install it (${install}), then run the same command again; until then ${tests}.`;
  return {
    name: `${name} for tests`,
    async run() {
      const present = await version();
      if (present) return current(present);
      if (!apt) return warning('not found', advice);
      const output = await apt(aptPackage);
      const installed = await version();
      return installed
        ? done(`${installed}, installed by apt`)
        : warning('apt could not install it', `${excerpt(output)}\n  ${advice}`);
    },
  };
}

/** apt, where this process may use it. @returns {Apt | undefined} */
function availableApt() {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return undefined;
  /** @type {Promise<string> | undefined} */
  let updated;
  const get = async (/** @type {string[]} */ ...args) => {
    // Without a runlevel a package does not start its service.
    const env = { ...process.env, RUNLEVEL: '1', DEBIAN_FRONTEND: 'noninteractive' };
    return (await run('apt-get', ['-o', 'DPkg::Lock::Timeout=120', ...args], { env })).output;
  };
  return async (aptPackage) => {
    updated ??= get('update');
    return (await updated) + (await get('install', '--yes', '--no-install-recommends', aptPackage));
  };
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {RegExp} pattern its first group is the version
 */
async function firstMatch(command, args, pattern) {
  const { code, stdout } = await run(command, args);
  return code === 0 ? (pattern.exec(stdout)?.[1] ?? 'of unknown version') : undefined;
}

/**
 * Starts a browser as the tests do, so that one which is there and does not start is not taken for one.
 * @param {(browsers: typeof import('../notebook/browsers.js')) => Promise<import('playwright-core').Browser>} launch
 */
async function browserVersion(launch) {
  const browsers = await import(pathToFileURL(join(root, 'dist', 'notebook', 'browsers.js')).href);
  try {
    const browser = await launch(browsers);
    const version = browser.version();
    await browser.close();
    return version;
  } catch {
    return undefined;
  }
}
