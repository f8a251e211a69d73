import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  batchTopK,
  Dataset,
  loadDigits,
  meanSquaredError,
  readInput,
  SparseAutoencoder,
  tf,
  topK,
  WordVectors,
} from 'sparselab';
import { identity } from './support';

const digits = loadDigits().take(50);
const shape = { inputDim: 64, hiddenDim: 20, seed: 1 };

/** Models of every kind of code, with a bias that is not zero. */
const models = Object.entries({
  relu: new SparseAutoencoder(shape),
  tied: new SparseAutoencoder({ ...shape, tied: true }),
  sigmoid: new SparseAutoencoder({ ...shape, hiddenActivation: 'sigmoid' }),
  topK: new SparseAutoencoder({ ...shape, hiddenActivation: topK(5), subtractDecoderBias: true }),
  batchTopK: new SparseAutoencoder({ ...shape, hiddenActivation: batchTopK(5) }),
  'sigmoid output': new SparseAutoencoder({ ...shape, outputActivation: 'sigmoid' }),
});
for (const [, { decoderBias }] of models) for (let i = 0; i < 64; i++) decoderBias.values[i] = i / 64;

/** The largest difference, as a fraction of the largest number. */
function difference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const all = Array.from(a);
  const size = Math.max(...all.map(Math.abs), 1e-30);
  return Math.max(...all.map((value, i) => Math.abs(value - (b[i] as number)))) / size;
}

describe('readInput', () => {
  it('adds up bias, units and the rest, as by hand', () => {
    // x = [3, 4, 1, −1], h = max(0, x), x̂ = h + [0, 0, 0, 2].
    const reading = readInput(identity(4, [0, 0, 0, 2]), Dataset.fromRows([[3, 4, 1, -1]]), 0, { count: 2 });
    assert.deepEqual([...reading.reconstruction], [3, 4, 1, 2]);
    assert.deepEqual(
      reading.units.map(({ unit, activation, values }) => [unit, activation, [...values]]),
      [
        [1, 4, [0, 4, 0, 0]],
        [0, 3, [3, 0, 0, 0]],
      ],
    );
    assert.equal(reading.rest?.units, 1);
    assert.deepEqual([...(reading.rest?.values ?? [])], [0, 0, 1, 0]);
    // Shares of x̂·x̂ = 9 + 16 + 1 + 4 = 30.
    const { bias, units, rest } = reading;
    assert.deepEqual(
      [bias, ...units, rest].map((part) => part?.share),
      [4 / 30, 16 / 30, 9 / 30, 1 / 30],
    );
    assert.deepEqual(
      [bias, ...units, rest].map((part) => [...(part?.soFar ?? [])]),
      [
        [0, 0, 0, 2],
        [0, 4, 0, 2],
        [3, 4, 0, 2],
        [3, 4, 1, 2],
      ],
    );
    // Errors by pixel: 3, 4, 1 and 3; each part takes its own away.
    assert.deepEqual(
      [bias, ...units, rest].map((part) => part?.mse),
      [35 / 4, 19 / 4, 10 / 4, 9 / 4],
    );
    // Without unit 1 the error at its pixel is 4² more, over 4 pixels.
    assert.deepEqual(
      units.map(({ deltaMse }) => deltaMse),
      [16 / 4, 9 / 4],
    );
  });

  for (const [name, model] of models) {
    it(`adds up to x̂ to float32's rounding: ${name}`, () => {
      for (let row = 0; row < 10; row++) {
        const { bias, units, rest, sum, reconstruction } = readInput(model, digits, row, { count: 4 });
        const parts = [bias, ...units, ...(rest ? [rest] : [])];
        const added = Array.from(sum, (_, i) =>
          parts.reduce((total, one) => total + (one.values[i] as number), 0),
        );
        assert.ok(difference(added, sum) < 1e-6);
        const output =
          model.architecture.outputActivation === 'sigmoid'
            ? added.map((s) => 1 / (1 + Math.exp(-s)))
            : added;
        assert.ok(difference(reconstruction, output) < 1e-5);
        assert.ok(Math.abs(parts.reduce((total, { share }) => total + share, 0) - 1) < 1e-5);
        assert.ok(difference(reconstruction, parts.at(-1)?.soFar ?? []) < 1e-5, 'the last sum is x̂');
      }
    });

    it(`is the model's own pass: ${name}`, () => {
      const { activations, reconstruction } = model.forward(digits.take(1));
      const reading = readInput(model, digits, 0, { count: 20 });
      assert.equal(reading.units.length, activations.values.filter((h) => h !== 0).length);
      assert.equal(reading.rest, undefined);
      for (const { unit, activation } of reading.units) assert.equal(activation, activations.values[unit]);
      assert.ok(Math.abs(reading.mse - meanSquaredError(digits.take(1), reconstruction)) < 1e-6);
      const [first] = reading.units;
      const code = { values: activations.values.slice(), shape: activations.shape };
      code.values[first?.unit as number] = 0;
      const without = meanSquaredError(digits.take(1), model.decode(code));
      assert.ok(Math.abs((first?.deltaMse as number) - (without - reading.mse)) < 1e-6);
    });
  }

  it('has the bias alone where no unit is active', () => {
    const { bias, units, rest, reconstruction } = readInput(
      identity(2, [1, 0]),
      Dataset.fromRows([[-1, -1]]),
      0,
    );
    assert.deepEqual([units, rest, bias.share], [[], undefined, 1]);
    assert.deepEqual([...reconstruction], [1, 0]);
  });

  it('knows a word by its name', () => {
    const words = new WordVectors(
      ['left', 'right'],
      Dataset.fromRows([
        [1, 0],
        [0, 1],
      ]),
    );
    assert.equal(readInput(identity(2), words, 'right').row, 1);
    assert.deepEqual(readInput(identity(2), words, 'right'), readInput(identity(2), words, 1));
    assert.throws(() => readInput(identity(2), words, 'up'), /word must be one of the 2; got 'up'/);
  });

  it('leaves no tensor behind', () => {
    const before = tf.memory().numTensors;
    readInput(identity(2), Dataset.fromRows([[1, 2]]), 0);
    assert.equal(tf.memory().numTensors, before);
  });

  it('refuses an input that there is not', () => {
    const data = Dataset.fromRows([[1, 2]]);
    assert.throws(() => readInput(identity(2), data, 1), { message: 'input must be in [0, 0]; got 1' });
    assert.throws(() => readInput(identity(2), data, 'apple'), /input must be an integer .*got 'apple'/);
  });
});
