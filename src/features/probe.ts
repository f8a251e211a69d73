/**
 * A downstream task on frozen features: a measure of the information in a code that is independent of the reconstruction error.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs';
import { type Dataset, requireDataset } from '../datasets/dataset';
import { toMatrix } from '../datasets/rows';
import { show } from '../numbers/arguments';
import { type Evaluation, minimize } from '../numbers/lbfgs';
import { integer, number, type OptionsOf, optional, readOptions } from '../numbers/options';
import type { Matrix } from '../numbers/values';

/** An encoder of examples into the features that are judged: a `SparseAutoencoder` is one. */
export interface Encoder {
  /** @returns One row per example, all of the same width. */
  encode(data: Dataset): Matrix;
}

/** The examples themselves as features: what the features of a model have to beat. */
export const rawInputs: Encoder = { encode: (data) => toMatrix('data', data) };

const probeOptions = {
  /** Strength of ½ ΣW² relative to the mean cross-entropy. Default: 1e-5. */
  weightDecay: optional(number({ min: 0 }), 1e-5),
  /** Steps of L-BFGS at most. Default: 400. */
  maxIterations: optional(integer({ min: 1 }), 400),
};

/** How {@link probe} trains its classifier. @interface */
export type ProbeOptions = OptionsOf<typeof probeOptions>;

/** How well a linear classifier does on the features. */
export interface ProbeResult {
  /** Fraction of the examples it learned from that it gets right. */
  readonly trainAccuracy: number;
  /** Fraction of the others that it gets right: the judgement. */
  readonly testAccuracy: number;
  /** Mean cross-entropy in nats on the examples that it learned from. */
  readonly trainLoss: number;
  /** Mean cross-entropy in nats on the others. */
  readonly testLoss: number;
  /** The labels that there are, ascending. */
  readonly classes: readonly number[];
  /** Test examples by true class (row) and predicted class (column), in the order of `classes`. */
  readonly confusion: readonly (readonly number[])[];
  /** The label each test example was given. */
  readonly predictions: Uint8Array;
  /** How much each feature counts for each class, `[features, classes]`. */
  readonly weights: Matrix;
  /** Steps of L-BFGS. */
  readonly iterations: number;
  /** Whether training ended because ten steps together gained less than 1e-5 of the loss, not because `maxIterations` were over. */
  readonly converged: boolean;
}

/**
 * Trains a linear classifier on features that stay as they are, and tests it on other examples: multinomial logistic
 * regression (softmax), which minimises
 *
 *     −(1/m) Σₖ log p(labelₖ | featuresₖ) + weightDecay · ½ ΣW²      p = softmax(features·W + b)
 *
 * over all examples at once, from zero, by L-BFGS. The problem is convex: there is one answer and no seed.
 *
 * Reference: Raina, Battle, Lee, Packer and Ng, "Self-taught learning", 2007; UFLDL, "Exercise: Self-Taught Learning".
 *
 * @param encoder A model, or {@link rawInputs} for the examples themselves.
 * @param train Labelled examples to learn from.
 * @param test Labelled examples to judge with; their labels must occur in `train`.
 * @throws RangeError or TypeError if there are no labels, fewer than two classes, an option is out of its range, or the
 *   encoder returns something else than one row of finite numbers per example.
 *
 * @example
 * probe(model, mnist.training.take(10_000), mnist.test).testAccuracy;
 * probe(rawInputs, mnist.training.take(10_000), mnist.test).testAccuracy; // what the model's must be above
 */
export function probe(
  encoder: Encoder,
  train: Dataset,
  test: Dataset,
  options: ProbeOptions = {},
): ProbeResult {
  const { weightDecay, maxIterations } = readOptions('probe', options, probeOptions);
  if (typeof encoder?.encode !== 'function')
    throw new TypeError(
      `encoder must be a model, rawInputs or { encode: (data) => matrix }; got ${show(encoder)}`,
    );
  const classes = [...new Set(labelsOf('train', train))].sort((a, b) => a - b);
  if (classes.length < 2) {
    throw new RangeError(`train must have at least two classes to tell apart; got ${show(classes)}`);
  }
  const trainClasses = toClasses('train', train, classes);
  const testClasses = toClasses('test', test, classes);
  const [trainRows, testRows] = [featuresOf(encoder, train), featuresOf(encoder, test)];
  const width = trainRows.shape[1];
  if (testRows.shape[1] !== width) {
    throw new RangeError(
      `encoder must give all examples equally many features; got ${width}, and ${testRows.shape[1]} for test`,
    );
  }

  return tf.tidy(() => {
    const learning = problem(trainRows, trainClasses, classes.length);
    const judging = problem(testRows, testClasses, classes.length);
    const start = new Float64Array((width + 1) * classes.length);
    const { point, iterations, converged } = minimize(
      (parameters) =>
        regularized(learning.evaluate(parameters), parameters, width * classes.length, weightDecay),
      start,
      { maxIterations },
    );
    const [learned, judged] = [learning.classify(point), judging.classify(point)];
    const confusion = classes.map(() => classes.map(() => 0));
    judged.forEach((predicted, example) => {
      const row = confusion[testClasses[example] as number] as number[];
      row[predicted] = (row[predicted] as number) + 1;
    });
    return {
      trainAccuracy: shareEqual(learned, trainClasses),
      testAccuracy: shareEqual(judged, testClasses),
      trainLoss: learning.evaluate(point).value,
      testLoss: judging.evaluate(point).value,
      classes,
      confusion,
      predictions: Uint8Array.from(judged, (index) => classes[index] as number),
      weights: {
        values: Float32Array.from(point.subarray(0, width * classes.length)),
        shape: [width, classes.length],
      },
      iterations,
      converged,
    };
  });
}

/**
 * Cross-entropy on some rows as a function of W `[width, classes]` and b, one after the other. Its tensors live as long as
 * the `tf.tidy` around it.
 */
function problem({ values, shape: [count, width] }: Matrix, labels: Int32Array, classes: number) {
  const rows = tf.tensor2d(values, [count, width]);
  // Once, not in each of some hundred evaluations.
  const columns = tf.transpose(rows);
  const wanted = tf.oneHot(tf.tensor1d(labels, 'int32'), classes).toFloat();
  const logits = (parameters: Float64Array): tf.Tensor2D => {
    const split = width * classes;
    const weights = tf.tensor2d(Float32Array.from(parameters.subarray(0, split)), [width, classes]);
    return rows.matMul<tf.Tensor2D>(weights).add(tf.tensor1d(Float32Array.from(parameters.subarray(split))));
  };
  return {
    /** The mean cross-entropy and its gradient. */
    evaluate(parameters: Float64Array): Evaluation {
      const gradient = new Float64Array(parameters.length);
      let value = 0;
      tf.tidy(() => {
        const logProbabilities = tf.logSoftmax(logits(parameters));
        value = -(logProbabilities.mul(wanted).sum().dataSync()[0] as number) / count;
        // The gradient by the logits: what was said minus what was wanted.
        const excess = logProbabilities.exp().sub(wanted).div<tf.Tensor2D>(count);
        gradient.set(tf.matMul(columns, excess).dataSync());
        gradient.set(excess.sum(0).dataSync(), width * classes);
      });
      return { value, gradient };
    },
    /** The most probable class of each row. */
    classify: (parameters: Float64Array): Int32Array =>
      tf.tidy(() => logits(parameters).argMax(1).dataSync<'int32'>()),
  };
}

/** The same with weightDecay · ½ ΣW² added, over the first `weights` parameters: biases are free. */
function regularized(
  { value, gradient }: Evaluation,
  parameters: Float64Array,
  weights: number,
  weightDecay: number,
): Evaluation {
  let squares = 0;
  for (let i = 0; i < weights; i++) {
    const weight = parameters[i] as number;
    squares += weight * weight;
    gradient[i] = (gradient[i] as number) + weightDecay * weight;
  }
  return { value: value + (weightDecay * squares) / 2, gradient };
}

function featuresOf(encoder: Encoder, data: Dataset): Matrix {
  const features = toMatrix("the encoder's features", encoder.encode(data));
  if (features.shape[0] !== data.count) {
    throw new RangeError(`encoder must give one row per example, ${data.count}; got ${features.shape[0]}`);
  }
  return features;
}

function labelsOf(name: string, data: Dataset): Uint8Array {
  requireDataset(name, data);
  const { labels, count } = data;
  if (!labels || count === 0) {
    throw new RangeError(
      `${name} must have at least one labelled example; got ${count}, ${labels ? '' : 'un'}labelled`,
    );
  }
  return labels;
}

/** Each label's index among the classes. */
function toClasses(name: string, data: Dataset, classes: readonly number[]): Int32Array {
  return Int32Array.from(labelsOf(name, data), (label) => {
    const index = classes.indexOf(label);
    if (index < 0)
      throw new RangeError(
        `${name} must have only labels that occur in train, ${show(classes)}; got ${label}`,
      );
    return index;
  });
}

const shareEqual = (a: Int32Array, b: Int32Array): number =>
  a.reduce((count, value, index) => count + (value === b[index] ? 1 : 0), 0) / a.length;
