import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { sampled, WHOLE } from '../support/run';
import { errorOf, type Outcome, streamText, TestKernel, within } from './testKernel';

/** Code that never ends, by where it stands; each prints `running` first. */
const ENDLESS: Readonly<Record<string, string>> = {
  'an awaited loop': `console.log('running');
    for (;;) await new Promise((resolve) => setTimeout(resolve, 1));`,
  'a loop that awaits nothing': `console.log('running'); while (true) {}`,
  'a loop after an await': `await null; console.log('running'); while (true) {}`,
  'a loop after a timer': `await new Promise((resolve) => setTimeout(resolve, 1)); console.log('running'); while (true) {}`,
  'a loop in a callback': `await new Promise(() => setImmediate(() => { console.log('running'); while (true) {} }));`,
  'a loop that prints': `for (let i = 0; ; i++) console.log('running', i);`,
  'a wait on another thread': `console.log('running'); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);`,
  'a wait on another thread after an await': `await null; console.log('running');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);`,
  'a loop in a callback, next to other callbacks': `const { signal } = globalThis[Symbol.for('sparselab.cell')];
    const again = () => { if (!signal.aborted) setImmediate(again); };
    again();
    await new Promise(() => setImmediate(() => { console.log('running'); while (true) {} }));`,
  'a loop in a function of a package': `console.log('running'); new Function('for (;;);')();`,
  'a loop that catches whatever it is left by': `console.log('running');
    for (;;) { try { while (true); } catch {} finally { continue; } }`,
  'a loop that awaits nothing that takes time': `console.log('running'); for (;;) await null;`,
  'a recursion without a loop': `const fib = (n: number): number => (n < 2 ? n : fib(n - 1) + fib(n - 2));
    console.log('running'); fib(100);`,
  'a chain of promises': `console.log('running'); const f = (): unknown => Promise.resolve().then(f); f(); await new Promise(() => {});`,
  'chains of microtasks': `console.log('running'); const f = () => { queueMicrotask(f); queueMicrotask(f); }; f(); await new Promise(() => {});`,
  'a chain of ticks': `console.log('running'); const f = () => process.nextTick(f); f(); await new Promise(() => {});`,
  'a recursion that awaits': `async function f(): Promise<void> { await null; return f(); } console.log('running'); await f();`,
  'a chain of promises of a package': `console.log('running');
    new Function('const f = () => Promise.resolve().then(f); f();')(); await new Promise(() => {});`,
  'a promise that never settles': `console.log('running'); await new Promise(() => {});`,
  'an asynchronous iteration': `async function* ticks() { for (;;) { yield 1; await new Promise((r) => setTimeout(r, 1)); } }
    console.log('running'); for await (const _ of ticks()) {}`,
  'an iteration over promises': `console.log('running'); for await (const _ of [new Promise(() => {})]) {}`,
  'an iteration that neither goes on nor closes': `const never = () => new Promise<IteratorResult<number>>(() => {});
    console.log('running'); for await (const _ of { [Symbol.asyncIterator]: () => ({ next: never, return: never }) }) {}`,
  'a loop that catches whatever comes': `console.log('running');
    for (;;) { try { await new Promise((resolve) => setTimeout(resolve, 5)); } catch {} }`,
  'a getter of an error': `throw { get message() { console.log('running'); while (true) {} },
    get [Symbol.toStringTag]() { return 'Error'; } };`,
  'the look at what was thrown': `throw { [Symbol.for('nodejs.util.inspect.custom')]() { console.log('running'); while (true) {} } };`,
  'the look at a result': `({ [Symbol.for('nodejs.util.inspect.custom')]() { console.log('running'); while (true) {} } })`,
  'a proxy that is asked for its display': `new Proxy({}, { get() { console.log('running'); for (;;); } })`,
  'a proxy that is asked whether it has one': `new Proxy({}, { get: () => () => ({}), has() { console.log('running'); for (;;); } })`,
  'a result that writes itself': `({ [Symbol.for('Jupyter.display')]: () => ({
    'application/json': { toJSON() { console.log('running'); while (true) {} } } }) })`,
  'a loop in the finally of what awaits': `try { console.log('running'); await new Promise(() => {}); } finally { for (;;); }`,
  'a loop in the finally of what awaits, after another await': `const wait = () => new Promise(() => {});
    try { console.log('running'); await wait(); } finally { try { await wait(); } catch {} for (;;); }`,
  'a function of a package in the finally of what awaits': `try { console.log('running'); await new Promise(() => {}); }
    finally { new Function('for (;;);')(); }`,
  'library code that waits for the signal': `console.log('running');
    const { signal } = globalThis[Symbol.for('sparselab.cell')];
    await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));`,
};

describe('a stop', () => {
  let kernel: TestKernel;
  before(async () => {
    kernel = await TestKernel.start();
    await kernel.run('let kept = 42;');
  });
  after(() => kernel.stop());

  const byMessage = () => kernel.interrupt();
  const bySignal = async () => {
    kernel.process.kill('SIGINT');
  };
  const ways: [string, () => Promise<void>][] = [['interrupt_request', byMessage]];
  // Windows has no signals: there the message is the only way.
  if (process.platform !== 'win32') ways.push(['SIGINT', bySignal]);

  const endless = Object.entries(ENDLESS);
  for (const [way, stop] of ways) {
    for (const [what, code] of way === 'SIGINT' ? sampled(endless) : endless) {
      it(`by ${way} ends ${what}, and the state stays`, async () => {
        const outcome = await stopWhenRunning(kernel, code, stop);
        assert.deepEqual(
          { ename: errorOf(outcome).ename, evalue: errorOf(outcome).evalue },
          { ename: 'KeyboardInterrupt', evalue: 'the cell was stopped' },
        );
        assert.equal(await kernel.run('kept'), '42');
      });
    }
  }

  it('runs finally and catch of the cell, whose output comes before the error', async () => {
    const outcome = await stopWhenRunning(
      kernel,
      `try { console.log('running'); await new Promise(() => {}); } finally { console.log('tidied up'); }`,
      byMessage,
    );
    assert.equal(streamText(outcome.published, 'stdout'), 'running\ntidied up\n');
    assert.equal(errorOf(outcome).ename, 'KeyboardInterrupt');
    const types = outcome.published.map(({ header }) => header.msg_type).filter((type) => type !== 'status');
    assert.equal(types.at(-1), 'error');
  });

  it('leaves a loop of any kind and a recursion, and runs its finally, whose own loops run to their end', async () => {
    await kernel.run('function* numbers() { for (let n = 0; ; n++) yield n; }');
    for (const loop of [
      'for (;;);',
      'while (true) continue;',
      'do { if (Date.now() > 0) continue; } while (true);',
      'for (const _ of numbers());',
      'outer: for (;;) { for (const _ of [1, 2]) continue outer; }',
      'for (;;) for (const _ in { a: 1 });',
      'for await (const _ of numbers()) {}',
      '[1].forEach(() => { for (;;); });',
      'class Forever { static value = (() => { for (;;); })(); }',
      "await import('node:fs'); for (;;);",
      'const fib = (n: number): number => (n < 2 ? n : fib(n - 1) + fib(n - 2)); fib(100);',
      "class Fib { get next() { 'use strict'; return new Fib(); } of(n: number): number { return n < 2 ? n : this.next.of(n - 1) + this.next.of(n - 2); } } new Fib().of(100);",
    ]) {
      const outcome = await stopWhenRunning(
        kernel,
        `let tidied = 0; try { console.log('running'); ${loop} } finally { for (let i = 0; i < 1000; i++) tidied++; }`,
        byMessage,
      );
      assert.equal(errorOf(outcome).ename, 'KeyboardInterrupt', loop);
      assert.equal(await kernel.run('tidied'), '1000', loop);
    }
  });

  it('leaves a loop of a local file', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'loops-'));
    const own = await TestKernel.start({ cwd: folder });
    t.after(() => own.stop());
    t.after(() => rmSync(folder, { recursive: true }));
    writeFileSync(
      join(folder, 'work.ts'),
      `export let tidied = false;
      export function forever() { try { console.log('running'); for (;;); } finally { tidied = true; } }`,
    );
    const outcome = await stopWhenRunning(own, `import * as work from './work'; work.forever();`, () =>
      own.interrupt(),
    );
    assert.equal(errorOf(outcome).ename, 'KeyboardInterrupt');
    assert.equal(await own.run('work.tidied'), 'true');
  });

  it('leaves a loop of a timer that an earlier cell has set', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'loops-'));
    t.after(() => rmSync(folder, { recursive: true }));
    // The loop begins when the cell has been answered: before that it would be the cell's.
    const answered = join(folder, 'answered');
    const from = kernel.published.length;
    await kernel.run(`import { existsSync } from 'node:fs';
      let left = false;
      const timer = setInterval(() => {
        if (!existsSync(${JSON.stringify(answered)})) return;
        clearInterval(timer);
        try { console.log('running'); for (;;); } finally { left = true; }
      }, 5); 0`);
    writeFileSync(answered, '');
    await untilItRuns(kernel, from);
    await byMessage();
    assert.equal(await kernel.run('left'), 'true');
  });

  it('does not leave a loop inside what a library shields, but what follows it', async () => {
    const outcome = await stopWhenRunning(
      kernel,
      `const owner = (globalThis as any)[Symbol.for('sparselab.cell')];
      const atLeast = (ms: number) => { const end = performance.now() + ms; let turns = 0; while (performance.now() < end) turns++; return turns; };
      let whole = 0;
      console.log('running');
      for (;;) { owner.shield(() => { atLeast(400); whole++; }); atLeast(1); }`,
      byMessage,
    );
    assert.equal(errorOf(outcome).ename, 'KeyboardInterrupt');
    assert.match(String(await kernel.run('whole')), /^[1-9]/);
  });

  it('runs finally of a cell that iterates over promises', async () => {
    const outcome = await stopWhenRunning(
      kernel,
      `try { console.log('running'); for await (const _ of [new Promise(() => {})]) {} } finally { console.log('tidied up'); }`,
      byMessage,
    );
    assert.equal(streamText(outcome.published, 'stdout'), 'running\ntidied up\n');
  });

  it('that a cell catches is not an error', async () => {
    const code = `try { console.log('running'); await new Promise(() => {}); } catch (e) { console.log(String(e)); }
      'went on'`;
    const outcome = await stopWhenRunning(kernel, code, byMessage);
    assert.equal(outcome.reply.status, 'ok');
    assert.match(streamText(outcome.published, 'stdout'), /KeyboardInterrupt: the cell was stopped/);
  });

  it('aborts the signal of the cell with the reason that the cell is rejected with', async () => {
    const code = `const cell = globalThis[Symbol.for('sparselab.cell')];
      let reason; cell.signal.addEventListener('abort', () => { reason = cell.signal.reason; });
      console.log('running'); await new Promise(() => {});`;
    await stopWhenRunning(kernel, code, byMessage);
    assert.equal(
      await kernel.run('[cell.signal.aborted, reason === cell.signal.reason, reason.name]'),
      "[ true, true, 'KeyboardInterrupt' ]",
    );
  });

  it('ends a function of an earlier cell, which awaits for the cell that called it', async () => {
    await kernel.run(
      'async function forever() { for (;;) await new Promise((resolve) => setTimeout(resolve, 1)); }',
    );
    const outcome = await stopWhenRunning(kernel, `console.log('running'); await forever();`, byMessage);
    assert.equal(errorOf(outcome).ename, 'KeyboardInterrupt');
  });

  it('keeps what the cell declared before, and gives back what it did not get to', async () => {
    await kernel.run("let first = 'old'; let second = 'old';");
    await stopWhenRunning(
      kernel,
      `let first = 1; console.log('running'); while (true) {} let second = 2;`,
      byMessage,
    );
    assert.equal(await kernel.run('[first, second]'), "[ 1, 'old' ]");
  });

  it('leaves the callbacks that wait next to the one that it ends', async () => {
    await kernel.run('let followed = 0;');
    await stopWhenRunning(
      kernel,
      `setImmediate(() => { console.log('running'); while (true) {} });
      setImmediate((by: number) => { followed += by; console.log('followed'); }, 2);
      await new Promise(() => {});`,
      byMessage,
    );
    assert.equal(await kernel.run('followed'), '2');
  });

  it('aborts the cells that wait', async () => {
    // Sent right behind the cell that runs: what is sent together with the stop may arrive after it, on another channel.
    const from = kernel.published.length;
    const stopped = kernel.execute(ENDLESS['a loop after an await'] ?? '');
    const waiting = [kernel.execute('1'), kernel.execute('2')];
    await untilItRuns(kernel, from);
    await byMessage();
    assert.equal((await stopped).reply.status, 'error');
    const statuses = (await Promise.all(waiting)).map(({ reply }) => reply.status);
    assert.deepEqual(statuses, ['aborted', 'aborted']);
  });

  it('leaves alone what the kernel is asked meanwhile, and both are answered', async () => {
    const source = 'a = [1, 2, 3];\n'.repeat(40_000);
    for (let i = 0; i < 3; i++) {
      const asked = kernel.request('shell', 'is_complete_request', { code: source });
      await byMessage();
      assert.deepEqual((await asked).reply, { status: 'complete' });
    }
    assert.equal(await kernel.run('kept'), '42');
  });

  it('of an idle kernel does nothing', async () => {
    await byMessage();
    await byMessage();
    assert.equal(await kernel.run('1 + 1'), '2');
  });

  const times = WHOLE ? 20 : 5;
  it(`${times} times in a row leaves a kernel that works`, async () => {
    for (let i = 0; i < times; i++) {
      const code = Object.values(ENDLESS)[i % Object.keys(ENDLESS).length] ?? '';
      assert.equal((await stopWhenRunning(kernel, code, byMessage)).reply.status, 'error');
    }
    assert.equal(await kernel.run('kept'), '42');
    assert.equal(kernel.log, '');
  });
});

/** Runs a cell and stops it once it has printed `running`. */
async function stopWhenRunning(
  kernel: TestKernel,
  code: string,
  stop: () => Promise<void>,
): Promise<Outcome> {
  const from = kernel.published.length;
  const outcome = kernel.execute(code);
  await untilItRuns(kernel, from);
  await stop();
  return outcome;
}

/** Waits until code has printed `running`, after the first `from` messages. A stop that comes before finds nothing to stop. */
async function untilItRuns(kernel: TestKernel, from: number): Promise<void> {
  await within('the code to run', () =>
    streamText(kernel.published.slice(from), 'stdout').includes('running'),
  );
}
