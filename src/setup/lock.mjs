/**
 * One set-up at a time: a lock file that holds process ids. When all of them are gone, the lock is void.
 */
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf, SetupError } from './errors.mjs';

const POLL_MS = 200;

/** Between opening the file and writing the ids into it, a lock is empty for less than this. */
const EMPTY_GRACE_MS = 2000;

/**
 * Runs `work` while holding the lock; waits first for as long as somebody else holds it.
 * @template T
 * @param {string} file
 * @param {(share: (children: readonly number[]) => void) => Promise<T>} work gets a function to say which processes it
 *   runs just then: should this process be killed, they go on holding the lock until they end
 * @param {(holder: number) => void} [onWait] called once, if it has to wait
 * @returns {Promise<T>}
 */
export async function withLock(file, work, onWait = () => {}) {
  makeFolder(dirname(file));
  for (let told = false; !tryAcquire(file); await sleep(POLL_MS)) {
    const holder = holderOf(file);
    if (!told && typeof holder === 'number') {
      onWait(holder);
      told = true;
    }
  }
  try {
    return await work((children) => writeFileSync(file, [process.pid, ...children].join(' ')));
  } finally {
    rmSync(file, { force: true });
  }
}

/** Whether a process runs. @param {number} pid */
export function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs, as another user.
    return codeOf(error) === 'EPERM';
  }
}

/** @param {string} folder */
function makeFolder(folder) {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw notWritable(folder, error);
  }
}

/** @param {string} path @param {unknown} error */
function notWritable(path, error) {
  return new SetupError(
    `${path} cannot be written: ${messageOf(error)}.`,
    'Set-up writes into the project alone: clone it as the user who runs it, to a disk with room (1.8 GB).',
  );
}

/** @param {string} file */
function tryAcquire(file) {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw notWritable(file, error);
  }
  if (holderOf(file) === 'nobody') removeVoidLock(file);
  return false;
}

/**
 * A process that holds the lock; `nobody` if those that held it are gone; undefined while that cannot be said yet, or
 * when there is no lock any more.
 * @param {string} file
 * @returns {number | 'nobody' | undefined}
 */
function holderOf(file) {
  try {
    const ids = readFileSync(file, 'utf8').split(' ').map(Number).filter(Boolean);
    const holder = ids.find(isAlive);
    // An empty lock is being written, or who wrote it was killed just then.
    const settled = ids.length > 0 || Date.now() - statSync(file).mtimeMs > EMPTY_GRACE_MS;
    return holder ?? (settled ? 'nobody' : undefined);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Removes a lock that nobody holds. It is moved aside first: of several that find it void only one succeeds, and one
 * that comes late and moves a fresh lock sees that and puts it back.
 * @param {string} file
 */
function removeVoidLock(file) {
  const aside = `${file}.${process.pid}`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  if (holderOf(aside) === 'nobody') rmSync(aside);
  else renameSync(aside, file);
}

/** @param {unknown} error */
function codeOf(error) {
  return /** @type {NodeJS.ErrnoException} */ (error).code;
}
