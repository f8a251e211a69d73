import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive, withLock } from '../../src/setup/lock.mjs';

let folder = '';
let file = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sparselab-lock-'));
  file = join(folder, 'deep', 'setup.lock');
});

afterEach(() => rmSync(folder, { recursive: true }));

/** The id of a process that has ended. */
function idOfTheDead() {
  const { pid } = spawnSync(process.execPath, ['--version']);
  assert.equal(isAlive(pid), false);
  return pid;
}

test('two holders of one lock never work at the same time', async () => {
  let working = 0;
  let most = 0;
  const work = async () => {
    working += 1;
    most = Math.max(most, working);
    await sleep(20);
    working -= 1;
  };
  await Promise.all([withLock(file, work), withLock(file, work), withLock(file, work)]);
  assert.equal(most, 1);
});

test('who waits is told who holds the lock', async () => {
  /** @type {number[]} */
  const owners = [];
  const nothing = async () => {};
  await Promise.all([
    withLock(file, () => sleep(300)),
    withLock(file, nothing, (owner) => owners.push(owner)),
  ]);
  assert.deepEqual(owners, [process.pid]);
});

test('the lock is gone after the work, whether it succeeds or throws', async () => {
  assert.equal(await withLock(file, async () => 7), 7);
  assert.equal(existsSync(file), false);
  await assert.rejects(
    withLock(file, async () => {
      throw new Error('no');
    }),
    /^Error: no$/,
  );
  assert.equal(existsSync(file), false);
});

test('the lock of a process that was killed is void', async () => {
  await withLock(file, async () => {}); // makes the folder
  writeFileSync(file, String(idOfTheDead()));
  assert.equal(await withLock(file, async () => 'worked'), 'worked');
});
