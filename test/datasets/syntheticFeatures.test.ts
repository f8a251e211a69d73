import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { SyntheticFeatures, syntheticFeatures } from 'sparselab';
import { close } from '../support/numbers';

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, index) => sum + value * (b[index] as number), 0);
}

function feature(data: SyntheticFeatures, index: number): Float32Array {
  return data.dictionary.subarray(index * data.dim, (index + 1) * data.dim);
}

const sizes = fc.record({
  seed: fc.nat(),
  features: fc.integer({ min: 1, max: 12 }),
  dim: fc.integer({ min: 1, max: 12 }),
});

describe('syntheticFeatures', () => {
  it('has a dictionary of unit rows, at right angles to each other if there is room', () => {
    fc.assert(
      fc.property(sizes, (size) => {
        const data = syntheticFeatures({ ...size, count: 1 });
        for (let a = 0; a < data.features; a++) {
          close(dot(feature(data, a), feature(data, a)), 1);
          if (size.features > size.dim) continue;
          for (let b = 0; b < a; b++) close(dot(feature(data, a), feature(data, b)), 0);
        }
      }),
    );
  });

  it('makes each row the sum of its active features: x = a · D', () => {
    fc.assert(
      fc.property(sizes, (size) => {
        const data = syntheticFeatures({ ...size, count: 3 });
        for (let row = 0; row < 3; row++) {
          for (let column = 0; column < data.dim; column++) {
            let expected = 0;
            for (let index = 0; index < data.features; index++) {
              expected +=
                (data.activations[row * data.features + index] as number) *
                (feature(data, index)[column] as number);
            }
            close(data.values[row * data.dim + column] as number, expected);
          }
        }
      }),
    );
  });

  it('has 16 × 0.25 = 4 active features per row, of strength 1 ± 0.05', () => {
    const data = syntheticFeatures({ count: 20_000, seed: 1 });
    const active = data.activations.filter((strength) => strength > 0);
    const mean = active.reduce((sum, strength) => sum + strength, 0) / active.length;
    const variance = active.reduce((sum, strength) => sum + (strength - mean) ** 2, 0) / active.length;
    // Four standard errors: √(16 · 0.25 · 0.75 / 20000) = 0.0122.
    assert.ok(Math.abs(active.length / data.count - 16 * 0.25) < 4 * 0.0122);
    close(mean, 1, 4 * (0.05 / Math.sqrt(active.length)));
    close(Math.sqrt(variance), 0.05, 1e-3);
  });

  it('takes a probability for each feature', () => {
    const data = syntheticFeatures({ count: 50, seed: 1, features: 3, dim: 3, activeProbability: [0, 1, 0] });
    assert.ok(data.activations.every((strength, position) => strength > 0 === (position % 3 === 1)));
  });

  it('activates features independently: two with p = 1/2 are both active in a quarter of the rows', () => {
    const data = syntheticFeatures({ count: 20_000, seed: 3, features: 2, dim: 2, activeProbability: 0.5 });
    let both = 0;
    for (let row = 0; row < data.count; row++) {
      if ((data.activations[2 * row] as number) > 0 && (data.activations[2 * row + 1] as number) > 0) both++;
    }
    // Four standard errors: √(0.25 · 0.75 / 20000) = 0.0031.
    close(both / data.count, 0.5 * 0.5, 4 * 0.0031);
  });

  it('gives the same first rows whatever the count', () => {
    const few = syntheticFeatures({ count: 5, seed: 9 });
    const many = syntheticFeatures({ count: 50, seed: 9 });
    assert.deepEqual(many.take(5).values, few.values);
    assert.deepEqual(many.dictionary, few.dictionary);
  });

  it('keeps the truth next to the rows in every part of it', () => {
    const data = syntheticFeatures({ count: 10, seed: 0 });
    const rowOf = (part: SyntheticFeatures, row: number) =>
      part.activations.subarray(row * part.features, (row + 1) * part.features);
    assert.deepEqual(rowOf(data.take(4), 3), rowOf(data, 3));
    assert.deepEqual(rowOf(data.slice(2, 6), 0), rowOf(data, 2));
    assert.deepEqual(rowOf(data.select([7, 1]), 0), rowOf(data, 7));
    assert.ok(data.select([7, 1]) instanceof SyntheticFeatures);
  });

  const refusals: [string, Parameters<typeof syntheticFeatures>[0], RegExp][] = [
    ['no row', { count: 0, seed: 0 }, /^RangeError: count must be at least 1; got 0$/],
    [
      'a probability above 1',
      { count: 1, seed: 0, activeProbability: 1.5 },
      /activeProbability must be in \[0, 1\]; got 1.5$/,
    ],
    [
      'two probabilities for 16 features',
      { count: 1, seed: 0, activeProbability: [0, 1] },
      /one number or one a feature, 16; got 2$/,
    ],
    [
      'a negative spread',
      { count: 1, seed: 0, magnitudeStd: -1 },
      /magnitudeStd must be at least 0; got -1$/,
    ],
    [
      'more orthogonal features than dimensions',
      { count: 1, seed: 0, features: 33, orthogonal: true },
      /features must be at most dim = 32 to be orthogonal; got 33$/,
    ],
    ['an invalid seed', { count: 1, seed: -1 }, /seed must be at least 0; got -1$/],
  ];
  it('refuses an option that there is not, by its name', () => {
    // As plain JavaScript, or an object from elsewhere, would hand it in.
    const misspelt: object = { count: 1, seed: 0, feature: 8 };
    assert.throws(
      () => syntheticFeatures(misspelt as Parameters<typeof syntheticFeatures>[0]),
      /^TypeError: syntheticFeatures has no option 'feature'; it has count, seed, features, /,
    );
  });

  for (const [what, options, message] of refusals) {
    it(`refuses ${what}`, () => assert.throws(() => syntheticFeatures(options), message));
  }
});
