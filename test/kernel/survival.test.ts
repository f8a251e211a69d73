import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sampled } from '../support/run';
import { ENGINES, plain, streamText, TestKernel, within } from './testKernel';

for (const [engine, env] of sampled(Object.entries(ENGINES))) {
  describe(`the session survives, on ${engine},`, () => {
    let kernel: TestKernel;
    before(async () => {
      kernel = await TestKernel.start({ env });
      await kernel.run(`import { backendReady } from 'sparselab'; await backendReady(); let kept = 42;`);
    });
    after(() => kernel.stop());

    /** Runs a cell, and waits until its stderr says something. */
    const says = async (code: string, what: RegExp) => {
      const from = kernel.published.length;
      await kernel.execute(code);
      await within(`stderr to say ${what}`, () =>
        what.test(plain(streamText(kernel.published.slice(from), 'stderr'))),
      );
      assert.equal(await kernel.run('kept'), '42');
      return plain(streamText(kernel.published.slice(from), 'stderr'));
    };

    it('an error in a timer and a rejection that nobody handles', async () => {
      await says(
        `setTimeout(() => { throw new RangeError('in a timer'); }, 1);`,
        /Uncaught RangeError: in a timer/,
      );
      await says(`void Promise.reject(new Error('of a promise'));`, /Uncaught Error: of a promise/);
      await says(`void Promise.reject('no Error');`, /Uncaught Thrown: 'no Error'/);
    });

    it('a listener that throws, whose error is reported with the one that it was called for', async () => {
      const text = await says(
        `process.once('uncaughtException', () => { throw new Error('of the listener'); });
        setTimeout(() => { throw new Error('of the timer'); }, 1);`,
        /of the listener/,
      );
      assert.match(text, /Uncaught Error: of the timer[\s\S]*Uncaught Error: of the listener/);
    });

    it('a listener that throws the error once more, which is reported once', async () => {
      const text = await says(
        `process.once('uncaughtException', (error) => { throw error; });
        setTimeout(() => { throw new Error('thrown twice'); }, 1);`,
        /thrown twice/,
      );
      assert.equal(text.split('Uncaught Error: thrown twice').length, 2);
    });

    it('a capture callback that throws', async () => {
      await says(
        `process.setUncaughtExceptionCaptureCallback((error) => {
          process.setUncaughtExceptionCaptureCallback(null);
          throw error;
        });
        setTimeout(() => { throw new Error('captured'); }, 1);`,
        /Uncaught Error: captured/,
      );
    });

    it('code that removes all listeners of the process', async () => {
      await kernel.run('process.removeAllListeners(); 1');
      await says(`setTimeout(() => { throw new Error('unheard'); }, 1);`, /Uncaught Error: unheard/);
    });

    it('code that sets process.emit to something else', async () => {
      await kernel.run(`const { emit } = process; const seen: unknown[] = [];
        process.emit = ((...event: [any]) => { seen.push(event[0]); return emit.apply(process, event); }) as any;
        process.once('uncaughtException', () => {}); 0`);
      await says(
        `setTimeout(() => { throw new Error('taken'); }, 1); setTimeout(() => { throw new Error('not taken'); }, 20);`,
        /^Uncaught Error: not taken/,
      );
      assert.equal(await kernel.run("seen.filter((event) => event === 'uncaughtException').length"), '1');
      await kernel.run('process.emit = null as any; 0');
      await says(
        `setTimeout(() => { throw new Error('unheard again'); }, 1);`,
        /Uncaught Error: unheard again/,
      );
    });

    for (const call of ['exit(3)', 'exit()', 'abort()', 'reallyExit(0)']) {
      it(`process.${call}, which ends the cell with a message`, async () => {
        const { ename, evalue } = await kernel.fail(`kept = 42; (process as any).${call}; kept = 0;`);
        assert.equal(ename, 'ProcessExit');
        assert.ok(evalue.startsWith(`process.${call} ends the cell, not the session`), evalue);
        assert.equal(await kernel.run('kept'), '42');
      });
    }

    it('a signal that a cell sends to the kernel, unless it listens for it', async (t) => {
      if (process.platform === 'win32') return t.skip('needs signals');
      for (const signal of ["'SIGTERM'", "'SIGHUP'", "'SIGKILL'", "'SIGSTOP'", '9', 'undefined']) {
        const { ename, evalue } = await kernel.fail(`process.kill(process.pid, ${signal});`);
        assert.equal(ename, 'ProcessExit', signal);
        assert.match(evalue, /^process\.kill\(process\.pid, 'SIG\w+'\) ends the cell/);
      }
      assert.equal((await kernel.fail("process.kill(0, 'SIGTERM')")).ename, 'ProcessExit');
      assert.equal(await kernel.run('process.kill(process.pid, 0)'), 'true');
      assert.equal(
        (await kernel.fail("process.on('SIGTERM', () => {}); process.kill(process.pid)")).ename,
        'ProcessExit',
      );
      const other = await TestKernel.start();
      t.after(() => other.stop());
      const heard = await other.print(`await new Promise<void>((resolve) => {
        process.once('SIGTERM', () => { console.log('heard'); resolve(); });
        process.kill(process.pid, 'SIGTERM');
      });`);
      assert.equal(heard, 'heard\n');
      const { ename } = await kernel.fail(
        "process.kill(process.pid, 'SIGINT'); await new Promise(() => {});",
      );
      assert.equal(ename, 'KeyboardInterrupt');
      assert.match(
        (await kernel.fail("process.kill(process.pid, 'SIGNONE' as any)")).evalue,
        /Unknown signal: SIGNONE/,
      );
    });

    it('an exit that is only announced', async () => {
      await kernel.run("process.emit('exit', 0); process.emit('beforeExit', 0); 0");
      assert.equal(await kernel.run('kept'), '42');
    });

    it('process.exit() in a timer', async () => {
      await says('setTimeout(() => process.exit(1), 1);', /Uncaught ProcessExit: process\.exit\(1\) ends/);
    });
  });
}

describe('an error that a listener of the cell takes', () => {
  it('is not reported', async (t) => {
    const kernel = await TestKernel.start();
    t.after(() => kernel.stop());
    const from = kernel.published.length;
    await kernel.run(`process.once('uncaughtException', ({ message }) => console.log('taken', message));
      setTimeout(() => { throw new Error('by the cell'); }, 1); 0`);
    await within('the listener', () =>
      streamText(kernel.published.slice(from), 'stdout').includes('taken by the cell'),
    );
    await kernel.run('1');
    assert.equal(streamText(kernel.published.slice(from), 'stderr'), '');
  });
});

describe('a kernel that is shut down', () => {
  it('ends, although a cell has removed and added listeners of the process', async (t) => {
    const kernel = await TestKernel.start();
    t.after(() => kernel.stop());
    await kernel.run(`process.removeAllListeners(); process.on('exit', () => { throw new Error('no'); }); 0`);
    const { reply } = await kernel.request('control', 'shutdown_request', { restart: false });
    assert.equal(reply.status, 'ok');
    await within('its process to end', () => kernel.process.exitCode === 0);
  });
});
