import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { meanActivationCurves } from 'sparselab';
import { storedBytes, traces } from './support';

/** Two records of three units. */
const history = {
  rows: [
    { epoch: 0, meanActivation: Float32Array.of(0.5, 0.5, 0.5) },
    { epoch: 1, meanActivation: Float32Array.of(0, 0.25, 1) },
  ],
};

describe('meanActivationCurves', () => {
  it('draws a line for each unit, with gaps between them, and their median', () => {
    const [units, median] = traces(meanActivationCurves(history), 'scatter');
    assert.deepEqual(units?.x, [0, 1, null, 0, 1, null, 0, 1, null]);
    assert.deepEqual(units?.y, [0.5, 0, null, 0.5, 0.25, null, 0.5, 1, null]);
    assert.equal(units?.text?.[4], 'unit 1');
    assert.deepEqual(median?.y, [0.5, 0.25]);
  });

  it('draws the target as a dashed line along the whole training', () => {
    const target = traces(meanActivationCurves(history, { target: 0.05 }), 'scatter').at(-1);
    assert.deepEqual([target?.x, target?.y, target?.line?.dash], [[0, 1], [0.05, 0.05], 'dash']);
    assert.equal(target?.name, 'target ρ = 0.05');
  });

  it('leaves out on a logarithmic axis what has no logarithm', () => {
    assert.equal(traces(meanActivationCurves(history, { yScale: 'log' }), 'scatter')[0]?.y[1], null);
  });

  it('stays small whatever the model and the training are', () => {
    const rows = Array.from({ length: 1000 }, (_, epoch) => ({
      epoch,
      meanActivation: new Float32Array(1000).fill(1 / (epoch + 3)),
    }));
    const figure = meanActivationCurves({ rows });
    assert.equal(figure.layout.title?.subtitle?.text, '100 of 1000 units, evenly chosen');
    assert.equal(traces(figure, 'scatter')[1]?.x.at(-1), 999, 'the last record is among those drawn');
    assert.ok(storedBytes(figure) < 200_000, `${storedBytes(figure)}`);
  });

  it('refuses an empty history and options out of their range', () => {
    assert.throws(() => meanActivationCurves({ rows: [] }), {
      message: 'history must hold at least one row; got 0',
    });
    assert.throws(() => meanActivationCurves(history, { count: 0 }), /count must be at least 1; got 0/);
    assert.throws(
      () => meanActivationCurves(history, { target: 0, yScale: 'log' }),
      /target must be above 0; got 0/,
    );
  });
});
