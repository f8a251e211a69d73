import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import type { JsonObject } from 'sparselab/dist/kernel/node/wire/message';
import { contents, errorOf, plain, streamText, TestKernel, within } from './testKernel';

describe('a cell', () => {
  let kernel: TestKernel;
  before(async () => {
    kernel = await TestKernel.start();
  });
  after(() => kernel.stop());

  it('is announced, shows its result, and comes between busy and idle', async () => {
    const { reply, published } = await kernel.execute('1 + 2');
    const count = reply.execution_count;
    assert.deepEqual(reply, { status: 'ok', execution_count: count, payload: [], user_expressions: {} });
    assert.deepEqual(
      published.map(({ header, content }) => [header.msg_type, content]),
      [
        ['status', { execution_state: 'busy' }],
        ['execute_input', { code: '1 + 2', execution_count: count }],
        ['execute_result', { execution_count: count, data: { 'text/plain': '3' }, metadata: {} }],
        ['status', { execution_state: 'idle' }],
      ],
    );
  });

  it('has no result if it ends in a statement, null or undefined', async () => {
    for (const code of ['const four = 4;', 'null', 'undefined', 'void four', '']) {
      assert.equal(await kernel.run(code), undefined, code);
    }
  });

  it('shows a function without a name as one', async () => {
    assert.equal(await kernel.run('() => 1'), '[Function (anonymous)]');
    assert.equal(await kernel.run('(async function () { await 1; })'), '[AsyncFunction (anonymous)]');
    assert.equal(await kernel.run('(class {})'), '[class (anonymous)]');
    assert.equal(await kernel.run('(function named() {})'), '[Function: named]');
  });

  it('leaves a promise as it is, and waits for what it awaits', async () => {
    assert.equal(await kernel.run('Promise.resolve(3)'), 'Promise { 3 }');
    assert.equal(await kernel.run('await Promise.resolve(3)'), '3');
    assert.equal(
      await kernel.print('for await (const x of [Promise.resolve(1), 2]) console.log(x)'),
      '1\n2\n',
    );
    assert.equal(await kernel.print("for await (const x of 'ab') console.log(x)"), 'a\nb\n');
    for (const value of ['null', '{}'])
      assert.equal(
        (await kernel.fail(`for await (const x of ${value} as any) {}`)).evalue,
        `${value} is not async iterable`,
      );
  });

  it('shares its declarations with the cells that follow, which may declare them again', async () => {
    await kernel.run(`interface Point { x: number }
      enum Colour { Red = 1 }
      class Circle { constructor(readonly centre: Point) {} }
      const [head, ...tail] = [1, 2, 3];`);
    assert.equal(await kernel.run('new Circle({ x: head + Colour.Red }).centre.x + tail.length'), '4');
    await kernel.run("const head = 'text'");
    assert.equal(await kernel.run('head.toUpperCase()'), "'TEXT'");
  });

  it('names variables of earlier cells in shorthand properties, assigned ones too', async () => {
    await kernel.run('let short = 1; const hand = 2;');
    assert.equal(
      await kernel.run('({ short, nested: [{ hand }] })'),
      '{ short: 1, nested: [ { hand: 2 } ] }',
    );
    assert.equal(await kernel.run('((hand: number) => ({ hand, short }))(5)'), '{ hand: 5, short: 1 }');
    assert.equal(await kernel.run('({ short = 7 } = {} as { short?: number }); short'), '7');
  });

  it('that throws keeps what it declared before, and gives back what it did not get to', async () => {
    await kernel.run("let kept = 'old'; let lost = 'old'; function shadowed() { return 'old'; }");
    await kernel.fail("let kept = 1; const fresh = 2; throw new Error('x'); let lost = 3; const later = 4;");
    assert.equal(await kernel.run('[kept + 1, fresh, lost.toUpperCase()]'), "[ 2, 2, 'OLD' ]");
    assert.match(
      (await kernel.fail('later')).evalue,
      /Cannot find name 'later'\. Has the cell that declares it been run\? \(line 1, TS2304\)/,
    );
  });

  it('that V8 refuses, although TypeScript does not, declares nothing', async () => {
    await kernel.run('const five = 5;');
    await kernel.fail("// @ts-nocheck\nconst five = 'five'; const six = 6; const wrong = /(/;");
    assert.equal(await kernel.run('five.toFixed(1)'), "'5.0'");
    assert.match((await kernel.fail('six')).evalue, /Cannot find name 'six'/);
  });

  it('may be code of a module: what it exports is declared', async () => {
    await kernel.run('export const x = 1;\nexport default function twice(n: number) { return 2 * n; }');
    await kernel.run(
      'export async function later() { return x; } export type Size = number; export class Box {}',
    );
    assert.equal(
      await kernel.run('const size: Size = twice(x); [size, await later(), new Box()]'),
      '[ 2, 1, Box {} ]',
    );
    assert.equal(await kernel.run('export default x + 1'), '2');
    assert.equal(await kernel.run("const text = 'export const y = 1'; text"), "'export const y = 1'");
  });

  it('that does not compile changes nothing', async () => {
    await kernel.run('let before = 1;');
    await kernel.fail("before = 2; let after: number = 'text';");
    assert.equal(await kernel.run('before'), '1');
  });

  it('that uses a name which another has failed to declare again is told so, until one declares it', async () => {
    const notes = async (code: string) => streamText((await kernel.execute(code)).published, 'stderr');
    await kernel.run('const answer = () => 1; const [half, other] = [0.5, 2];');
    await kernel.fail(
      "const answer = (): number => 'text'; const { half } = { half: 'a half' }; let other = 3;",
    );
    assert.equal(
      await notes('const twice = 2 * answer(); half'),
      'answer and half are still what they were before: the cell that declares them again has failed.\n',
    );
    assert.equal(await notes("'answer'; twice"), '', 'it does not use the name');
    await kernel.run('const answer = () => 2; const half = 1;');
    assert.equal(await notes('answer() + half'), '');

    await kernel.fail("const half = 3; throw new Error('x'); const other = 4;");
    assert.equal(
      await notes('half + other'),
      'other is still what it was before: the cell that declares it again has failed.\n',
    );
  });

  it('writes to stdout and stderr, in order and before its result', async () => {
    const { published } = await kernel.execute(
      "console.log('one'); console.error('two'); process.stdout.write('three'); 'four'",
    );
    const seen = published.flatMap(({ header, content }) =>
      header.msg_type === 'stream' ? [[content.name, content.text]] : [],
    );
    assert.deepEqual(seen, [
      ['stdout', 'one\n'],
      ['stderr', 'two\n'],
      ['stdout', 'three'],
    ]);
    assert.deepEqual(
      published.slice(-2).map(({ header }) => header.msg_type),
      ['execute_result', 'status'],
    );
  });

  it('loses no output, however much, and no character that is split between two writes', async () => {
    const text = await kernel.print('for (let i = 0; i < 20000; i++) console.log(i)');
    assert.equal(text, Array.from({ length: 20000 }, (_, i) => `${i}\n`).join(''));
    const euro =
      'process.stdout.write(Buffer.from([0xe2, 0x82])); process.stdout.write(Buffer.from([0xac])); 0';
    assert.equal(await kernel.print(euro), '€');
  });

  it('shows what it prints while it still computes', async () => {
    const from = kernel.published.length;
    const outcome = kernel.execute(
      "console.log('begun'); while (!globalThis.enough) globalThis.enough = Date.now() > 0 && Math.random() < 1e-9;",
    );
    await within('the output', () => streamText(kernel.published.slice(from), 'stdout') === 'begun\n');
    await kernel.interrupt();
    assert.equal((await outcome).reply.status, 'error');
  });

  it('keeps its late output, from timers and promises, to itself', async () => {
    const first = await kernel.execute("setTimeout(() => console.log('late'), 100); 'first'");
    await kernel.execute("await new Promise((resolve) => setTimeout(resolve, 200)); console.log('second')");
    const late = kernel.published.find(({ content }) => content.text === 'late\n');
    assert.equal(late?.parentHeader.msg_id, first.published[0]?.parentHeader.msg_id);
  });

  it('shows rich values by their own method, with text next to it', async () => {
    const bundleOf = async (code: string) => contents(await kernel.execute(code), 'execute_result')[0]?.data;
    assert.deepEqual(
      await bundleOf(
        "({ [Symbol.for('Jupyter.display')]: () => ({ 'text/plain': 't', 'text/html': '<b>h</b>' }) })",
      ),
      {
        'text/plain': 't',
        'text/html': '<b>h</b>',
      },
    );
    const data = (await bundleOf(
      "class Figure { async [Symbol.for('Jupyter.display')]() { return { 'application/json': { a: [1] } }; } }\nnew Figure()",
    )) as JsonObject;
    assert.deepEqual(data['application/json'], { a: [1] });
    assert.equal(data['text/plain'], 'Figure {}');
  });

  it('fails if showing its value fails, and shows it as text', async () => {
    const outcome = await kernel.execute(
      "({ [Symbol.for('Jupyter.display')]: () => { throw new Error('no picture'); } })",
    );
    assert.equal(errorOf(outcome).evalue, 'no picture');
    const [shown] = contents(outcome, 'execute_result');
    // Node 24 writes symbols without brackets.
    const { 'text/plain': text, ...others } = (shown?.data ?? {}) as JsonObject;
    assert.match(
      String(text),
      /^\{ \[?Symbol\(Jupyter\.display\)\]?: \[Function: \[Jupyter\.display\]\] \}$/,
    );
    assert.deepEqual(others, {});
    const wrong = await kernel.fail("({ [Symbol.for('Jupyter.display')]: () => 5 })");
    assert.equal(wrong.evalue, "Symbol.for('Jupyter.display') must return an object of MIME types; got 5");
  });

  it('displays and updates whole bundles through its own object', async () => {
    const outcome = await kernel.execute(`const cell = globalThis[Symbol.for('sparselab.cell')];
      cell.display({ 'text/plain': 'a', 'text/html': '<i>a</i>' }, { displayId: 'one' });
      cell.display({ 'text/plain': 'b' }, { displayId: 'one', update: true });
      cell.display({ 'text/plain': 'c' });`);
    assert.deepEqual(contents(outcome, 'display_data'), [
      {
        data: { 'text/plain': 'a', 'text/html': '<i>a</i>' },
        metadata: {},
        transient: { display_id: 'one' },
      },
      { data: { 'text/plain': 'c' }, metadata: {}, transient: {} },
    ]);
    assert.deepEqual(contents(outcome, 'update_display_data'), [
      { data: { 'text/plain': 'b' }, metadata: {}, transient: { display_id: 'one' } },
    ]);
    const error = await kernel.fail('cell.display({}, { update: true })');
    assert.equal(error.evalue, 'displayId must be given for an update; got undefined');
  });

  it("displays through tslab's own functions, too", async () => {
    const outcome = await kernel.execute(`import { display, newDisplay } from 'tslab';
      const d = newDisplay(); d.text('one'); d.html('<b>two</b>'); display.png(Buffer.from([1, 2, 3]));`);
    const [one, png] = contents(outcome, 'display_data');
    const [two] = contents(outcome, 'update_display_data');
    assert.deepEqual(
      [one?.data, two?.data, png?.data],
      [{ 'text/plain': 'one' }, { 'text/html': '<b>two</b>' }, { 'image/png': 'AQID' }],
    );
    assert.deepEqual(one?.transient, two?.transient);
  });

  it('shows half a character as �, without which no notebook with it could be saved', async () => {
    assert.equal(
      await kernel.print(String.raw`console.log('😀'[0], '😀', '\ud83d', '\\ud83d\udc00')`),
      '\ufffd 😀 \ufffd \\ud83d\ufffd\n',
    );
    const { evalue } = await kernel.fail("throw new Error('half ' + '😀'[1])");
    assert.equal(evalue, 'half \ufffd');
  });

  it('that is silent publishes nothing, counts nothing and is not remembered', async () => {
    const before = (await kernel.execute('1')).reply.execution_count;
    const { reply, published } = await kernel.execute("console.log('x'); 5", { silent: true });
    assert.equal(reply.status, 'ok');
    assert.deepEqual(
      published.map(({ header }) => header.msg_type),
      ['status', 'status'],
    );
    assert.equal(reply.execution_count, before);
    const { reply: history } = await kernel.request('shell', 'history_request', {
      hist_access_type: 'tail',
      n: 1,
    });
    assert.deepEqual(history.history, [[1, before, '1']]);
  });

  it('that is not stored shows its result but is not counted', async () => {
    const before = (await kernel.execute('1')).reply.execution_count;
    const outcome = await kernel.execute('6', { store_history: false });
    assert.equal(contents(outcome, 'execute_result')[0]?.execution_count, before);
    assert.equal((await kernel.execute('1')).reply.execution_count, Number(before) + 1);
  });

  it('that shows what cannot be written as JSON fails; a user expression alone gets the error', async () => {
    const shown = "({ [Symbol.for('Jupyter.display')]: () => ({ 'a/b': 1n }) })";
    const { reply } = await kernel.execute('1', { user_expressions: { good: '2', bad: shown } });
    assert.equal(reply.status, 'ok');
    const { good, bad } = reply.user_expressions as Record<string, JsonObject>;
    assert.equal(good?.status, 'ok');
    assert.deepEqual([bad?.status, bad?.ename], ['error', 'TypeError']);
    const [failed, behind] = await Promise.all([kernel.execute(shown), kernel.execute('1')]);
    assert.match(errorOf(failed).evalue, /BigInt/);
    assert.equal(typeof failed.reply.execution_count, 'number');
    assert.equal(behind.reply.status, 'aborted');
    assert.equal(await kernel.run('1 + 1'), '2');
  });

  it('answers user expressions, each with its value or its error', async () => {
    const { reply } = await kernel.execute('const seven = 7;', {
      user_expressions: {
        value: 'seven + 1',
        wrong: 'seven.nothing',
        thrown: "(() => { throw new Error('e'); })()",
      },
    });
    const { value, wrong, thrown } = reply.user_expressions as Record<string, JsonObject>;
    assert.deepEqual(value, { status: 'ok', data: { 'text/plain': '8' }, metadata: {} });
    assert.equal(wrong?.status, 'error');
    assert.equal(wrong?.ename, 'TypeScriptError');
    assert.equal(thrown?.evalue, 'e');
  });

  it('and a user expression of it have errors with lines of their own', async () => {
    const { reply } = await kernel.execute("function late() {\n\n  throw new Error('late'); }", {
      user_expressions: { thrown: "[1].map(() => { throw new Error('e'); })" },
    });
    const { thrown } = reply.user_expressions as Record<string, JsonObject>;
    assert.match(plain(String(thrown?.traceback)), /> 1 \| \[1\]\.map/);
    assert.match((await kernel.fail('late()')).traceback, /> 3 \| {3}throw new Error\('late'\)/);
  });

  it('leaves no garbage of its compilation behind', async () => {
    const heap = async () => Number(await kernel.run('process.memoryUsage().heapUsed')) / 2 ** 20;
    const before = await heap();
    for (let i = 0; i < 60; i++) await kernel.run(`const garbage${i} = ${i};`);
    // A cell leaves about 0.8 MB, so that it would be 48 MB; it is collected whenever 12 MB have come together.
    assert.ok((await heap()) - before < 30);
  });

  it('that fails aborts those sent along with it, unless asked otherwise or silent', async () => {
    const together = (options: JsonObject) =>
      Promise.all([
        // It lasts until the others have been sent, also where this process has to wait for a processor.
        kernel.execute("await new Promise((end) => setTimeout(end, 500)); throw new Error('first')", options),
        kernel.execute('2'),
        kernel.execute('3'),
      ]);
    const statuses = (outcomes: Awaited<ReturnType<typeof together>>) =>
      outcomes.map(({ reply }) => reply.status);
    assert.deepEqual(statuses(await together({})), ['error', 'aborted', 'aborted']);
    assert.deepEqual(statuses(await together({ stop_on_error: false })), ['error', 'ok', 'ok']);
    assert.deepEqual(statuses(await together({ silent: true })), ['error', 'ok', 'ok']);
    assert.equal(await kernel.run('1'), '1', 'what is sent afterwards runs');
  });

  it('followed by a question mark pages the documentation of a name', async () => {
    const { reply } = await kernel.execute('Math.hypot?');
    const [page] = reply.payload as JsonObject[];
    assert.equal(page?.source, 'page');
    const documentation = (page?.data as JsonObject | undefined)?.['text/plain'];
    assert.match(String(documentation), /square root of the sum of squares/);
  });

  it('two hundred times, quickly, never loses a message', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 200 }, (_, i) => kernel.execute(`console.log(${i})`)),
    );
    for (const [i, outcome] of outcomes.entries()) {
      assert.equal(streamText(outcome.published, 'stdout'), `${i}\n`);
      assert.equal(outcome.published.at(-1)?.content.execution_state, 'idle');
    }
  });

  it('can import local files, which are recompiled when they change', async () => {
    await kernel.run(`import { mkdtempSync, writeFileSync } from 'node:fs'; import { join } from 'node:path';
      const folder = mkdtempSync(join(process.cwd(), 'local-')); const name = folder.split(/[\\\\/]/).at(-1);`);
    const name = (await kernel.run('name'))?.replaceAll("'", '');
    try {
      await kernel.run("writeFileSync(join(folder, 'inner.ts'), 'export const inner: number = 1;')");
      await kernel.run(
        "writeFileSync(join(folder, 'helper.ts'), \"import { inner } from './inner'; export const twice = () => 2 * inner;\")",
      );
      assert.equal(await kernel.run(`import { twice } from './${name}/helper'; twice()`), '2');
      await kernel.run(
        "writeFileSync(join(folder, 'inner.ts'), 'export const inner: number = 21; // changed')",
      );
      assert.equal(await kernel.run(`import { twice } from './${name}/helper'; twice()`), '42');
      await kernel.run("writeFileSync(join(folder, 'inner.ts'), 'export const inner: number = false;')");
      const { evalue } = await kernel.fail(`import { twice } from './${name}/helper'; twice()`);
      assert.match(
        evalue,
        /Type 'boolean' is not assignable to type 'number'\. \(local-.*inner\.ts, line 1, TS2322\)/,
      );
    } finally {
      await kernel.run("import { rmSync } from 'node:fs'; rmSync(folder, { recursive: true })");
    }
  });
});

describe('requests', () => {
  let kernel: TestKernel;
  before(async () => {
    kernel = await TestKernel.start();
  });
  after(() => kernel.stop());

  it('for completions count in characters of Unicode, as the protocol does', async () => {
    const code = "const 𝒳 = '𝒳'; Math.hypo";
    const { reply } = await kernel.request('shell', 'complete_request', {
      code,
      cursor_pos: [...code].length,
    });
    assert.deepEqual([reply.status, reply.matches], ['ok', ['hypot']]);
    const [start, end] = [Number(reply.cursor_start), Number(reply.cursor_end)];
    assert.equal([...code].slice(start, end).join(''), 'hypo');
  });

  it('for documentation find the name at the cursor, and the function inside whose brackets it stands', async () => {
    await kernel.run('/** Doubles. */ function double(x: number) { return 2 * x; }');
    for (const [code, cursor_pos] of [
      ['double', 6],
      ['double(', 7],
      ['double(1 + (2), ', 16],
    ] as const) {
      const { reply } = await kernel.request('shell', 'inspect_request', {
        code,
        cursor_pos,
        detail_level: 0,
      });
      assert.equal(reply.found, true, code);
      assert.match(
        String((reply.data as JsonObject)['text/plain']),
        /function double\(x: number\): number\s+Doubles\./,
      );
    }
    const { reply } = await kernel.request('shell', 'inspect_request', { code: '   ', cursor_pos: 1 });
    assert.deepEqual(reply, { status: 'ok', found: false, data: {}, metadata: {} });
  });

  it('for documentation show signature and doc comment, as text and as markdown', async () => {
    await kernel.run("import { l1, SparseAutoencoder } from 'sparselab';");
    const inspect = async (code: string) => {
      const { reply } = await kernel.request('shell', 'inspect_request', { code, cursor_pos: code.length });
      return reply.data as Record<string, string>;
    };
    const penalty = await inspect('l1(');
    assert.match(
      penalty['text/plain'] ?? '',
      /^l1\(lambda: number \| \{[^}]*\}\): .*Penalty\n\nL1: λ Σⱼ \|hⱼ\|/,
    );
    assert.match(penalty['text/plain'] ?? '', /\n\nParameters:\n- lambda: λ ≥ 0; .*is the same\.\n/);
    assert.match(penalty['text/markdown'] ?? '', /^```typescript\nl1\(lambda: number \| \{/);
    assert.match(
      penalty['text/markdown'] ?? '',
      /\n\n\*\*Parameters\*\*\n\n- `lambda`: λ ≥ 0; .*is the same\.\n/,
    );
    assert.match(penalty['text/markdown'] ?? '', /\n\n\*\*Example\*\*\n\n```typescript\nl1\(0\.1\)/);
    const { 'text/plain': model = '' } = await inspect('new SparseAutoencoder(');
    assert.match(model, /^new SparseAutoencoder\(options: .*\n\nAn autoencoder with one hidden layer/);
    assert.doesNotMatch(model, /@link|alias/);
  });

  it('for completeness take a question about a name for complete, as it can be run', async () => {
    const status = async (code: string) =>
      (await kernel.request('shell', 'is_complete_request', { code })).reply.status;
    assert.equal(await status('Math.max?'), 'complete');
    assert.equal(await status('1 ? 2'), 'incomplete');
  });

  it('on the control channel are answered while a cell runs', async () => {
    const running = kernel.execute('await new Promise((resolve) => setTimeout(resolve, 1000)); 1');
    const { reply } = await kernel.request('control', 'kernel_info_request', {});
    assert.equal(reply.status, 'ok');
    assert.equal((await running).reply.status, 'ok');
  });

  it('for history with many stars are answered at once', async () => {
    await kernel.run(`'${'ab'.repeat(50_000)}'.length`);
    const search = async (pattern: string) => {
      const { reply } = await kernel.request('shell', 'history_request', {
        hist_access_type: 'search',
        pattern,
      });
      return (reply.history as unknown[]).length;
    };
    assert.equal(await search(`${'*a'.repeat(30)}*?c`), 0);
    assert.equal(await search(`${'*ab'.repeat(30)}*'.len??h`), 1);
    assert.equal(await search("'abab"), 0);
  });

  it('for a range of lines count negative ones back from the end, as IPython does', async () => {
    for (const code of ["'first'", "'second'", "'third'"]) await kernel.run(code);
    const range = async (start: number, stop?: number) => {
      const content = { hist_access_type: 'range', session: 0, start, ...(stop !== undefined && { stop }) };
      const { reply } = await kernel.request('shell', 'history_request', content);
      return (reply.history as [number, number, string][]).map(([, , code]) => code);
    };
    assert.deepEqual(await range(-2), ["'second'", "'third'"]);
    assert.deepEqual(await range(-3, -1), ["'first'", "'second'"]);
    assert.deepEqual((await range(0)).slice(-1), ["'third'"]);
    assert.deepEqual(await range(5, 5), []);
  });

  it('for comms find none, and opening one is refused', async () => {
    const { reply } = await kernel.request('shell', 'comm_info_request', {});
    assert.deepEqual(reply, { status: 'ok', comms: {} });
  });

  it('with wrong content are answered with an error that names the field', async () => {
    const { reply } = await kernel.request('shell', 'execute_request', { code: 5 });
    assert.deepEqual(
      [reply.status, reply.ename, reply.evalue],
      ['error', 'TypeError', 'code must be a string; got 5'],
    );
    const history = await kernel.request('shell', 'history_request', { hist_access_type: 'all' });
    assert.equal(history.reply.evalue, 'hist_access_type must be range, tail or search; got "all"');
    const complete = await kernel.request('shell', 'complete_request', { code: 'a', cursor_pos: 'b' });
    assert.equal(complete.reply.evalue, 'cursor_pos must be an integer; got "b"');
    assert.equal(await kernel.run('1'), '1');
  });

  it('to shut down are answered on both channels, and the process ends', async () => {
    const { reply, published } = await kernel.request('control', 'shutdown_request', { restart: true });
    assert.deepEqual(reply, { status: 'ok', restart: true });
    assert.deepEqual(contents({ published }, 'shutdown_reply'), [{ status: 'ok', restart: true }]);
    await within('the process to end', () => kernel.process.exitCode === 0);
  });

  it('to shut down are heard in the middle of an endless loop', async () => {
    const stuck = await TestKernel.start();
    try {
      const from = stuck.published.length;
      stuck.execute("console.log('running'); while (true) {}").catch(() => {});
      await within(
        'the cell to run',
        () => streamText(stuck.published.slice(from), 'stdout') === 'running\n',
      );
      stuck.request('control', 'shutdown_request', { restart: false }).catch(() => {});
      await within('the process to end', () => stuck.process.exitCode !== null);
      assert.doesNotMatch(stuck.log, /debugger/, 'Node says so of what ended the loop, unless that has left');
    } finally {
      await stuck.stop();
    }
  });
});

describe('the kernel', () => {
  it('starts in any folder of the project, says nothing, and finds the package there', async () => {
    const kernel = await TestKernel.start({ cwd: __dirname });
    try {
      assert.equal(
        await kernel.run("import * as sparselab from 'sparselab'; typeof sparselab.l1"),
        "'function'",
      );
      assert.equal(kernel.log.replaceAll(/^.*(absl|oneDNN|port\.cc).*\n/gm, ''), '');
    } finally {
      await kernel.stop();
    }
  });

  it('ends when the process that it belongs to has died', async () => {
    const server = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    await once(server, 'spawn');
    const kernel = await TestKernel.start({ parent: server.pid ?? 0 });
    try {
      server.kill('SIGKILL');
      await within('the kernel to end', () => kernel.process.exitCode !== null);
    } finally {
      await kernel.stop();
    }
  });
});
