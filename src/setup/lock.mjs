/**
 * One set-up at a time: a lock file that holds its owner's process id. A lock whose owner is gone is void.
 */
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 200;

/** Between creating the file and writing the owner into it, a lock is empty for less than this. */
const EMPTY_GRACE_MS = 2000;

/**
 * Runs `work` while holding the lock; waits first for as long as another live process holds it.
 * @template T
 * @param {string} file
 * @param {() => Promise<T>} work
 * @param {(owner: number) => void} [onWait] called once, if it has to wait
 * @returns {Promise<T>}
 */
export async function withLock(file, work, onWait = () => {}) {
  mkdirSync(dirname(file), { recursive: true });
  for (let told = false; !tryAcquire(file); await sleep(POLL_MS)) {
    const owner = ownerOf(file);
    if (!told && typeof owner === 'number') {
      onWait(owner);
      told = true;
    }
  }
  try {
    return await work();
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

/** @param {string} file */
function tryAcquire(file) {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
  const owner = ownerOf(file);
  if (owner === 'nobody' || (owner !== undefined && !isAlive(owner))) removeVoidLock(file, owner);
  return false;
}

/**
 * The process that holds the lock; `nobody` if its owner died before it wrote its id, undefined while that cannot be
 * said yet or when there is no lock any more.
 * @param {string} file
 * @returns {number | 'nobody' | undefined}
 */
function ownerOf(file) {
  try {
    const owner = Number(readFileSync(file, 'utf8'));
    if (Number.isInteger(owner) && owner > 0) return owner;
    return Date.now() - statSync(file).mtimeMs < EMPTY_GRACE_MS ? undefined : 'nobody';
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Removes a lock whose owner is gone. It is moved aside first: of several that find it void only one succeeds, and
 * one that comes late and moves a fresh lock sees that by its owner and puts it back.
 * @param {string} file
 * @param {number | 'nobody'} owner
 */
function removeVoidLock(file, owner) {
  const aside = `${file}.${process.pid}`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  if (ownerOf(aside) === owner) rmSync(aside);
  else renameSync(aside, file);
}

/** @param {unknown} error */
function codeOf(error) {
  return /** @type {NodeJS.ErrnoException} */ (error).code;
}
