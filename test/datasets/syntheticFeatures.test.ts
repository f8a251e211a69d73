import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { featureTrees, SyntheticFeatures, syntheticFeatures, synthSaeBench, zipf } from 'sparselab';
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

  /** How often a feature is active, among the rows where all of `given` are. */
  function share(data: SyntheticFeatures, wanted: number, ...given: number[]): number {
    const active = (row: number, index: number) =>
      (data.activations[row * data.features + index] as number) > 0;
    const rows = Array.from({ length: data.count }, (_, row) => row).filter((row) =>
      given.every((index) => active(row, index)),
    );
    return rows.filter((row) => active(row, wanted)).length / rows.length;
  }

  it('activates a child only with its parent, then with its own probability', () => {
    const parents = [null, 0, 1];
    const data = syntheticFeatures({
      ...{ count: 20_000, seed: 4, features: 3, dim: 3, parents },
      activeProbability: [0.5, 0.4, 0.5],
    });
    // Four standard errors of 20,000 rows are at most 0.0141, of the 4,000 with the grandchild's parent 0.032.
    close(share(data, 0), 0.5, 0.0141);
    close(share(data, 1), 0.5 * 0.4, 0.0141);
    close(share(data, 2, 1), 0.5, 0.032);
    assert.equal(share(data, 0, 1), 1);
    assert.equal(share(data, 1, 2), 1);
  });

  it('lets at most one of an exclusive group be active, each as often', () => {
    const data = syntheticFeatures({
      ...{ count: 20_000, seed: 5, features: 3, dim: 3, parents: [null, 0, 0] },
      ...{ activeProbability: [1, 0.5, 0.5], exclusive: 'siblings' },
    });
    assert.equal(share(data, 1, 2), 0);
    // Alone in 1/4 of the rows, and in half of the 1/4 where both would be.
    for (const child of [1, 2]) close(share(data, child), 0.25 + 0.25 / 2, 0.0141);
  });

  it('correlates features by a Gaussian copula: with r = 1/2 and p = 1/2 both are active in 1/4 + arcsin(r)/2π = 1/3', () => {
    const correlation = [
      [1, 0.5],
      [0.5, 1],
    ];
    const data = syntheticFeatures({
      ...{ count: 20_000, seed: 6, features: 2, dim: 2, activeProbability: 0.5, correlation },
    });
    close(share(data, 0), 0.5, 0.0141);
    close(share(data, 1) * share(data, 0, 1), 1 / 3, 4 * Math.sqrt((1 / 3) * (2 / 3) * (1 / 20_000)));
  });

  it('keeps the probabilities where factors of low rank correlate the features', () => {
    const correlation = { rank: 3, scale: 0.4 };
    const activeProbability = [0.5, 0.2, 0.1, 0.02];
    const data = syntheticFeatures({
      count: 20_000,
      seed: 7,
      features: 4,
      dim: 4,
      activeProbability,
      correlation,
    });
    for (const [index, p] of activeProbability.entries()) {
      close(share(data, index), p, 4 * Math.sqrt((p * (1 - p)) / 20_000));
    }
    assert.ok(Math.abs(share(data, 0, 1) - 0.5) > 0.05, 'nothing is correlated');
  });

  it('adds a bias of the given length and noise of the given spread', () => {
    const still = { count: 4000, seed: 8, features: 2, dim: 5, activeProbability: 0 };
    const values = syntheticFeatures({ ...still, bias: 3 }).values as Float32Array;
    close(Math.hypot(...values.subarray(0, 5)), 3);
    assert.deepEqual(values.subarray(5, 10), values.subarray(0, 5));
    assert.deepEqual(
      syntheticFeatures({ ...still, bias: [1, 2, 3, 4, 5] }).values.slice(0, 5),
      Float32Array.of(1, 2, 3, 4, 5),
    );
    const noisy = syntheticFeatures({ ...still, noise: 0.5 }).values as Float32Array;
    const variance = noisy.reduce((sum, value) => sum + value ** 2, 0) / noisy.length;
    // The variance of 20,000 squares: four standard errors are 4 · √(2/20000) = 4 %.
    close(variance, 0.25, 0.01);
  });

  it('takes the features themselves, brought to length 1', () => {
    const dictionary = [
      [3, 4],
      [0, -2],
    ];
    const data = syntheticFeatures({ count: 1, seed: 0, dictionary });
    assert.deepEqual(data.dictionary, Float32Array.of(0.6, 0.8, 0, -1));
    assert.deepEqual([data.features, data.dim], [2, 2]);
  });

  it('spreads more features than dimensions to the least sum of squared cosines, n²/d', () => {
    const sum = (options: object) => {
      const data = syntheticFeatures({ count: 1, seed: 1, features: 20, dim: 8, ...options });
      const all = Array.from({ length: 20 }, (_, index) => feature(data, index));
      return all.flatMap((a) => all.map((b) => dot(a, b) ** 2)).reduce((total, square) => total + square, 0);
    };
    close(sum({ spread: true }), 20 ** 2 / 8, 1e-3);
    assert.ok(sum({}) > 1.2 * (20 ** 2 / 8), 'random features already are spread');
  });

  it('gives the same bits on every machine and engine', () => {
    const data = syntheticFeatures({ count: 100, seed: 3, ...small, noise: 0.1 });
    // Printed by this test when it was written; no other program draws these numbers.
    assert.equal(createHash('sha256').update(data.values).digest('hex').slice(0, 16), '9a2a45b58a380b7e');
  });

  it('builds a small SynthSAEBench: 1,024 features in 8 trees of 85, exclusive siblings', () => {
    const options = synthSaeBench({ features: 1024, dim: 16 });
    assert.equal(options.parents?.filter((parent) => parent !== null).length, 8 * (4 + 16 + 64));
    const probabilities = options.activeProbability as number[];
    close(probabilities[0] as number, 0.4);
    close(probabilities[1023] as number, 5e-4);
    // The first child of the first root, in rows with its root, before its three sisters take rows away from it.
    const [root = 0, ...children] = [0, 8, 9, 10, 11].map((rank) => zipf(1024)[rank] as number);
    const [first = 0, ...sisters] = children;
    const competing = sisters.reduce((sum, p) => sum + p, 0) / root;
    close(probabilities[8] as number, (first / root) * (1 + competing));
    assert.deepEqual([(options.magnitude as number[])[0], (options.magnitude as number[])[1023]], [5, 4]);
    const data = syntheticFeatures({ count: 50, ...options });
    for (let row = 0; row < data.count; row++) {
      const code = data.activations.subarray(row * 1024, (row + 1) * 1024);
      const active = data.parents.flatMap((parent, index) =>
        parent !== null && code[index] ? [parent] : [],
      );
      assert.equal(new Set(active).size, active.length, 'two siblings are active');
      assert.ok(active.every((parent) => (code[parent] as number) > 0));
    }
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
      /one number or one per feature, 16; got 2$/,
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
      /^TypeError: syntheticFeatures has no option 'feature'; did you mean 'features'\? It has count, seed, features, /,
    );
  });

  for (const [what, options, message] of refusals) {
    it(`refuses ${what}`, () => assert.throws(() => syntheticFeatures(options), message));
  }
});

describe('zipf', () => {
  it('falls as the power of the rank: r⁻¹ is 1, 1/2, 1/3, here from 0.5 to 0.1', () => {
    const steps = zipf(3, { exponent: 1, max: 0.5, min: 0.1 });
    [0.5, 0.1 + (0.4 * (1 / 2 - 1 / 3)) / (1 - 1 / 3), 0.1].forEach((p, index) => {
      close(steps[index] as number, p);
    });
  });

  it('refuses what is not a probability', () => {
    assert.throws(() => zipf(3, { max: 1.5 }), /^RangeError: max must be in \[0, 1\]; got 1.5$/);
    assert.throws(() => zipf(3, { min: 0.5 }), /^RangeError: min must be in \[0, 0.4\]; got 0.5$/);
  });
});

describe('featureTrees', () => {
  it('numbers the trees level by level, and leaves the rest alone', () => {
    assert.deepEqual(featureTrees(8, { roots: 1, branching: 2, depth: 2 }), [null, 0, 0, 1, 1, 2, 2, null]);
  });

  it('refuses trees that are larger than the forest', () => {
    const trees = { roots: 2, branching: 3, depth: 2 };
    assert.throws(
      () => featureTrees(25, trees),
      /^RangeError: features must be at least as many as 2 trees .* got 25$/,
    );
  });
});

/** A little of everything. */
const small = {
  ...{
    features: 6,
    dim: 4,
    activeProbability: zipf(6),
    magnitude: [5, 4, 3, 3, 2, 1],
    bias: 0.5,
    spread: true,
  },
  ...{ correlation: { rank: 2, scale: 0.3 }, parents: [null, 0, 0, null, 3, 3], exclusive: [[1, 2]] },
};

describe('a stream of synthetic features', () => {
  const truth = syntheticFeatures({ count: 10, seed: 1, ...small });

  it('makes a row from its number alone', () => {
    const stream = truth.stream(1000);
    const alone = Array.from([7, 3, 7, 999], (index) => [...truth.stream(5).gather([index])]);
    assert.deepEqual([...stream.gather([7, 3, 7, 999])], alone.flat());
  });

  it('has none of the stored rows', () => {
    const rows = (values: Float32Array | Uint8Array) =>
      Array.from({ length: 10 }, (_, row) => values.subarray(4 * row, 4 * row + 4).join());
    const stored = new Set(rows(truth.values));
    // A row without an active feature is the bias alone.
    stored.delete(syntheticFeatures({ count: 1, seed: 1, ...small, activeProbability: 0 }).values.join());
    assert.ok(rows(truth.stream(10).take(10).values).every((row) => !stored.has(row)));
  });

  it('refuses a data set that nothing can make more of', () => {
    const own = new SyntheticFeatures({
      ...{ name: 'own', values: new Float32Array(2), count: 1, dim: 2, features: 1 },
      ...{ dictionary: Float32Array.of(1, 0), activations: Float32Array.of(0) },
    });
    assert.throws(() => own.stream(5), /^Error: own must be made by syntheticFeatures to have more rows$/);
    assert.throws(() => truth.stream(0), /^RangeError: count must be in \[1, 2147483647\]; got 0$/);
  });
});

describe('impossible truths', () => {
  const three = { count: 1, seed: 0, features: 3, dim: 3 };
  const impossible: [string, object, RegExp][] = [
    ['a circle of parents', { parents: [1, 2, 0] }, /parents must have no circle; got 0 → 1 → 2 → 0$/],
    ['a feature that is its own parent', { parents: [null, 1, null] }, /no circle; got 1 → 1$/],
    [
      'a parent that is not a feature',
      { parents: [null, 3, null] },
      /parents\[1\] must be in \[0, 2\]; got 3$/,
    ],
    ['too few parents', { parents: [null] }, /parents must be one per feature, 3; got 1$/],
    ['siblings of nobody', { exclusive: 'siblings' }, /where there are no parents; got 'siblings'$/],
    [
      'a group with a feature and its parent',
      { parents: [null, 0, null], exclusive: [[0, 1]] },
      /exclusive\[0\] must not hold a feature and its ancestor, which are active together; got 1 and 0$/,
    ],
    [
      'a group with a feature and its grandparent',
      { parents: [null, 0, 1], exclusive: [[2, 0]] },
      /a feature and its ancestor, which are active together; got 2 and 0$/,
    ],
    [
      'groups that share a feature',
      {
        exclusive: [
          [0, 1],
          [1, 2],
        ],
      },
      /exclusive\[1\] must share no feature with exclusive\[0\]; got feature 1 in both$/,
    ],
    [
      'a group across levels',
      { parents: [null, 0, null], exclusive: [[1, 2]] },
      /equally many ancestors; got feature 1 with 1 and feature 2 with 0$/,
    ],
    ['a group of one', { exclusive: [[1]] }, /exclusive\[0\] must hold at least two features; got \[1\]$/],
    [
      'a probability that is negative',
      { activeProbability: [0.1, -0.1, 0] },
      /activeProbability must be in \[0, 1\]; got -0.1$/,
    ],
    [
      'correlations that contradict each other',
      {
        correlation: [
          [1, 0.9, -0.9],
          [0.9, 1, 0.9],
          [-0.9, 0.9, 1],
        ],
      },
      /correlation must be positive semidefinite/,
    ],
    [
      'a correlation that is not symmetric',
      {
        correlation: [
          [1, 0.5, 0],
          [0.4, 1, 0],
          [0, 0, 1],
        ],
      },
      /correlation must be symmetric; got 0.5 at \[0\]\[1\], 0.4 at \[1\]\[0\]$/,
    ],
    [
      'factors longer than 1',
      { correlation: { rank: 4, scale: 0.5 } },
      /correlation.scale must be in \(0, 0.5\); got 0.5$/,
    ],
    ['a bias of another width', { bias: [1, 2] }, /bias must have dim = 3 numbers; got 2$/],
    [
      'a feature without a direction',
      {
        dictionary: [
          [0, 0, 0],
          [1, 0, 0],
          [0, 1, 0],
        ],
      },
      /dictionary\[0\] must have a direction; got zeros$/,
    ],
    [
      'a dictionary of another size',
      { dictionary: [[1, 0, 0]] },
      /dictionary must hold 3 rows of 3 numbers; got 1 of 3$/,
    ],
    [
      'spread features that are orthogonal',
      { orthogonal: true, spread: true },
      /spread must be false where features are orthogonal/,
    ],
    ['negative noise', { noise: -1 }, /noise must be at least 0; got -1$/],
  ];
  for (const [what, options, message] of impossible) {
    it(`refuses ${what}`, () => assert.throws(() => syntheticFeatures({ ...three, ...options }), message));
  }
});
