import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { watchParent } from 'sparselab/dist/kernel/node/io/parent';
import { TestKernel, within } from './testKernel';

/** A process that has ended already. */
const gone = () => spawnSync(process.execPath, ['--eval', '']).pid;

/** Watches a parent at a test's pace; tells whether the kernel has been ended. */
function watch(pid: number, isWanted: () => boolean, { patienceMs = 100 } = {}): () => boolean {
  let ended = false;
  const end = () => {
    ended = true;
  };
  watchParent({ pid, isWanted, end, checkMs: 5, patienceMs });
  return () => ended;
}

describe('a kernel whose parent', () => {
  // On Windows nobody is told who the parent is.
  const skip = process.platform === 'win32';

  it('dies ends, also when somebody speaks to it', { skip }, async ({ mock }) => {
    const parent = spawn('sleep', ['600']);
    // A signal of 0 asks whether a process is there.
    const looks = mock.method(process, 'kill').mock;
    const ended = watch(parent.pid ?? 0, () => true);
    await within('the third look', () => looks.callCount() >= 3);
    assert.equal(ended(), false);
    looks.restore();
    parent.kill();
    await once(parent, 'exit');
    await within('the end', ended);
  });

  it('had died before it looked ends when nobody has spoken to it for a while', { skip }, async () => {
    await within(
      'the end',
      watch(gone(), () => false),
    );
  });

  it('cannot be seen stays when somebody speaks to it', { skip }, async () => {
    let asked = 0;
    const ended = watch(gone(), () => ++asked > 0, { patienceMs: 0 });
    // A look asks once whether it ends, and once whether it is the last.
    await within('a look', () => asked >= 2);
    assert.equal(ended(), false);

    const kernel = await TestKernel.start({ parent: gone() });
    assert.equal(await kernel.run('1 + 1'), '2');
    await kernel.stop();
  });
});
