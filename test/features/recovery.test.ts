import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  absorption,
  hedging,
  type Matrix,
  Random,
  recovery,
  SparseAutoencoder,
  SyntheticFeatures,
  stability,
  syntheticFeatures,
} from 'sparselab';
import { close } from '../support/numbers';

const matrix = (rows: readonly (readonly number[])[]): Matrix => ({
  values: Float32Array.from(rows.flat()),
  shape: [rows.length, rows[0]?.length ?? 0],
});

const turned = (rows: readonly (readonly number[])[]) =>
  (rows[0] ?? []).map((_, column) => rows.map((row) => row[column] as number));

/** A relu autoencoder: one encoder and one decoder row per unit. */
function autoencoder(
  encoder: readonly (readonly number[])[],
  decoder: readonly (readonly number[])[] = encoder,
  bias: readonly number[] = encoder.map(() => 0),
): SparseAutoencoder {
  const [hiddenDim, inputDim] = [encoder.length, encoder[0]?.length ?? 0];
  const model = new SparseAutoencoder({ inputDim, hiddenDim });
  model.setParameters({
    encoderWeights: matrix(turned(encoder)),
    encoderBias: { values: Float32Array.from(bias), shape: [hiddenDim] },
    decoderWeights: matrix(decoder),
    decoderBias: { values: new Float32Array(inputDim), shape: [inputDim] },
  });
  return model;
}

/** Rows that are given by their codes, of features along the axes. */
function given(codes: readonly (readonly number[])[], parents?: (number | null)[]): SyntheticFeatures {
  const features = codes[0]?.length ?? 0;
  return new SyntheticFeatures({
    ...{ name: 'given', values: matrix(codes).values, activations: matrix(codes).values, features },
    ...{ count: codes.length, dim: features, dictionary: matrix(axes(features)).values },
    ...(parents && { parents }),
  });
}

const axes = (size: number) =>
  Array.from({ length: size }, (_, i) => Array.from({ length: size }, (__, j) => (i === j ? 1 : 0)));

describe('recovery', () => {
  const truth = syntheticFeatures({ count: 500, seed: 1, dictionary: axes(4) });

  it('is perfect for the true dictionary', () => {
    const { matching, units, l0, trueL0, ...numbers } = recovery(autoencoder(axes(4)), truth);
    assert.deepEqual(numbers, {
      ...{ mcc: 1, uniqueness: 1, precision: 1, recall: 1, f1: 1, shrinkage: 1, r2: 1, dead: 0 },
    });
    close(l0, trueL0, 1e-12);
    assert.deepEqual(
      matching.map(({ unit, feature }) => [unit, feature]),
      [0, 1, 2, 3].map((unit) => [unit, unit]),
    );
    assert.equal(units.length, 4);
  });

  it('depends on neither the order nor the scale of units, and MCC not on their sign', () => {
    const form = fc.tuple(
      fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 }),
      fc.array(fc.constantFrom(0.25, 0.5, 2, 4), { minLength: 4, maxLength: 4 }),
      fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
    );
    fc.assert(
      fc.property(form, ([order, scales, flips]) => {
        const rows = (factor: (unit: number) => number) =>
          order.map((feature, unit) => axes(4)[feature]?.map((value) => value * factor(unit)) as number[]);
        const scaled = autoencoder(
          rows((unit) => 1 / (scales[unit] as number)),
          rows((unit) => scales[unit] as number),
        );
        const { mcc, f1, shrinkage, r2, matching } = recovery(scaled, truth);
        assert.deepEqual({ mcc, f1, shrinkage, r2 }, { mcc: 1, f1: 1, shrinkage: 1, r2: 1 });
        assert.deepEqual(
          matching.map(({ feature }) => feature),
          order,
        );
        const flipped = recovery(autoencoder(rows((unit) => (flips[unit] ? -1 : 1))), truth);
        assert.equal(flipped.mcc, 1);
      }),
      { numRuns: 20 },
    );
  });

  it('matches one to one, also where two units have the same nearest feature', () => {
    // |cos| with the features: (0.8, 0.6) and (1, 0). The best matching is unit 0 with feature 1, unit 1 with feature 0.
    const same = autoencoder([
      [0.8, 0.6],
      [1, 0],
    ]);
    const two = given([
      [1, 0],
      [0, 1],
    ]);
    const { mcc, uniqueness, units } = recovery(same, two);
    close(mcc, (0.6 + 1) / 2);
    // Nearest is feature 0 for both.
    assert.deepEqual(
      units.map(({ feature }) => feature),
      [0, 0],
    );
    assert.equal(uniqueness, 1 / 2);
  });

  it('judges units as detectors: 2 of 3 alarms right, 2 of 4 features found', () => {
    // Unit 0 fires where x₀ > 0.5. Feature 0 is in four rows, in two of them weakly; noise of 1 in one row without it.
    const rows = given([
      [1, 0],
      [1, 0],
      [0.4, 0],
      [0.4, 0],
      [0, 1],
    ]);
    const model = autoencoder(
      [
        [1, 0],
        [0, 0],
      ],
      axes(2),
      [-0.5, 0],
    );
    const noisy = new SyntheticFeatures({
      ...rows,
      ...{ values: Float32Array.of(1, 0, 1, 0, 0.4, 0, 0.4, 0, 1, 1), activations: rows.activations },
      ...{ features: 2, dictionary: rows.dictionary },
    });
    const [unit] = recovery(model, noisy).units;
    close(unit?.precision as number, 2 / 3);
    close(unit?.recall as number, 2 / 4);
    close(unit?.f1 as number, (2 * (2 / 3) * (2 / 4)) / (2 / 3 + 2 / 4));
    close(unit?.activationFrequency as number, 3 / 5);
  });

  it('counts a dead unit as a detector that finds nothing', () => {
    const { dead, precision, recall, f1 } = recovery(autoencoder(axes(4), axes(4), [0, 0, 0, -100]), truth);
    assert.deepEqual(
      { dead, precision, recall, f1 },
      { dead: 1, precision: 3 / 4, recall: 3 / 4, f1: 3 / 4 },
    );
  });

  it('measures shrinkage: a decoder of half the length gives half of x, and R² 1 − 1/4 where the mean is 0', () => {
    const half = axes(2).map((row) => row.map((value) => value / 2));
    const symmetric = new SyntheticFeatures({
      ...given([
        [1, 0],
        [0, 1],
      ]),
      ...{ features: 2, values: Float32Array.of(1, 0, -1, 0), activations: new Float32Array(4) },
      dictionary: matrix(axes(2)).values,
    });
    const { shrinkage, r2 } = recovery(
      autoencoder(
        [
          [1, 0],
          [-1, 0],
        ],
        [
          [0.5, 0],
          [-0.5, 0],
        ],
      ),
      symmetric,
    );
    assert.deepEqual({ shrinkage, r2 }, { shrinkage: 1 / 2, r2: 1 - 1 / 4 });
    assert.equal(recovery(autoencoder(axes(2), half), given([[3, 4]])).shrinkage, 1 / 2);
  });

  it('gives a random direction the mean |cos| of random directions, Γ(4) / (√π Γ(4.5)) in 8 dimensions', () => {
    const one = (seed: number) => {
      const random = new Random(seed);
      const row = Array.from({ length: 8 }, () => random.normal());
      const data = syntheticFeatures({ count: 1, seed, features: 1, dim: 8 });
      return recovery(autoencoder([row]), data).mcc;
    };
    const mean =
      Array.from({ length: 400 }, (_, seed) => one(seed)).reduce((sum, value) => sum + value, 0) / 400;
    // Γ(4) = 6, Γ(4.5) = 11.6317; the standard deviation √(1/8 − 0.2910²) = 0.2008, so four standard errors are 0.0402.
    close(mean, 6 / (Math.sqrt(Math.PI) * 11.6317), 0.0402);
  });

  it('agrees with SAELens 6.54: test/features/golden/recovery.py wrote these numbers', () => {
    const path = join(__dirname, '../../../test/features/golden/recovery.json');
    const golden = JSON.parse(readFileSync(path, 'utf8'));
    const { dictionary } = syntheticFeatures({ count: 1, seed: 0, dictionary: golden.dictionary });
    const codes = matrix(golden.truth).values;
    const [count, features, dim] = [golden.truth.length, golden.dictionary.length, 4];
    const values = new Float32Array(count * dim);
    for (let row = 0; row < count; row++) {
      for (let i = 0; i < dim; i++) {
        for (let at = 0; at < features; at++) {
          const part = (codes[row * features + at] as number) * (dictionary[at * dim + i] as number);
          values[row * dim + i] = (values[row * dim + i] as number) + part;
        }
      }
    }
    const data = new SyntheticFeatures({
      name: 'golden',
      values,
      count,
      dim,
      dictionary,
      activations: codes,
      features,
    });
    // The golden numbers name a model's outputs, not its weights.
    const model = {
      architecture: new SparseAutoencoder({ inputDim: dim, hiddenDim: 5 }).architecture,
      decoderWeights: matrix(golden.decoder),
      forward: () => ({ activations: matrix(golden.codes), reconstruction: matrix(golden.reconstruction) }),
    } as unknown as SparseAutoencoder;
    const found = recovery(model, data);
    for (const [name, expected] of Object.entries(golden.expected)) {
      close(found[name as 'mcc'], expected as number);
    }
  });

  it('refuses a truth of another width, and what is not a truth or not a model', () => {
    const narrow = syntheticFeatures({ count: 1, seed: 0, features: 2, dim: 3 });
    assert.throws(
      () => recovery(autoencoder(axes(4)), narrow),
      /^RangeError: truth must have 4 columns, the model's inputDim; got shape \[1, 3\]$/,
    );
    const refused = (model: unknown, data: unknown) =>
      recovery(model as SparseAutoencoder, data as SyntheticFeatures);
    assert.throws(
      () => refused(autoencoder(axes(4)), truth.toTensor()),
      /^TypeError: truth must be what syntheticFeatures returns; got an object \(Tensor\)$/,
    );
    assert.throws(
      () => refused(undefined, truth),
      /^TypeError: model must be a SparseAutoencoder; got undefined$/,
    );
  });
});

describe('absorption', () => {
  // Feature 1 is a child of feature 0; each case is there ten times.
  const cases = [
    [1, 0],
    [1, 1],
    [0, 0],
  ];
  const truth = given(Array.from({ length: 10 }, () => cases).flat(), [null, 0]);

  it('is 0 where the parent’s unit fires with and without the child', () => {
    const { mean, pairs } = absorption(autoencoder(axes(2)), truth);
    assert.equal(mean, 0);
    assert.deepEqual(pairs, [
      { parent: 0, child: 1, unit: 0, withoutChild: 1, withChild: 1, absorption: 0, parentInChild: 0 },
    ]);
  });

  it('is 1 where it is silent whenever the child is there, whose unit has the sum of both directions', () => {
    // relu(x₀ − x₁) for the parent; relu(x₁) with the decoder g₀ + g₁ for the child: a perfect reconstruction.
    const absorbing = autoencoder(
      [
        [1, -1],
        [0, 1],
      ],
      [
        [1, 0],
        [1, 1],
      ],
    );
    assert.equal(recovery(absorbing, truth).r2, 1);
    const [pair] = absorption(absorbing, truth).pairs;
    assert.equal(pair?.absorption, 1);
    close(pair?.parentInChild as number, Math.SQRT1_2);
  });

  it('leaves out what has too few rows to be judged', () => {
    const few = given(cases, [null, 0]);
    assert.deepEqual(absorption(autoencoder(axes(2)), few), { mean: Number.NaN, pairs: [] });
  });

  it('refuses a truth without parents', () => {
    assert.throws(
      () => absorption(autoencoder(axes(2)), given(cases)),
      /^RangeError: truth must have features with parents to be absorbed; got none$/,
    );
  });
});

describe('hedging', () => {
  // φ of both features' activity: rows with both, with neither, with one each.
  const correlated = given([
    [1, 1],
    [1, 1],
    [0, 0],
    [0, 0],
    [1, 0],
    [0, 1],
  ]);
  const exclusive = given([
    [1, 0],
    [0, 1],
    [1, 0],
    [0, 1],
  ]);

  it('is the sine of the angle towards the missing feature: 3/5 of a unit along (4/5, 3/5)', () => {
    const { mean, missing, units } = hedging(autoencoder([[0.8, 0.6]]), correlated);
    close(mean, 0.6);
    assert.deepEqual(missing, [1]);
    // Four of six rows agree: φ = (6 · 2 − 3 · 3) / 9.
    close(units[0]?.correlation as number, 1 / 3);
  });

  it('is 0 for a unit along its own feature, and changes its sign with the correlation, not with that of the unit', () => {
    assert.equal(hedging(autoencoder([[1, 0]]), correlated).mean, 0);
    close(hedging(autoencoder([[0.8, 0.6]], [[-0.8, -0.6]]), correlated).mean, 0.6);
    close(hedging(autoencoder([[0.8, 0.6]]), exclusive).mean, -0.6);
    close(hedging(autoencoder([[0.8, -0.6]]), exclusive).mean, 0.6);
  });

  it('has nothing to say where nothing is missing, and takes a feature with a dead unit for missing', () => {
    assert.deepEqual(hedging(autoencoder(axes(2)), correlated), { mean: Number.NaN, missing: [], units: [] });
    const dead = autoencoder(
      [
        [0.8, 0.6],
        [0, 1],
      ],
      [
        [0.8, 0.6],
        [0, 1],
      ],
      [0, -100],
    );
    close(hedging(dead, correlated).mean, 0.6);
  });
});

describe('stability', () => {
  const rows = [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ];

  it('is 1 for dictionaries that differ in order, scale and sign', () => {
    const others = [
      [
        [0, 0, -2],
        [3, 0, 0],
        [0, 1, 0],
      ],
      [
        [0, 5, 0],
        [0, 0, 1],
        [1, 0, 0],
      ],
    ];
    const { mean, returning, similarity } = stability([rows, ...others].map((each) => autoencoder(each)));
    assert.deepEqual([mean, returning], [1, 1]);
    assert.deepEqual(similarity, { values: new Float32Array(9).fill(1), shape: [3, 3] });
  });

  it('names the units that do not come back: one of three at cos 4/5, below 0.9', () => {
    const other = [
      [0, 0, 1],
      [0.6, 0.8, 0],
      [1, 0, 0],
    ];
    const { mean, returning, units } = stability([autoencoder(rows), autoencoder(other)]);
    close(mean, (1 + 1 + 0.8) / 3);
    close(returning, 2 / 3);
    [1, 0.8, 1, 1, 0.8, 1].forEach((expected, unit) => {
      close(units.values[unit] as number, expected);
    });
    close(stability([autoencoder(rows), autoencoder(other)], { threshold: 0.7 }).returning, 1);
  });

  it('is low for dictionaries of noise', () => {
    const random = (seed: number) => new SparseAutoencoder({ inputDim: 64, hiddenDim: 8, seed });
    assert.ok(stability([random(1), random(2)]).mean < 0.3);
  });

  it('refuses fewer than two models, other sizes and what is not a model', () => {
    assert.throws(() => stability([autoencoder(rows)]), /^RangeError: models must be at least two; got 1$/);
    assert.throws(
      () => stability([autoencoder(rows), autoencoder(axes(2))]),
      /models must all have 3 units for 3 inputs, as models\[0\] has; models\[1\] has 2 for 2$/,
    );
    assert.throws(
      () => stability([autoencoder(rows), {} as SparseAutoencoder]),
      /^TypeError: models\[1\] must be a SparseAutoencoder; got an object \(Object\)$/,
    );
    assert.throws(
      () => stability([autoencoder(rows), autoencoder(rows)], { threshold: 2 }),
      /^RangeError: threshold must be in \[0, 1\]; got 2$/,
    );
  });
});
