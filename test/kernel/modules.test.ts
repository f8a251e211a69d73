/** Imports of a cell: as its author's tools resolve them, and files that were edited. */
import assert from 'node:assert/strict';
import {
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { TestKernel } from './testKernel';

describe('a cell imports', () => {
  let folder: string;
  let kernel: TestKernel;
  const write = (name: string, text: string) => {
    const path = join(folder, 'notebooks', name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  };
  const shows = async (cells: Readonly<Record<string, string>>) => {
    for (const [code, result] of Object.entries(cells)) assert.equal(await kernel.run(code), result, code);
  };

  before(async () => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'modules-')));
    write('node_modules/late/package.json', '{"name":"late","type":"module","main":"i.js"}');
    write('node_modules/late/i.js', 'export const v = await 5;\n');
    const exported = { './deep': { types: './d.d.ts', import: './d.mjs', require: './d.cjs' } };
    write('node_modules/mapped/package.json', JSON.stringify({ name: 'mapped', exports: exported }));
    write('node_modules/mapped/d.d.ts', 'export declare const deep: number;\n');
    write('node_modules/mapped/d.mjs', 'export const deep = 1;\n');
    write('node_modules/mapped/d.cjs', 'exports.deep = 2;\n');
    write(
      'node_modules/only/package.json',
      '{"name":"only","type":"module","exports":"./i.js","types":"./i.d.ts"}',
    );
    write('node_modules/only/i.js', 'export const e = 6;\nexport default 7;\n');
    write(
      'node_modules/only/i.d.ts',
      'export declare const e: number;\ndeclare const it: number;\nexport default it;\n',
    );
    kernel = await TestKernel.start({ cwd: join(folder, 'notebooks') });
  });
  after(async () => {
    await kernel.stop();
    rmSync(folder, { recursive: true });
  });

  it('packages that are ES modules, await, or have a map of exports', () =>
    shows({
      "import { deep } from 'mapped/deep'; deep": '1',
      "import seven, { e } from 'only'; import * as only from 'only'; [seven, e, only.default]":
        '[ 7, 6, 7 ]',
      "(await import('only')).default": '7',
      "(await import('late')).v": '5',
      "(await import('late' as string)).v": '5',
    }));

  it('files of all kinds, next to and above it, for their effect alone too', async () => {
    write('script.ts', '(globalThis as any).scr = 1;\n');
    write('part.tsx', 'export const el = 1;\n');
    write('part2.jsx', 'export const el = 2;\n');
    write('part3.mts', "import { e } from 'only'; export const el = await Promise.resolve(e);\n");
    write('part4.cjs', 'module.exports = { el: 4 };\n');
    write('part5.ts', "import { el } from './part3.mjs'; export const five = el - 1;\n");
    write('../above.ts', "export const above = 'above';\n");
    write('data.json', '{"n": 2}');
    await shows({
      "import './script'; (globalThis as any).scr": '1',
      "import { el } from './part'; import { el as el2 } from './part2'; [el, el2]": '[ 1, 2 ]',
      "import { el as el3 } from './part3.mts'; el3": '6',
      "import { el as el4 } from './part4.cjs'; el4": '4',
      "import { five } from './part5.ts'; five": '5',
      "import { above } from '../above'; above": "'above'",
      "import data from './data.json' with { type: 'json' }; import { n } from './data.json'; [data, n]":
        '[ { n: 2 }, 2 ]',
    });
  });

  it('by the words of CommonJS, in TypeScript files too', async () => {
    write('old.ts', "import path = require('node:path'); export = { join: path.join('a', 'b') };\n");
    await shows({
      "import old = require('./old'); import fs = require('node:fs'); [old.join, typeof fs.statSync]":
        "[ 'a/b', 'function' ]",
      'old.join + typeof fs.statSync': "'a/bfunction'",
      "import type Fs = require('node:fs'); let stats: Fs.Stats | undefined; stats === undefined": 'true',
      "require.resolve('./old') === require.resolve('./old.ts')": 'true',
    });
  });

  it('what the imports of its own package.json name, and packages that are written in TypeScript next to it', async () => {
    write('package.json', JSON.stringify({ name: 'own', imports: { '#part': './lib/part.ts' } }));
    write('lib/part.ts', 'export const part: number = 1;\n');
    write('../workspace/package.json', '{"name":"workspace","exports":"./index.ts"}');
    write('../workspace/index.ts', 'export const shared: number = 2;\n');
    symlinkSync(join(folder, 'workspace'), join(folder, 'notebooks', 'node_modules', 'workspace'), 'dir');
    const cell = "import { part } from '#part'; import { shared } from 'workspace'; [part, shared]";
    await shows({ [cell]: '[ 1, 2 ]' });
    write('lib/part.ts', 'export const part: number = 10;\n');
    write('../workspace/index.ts', 'export const shared: number = 20;\n');
    await shows({ [cell]: '[ 10, 20 ]' });
    write('lib/part.ts', "export const part: number = 'ten';\n");
    assert.match((await kernel.fail(cell)).evalue, /lib\/part\.ts, line 1/);
  });

  it('edited files again: whatever became of the last import, and what else ran since', async () => {
    const edit = (n: number) => write('b.ts', `export const b = () => 'b${n}'; // edit ${n}\n`);
    const again = "import { b } from './b'; b()";
    edit(1);
    await shows({ [again]: "'b1'", 'const b = 1; b': '1' });
    edit(2);
    await shows({ [again]: "'b2'", "(await import('./b')).b()": "'b2'", '1 + 1': '2' });
    edit(3);
    await shows({ "const m = await import('./b'); m.b()": "'b3'", "require('./b').b()": "'b3'" });

    write('top.ts', "throw new Error('at load');\nexport const y = 1;\n");
    assert.equal((await kernel.fail("import { y } from './top'; y")).evalue, 'at load');
    write('top.ts', 'export const y = 2;\n');
    await shows({ "import { y } from './top'; y": '2' });

    write('helper.ts', "import data from './data.json'; export const n = () => data.n;\n");
    await shows({ "import { n as ofHelper } from './helper'; ofHelper()": '2' });
    write('data.json', '{"n": 30}');
    await shows({ "import { n as ofHelper } from './helper'; ofHelper()": '30' });
    write('data.json', '{"n": ');
    assert.match(
      (await kernel.fail("import { n as ofHelper } from './helper'; ofHelper()")).evalue,
      /data\.json: /,
    );
    write('data.json', '{"n": 40}');
    await shows({ "import { n as ofHelper } from './helper'; ofHelper()": '40' });

    // Written, and then given the time of before, as `cp -p` does.
    write('dated.ts', 'export const d = 1;\n');
    await shows({ "import { d } from './dated'; d": '1' });
    const { atime, mtime } = statSync(join(folder, 'notebooks', 'dated.ts'));
    write('dated.ts', 'export const d = 2;\n');
    utimesSync(join(folder, 'notebooks', 'dated.ts'), atime, mtime);
    await shows({ "import { d } from './dated'; d": '2' });
  });

  it('nothing that is not there, and says where it has looked', async () => {
    const { evalue } = await kernel.fail("import { x } from './nowhere';");
    const where = `It is looked for from ${join(folder, 'notebooks')}`;
    assert.ok(evalue.includes(where), evalue);
    assert.ok((await kernel.fail("import './nowhere'")).evalue.includes(where));
  });
});
