import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { describe, it, type TestContext } from 'node:test';
import { TestKernel, within } from './testKernel';

const HEAD = '[sparselab kernel] ';
const MODULE = require.resolve('sparselab/dist/kernel/node/io/log');

/** The log as a new kernel loads it: it takes its clock and its way to stderr when it is loaded, here a test's. */
function newLog(t: TestContext, now: () => number, writeSync: (file: number, line: string) => void) {
  t.mock.method(performance, 'now', now);
  t.mock.method(fs, 'writeSync', writeSync);
  delete require.cache[MODULE];
  return (require(MODULE) as typeof import('sparselab/dist/kernel/node/io/log')).log;
}

describe('the log of the kernel', () => {
  it('has a hundred lines a minute, then says so, and after the minute how many there were', (t) => {
    let now = 0;
    const lines: string[] = [];
    const log = newLog(
      t,
      () => now,
      (file, line) => {
        if (file === 2) lines.push(line);
      },
    );
    for (now of [0, 60_000, 120_000]) {
      lines.length = 0;
      for (let i = 0; i < 250; i++) log(`line ${i}`);
      const said = lines.map((line) => line.slice(HEAD.length, -1));
      const before = now === 0 ? [] : ['150 lines were left out'];
      const written = Array.from({ length: 100 }, (_, i) => `line ${i}`);
      assert.deepEqual(said, [...before, ...written, 'says no more for a minute']);
    }
  });

  it('has no line longer than a screen full', (t) => {
    const lines: string[] = [];
    const log = newLog(
      t,
      () => 0,
      (_, line) => lines.push(line),
    );
    log('x'.repeat(1_000_000));
    assert.deepEqual(lines, [`${HEAD}${'x'.repeat(4000)}\n`]);
  });

  it('stays that short in a flood of rubbish, and the kernel answers', async () => {
    const kernel = await TestKernel.start();
    try {
      for (let i = 0; i < 1000; i++) kernel.send('shell', [randomBytes(20), randomBytes(20)]);
      assert.equal(await kernel.run('1 + 1'), '2');
      await within('the last line', () => kernel.log.includes('says no more for a minute'));
      // Twice as many if a minute ended meanwhile.
      assert.ok(kernel.log.split('\n').length < 210, kernel.log);
    } finally {
      await kernel.stop();
    }
  });
});
