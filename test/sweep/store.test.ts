import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fromModule, StoreError, type SweepTable, sweep } from 'sparselab';
import { TrialStore } from 'sparselab/dist/sweep/store';
import { temporaryFolder } from '../support/temporary';

const trainer = fromModule('test/sweep/support/own.cjs', 'parabola');
const xs = [0, 1, 2, 3];
const losses = [9, 4, 1, 0];
const lossesOf = (table: SweepTable) => table.rows.map(({ metrics }) => metrics.loss);

async function run(store: string, values: readonly number[] = xs) {
  return sweep({ x: values }, { trainer, store });
}

const cached = (table: SweepTable) => table.rows.filter((row) => row.cached).length;
const filesOf = (store: string) => readdirSync(store).map((name) => join(store, name));

describe("a sweep's store", () => {
  it('answers what was run before, and runs the rest', async () => {
    const store = temporaryFolder();
    assert.equal(cached(await run(store, [0, 2])), 0);
    const table = await run(store);
    assert.deepEqual(lossesOf(table), losses);
    assert.deepEqual(
      table.rows.map((row) => row.cached),
      [true, false, true, false],
    );
  });

  it('writes nothing where everything is cached', async () => {
    const store = temporaryFolder();
    await run(store);
    await run(store);
    assert.equal(readdirSync(store).length, 1);
  });

  it('skips a folder that has the name of a file of results', async () => {
    const store = temporaryFolder();
    await run(store);
    mkdirSync(join(store, 'older.jsonl'));
    assert.equal(cached(await run(store)), 4);
  });

  it('skips the files that an editor keeps next to an open file', {
    skip: process.platform === 'win32' && 'Windows lets few users make links',
  }, async () => {
    const store = temporaryFolder();
    await run(store);
    symlinkSync('somebody@here.1234', join(store, '.#results.jsonl'));
    writeFileSync(join(store, '._results.jsonl'), 'not for us\n');
    const table = await run(store);
    assert.equal(cached(table), 4);
    assert.deepEqual(table.notices, []);
  });

  it('counts lines whose ends were changed on the way, and empty ones for nothing', async () => {
    const store = temporaryFolder();
    await run(store);
    const [file] = filesOf(store) as [string];
    writeFileSync(file, `\r\n${readFileSync(file, 'utf8').replaceAll('\n', '\r\n')}\r\n`);
    const table = await run(store);
    assert.equal(cached(table), 4);
    assert.deepEqual(table.notices, []);
  });

  it('says that it was removed, where results would be lost', {
    skip: process.platform === 'win32' && 'Windows removes no file that is open',
  }, async () => {
    const store = join(temporaryFolder(), 'store');
    const removed = sweep(
      { milliseconds: [300, 301, 302] },
      {
        trainer: fromModule('test/sweep/support/own.cjs', 'sleeper'),
        store,
        onProgress: ({ done }) => {
          if (done > 0) rmSync(store, { recursive: true, force: true });
        },
      },
    );
    await assert.rejects(removed, (error) => {
      assert.ok(error instanceof StoreError);
      assert.match(error.message, /it has been removed/);
      return true;
    });
  });

  it('holds a line of JSON a result, with the hash of its record', async () => {
    const store = temporaryFolder();
    await run(store);
    const lines = readFileSync(filesOf(store)[0] as string, 'utf8')
      .trimEnd()
      .split('\n');
    assert.equal(lines.length, 4);
    const { sha256, record } = JSON.parse(lines[2] as string);
    assert.match(sha256, /^[0-9a-f]{64}$/);
    assert.equal(record.format, 'sparselab result 2');
    assert.deepEqual(record.result.metrics, { loss: 1, l0: 2 });
    assert.equal(record.trial.trainer.parameters.x, 2);
  });

  it('reports a damaged record, keeps the rest, and runs the damaged one again', async () => {
    const store = temporaryFolder();
    await run(store);
    const [file = ''] = filesOf(store);
    writeFileSync(file, readFileSync(file, 'utf8').replace('"loss":4', '"loss":5'));
    const table = await run(store);
    assert.deepEqual(lossesOf(table), losses);
    assert.equal(cached(table), 3);
    assert.match(table.notices[0] as string, /damaged .*jsonl, line 2: its text does not match the hash/);
  });

  it('does not count a last line that was cut short', async () => {
    const store = temporaryFolder();
    await run(store);
    const [file = ''] = filesOf(store);
    writeFileSync(file, readFileSync(file, 'utf8').slice(0, -20));
    const table = await run(store);
    assert.deepEqual(lossesOf(table), losses);
    assert.equal(cached(table), 3);
    assert.deepEqual(table.notices, []);
  });

  it('is not harmed by two sweeps at the same time', async () => {
    const store = temporaryFolder();
    const many = Array.from({ length: 50 }, (_, x) => x + 20);
    const [one, two] = await Promise.all([run(store, many), run(store, many)]);
    assert.deepEqual(lossesOf(one), lossesOf(two));
    const again = await run(store, many);
    assert.equal(cached(again), 50);
    assert.deepEqual(again.notices, []);
  });

  it('is shared by two processes that want the same trials at the same time: each counts once', async () => {
    const store = temporaryFolder();
    const script = `
      const { fromModule, sweep } = require('sparselab');
      const trainer = fromModule('test/sweep/support/own.cjs', 'slowParabola');
      const x = Array.from({ length: 30 }, (_, x) => x + 20);
      sweep({ x }, { trainer, store: ${JSON.stringify(store)} }).then((table) => {
        console.log(JSON.stringify({ losses: table.rows.map(({ metrics }) => metrics.loss), notices: table.notices }));
      });`;
    const outputs = await Promise.all(
      [1, 2].map(async () => {
        const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'ignore'] });
        return (await child.stdout.setEncoding('utf8').toArray()).join('');
      }),
    );
    assert.equal(outputs[0], outputs[1]);
    assert.match(outputs[0] as string, /^\{"losses":\[289,324,.*,"notices":\[\]\}\n$/);
    const again = await sweep(
      { x: Array.from({ length: 30 }, (_, x) => x + 20) },
      { trainer: fromModule('test/sweep/support/own.cjs', 'slowParabola'), store },
    );
    assert.equal(again.rows.length, 30);
    assert.equal(cached(again), 30);
    assert.deepEqual(again.notices, []);
  });

  it('loads what the last version has written, and adds to it', async () => {
    const store = temporaryFolder();
    // Written by the commit def352c, whose trials no later version runs: their ids hold the hash of its code.
    cpSync(join(__dirname, '..', '..', '..', 'test', 'fixtures', 'sweepStore'), store, { recursive: true });
    const { results, damaged } = new TrialStore(store);
    assert.deepEqual(damaged, []);
    const [trained, ...own] = [...results.values()];
    assert.deepEqual(Object.keys(trained?.metrics ?? {}), ['mse', 'l0', 'meanActivation', 'probeAccuracy']);
    assert.deepEqual(
      own.map(({ metrics }) => metrics),
      [
        { inverse: Number.NaN, negative: 0 },
        { inverse: 1 / 2, negative: -2 },
      ],
    );
    const table = await run(store);
    assert.deepEqual([lossesOf(table), table.notices], [losses, []]);
  });

  it('must be a folder', async () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    await assert.rejects(
      run(file),
      (error) => error instanceof StoreError && /must be a folder/.test(error.message),
    );
  });

  it('loses nothing that counted when the process is killed, at any moment', async () => {
    const store = temporaryFolder();
    const space = { x: Array.from({ length: 60 }, (_, x) => x + 20) };
    const script = `
      const { fromModule, sweep } = require('sparselab');
      const trainer = fromModule('test/sweep/support/own.cjs', 'slowParabola');
      const onProgress = ({ done }) => console.log(done);
      sweep(${JSON.stringify(space)}, { trainer, store: ${JSON.stringify(store)}, onProgress });`;
    let counted = 0;
    for (let kill = 0; kill < 3; kill++) {
      const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'ignore'] });
      const before = counted;
      for await (const text of child.stdout.setEncoding('utf8')) {
        counted = Math.max(counted, ...String(text).trim().split('\n').map(Number));
        if (counted > before) child.kill('SIGKILL');
      }
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    }
    const trainer = fromModule('test/sweep/support/own.cjs', 'slowParabola');
    const table = await sweep(space, { trainer, store });
    assert.deepEqual(
      table.rows.map(({ metrics }) => metrics.l0),
      space.x,
    );
    assert.deepEqual(table.notices, []);
    assert.ok(counted > 0 && cached(table) >= counted, `${cached(table)} of ${counted} are there`);
  });

  it('says that the disk is full, and keeps what it has', {
    skip: process.platform === 'win32',
  }, async () => {
    const store = temporaryFolder();
    const script = `
      const { fromModule, sweep } = require('sparselab');
      const trainer = fromModule('test/sweep/support/own.cjs', 'parabola');
      sweep({ x: Array.from({ length: 40 }, (_, x) => x + 20) }, { trainer, store: ${JSON.stringify(store)} })
        .then(() => console.log('no error'), (error) => console.log(error.name, error.message));`;
    // No file may grow beyond 16 blocks of 512 bytes: writes fail as on a full disk.
    const { stdout } = spawnSync(
      'sh',
      ['-c', `trap '' XFSZ; ulimit -f 16; exec "${process.execPath}" -e "$SCRIPT"`],
      {
        env: { ...process.env, SCRIPT: script },
        encoding: 'utf8',
      },
    );
    assert.match(stdout, /StoreError .*cannot be written: EFBIG.*what it holds is kept/);
    const table = await run(
      store,
      Array.from({ length: 40 }, (_, x) => x + 20),
    );
    assert.deepEqual(table.notices, []);
    assert.equal(table.done.length, 40);
  });
});
