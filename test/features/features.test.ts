import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  maxActivatingInputs,
  SparseAutoencoder,
  tf,
  topActivating,
  unitActivations,
  unitSimilarity,
  unitStatistics,
} from 'sparselab';
import { close } from '../support/numbers';

/** Three units on three examples: unit 0 is dead, unit 1 always on. */
const h = tf.tensor2d([
  [0, 2, 1],
  [0, 4, 0],
  [0, 3, 1],
]);

describe('unitActivations', () => {
  it('is a column of the code', () => {
    assert.deepEqual(unitActivations(h, 1), { values: Float32Array.of(2, 4, 3), shape: [3, 1] });
  });

  it('refuses a unit that there is not', () => {
    assert.throws(() => unitActivations(h, 3), { message: 'unit must be in [0, 2]; got 3' });
    assert.throws(() => unitActivations(h, -1), { message: 'unit must be in [0, 2]; got -1' });
  });
});

describe('topActivating', () => {
  it('lists the strongest first, the earlier of equals before the later', () => {
    assert.deepEqual(topActivating(h, 1, 2), [
      { row: 1, activation: 4 },
      { row: 2, activation: 3 },
    ]);
    assert.deepEqual(
      topActivating(h, 2).map(({ row }) => row),
      [0, 2, 1],
    );
  });

  it('never leaves out an example stronger than one it lists', () => {
    const column = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 1 });
    fc.assert(
      fc.property(column, fc.integer({ min: 1, max: 20 }), (activations, count) => {
        const code = { values: Float32Array.from(activations), shape: [activations.length, 1] as const };
        const top = topActivating(code, 0, count);
        const listed = new Set(top.map(({ row }) => row));
        const weakest = top.at(-1)?.activation as number;
        assert.equal(top.length, Math.min(count, activations.length));
        for (const [row, value] of code.values.entries()) assert.ok(listed.has(row) || value <= weakest);
      }),
    );
  });

  it('refuses a count below 1', () => {
    assert.throws(() => topActivating(h, 0, 0), { message: 'count must be at least 1; got 0' });
  });
});

describe('unitStatistics', () => {
  it('tells the dead and the always-on units', () => {
    assert.deepEqual(unitStatistics(h), [
      { unit: 0, mean: 0, max: 0, activationFrequency: 0 },
      { unit: 1, mean: (2 + 4 + 3) / 3, max: 4, activationFrequency: 1 },
      { unit: 2, mean: (1 + 0 + 1) / 3, max: 1, activationFrequency: 2 / 3 },
    ]);
  });

  it('counts as active what is above the threshold', () => {
    assert.equal(unitStatistics(h, 2.5)[1]?.activationFrequency, 2 / 3);
    assert.throws(() => unitStatistics(h, -1), { message: 'threshold must be at least 0; got -1' });
  });
});

describe('unitSimilarity', () => {
  it('is the cosine between each pair of rows', () => {
    const { values, shape } = unitSimilarity(
      tf.tensor2d([
        [1, 0],
        [1, 1],
        [0, -2],
      ]),
    );
    assert.deepEqual(shape, [3, 3]);
    const diagonal = Math.SQRT1_2;
    [1, diagonal, 0, diagonal, 1, -diagonal, 0, -diagonal, 1].forEach((expected, i) => {
      close(values[i] as number, expected);
    });
  });

  it('does not depend on the length of the weights, and is 0 for a unit without any', () => {
    const { values } = unitSimilarity({ values: Float32Array.of(1e-3, 0, 500, 0, 0, 0), shape: [3, 2] });
    close(values[1] as number, 1);
    assert.equal(values[8], 0);
  });
});

describe('maxActivatingInputs', () => {
  const model = new SparseAutoencoder({ inputDim: 6, hiddenDim: 3, seed: 2 });
  const inputs = maxActivatingInputs(model);

  it('gives each unit an input of length 1 along its weights', () => {
    assert.deepEqual(inputs.shape, [3, 6]);
    for (let unit = 0; unit < 3; unit++) {
      const row = inputs.values.subarray(unit * 6, (unit + 1) * 6);
      close(Math.hypot(...row), 1);
    }
    const { values, shape } = model.encoderWeights;
    close(
      (inputs.values[0] as number) / (inputs.values[1] as number),
      (values[0] as number) / (values[shape[1]] as number),
    );
  });

  it('excites each unit more than any other input of length 1', () => {
    const best = model.forward(inputs).preActivation.values;
    const direction = fc
      .array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 6, maxLength: 6 })
      .filter((x) => Math.hypot(...x) > 0.01);
    fc.assert(
      fc.property(direction, (x) => {
        const values = Float32Array.from(x, (value) => value / Math.hypot(...x));
        const other = model.forward({ values, shape: [1, 6] }).preActivation.values;
        for (let unit = 0; unit < 3; unit++) {
          assert.ok((other[unit] as number) <= (best[unit * 3 + unit] as number) + 1e-6);
        }
      }),
    );
  });
});
