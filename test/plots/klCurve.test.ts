import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { klCurve } from 'sparselab';
import { traces } from './support';

describe('klCurve', () => {
  it('has its bottom, 0, exactly at ρ', () => {
    const [curve] = traces(klCurve(0.2), 'scatter');
    assert.ok(curve);
    assert.equal(Math.min(...curve.y.map(Number)), 0);
    assert.equal(curve.x[curve.y.indexOf(0)], 0.2);
  });

  it('draws one curve per target, in their order', () => {
    const names = traces(klCurve([0.05, 0.5]), 'scatter').map(({ name }) => name);
    assert.deepEqual(names, ['ρ = 0.05', 'ρ = 0.5']);
  });

  it('puts each unit on the curve of the first ρ, at its mean', () => {
    const dots = traces(klCurve([0.2, 0.5], { means: { trained: [0.5, 0.2] } }), 'scatter').at(-1);
    assert.equal(dots?.name, 'trained');
    assert.deepEqual(dots?.x, [0.5, 0.2]);
    // 0.2 log(0.2/0.5) + 0.8 log(0.8/0.5) = 0.1927, and nothing on target
    assert.deepEqual(dots?.y, [0.1927, 0]);
  });

  it('draws dead and always-on units at the ends of the curve, where the divergence is finite', () => {
    const dots = traces(klCurve(0.2, { means: Float32Array.of(0, 1) }), 'scatter').at(-1);
    assert.deepEqual(dots?.x, [0.001, 0.99]);
    assert.ok(dots?.y.every(Number.isFinite));
  });

  it('shows an axis of ratios if asked', () => {
    assert.equal(klCurve(0.05, { xScale: 'log' }).layout.xaxis?.type, 'log');
  });

  it('has its top where it is told, whatever ρ and the units are', () => {
    for (const [rho, means] of [
      [0.01, [0.5]],
      [0.5, [0.01, 0.99]],
    ] as const) {
      assert.deepEqual(klCurve(rho, { top: 2, means }).layout.yaxis?.range, [-0.1, 2]);
      assert.deepEqual(klCurve(rho, { top: 2 }).layout.yaxis?.range, [-0.1, 2]);
    }
    assert.throws(() => klCurve(0.1, { top: 0 }), /top must be above 0; got 0$/);
  });

  it('refuses targets outside (0, 1), means outside [0, 1], and no target', () => {
    assert.throws(() => klCurve([0.1, 1]), /targets\[1\] must be in \(0, 1\); got 1$/);
    assert.throws(() => klCurve([]), /targets must hold at least one ρ; got none$/);
    assert.throws(() => klCurve(0.1, { means: [0.5, 1.5] }), /means\[1\] must be in \[0, 1\]; got 1\.5$/);
  });
});
