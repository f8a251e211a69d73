/** The language of a cell: today's TypeScript, as in a module. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { JsonObject } from 'sparselab/dist/kernel/node/wire/message';
import { streamText, TestKernel } from './testKernel';

describe('a cell', () => {
  let kernel: TestKernel;
  before(async () => {
    kernel = await TestKernel.start();
  });
  after(() => kernel.stop());

  /** Runs cells one after the other, each with what it shows. */
  const shows = async (cells: Readonly<Record<string, string>>) => {
    for (const [code, result] of Object.entries(cells)) assert.equal(await kernel.run(code), result, code);
  };
  const request = async (type: string, content: JsonObject) =>
    (await kernel.request('shell', `${type}_request`, content)).reply;

  it('has the methods that this Node has', () =>
    shows({
      '[3, 1, 2].toSorted()': '[ 1, 2, 3 ]',
      '[1, 2, 3].with(0, 9)': '[ 9, 2, 3 ]',
      "'a\\ud800'.isWellFormed()": 'false',
      'Object.hasOwn({ a: 1 }, "a")': 'true',
    }));

  it('may have type parameters and assertions in angle brackets', () =>
    shows({
      'const first = <T>(list: T[]): T => list[0]; first([7])': '7',
      "const n = <number>JSON.parse('3'); [n, first([n])]": '[ 3, 3 ]',
    }));

  it('may have standard decorators, accessors and `using`', async () => {
    const traced = `function traced<T, A extends unknown[], R>(method: (this: T, ...a: A) => R, context: ClassMethodDecoratorContext) {
  return function (this: T, ...a: A): R { console.log(String(context.name)); return method.apply(this, a); };
}
class Job { accessor n = 1; @traced run(n: number) { return n + this.n; } }
new Job().run(1)`;
    assert.equal(await kernel.print(traced), 'run\n');
    assert.equal(
      await kernel.print("{ using lock = { [Symbol.dispose]() { console.log('released'); } }; }"),
      'released\n',
    );
  });

  it('is strict, and without a `this`', async () => {
    const { evalue } = await kernel.fail('const o: any = Object.freeze({ a: 1 }); o.a = 2;');
    assert.match(evalue, /Cannot assign to read only property/);
    await shows({ '(function (this: any) { return this; })() === undefined': 'true' });
  });

  it('may use any name, those of globals and of the kernel too', () =>
    shows({
      'let document = null; const window = { a: 1 }; const constructor = 2; const toString = 5; [window.a, constructor, toString]':
        '[ 1, 2, 5 ]',
      '[document, window.a, constructor, toString]': '[ null, 1, 2, 5 ]',
      'const require = 8, exports = 7, module = 6; [require, exports, module]': '[ 8, 7, 6 ]',
      '[require, exports, module]': '[ 8, 7, 6 ]',
      'const __guard = 11; const __state = 12; let __proto__ = 3; [__guard, __state, __proto__]':
        '[ 11, 12, 3 ]',
      '[__guard, __state, __proto__, await 1]': '[ 11, 12, 3, 1 ]',
      'const λ = 1, ρ̂ = 2; [λ, ρ̂]': '[ 1, 2 ]',
      'class Own {} const __earlierCells = 13; const __earlier__ = new Own(); __earlierCells': '13',
      'const own: Own = __earlier__; [own instanceof Own, __earlierCells]': '[ true, 13 ]',
    }));

  it('may have a byte order mark, any ends of lines, a first line for the shell, and comments for other tools', async () => {
    await shows({
      '\ufeffconst bom = 1; bom': '1',
      'const cr = 1;\r\ncr + 1': '2',
      'const one = 1\u2028const two = one + 1\u2028two': '2',
      "'a\u2028b'.length": '3',
      '#!/usr/bin/env node\n1 + 1': '2',
      'const mapped = 3;\nmapped\n//# sourceMappingURL=other.js.map': '3',
      '/(?<letter>\\p{L})/v.test("λ")': 'true',
    });
    const { traceback } = await kernel.fail("//# sourceURL=other.js\nthrow new Error('here')");
    assert.match(traceback, /at In\[\d+\]:2:7$/m);
  });

  it('may declare a `var` wherever it likes', () =>
    shows({
      '[late, again] = [1, 2]; var late: number, again: number; late + again': '3',
      'var again = 4; var again: number; again': '4',
      'var again: number; again === undefined': 'true',
    }));

  it('may export an object, a nameless function, and what comes from elsewhere', () =>
    shows({
      'export default { a: 1 }': '{ a: 1 }',
      'export = { b: 2 }': '{ b: 2 }',
      'export default () => 1': '[Function (anonymous)]',
      'export default function () {}': '[Function (anonymous)]',
      "export { basename } from 'node:path'; basename('/a/b')": "'b'",
      "basename('/c/d')": "'d'",
    }));

  it('awaits wherever a module may, and nowhere else', async () => {
    await shows({
      'const later = <T,>(x: T) => Promise.resolve(x); class Base {} class Sub extends (await later(Base)) { [await later("k")]() { return 1; } }\n(new Sub() as any).k()':
        '1',
      'const { a: { b = await later(2) } = {} as { b?: number } } = await later({ a: {} as { b?: number } }); b':
        '2',
      'const o = { [await later("x")]: await later(1), get [await later("y")]() { return 2; } }; [o.x, o.y]':
        '[ 1, 2 ]',
      'export default await later(3)': '3',
    });
    for (const code of [
      'const bad = { m() { await later(1); } };',
      'class Bad { m() { await later(1); } }',
      'function bad(x = await later(1)) {}',
    ])
      assert.match((await kernel.fail(code)).evalue, /TS(1308|2524)\)/, code);
  });

  it('is blamed in lines that it has', async () => {
    for (const [code, place] of [
      ['const s = 4 +', 'line 1, TS1109'],
      ['function f() {\n  return 1;', 'line 2, TS1005'],
      ['const list = [1, 2', 'line 1, TS1005'],
      ['let a = 1; /* open', 'line 1, TS1010'],
    ] as const) {
      const { evalue, traceback } = await kernel.fail(code);
      assert.ok(evalue.endsWith(`(${place})`), evalue);
      assert.doesNotMatch(traceback, /export/);
    }
  });

  it('marked @module or @browser runs like any other, and says what the mark does', async () => {
    const notes = async (code: string) => {
      const { published } = await kernel.execute(code);
      return [streamText(published, 'stdout'), streamText(published, 'stderr')];
    };
    const [ran, module] = await notes(
      "/** Of week 2.\n * @module helpers\n */\nexport const answer = 42; console.log('ran');",
    );
    assert.deepEqual(
      [ran, module],
      ['ran\n', "@module: other cells can import this one as './helpers', too.\n"],
    );
    await shows({ answer: '42', "import { answer as again } from './helpers'; again": '42' });
    const [, misnamed] = await notes('/** @module two words */ 1');
    assert.match(String(misnamed), /^@module needs a name of letters, digits and _; got "two words"\./);
    const [seen, browser] = await notes("/** @browser */ console.log('seen');");
    assert.deepEqual([seen, browser?.startsWith('@browser: there is no page here')], ['seen\n', true]);
  });

  it('that throws keeps what was reached, `undefined` too, and touches nothing else', async () => {
    await kernel.run(
      "let was: any = 'old'; let cache: string | undefined = 'full'; function clear() { cache = undefined; }",
    );
    const { published } = await kernel.execute(
      "was = undefined; clear(); let found: string | undefined; throw new Error('x')",
    );
    assert.equal(streamText(published, 'stderr'), '');
    await shows({ '[was, cache, found]': '[ undefined, undefined, undefined ]' });
    await kernel.fail(
      "interface Shape { a: number } function hoisted() { return 1; } throw new Error('y'); class Never {}",
    );
    await shows({ 'const shape: Shape = { a: hoisted() }; shape': '{ a: 1 }' });
  });

  it('is complete, incomplete or invalid', async () => {
    const cells = {
      complete: [
        '',
        'a.b?',
        '?λ',
        'λ??',
        'const f = <T>(x: T) => x;',
        'await fetch("x")',
        'const r = /ab/',
        '// comment',
        'declare function f(): void',
        'declare const x: number',
        'let x',
      ],
      incomplete: [
        'a +',
        'a + ',
        'a +\n',
        'a + // what follows',
        'if (a)\n',
        '`a ${ ',
        '/* open',
        '@sealed',
        'x. ',
        'type T = A | ',
        'import',
        'export',
        'export const',
        'const x',
        'let { a }',
        'function f()\n',
      ],
      invalid: ['const s = "abc', 'const r = /ab', ']', '}', '1 +* 2'],
    };
    for (const [status, list] of Object.entries(cells)) {
      for (const code of list) assert.equal((await request('is_complete', { code })).status, status, code);
    }
    assert.deepEqual(await request('is_complete', { code: 'for (const x of y) {' }), {
      status: 'incomplete',
      indent: '  ',
    });
  });

  it('that asks for what only a newer engine or a page has is told so, not to set an option', async () => {
    const page = await kernel.fail('let view: HTMLElement;');
    assert.match(
      page.evalue,
      /^Cannot find name 'HTMLElement'\. Cells run without a web page: there is no DOM\. \(/,
    );
    if ('fromHex' in Uint8Array) return;
    const { evalue } = await kernel.fail("Uint8Array.fromHex('00')");
    assert.match(evalue, /Uint8ArrayConstructor/);
    assert.match(evalue, /It belongs to ES\w+, and the engine that runs the cells is older\. \(/);
  });

  it('whose functions are sent elsewhere by their text has texts that run there', () =>
    shows({
      'const factor = 2; factor': '2',
      'String(() => factor * 2)': "'() => factor * 2'",
      'const sum = async (xs: any) => { let all = 0; for await (const x of xs) all += Number(await x); return all; }; await (0, eval)(String(sum))([1, 2])':
        '3',
      'class Box { static twice(n: number) { while (n < 9) n = Number(2 * n); return n; } } (0, eval)(`(${Box})`).twice(3)':
        '12',
      "/__/.test(String(sum) + Box + String(() => import('node:fs')))": 'false',
      'Function.prototype.toString.call(Map)': "'function Map() { [native code] }'",
    }));

  it('names the JSX in it, instead of what plain TypeScript takes it for', async () => {
    for (const code of [
      'const el =\n  <b>{1 + 2}</b>;',
      '1;\n<br/>',
      'let a = 1;\nconst all = <><i a={a}/>text</>; a',
    ]) {
      const { evalue } = await kernel.fail(code);
      assert.match(evalue, /^A cell cannot hold JSX; a local file .* \(line 2, TS17004\)$/, code);
    }
    assert.match((await kernel.fail('const el = <b>1</b')).evalue, /TS1\d\d\d\)/);
  });

  it('is completed in place of what is being typed, in texts and names of modules too', async () => {
    await kernel.run(
      "const rec = { alpha: 1, 'be ta': 2 }; type Mode = 'fast' | 'slow'; function go(mode: Mode) {}",
    );
    for (const [code, name, start] of [
      ["import * as fs from 'node:f", 'node:fs', 21],
      ["rec['al", 'alpha', 5],
      ["rec['be ", 'be ta', 5],
      ["go('fa", 'fast', 4],
      ['let m: Mode = "s', 'slow', 15],
      ['re', 'rec', 0],
    ] as const) {
      const { matches, cursor_start, cursor_end } = await request('complete', {
        code,
        cursor_pos: code.length,
      });
      assert.ok((matches as string[]).includes(name), `${code}: ${matches}`);
      assert.deepEqual([cursor_start, cursor_end], [start, code.length], code);
    }
  });

  it('asks about a name in its last line, before or behind it', async () => {
    await kernel.run('/** Doc of count. */\nconst count = 1; /** Doc of rho. */ let ρ̂ = 1;');
    for (const [code, page] of [
      ['?count', /Doc of count/],
      ['count??', /Doc of count/],
      ['ρ̂?', /Doc of rho/],
      ['const other = 2;\ncount?', /Doc of count/],
    ] as const) {
      const [shown] = (await kernel.execute(code)).reply.payload as JsonObject[];
      assert.match(String((shown?.data as JsonObject | undefined)?.['text/plain']), page, code);
    }
    await shows({ other: '2' });
  });
});
