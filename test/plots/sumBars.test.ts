import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sumBars } from 'sparselab';

describe('sumBars', () => {
  it('begins each bar where the one above it ends; the last is the sum', () => {
    const figure = sumBars({ bias: 0.5, 'unit 3': 0.25, 'unit 1': -0.125 }, { total: 'similarity' });
    const [bars] = figure.data;
    assert.ok(bars?.type === 'bar' && bars.orientation === 'h');
    assert.deepEqual(bars.base, [0, 0.5, 0.75, 0]);
    assert.deepEqual(bars.x, [0.5, 0.25, -0.125, 0.625]); // 0.5 + 0.25 − 0.125
    assert.deepEqual(bars.text, ['0.50', '0.25', '−0.13', '0.63']);
    const [small] = sumBars({ up: 0.5, down: -0.001 }).data;
    assert.ok(small?.type === 'bar');
    assert.deepEqual(small.text, ['0.50', '0.00', '0.50']); // No sign for what rounds to 0.
    assert.deepEqual(figure.layout.yaxis?.ticktext, ['bias', 'unit 3', 'unit 1', 'similarity']);
    assert.equal(String(figure), 'Figure: Parts of a sum – 3 parts add up to 0.625');
  });

  it('refuses nothing, and what is not finite', () => {
    assert.throws(() => sumBars({}), /parts must hold at least one number; got 0/);
    assert.throws(() => sumBars({ a: Number.NaN }), /parts must be finite|parts/);
    assert.throws(() => sumBars(7 as never), /parts must be numbers by name; got 7/);
  });
});
