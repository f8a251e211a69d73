import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type AutoencoderOptions, Dataset, type Matrix, SparseAutoencoder, tf } from 'sparselab';
import { close, numbersOf } from '../support/numbers';

const dimensions = fc.integer({ min: 1, max: 9 });
const activationName = fc.constantFrom('linear', 'relu', 'sigmoid', 'tanh', 'softplus');
const options: fc.Arbitrary<AutoencoderOptions> = fc.record({
  inputDim: dimensions,
  hiddenDim: dimensions,
  hiddenActivation: activationName,
  outputActivation: activationName,
  tied: fc.boolean(),
  initializer: fc.constantFrom('glorotUniform', 'heNormal', 'unitNorm', 'shortNorm'),
  seed: fc.nat(1000),
});

const rowsFor = (inputDim: number, count = 4): Matrix => ({
  values: Float32Array.from({ length: count * inputDim }, (_, i) => Math.sin(i + 1)),
  shape: [count, inputDim],
});

describe('SparseAutoencoder', () => {
  it('encodes to hiddenDim columns and reconstructs inputDim, for any form', () => {
    fc.assert(
      fc.property(options, (form) => {
        const { activations, preActivation, reconstruction } = new SparseAutoencoder(form).forward(
          rowsFor(form.inputDim),
        );
        assert.deepEqual(preActivation.shape, [4, form.hiddenDim]);
        assert.deepEqual(activations.shape, [4, form.hiddenDim]);
        assert.deepEqual(reconstruction.shape, [4, form.inputDim]);
      }),
    );
  });

  it('computes f(x·Wₑ + bₑ) and g(h·W_d + b_d)', () => {
    const model = new SparseAutoencoder({ inputDim: 2, hiddenDim: 1, outputActivation: 'sigmoid' });
    model.setParameters({
      encoderWeights: { values: Float32Array.of(3, -1), shape: [2, 1] },
      encoderBias: { values: Float32Array.of(0.5), shape: [1] },
      decoderWeights: { values: Float32Array.of(2, -2), shape: [1, 2] },
      decoderBias: { values: Float32Array.of(0, 1), shape: [2] },
    });
    const { preActivation, activations, reconstruction } = model.forward({
      values: Float32Array.of(1, 2, 0, 4),
      shape: [2, 2],
    });
    assert.deepEqual(Array.from(preActivation.values), [3 * 1 - 1 * 2 + 0.5, 3 * 0 - 1 * 4 + 0.5]);
    assert.deepEqual(Array.from(activations.values), [1.5, 0]);
    const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));
    for (const [i, z] of [2 * 1.5, -2 * 1.5 + 1, 0, 1].entries())
      close(reconstruction.values[i] as number, sigmoid(z));
  });

  it('gives tensors for tensors and plain matrices for data, with the same numbers', () => {
    const model = new SparseAutoencoder({ inputDim: 3, hiddenDim: 2, seed: 1 });
    const rows = rowsFor(3);
    const data = new Dataset({ name: 'rows', values: rows.values, count: 4, dim: 3 });
    const x = tf.tensor2d(rows.values, [4, 3]);
    assert.deepEqual(numbersOf(model.encode(x)), Array.from(model.encode(rows).values));
    assert.deepEqual(model.encode(data), model.encode(rows));
    assert.deepEqual(model.decode(model.encode(rows)), model.forward(rows).reconstruction);
    x.dispose();
  });

  it('gives each of its arrays by name, in the shape that its formula has', () => {
    const model = new SparseAutoencoder({ inputDim: 3, hiddenDim: 2 });
    assert.deepEqual(model.encoderWeights.shape, [3, 2]);
    assert.deepEqual(model.encoderBias.shape, [2]);
    assert.deepEqual(model.decoderWeights.shape, [2, 3]);
    assert.deepEqual(model.decoderBias.shape, [3]);
  });

  it('has no tensors of its own: making, using and forgetting models leaves none', () => {
    const before = tf.memory().numTensors;
    for (let i = 0; i < 3; i++) {
      const model = new SparseAutoencoder({ inputDim: 3, hiddenDim: 2, seed: i });
      model.forward(rowsFor(3));
      assert.ok(model.decoderWeights);
    }
    assert.equal(tf.memory().numTensors, before);
  });

  it('decodes with the transposed encoder when tied', () => {
    const model = new SparseAutoencoder({ inputDim: 2, hiddenDim: 3, tied: true, seed: 1 });
    const encoder = model.encoderWeights.values;
    const transposed = [0, 3, 1, 4, 2, 5].map((i) => encoder[i]);
    assert.deepEqual(Array.from(model.decoderWeights.values), transposed);
    assert.equal(model.parameterCount, 2 * 3 + 3 + 2);
  });

  it('draws the same weights from the same seed, and others from another', () => {
    const draw = (seed: number) => new SparseAutoencoder({ inputDim: 5, hiddenDim: 4, seed }).parameters;
    assert.deepEqual(draw(3), draw(3));
    assert.notDeepEqual(draw(3), draw(4));
  });

  it('draws within the bounds of each initializer', () => {
    const [inputDim, hiddenDim] = [40, 60];
    const glorot = new SparseAutoencoder({ inputDim, hiddenDim });
    const limit = Math.sqrt(6 / (inputDim + hiddenDim));
    assert.ok(glorot.encoderWeights.values.every((weight) => Math.abs(weight) <= limit));
    assert.ok(glorot.parameters.encoderBias?.values.every((bias) => bias === 0));

    const unit = new SparseAutoencoder({ inputDim, hiddenDim, initializer: 'unitNorm' });
    for (let j = 0; j < hiddenDim; j++) {
      const direction = unit.decoderWeights.values.subarray(j * inputDim, (j + 1) * inputDim);
      close(
        direction.reduce((sum, weight) => sum + weight * weight, 0),
        1,
      );
      for (const [i, weight] of direction.entries())
        assert.equal(unit.encoderWeights.values[i * hiddenDim + j], weight);
    }
    const short = new SparseAutoencoder({ inputDim, hiddenDim, initializer: 'shortNorm' });
    for (const name of ['encoderWeights', 'decoderWeights'] as const)
      for (const [i, weight] of short[name].values.entries())
        close(10 * weight, unit[name].values[i] as number, 1e-6);

    const he = new SparseAutoencoder({ inputDim: 200, hiddenDim: 200, initializer: 'heNormal' });
    const variance = he.encoderWeights.values.reduce((sum, weight) => sum + weight * weight, 0) / 200 ** 2;
    // 40,000 draws: the relative standard error of a variance is √(2 / 40,000) = 0.7 %.
    close(variance * 100, (2 / 200) * 100, 0.04);
  });

  it('encodes more rows than fit at once as if they went one by one', () => {
    const model = new SparseAutoencoder({ inputDim: 2, hiddenDim: 3, seed: 1 });
    const many = rowsFor(2, 10_000);
    const last = { values: many.values.subarray(2 * 9_999), shape: [1, 2] as const };
    const codes = model.encode(many);
    assert.deepEqual(codes.shape, [10_000, 3]);
    for (const [j, h] of model.encode(last).values.entries()) close(codes.values[3 * 9_999 + j] as number, h);
  });

  it('refuses forms that make no sense, naming the option and what it may be', () => {
    const make = (form: object) => () => new SparseAutoencoder(form as AutoencoderOptions);
    assert.throws(make({ inputDim: 0, hiddenDim: 2 }), /inputDim must be at least 1; got 0/);
    assert.throws(make({ inputDim: 2.5, hiddenDim: 2 }), /inputDim must be an integer at least 1; got 2.5/);
    assert.throws(make({ hiddenDim: 2 }), /inputDim must be an integer at least 1; got undefined/);
    assert.throws(
      make({ inputDim: 2, hiddenDim: 2, hiddenActivation: 'gelu' }),
      /hiddenActivation must be one of 'linear', 'relu'/,
    );
    assert.throws(make({ inputDim: 2, hiddenDim: 2, initializer: 'zeros' }), /initializer must be one of/);
    assert.throws(make({ inputDim: 2, hiddenDim: 2, tied: 1 }), /tied must be true or false; got 1/);
    assert.throws(make({ inputDim: 2, hiddenDim: 2, seed: -1 }), /seed must be at least 0; got -1/);
    assert.throws(make({ inputDim: 2, hidenDim: 2 }), /SparseAutoencoder has no option 'hidenDim'/);
  });

  it('refuses rows of another width or form, naming what it takes', () => {
    const model = new SparseAutoencoder({ inputDim: 3, hiddenDim: 2 });
    assert.throws(() => model.encode(rowsFor(4)), {
      message: "x must have 3 columns, the model's inputDim; got shape [4, 4]",
    });
    assert.throws(() => model.decode(rowsFor(3)), /activations must have 2 columns, the model's hiddenDim/);
    assert.throws(() => model.encode(tf.zeros([3]) as never), /got a tensor of shape \[3\]/);
    assert.throws(
      () => model.encode([[1, 2, 3]] as never),
      /x must be a tensor of shape \[examples, numbers\], a Dataset, or/,
    );
  });

  it('takes other parameters only if all of them fit and are finite', () => {
    const model = new SparseAutoencoder({ inputDim: 1, hiddenDim: 1, seed: 1 });
    const before = structuredClone(model.parameters);
    const one = (value: number) => ({ values: Float32Array.of(value), shape: [1] });
    const weights = { values: Float32Array.of(1), shape: [1, 1] };
    const fitting = {
      encoderWeights: weights,
      encoderBias: one(1),
      decoderWeights: weights,
      decoderBias: one(1),
    };
    assert.throws(
      () => model.setParameters({ ...fitting, decoderBias: one(Number.NaN) }),
      /decoderBias must be finite; got NaN at position 0/,
    );
    assert.throws(
      () => model.setParameters({ encoderWeights: weights }),
      /encoderBias must have shape \[1\]; got none/,
    );
    assert.deepEqual(model.parameters, before);
    model.setParameters(fitting);
    assert.equal(model.parameters.decoderBias?.values[0], 1);
  });
});
