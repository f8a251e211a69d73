import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import { log } from 'sparselab/dist/kernel/node/io/log';
import { TestKernel, within } from './testKernel';

const HEAD = '[sparselab kernel] ';

describe('the log of the kernel', () => {
  it('has a hundred lines a minute, then says so, and after the minute how many there were', (t) => {
    let now = 0;
    const lines: string[] = [];
    t.mock.method(performance, 'now', () => now);
    t.mock.method(fs, 'writeSync', (file: number, line: string) => {
      if (file === 2) lines.push(line);
    });
    const minutes = [0, 60_000, 120_000].map((start) => performance.timeOrigin + start);
    for (const start of minutes) {
      now = start;
      lines.length = 0;
      for (let i = 0; i < 250; i++) log(`line ${i}`);
      const said = lines.map((line) => line.slice(HEAD.length, -1));
      const before = start === minutes[0] ? [] : ['150 lines were left out'];
      const written = Array.from({ length: 100 }, (_, i) => `line ${i}`);
      assert.deepEqual(said, [...before, ...written, 'says no more for a minute']);
    }
  });

  it('has no line longer than a screen full', (t) => {
    const lines: string[] = [];
    t.mock.method(performance, 'now', () => Number.MAX_SAFE_INTEGER);
    t.mock.method(fs, 'writeSync', (_: number, line: string) => lines.push(line));
    log('x'.repeat(1_000_000));
    assert.equal(lines.at(-1), `${HEAD}${'x'.repeat(4000)}\n`);
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
