import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import { type Table, table } from 'sparselab';

function html(shown: Table): string {
  const display = shown[Symbol.for('Jupyter.display') as keyof Table] as unknown as () => Record<
    string,
    string
  >;
  return display.call(shown)['text/html'] ?? '';
}

describe('table', () => {
  it('aligns its columns, with two blanks or more between them', () => {
    assert.equal(
      String(
        table([
          { a: 1, long: 2 },
          { a: 333, long: 4 },
        ]),
      ),
      '  a  long\n  1     2\n333     4',
    );
  });

  it('shows a short number as it is, and a long one to three digits with its zeros', () => {
    const [, cells] = String(
      table([{ a: 0.001, b: 0.0100035, c: 12.38, d: 1234567.8, e: -3, f: 1e-9 }]),
    ).split('\n');
    assert.equal(cells?.trim().split(/ {2,}/).join(' | '), '0.001 | 0.0100 | 12.4 | 1234568 | -3 | 1e-9');
  });

  it('rounds to as many digits as it is told', () => {
    assert.match(String(table([{ pi: Math.PI }], { digits: 5 })), /3\.1416/);
    assert.throws(() => table([], { digits: 0 }), /digits must be in \[1, 15\]; got 0/);
  });

  it('has every column that a row names, and a dash where a row has no value', () => {
    const shown = table([{ a: 1 }, { b: 'x', a: Number.NaN }]);
    assert.deepEqual(shown.columns, ['a', 'b']);
    assert.equal(String(shown), 'a  b\n1  –\n–  x');
  });

  it('puts texts at the left of their column and numbers at the right', () => {
    const shown = table([
      { unit: 7, words: 'rain snow' },
      { unit: 12, words: 'oak' },
    ]);
    assert.equal(String(shown), ['unit  words', '   7  rain snow', '  12  oak'].join('\n'));
  });

  it('shows a text of several lines below one another', () => {
    const shown = table([
      { error: 'one\n  two', n: 1 },
      { error: 'a longer one', n: 22 },
    ]);
    assert.equal(
      String(shown),
      ['error          n', 'one            1', '  two', 'a longer one  22'].join('\n'),
    );
    assert.match(html(shown), /<td style="text-align: left">one<br> {2}two<\/td><td>1<\/td>/);
  });

  it('is text where nothing richer can be shown, and never markup of its contents', () => {
    assert.equal(inspect(table([{ a: 1 }])), 'a\n1');
    assert.match(html(table([{ '<a>': '1 & 2' }])), /<th [^>]*>&lt;a&gt;<\/th>.*<td [^>]*>1 &amp; 2<\/td>/);
  });

  it('keeps the numbers themselves', () => {
    assert.deepEqual(table([{ a: 0.123456 }]).rows, [{ a: 0.123456 }]);
  });
});
