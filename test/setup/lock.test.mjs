import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { SetupError } from '../../src/setup/errors.mjs';
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

test('a program that outlives its killed set-up goes on holding the lock', async () => {
  await withLock(file, async () => {}); // makes the folder
  const orphan = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 600)']);
  writeFileSync(file, `${idOfTheDead()} ${orphan.pid}`);
  /** @type {(number | undefined)[]} */
  const holders = [];
  await withLock(
    file,
    async () => assert.equal(orphan.exitCode, 0),
    (holder) => holders.push(holder),
  );
  assert.deepEqual(holders, [orphan.pid]);
});

test('the lock names the programs that its holder runs', async () => {
  await withLock(file, async (share) => {
    share([11, 12]);
    assert.equal(readFileSync(file, 'utf8'), `${process.pid} 11 12`);
  });
});

test('says what to do where it cannot write', async () => {
  writeFileSync(join(folder, 'deep'), 'a file where a folder is needed');
  await assert.rejects(
    withLock(file, async () => {}),
    (error) =>
      error instanceof SetupError &&
      error.message.includes('cannot be written') &&
      error.remedy.includes('clone it'),
  );
});
