/**
 * A fresh Debian in a folder: git, Python, Node, npm and a C++ compiler, nothing else.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError } from '../errors.mjs';
import { downloadRemedy, run, runOrFail } from '../processes.mjs';
import { giveConfiguration } from './configuration.mjs';

/** The Debian whose own npm is 9.2. */
const RELEASE = 'trixie';

const PACKAGES = ['git', 'python3', 'python3-venv', 'nodejs', 'npm', 'g++', 'ca-certificates'];

/** @throws {SetupError} if this machine cannot make and enter a root */
export async function requirePrograms() {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    throw new SetupError(
      'Clean machines are made on Linux, as root.',
      'Become root, then run the same command again.',
    );
  }
  for (const [program, aptPackage] of [
    ['mmdebstrap', 'mmdebstrap'],
    ['bwrap', 'bubblewrap'],
  ]) {
    if ((await run(String(program), ['--version'])).code === 0) continue;
    throw new SetupError(
      `${program} is not installed.`,
      `apt install ${aptPackage}, then run the same command again.`,
    );
  }
}

/** @param {string} folder to be made @returns {Promise<string>} the folder */
export async function makeRoot(folder) {
  const { uri, release } = await mirror(`${folder}.release`);
  console.log(`Making a fresh Debian ${release}: some minutes.`);
  const { stdout } = await run('apt-config', ['dump', '--no-empty']);
  const transport = stdout.split('\n').filter((line) => /^Acquire::(https?::|Check-|Retries)/.test(line));
  await runOrFail(
    'mmdebstrap',
    [
      ...['--variant=apt', '--format=directory', `--include=${PACKAGES.join(',')}`],
      ...transport.map((line) => `--aptopt=${line}`),
      ...[release, folder, uri],
    ],
    { problem: 'mmdebstrap could not make a fresh Debian.', remedy: downloadRemedy },
  );
  await giveConfiguration(folder);
  return folder;
}

/**
 * The mirror that this machine's apt has, and the release to take from it.
 * @param {string} scratch a file that may be written
 */
async function mirror(scratch) {
  const format = '$(ORIGIN)/$(LABEL) $(CODENAME) $(REPO_URI)';
  const { stdout } = await run('apt-get', ['indextargets', '--format', format, 'Created-By: Packages']);
  const line = stdout.split('\n').find((target) => target.startsWith('Debian/Debian '));
  if (line === undefined) {
    throw new SetupError(
      "This machine's apt knows no mirror of Debian.",
      'Run apt-get update; on Debian there is one.',
    );
  }
  const [, codename = '', uri = ''] = line.split(' ');
  const look = ['download-file', `${uri.replace(/\/?$/, '/')}dists/${RELEASE}/Release`, scratch];
  const { code } = await run('/usr/lib/apt/apt-helper', look);
  return { uri, release: code === 0 ? RELEASE : codename };
}

/** @param {string} fresh @param {string} folder to be made @returns {Promise<string>} the folder */
export async function copyRoot(fresh, folder) {
  await runOrFail('cp', ['--archive', '--reflink=auto', fresh, folder], {
    problem: 'The fresh Debian could not be copied.',
    remedy: 'Make room on the disk (8 GB), then run the same command again.',
  });
  return folder;
}

/** Takes the C++ compiler away. @param {string} machine */
export function removeCompilers(machine) {
  const programs = join(machine, 'usr', 'bin');
  const compilers = readdirSync(programs).filter((name) =>
    /(^|-)([cg]\+\+|g?cc|clang(\+\+)?)(-\d+)?$/.test(name),
  );
  for (const name of compilers) rmSync(join(programs, name));
}

/** Removes roots; a mount in one, which should not be there, stays. @param {string} folder */
export function removeRoots(folder) {
  for (let tries = 0; tries < 3 && existsSync(folder); tries++) {
    spawnSync('rm', ['-rf', '--one-file-system', folder]);
  }
}
