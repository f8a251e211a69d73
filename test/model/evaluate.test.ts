import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import * as tf from '@tensorflow/tfjs';
import {
  deadFraction,
  evaluate,
  fractionOfVarianceUnexplained,
  kl,
  l0,
  loadDigits,
  meanActivation,
  meanSquaredError,
  SparseAutoencoder,
  train,
} from 'sparselab';
import { DISPLAY } from 'sparselab/dist/page/cell';
import { close } from '../support/numbers';

const digits = loadDigits();
const newModel = (hiddenActivation: 'relu' | 'sigmoid') =>
  new SparseAutoencoder({ inputDim: 64, hiddenDim: 8, hiddenActivation, tied: true, seed: 1 });

describe('evaluate', () => {
  it('gives what the single functions give, in one pass, and leaves no tensor behind', () => {
    const model = newModel('relu');
    const before = tf.memory().numTensors;
    const measured = evaluate(model, digits);
    assert.equal(tf.memory().numTensors, before);
    const { activations, reconstruction } = model.forward(digits);
    close(measured.mse, meanSquaredError(digits, reconstruction), 1e-6);
    close(
      measured.fractionOfVarianceUnexplained,
      fractionOfVarianceUnexplained(digits, reconstruction),
      1e-6,
    );
    close(measured.l0, l0(activations), 1e-6);
    close(measured.deadFraction, deadFraction(activations), 1e-6);
    measured.meanActivation.forEach((mean, unit) => {
      close(mean, meanActivation(activations)[unit] as number, 1e-6);
    });
  });

  it('counts sigmoid units above 0.1, as history does, which says so', async () => {
    const model = newModel('sigmoid');
    const history = await train(model, digits, {
      epochs: 20,
      learningRate: 0.03,
      penalty: kl({ beta: 0.1, rho: 0.02 }),
      monitor: digits,
      seed: 1,
    });
    const { l0: active } = evaluate(model, digits);
    close(active, l0(model.encode(digits), 0.1), 1e-5);
    assert.ok(active < 7, `${active} of 8 units: most are above 0, fewer above 0.1`);
    close(history.last.l0, active, 1e-5);
    assert.match(String(history), /l0 [\d.]+ \(units above 0\.1\)$/);
  });

  it('refuses rows that do not fit the model, none, and what is not a model', () => {
    const model = newModel('relu');
    assert.throws(
      () => evaluate(model, tf.zeros([2, 3])),
      /data must have 64 columns, .*; got shape \[2, 3\]/,
    );
    assert.throws(() => evaluate(model, digits.take(0)), /data must hold at least one row; got 0/);
    assert.throws(() => evaluate({} as never, digits), /model must be a SparseAutoencoder; got/);
  });
});

describe('what a cell shows that ends in', () => {
  const shown = (value: object) => inspect(value);

  it('a model: its layers, their shapes and sizes, and what it was trained on', async () => {
    const model = new SparseAutoencoder({ inputDim: 64, hiddenDim: 8 });
    // 64 × 8 weights and 8 biases, 8 × 64 weights and 64 biases.
    const lines = [
      'SparseAutoencoder: 64 → 8 relu → 64 linear, 1,096 parameters',
      'layer    activation  shape    parameters',
      'encoder  relu        [64, 8]         520',
      'decoder  linear      [8, 64]         576',
    ];
    const { 'text/plain': text, 'text/html': html } = model[DISPLAY]();
    assert.equal(text, shown(model));
    const cells = String(html).replaceAll(/<td[^>]*>/g, '<td>');
    assert.match(cells, /<td>encoder<\/td><td>relu<\/td><td>\[64, 8\]<\/td><td>520<\/td>/);
    assert.deepEqual(shownLines(model), [...lines, 'not trained yet']);
    await train(model, digits, { epochs: 1 });
    assert.match(
      shownLines(model).at(-1) ?? '',
      /^History: no penalty, finished, 1 epoch \(15 steps\): .*, on digits$/,
    );
  });

  it('a data set, a penalty, a training state: a line', async () => {
    assert.equal(shown(digits), 'digits: 1,797 examples of 64 numbers (8 × 8 images), 10 classes');
    assert.equal(shown(kl({ beta: 3, rho: 0.05 })), 'Penalty: 3 × KL, rho 0.05');
    const { state } = await train(newModel('relu'), digits, { epochs: 1 });
    assert.match(
      shown(state as object),
      /^TrainingState: 64 → 8 relu → 64 linear, tied, after 15 steps, batches of 128 of 1,797 examples, seed 0/,
    );
  });

  const shownLines = (value: object) => shown(value).split('\n');
});
