/**
 * Ways into a fresh Debian. All mounts and all processes of the machine end with the command.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../paths.mjs';
import { run, runInForeground, runOrFail } from '../processes.mjs';
import { HOME, machineEnvironment, sharedFolders } from './configuration.mjs';

/** The clone's folder in the machine. */
const PROJECT = join(HOME, 'sparselab');

const MINUTE_MS = 60_000;

/** Clones the last commit into a machine. @param {string} machine */
export async function cloneInto(machine) {
  const { stdout: changes } = await run('git', ['status', '--porcelain']);
  if (changes) console.log('The clone has the last commit; your changes since then are not in it.');
  const clone = join(machine, PROJECT);
  const options = { problem: 'The project could not be cloned.', remedy: 'Read the lines above.' };
  await runOrFail(
    'git',
    ['-c', 'safe.directory=*', 'clone', '--quiet', '--no-hardlinks', root, clone],
    options,
  );
  // Where it came from is not in the machine.
  await runOrFail('git', ['-C', clone, 'remote', 'remove', 'origin'], options);
}

/**
 * Runs the trial in a container that has a root user's powers.
 * @param {string} machine
 * @param {readonly string[]} args of the trial
 * @param {number} minutes it may take
 * @returns {Promise<number>} the exit code
 */
export async function enterByBubblewrap(machine, args, minutes) {
  const shared = await sharedFolders(machine);
  return runInForeground(
    'bwrap',
    [
      ...['--bind', machine, '/', '--dev', '/dev', '--proc', '/proc', '--ro-bind', '/sys', '/sys'],
      ...shared.flatMap((folder) => ['--ro-bind', folder, folder]),
      ...[
        '--unshare-pid',
        '--unshare-ipc',
        '--die-with-parent',
        '--new-session',
        '--cap-add',
        'ALL',
        '--clearenv',
      ],
      ...Object.entries(machineEnvironment()).flatMap(([name, value]) => ['--setenv', name, value]),
      ...['--chdir', PROJECT, 'node', 'src/setup/clean/trial.mjs', ...args],
    ],
    { timeoutMs: minutes * MINUTE_MS },
  );
}

/**
 * The same behind a plain chroot. Its mounts are in a namespace of their own, so that the machine can be removed without any
 * danger to the mounted folders. `unshare` ignores SIGTERM while its program runs; `setpriv` has it killed when this process ends.
 * @param {string} machine
 * @param {readonly string[]} args
 * @param {number} minutes
 * @returns {Promise<number>}
 */
export async function enterByChroot(machine, args, minutes) {
  const shared = await sharedFolders(machine);
  for (const folder of shared) mkdirSync(join(machine, folder), { recursive: true });
  const variables = Object.entries(machineEnvironment()).map(([name, value]) => `${name}=${value}`);
  const trial = ['node', 'src/setup/clean/trial.mjs', ...args];
  return runInForeground(
    'setpriv',
    [
      ...['--pdeathsig', 'KILL', 'unshare', '--mount', '--pid', '--ipc', '--fork', '--kill-child'],
      ...['sh', '-euc', MOUNT, 'sh', machine],
      ...[String(shared.length), ...shared],
      ...['env', '--ignore-environment', `--chdir=${PROJECT}`, ...variables, ...trial],
    ],
    { timeoutMs: minutes * MINUTE_MS },
  );
}

/** Arguments: the machine, the number of shared folders, these, the command. */
const MOUNT = `
machine=$1 count=$2
shift 2
while [ "$count" -gt 0 ]; do
  mount --bind -o ro "$1" "$machine$1"
  shift
  count=$((count - 1))
done
mount -t proc proc "$machine/proc"
mount --rbind /sys "$machine/sys"
mount --rbind /dev "$machine/dev"
exec chroot "$machine" "$@"
`;
