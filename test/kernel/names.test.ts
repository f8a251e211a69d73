import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { TestKernel } from './testKernel';

/** Cells that are run one after the other, and what the last one shows. */
interface Law {
  readonly cells: readonly string[];
  readonly shows: string;
}

const assignments: Readonly<Record<string, Law>> = {
  'by a pattern': { cells: ['let a = 1; const o = { a: 5 };', '({ a } = o);', 'a'], shows: '5' },
  'by a property of another name': {
    cells: ['let a = 1; const o = { x: 6 };', '({ x: a } = o);', 'a'],
    shows: '6',
  },
  'to a default': {
    cells: ['let a = 9; const o: { a?: number } = {};', '({ a = 1 } = o);', 'a'],
    shows: '1',
  },
  'to the rest': {
    cells: ['let a = 9; let r = {};', '({ a, ...r } = { a: 3, z: 4 });', '[a, r]'],
    shows: '[ 3, { z: 4 } ]',
  },
  'in exchange': { cells: ['let a = 1, b = 2;', '[a, b] = [b, a];', '[a, b]'], shows: '[ 2, 1 ]' },
  'by patterns in patterns': {
    cells: ['let a = 9, b = 8;', '({ p: { a }, q: [b] } = { p: { a: 3 }, q: [7] });', '[a, b]'],
    shows: '[ 3, 7 ]',
  },
  'by a loop over values': { cells: ['let a = 0;', 'for (a of [1, 2]) {}', 'a'], shows: '2' },
  'by a loop over lists': { cells: ['let a = 0;', 'for ([a] of [[1], [2]]) {}', 'a'], shows: '2' },
  'by a loop over objects': { cells: ['let a = 0;', 'for ({ a } of [{ a: 4 }]) {}', 'a'], shows: '4' },
  'by a loop over keys': { cells: ["let a = '';", 'for (a in { u: 1 }) {}', 'a'], shows: "'u'" },
  'by a loop that awaits': { cells: ['let a = 0;', 'for await (a of [1, 6]) {}', 'a'], shows: '6' },
  'by counting': {
    cells: ['let a = 1;', 'const was = a++; const is = ++a;', '[was, is, a]'],
    shows: '[ 1, 3, 3 ]',
  },
  'in the cell that declares it': { cells: ['let a = 0; for (a of [1, 2]) {}', 'a'], shows: '2' },
};

const shared: Readonly<Record<string, Law>> = {
  'a function of a later cell': {
    cells: ['let a = 1;', 'const get = () => a;', 'a = 7;', 'get()'],
    shows: '7',
  },
  'a function of the same cell': {
    cells: ['let a = 1; const get = () => a;', 'a = 7;', 'get()'],
    shows: '7',
  },
  'a function that changes it': {
    cells: ['let a = 1; const more = () => { a++; };', 'a = 7;', 'more();', 'a'],
    shows: '8',
  },
  'a function that changes it by a pattern': {
    cells: ['let [a] = new Set([1]); const more = () => { [a] = [a + 1]; };', 'a = 7;', 'more();', 'a'],
    shows: '8',
  },
  'a function, when it is declared again': {
    cells: ['let a = 1; const get = () => a;', 'let { a } = { a: 8 };', 'get()'],
    shows: '8',
  },
  'a class': {
    cells: ['let a = 3; class Read { static now = () => a; }', 'a = 5;', 'Read.now()'],
    shows: '5',
  },
  'a namespace': {
    cells: ['let a = 3; namespace Read { export const now = () => a; }', 'a = 5;', 'Read.now()'],
    shows: '5',
  },
};

const declarations: Readonly<Record<string, Law>> = {
  'a pattern over what an earlier cell declared': {
    cells: [
      'const o = { p: 1, q: 2 };',
      'const { p: a, q } = o; for (const { p: c } of [o]) { console.log(c); }',
      '[a, q]',
    ],
    shows: '[ 1, 2 ]',
  },
  'patterns with all that belongs to them': {
    cells: ["let { a: { b = 3, ...c } = { d: 1 }, ['e']: f, 4: g } = { e: 2, 4: 5 } as any;", '[b, c, f, g]'],
    shows: '[ 3, { d: 1 }, 2, 5 ]',
  },
  'variables and what they say of their name': {
    cells: ['let f = () => 1, n: number | undefined; n = f(); let g = f.name;', '[n, g]'],
    shows: "[ 1, 'f' ]",
  },
  'a function, over an earlier one': {
    cells: ['function f() { return 1; }', 'const g = () => f();', 'function f() { return 2; }', 'g()'],
    shows: '2',
  },
  'a class, over an earlier one': {
    cells: ['class C { v = 1; }', 'const make = () => new C().v;', 'class C { v = 2; }', 'make()'],
    shows: '2',
  },
  'what an assertion looks at': {
    cells: [
      "import { strict as assert } from 'node:assert'; const source = { read: (n: number) => [n] };",
      'const list = source.read(1); const same = list.map((n) => n); assert.deepEqual(list, same);',
      'type IsAny<T> = 0 extends 1 & T ? true : false; const isAny: IsAny<typeof list> = false; isAny',
    ],
    shows: 'false',
  },
  types: {
    cells: ['type T = { a: number }; interface I { b: string }', "const t: T & I = { a: 1, b: 'x' };", 't'],
    shows: "{ a: 1, b: 'x' }",
  },
  enumerations: {
    cells: ['enum E { A, B = 5 } const enum F { C = 6 }', '[E.A, E[5], F.C]'],
    shows: "[ 0, 'B', 6 ]",
  },
  'a namespace': {
    cells: ['namespace N { export const x = 3; export type T = 3 }', 'const t: N.T = N.x; t'],
    shows: '3',
  },
  'a namespace that belongs to a class': {
    cells: ['class M { a = 1; } namespace M { export const z = 3; }', '[new M().a, M.z]'],
    shows: '[ 1, 3 ]',
  },
  'what is added to a global type': {
    cells: [
      'declare global { interface Date { twice(): number } }\nDate.prototype.twice = function () { return 2 * Number(this); };',
      'new Date(4).twice()',
    ],
    shows: '8',
  },
  'values whose type has no name': {
    cells: [
      "const files = await import('node:fs'); const Hidden = class { private n = 3; get() { return this.n; } };",
      '[typeof files.existsSync, new Hidden().get()]',
    ],
    shows: "[ 'function', 3 ]",
  },
  'a value, over an earlier namespace': {
    cells: ['namespace N { export const x = 3; }', 'const N = { y: 2 };', 'N'],
    shows: '{ y: 2 }',
  },
  'an imported name': { cells: ["import { join as j } from 'path';", "({ j }).j('a', 'b')"], shows: "'a/b'" },
};

const exported: Readonly<Record<string, Law>> = {
  'of an earlier name': { cells: ['let a = 1;', 'export { a };', 'a'], shows: '1' },
  'of an earlier name by another': {
    cells: ['let a = 1;', 'export { a as b };', '[a, b]'],
    shows: '[ 1, 1 ]',
  },
  'of names of its own': {
    cells: ['const a = 1, b = 2;\nexport {\n  a,\n  b as c,\n  a as d,\n};', '[a, b, c, d]'],
    shows: '[ 1, 2, 2, 1 ]',
  },
  'of types': {
    cells: [
      'type T = number; interface I { t: T }\nexport type { T }; export { type I };',
      'const i: I = { t: 1 }; i',
    ],
    shows: '{ t: 1 }',
  },
  'as the default': { cells: ['const a = 1; export { a as default };', 'a'], shows: '1' },
};

for (const untyped of [false, true]) {
  describe(`names of earlier cells${untyped ? ', types unchecked' : ''}`, () => {
    let kernel: TestKernel;
    before(async () => {
      kernel = await TestKernel.start({ untyped });
    });
    after(() => kernel.stop());

    const hold = (title: (what: string) => string, laws: Readonly<Record<string, Law>>) => {
      for (const [what, { cells, shows }] of Object.entries(laws)) {
        it(title(what), async () => {
          let shown: string | undefined;
          for (const cell of cells) {
            // A name forgotten after one cell stays forgotten.
            await kernel.run("'another cell'");
            shown = await kernel.run(cell);
          }
          assert.equal(shown, shows);
        });
      }
    };
    hold((how) => `are assigned ${how}`, assignments);
    hold((reader) => `are one variable for all cells and for ${reader}`, shared);
    hold((what) => `stay: ${what}`, declarations);
    hold((what) => `survive an export ${what}`, exported);

    it('are not a result where a pattern declares them at the end of a cell', async () => {
      assert.equal(await kernel.run('let [first] = [1];'), undefined);
    });
  });
}

describe('a kernel that leaves types unchecked', () => {
  let kernel: TestKernel;
  before(async () => {
    kernel = await TestKernel.start({ untyped: true });
  });
  after(() => kernel.stop());

  it('runs what is right but for its types', async () => {
    assert.equal(await kernel.run("const n: number = 'text'; n"), "'text'");
  });

  it('knows earlier names by types that it has not read', async () => {
    await kernel.run(
      "import { type Dataset, l1 } from 'sparselab';\n" +
        'const kept: Record<string, Dataset | Buffer> = {};\n' +
        'async function name(): Promise<string> { return l1(0.5).name; }',
    );
    assert.equal(await kernel.run('[await name(), Object.keys(kept).length]'), "[ 'L1', 0 ]");
  });

  it('says what cannot be parsed', async () => {
    assert.match((await kernel.fail('const = 1;')).traceback, /Variable declaration expected/);
  });
});
