import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loadTypeScript } from 'sparselab/dist/kernel/node/typescript';
import { LOOK, loopLooks } from 'sparselab/dist/kernel/web/loopLooks';

const ts = loadTypeScript();

/** The result of the body of a function; with `look`, its loops call that. */
function result(body: string, look?: (turns: number) => number): unknown {
  const { outputText } = ts.transpileModule(body, {
    compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext },
    ...(look && { transformers: { before: [loopLooks.transformer(ts, (name) => name)] } }),
  });
  return new Function(LOOK, outputText)(look);
}

/** Each returns what its loops have computed. */
const BODIES = [
  'let s = 0; for (let i = 0; i < 10000; i++) s += i; return s;',
  'let i = 0; for (;;) if (++i > 9000) break; return i;',
  'let i = 0; while (i < 9000) { i++; if (i % 2) continue; } return i;',
  'let i = 0; do i++; while (i < 100); return i;',
  'let s = 0; for (let i = 0, k = 8192; i < k; i++, k--) s += k - i; return s;',
  'for (let i = 0; i < 8192; i++); return 1;',
  'for (var i = 0; i < 4096; i++); return i;',
  'const f = []; for (let i = 0; i < 3; i++) f.push(() => i); return f.map((each) => each());',
  'let s = 0; for (const x of [1, 2, 3]) for (let i = 0; i < x; i++) s += x; return s;',
  'let s = 0; a: for (let i = 0; i < 9; i++) for (let k = 0; k < 9; k++) { if (k > i) continue a; if (i > 6) break a; s++; } return s;',
  'let s = ""; for (const key in { x: 1, y: 2 }) s += key; return s;',
  'let s = 0; for (let i = 0; i < 5000; i++) s += Math.sqrt(i); return s;',
  'for (let i = 0; i < 9000; i++) if (i === 8500) return i;',
];

describe('a loop of a cell in a browser', () => {
  for (const body of BODIES) {
    it(`computes with looks what it computes without: ${body}`, () => {
      assert.deepEqual(
        result(body, (turns) => Math.max(1, turns)),
        result(body),
      );
    });
  }

  it('looks once in 4096 turns if it calls nothing, and as often as it is told if it does', () => {
    let looks = 0;
    const count = () => {
      looks++;
      return 8;
    };
    result('for (let i = 0; i < 4096 * 3; i++);', count);
    assert.equal(looks, 3);
    looks = 0;
    result('const f = () => 0; for (let i = 0; i < 17 + 9 * 5; i++) f();', count);
    // After the first 16 turns in the 17th, then in each 9th.
    assert.equal(looks, 6);
  });

  it('is left when a look throws, in whichever it stands, and its finally runs', () => {
    const stop = () => {
      throw new Error('stop');
    };
    const seen: string[] = [];
    Object.assign(globalThis, { seen });
    assert.throws(
      () => result('try { for (;;) { for (;;) {} } } finally { seen.push("finally"); }', stop),
      /^Error: stop$/,
    );
    assert.deepEqual(seen, ['finally']);
  });
});
