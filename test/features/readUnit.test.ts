import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type AutoencoderOptions,
  batchTopK,
  Dataset,
  jumpRelu,
  loadDigits,
  meanSquaredError,
  readUnit,
  SparseAutoencoder,
  tf,
  topActivating,
  topK,
  unitActivations,
  unitStatistics,
  WordVectors,
} from 'sparselab';
import { identity } from './support';

const digits = loadDigits().take(500);

/** Models of every kind of code, untrained. */
const models = Object.entries({
  relu: 'relu',
  sigmoid: 'sigmoid',
  topK: topK(3),
  batchTopK: batchTopK(3),
  jumpRelu: jumpRelu({ threshold: 0.2 }),
} satisfies Record<string, AutoencoderOptions['hiddenActivation']>).map(([name, hiddenActivation]) => ({
  name,
  model: new SparseAutoencoder({ inputDim: 64, hiddenDim: 12, hiddenActivation, seed: 1 }),
}));

describe('readUnit', () => {
  it('counts, averages and divides as by hand', () => {
    // The code is the input itself, and so is the reconstruction.
    const data = Dataset.fromRows([
      [1, 0],
      [2, 0],
      [0, 3],
    ]);
    const reading = readUnit(identity(2), data, 0);
    assert.equal(reading.firing, 2);
    assert.equal(reading.density, 2 / 3);
    assert.equal(reading.mean, (1 + 2 + 0) / 3);
    assert.equal(reading.max, 2);
    assert.deepEqual(reading.strongest, [
      { row: 1, activation: 2 },
      { row: 0, activation: 1 },
    ]);
    // Without unit 0 the rows [1, 0] and [2, 0] become [0, 0]: (1² / 2 + 2² / 2) / 2.
    assert.deepEqual(reading.ablation, { mse: 0, mseWithout: 1.25, deltaMse: 1.25 });
    // Of the three pairs only rows 0 and 1 point the same way: (1 + 0 + 0) / 3.
    assert.ok(Math.abs(reading.likeness - 1 / 3) < 1e-12);
  });

  it('finds the units that fire together with it: correlation and Jaccard index', () => {
    const data = Dataset.fromRows([
      [2, 1, 0],
      [0, 0, 1],
      [2, 0, 0],
      [0, 0, 1],
    ]);
    // cov(h₀, h₁) = 2·1/4 − 1·¼ = ¼, σ₀ = 1, σ₁² = ¼ − 1/16 = 3/16; together in one row of two. Unit 2 is its opposite.
    const [only, ...none] = readUnit(identity(3), data, 0).together;
    assert.deepEqual(none, []);
    assert.equal(only?.unit, 1);
    assert.ok(Math.abs((only?.pearson ?? 0) - 0.25 / Math.sqrt(3 / 16)) < 1e-12);
    assert.equal(only?.jaccard, 1 / 2);
  });

  for (const { name, model } of models) {
    const h = model.encode(digits);

    it(`has the density and the strongest examples that its parts have: ${name}`, () => {
      const reading = readUnit(model, digits, 2, { count: 7 });
      const statistics = unitStatistics(h, reading.threshold)[2];
      assert.equal(reading.density, statistics?.activationFrequency);
      assert.equal(reading.density, reading.firing / digits.count);
      assert.equal(reading.mean, statistics?.mean);
      assert.deepEqual(
        reading.strongest,
        topActivating(h, 2, 7).filter(({ activation }) => Math.abs(activation) > reading.threshold),
      );
    });

    it(`divides the examples for which a unit fires into ten groups without a rest: ${name}`, () => {
      for (let unit = 0; unit < 12; unit++) {
        const { firing, groups, threshold } = readUnit(model, digits, unit);
        const own = unitActivations(h, unit).values;
        const fires = [...own.keys()].filter((row) => Math.abs(own[row] as number) > threshold);
        const rows = groups.flatMap((group) => group.rows);
        assert.deepEqual(
          [...rows].sort((a, b) => a - b),
          fires,
        );
        assert.equal(groups.length, Math.min(10, firing));
        const sizes = groups.map((group) => group.rows.length);
        assert.ok(firing === 0 || Math.max(...sizes) - Math.min(...sizes) <= 1);
        for (const [index, { range, samples, rows: members }] of groups.entries()) {
          assert.ok(range[0] <= range[1] && range[1] <= (groups[index - 1]?.range[0] ?? Infinity));
          assert.ok(samples.every(({ row }) => members.includes(row)));
        }
      }
    });

    it(`says of an ablation what one measures directly: ${name}`, () => {
      const reading = readUnit(model, digits, 5);
      const rows = reading.groups.flatMap((group) => group.rows);
      const { ablation } = reading;
      if (ablation === undefined) return assert.equal(rows.length, 0);
      const firing = digits.select(rows);
      const code = model.encode(firing);
      const without = { ...code, values: code.values.map((value, i) => (i % 12 === 5 ? 0 : value)) };
      const direct = [code, without].map((one) => meanSquaredError(firing, model.decode(one)));
      assert.ok(Math.abs(ablation.mse - (direct[0] as number)) < 1e-6);
      assert.ok(Math.abs(ablation.mseWithout - (direct[1] as number)) < 1e-6);
      assert.equal(ablation.deltaMse, ablation.mseWithout - ablation.mse);
    });
  }

  it('names the most frequent class of a group, next to its fraction of all examples', () => {
    const data = Dataset.fromRows([[4], [3], [0], [0]], {
      labels: Uint8Array.of(1, 1, 1, 0),
      classNames: ['no', 'yes'],
    });
    const { groups } = readUnit(identity(1), data, 0);
    // Two examples fire, each a group of its own; three of four are a yes.
    assert.deepEqual(
      groups.map(({ label }) => label),
      [1, 2].map(() => ({ label: 1, name: 'yes', share: 1, base: 3 / 4 })),
    );
    assert.equal(readUnit(identity(1), Dataset.fromRows([[1]]), 0).groups[0]?.label, undefined);
  });

  it('measures how alike the examples of a group are: the mean cosine over all pairs', () => {
    const { model } = models[0] as (typeof models)[number];
    const group = readUnit(model, digits, 0).groups[0];
    const vectors = (group?.rows ?? []).map((row) => digits.gather([row]));
    const cosine = (a: Float32Array, b: Float32Array) =>
      a.reduce((sum, value, i) => sum + value * (b[i] as number), 0) / Math.hypot(...a) / Math.hypot(...b);
    const pairs = vectors.flatMap((a, i) => vectors.slice(i + 1).map((b) => cosine(a, b)));
    const mean = pairs.reduce((sum, value) => sum + value, 0) / pairs.length;
    assert.ok(Math.abs((group?.likeness ?? 0) - mean) < 1e-6);
  });

  it('finds no unit that fires together with one that never varies', () => {
    // Units 0 and 1 have only their biases: what is left of their variance is rounding, and must not become a correlation.
    const model = identity(4);
    const { encoderWeights, ...others } = model.parameters;
    const values = encoderWeights?.values.slice() as Float32Array;
    values[0] = 0;
    values[5] = 0;
    const encoderBias = { values: Float32Array.of(0.1, 0.3, 0, 0), shape: [4] };
    model.setParameters({ ...others, encoderWeights: { values, shape: [4, 4] }, encoderBias });
    const rows = Array.from({ length: 1797 }, (_, row) => [0, 0, row % 7, row % 7]);
    const data = Dataset.fromRows(rows);
    assert.deepEqual(
      [0, 1].map((unit) => readUnit(model, data, unit).together),
      [[], []],
    );
    assert.deepEqual(
      readUnit(model, data, 2).together.map(({ unit }) => unit),
      [3],
    );
  });

  it('sorts a code that can be negative by h: it fires on both sides of 0, the negative activations come last', () => {
    const linear = new SparseAutoencoder({ inputDim: 1, hiddenDim: 1, hiddenActivation: 'linear' });
    linear.setParameters(identity(1).parameters);
    const reading = readUnit(linear, Dataset.fromRows([[-3], [2], [0.05], [-1]]), 0);
    assert.deepEqual([reading.firing, [...reading.activations]], [3, [2, -1, -3]]);
  });

  it('says of a dead unit that it never fires', () => {
    const { firing, density, groups, strongest, ablation } = readUnit(
      identity(2),
      Dataset.fromRows([[1, 0]]),
      1,
    );
    assert.deepEqual([firing, density, groups, strongest, ablation], [0, 0, [], [], undefined]);
  });

  it('takes words, of which each is an example', () => {
    const data = Dataset.fromRows([[1], [2], [0]]);
    const reading = readUnit(identity(1), new WordVectors(['one', 'two', 'none'], data), 0);
    assert.deepEqual(reading, readUnit(identity(1), data, 0));
  });

  it('leaves no tensor behind', () => {
    const before = tf.memory().numTensors;
    readUnit(identity(2), Dataset.fromRows([[1, 0]]), 0);
    assert.equal(tf.memory().numTensors, before);
  });

  it('refuses a unit that there is not, no examples, and what is not examples', () => {
    const data = Dataset.fromRows([[1, 0]]);
    assert.throws(() => readUnit(identity(2), data, 2), { message: 'unit must be in [0, 1]; got 2' });
    assert.throws(() => readUnit(identity(2), data.take(0), 0), /data must hold at least one row/);
    assert.throws(() => readUnit(identity(2), [[1, 0]] as never, 0), /data must be a Dataset or WordVectors/);
    assert.throws(() => readUnit(identity(2), data, 0, { count: 0 }), /count must be in \[1, 40\]; got 0/);
  });
});
