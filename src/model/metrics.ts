/**
 * Metrics of a trained model: how well it reconstructs, and how sparse its code is. Each takes tensors or
 * plain matrices, returns plain numbers and leaves no tensor behind. Without a row, or with a plain number that is NaN or
 * infinite, it throws a RangeError; a tensor's numbers are not looked at, so a model that has come apart can be measured.
 *
 * Sums run over each example first, then over the examples: WebAssembly adds up in float32, one number after the other,
 * and over a million numbers at once that would cost three digits.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs';
import { type Rows, requireRows, toTensor } from '../datasets/rows';
import { requireNumber } from '../numbers/arguments';

/**
 * Mean squared error: (x − x̂)², averaged over examples and inputs.
 *
 * @param x Inputs, [examples, inputDim].
 * @param reconstruction x̂, the same shape.
 * @throws RangeError if the shapes differ.
 *
 * @example meanSquaredError(tf.tensor2d([[1, 2]]), tf.tensor2d([[1, 4]])) // → 2; (0² + 2²) / 2
 */
export function meanSquaredError(x: Rows, reconstruction: Rows): number {
  return tf.tidy(() => {
    const [expected, got] = sameShape(x, reconstruction);
    return scalar(tf.squaredDifference(expected, got).mean(1).mean());
  });
}

/**
 * Fraction of variance unexplained: Σ‖x − x̂‖² / Σ‖x − x̄‖², sums over the examples, x̄ their mean.
 * 0 is a perfect reconstruction, 1 is what the mean image alone would reach.
 *
 * @param x Inputs, [examples, inputDim].
 * @param reconstruction x̂, the same shape.
 * @returns NaN if the examples are all the same: there is no variance to explain.
 * @throws RangeError if the shapes differ.
 *
 * @example fractionOfVarianceUnexplained(tf.tensor2d([[0], [2]]), tf.tensor2d([[1], [2]])) // → 0.5; 1² of 1² + 1²
 */
export function fractionOfVarianceUnexplained(x: Rows, reconstruction: Rows): number {
  return tf.tidy(() => {
    const [expected, got] = sameShape(x, reconstruction);
    return unexplained(meanSquaredError(expected, got), variance(expected));
  });
}

/**
 * The variance of the inputs: (x − x̄)², averaged over examples and inputs, x̄ the examples' mean. The
 * baseline of {@link meanSquaredError}; compute it once to measure many reconstructions of the same x.
 */
export function variance(x: Rows): number {
  return tf.tidy(() => {
    const rows = toTensor('x', x);
    requireRows('x', rows.shape);
    // Measured from the first example: of examples that are all the same, nothing is left to be rounded.
    const shifted = rows.sub(rows.slice([0, 0], [1, -1]));
    return scalar(tf.squaredDifference(shifted, shifted.mean(0, true)).mean(1).mean());
  });
}

/** The fraction of the variance that an error amounts to; NaN if there is no variance to explain. */
const unexplained = (error: number, ofVariance: number): number =>
  ofVariance > 0 ? error / ofVariance : Number.NaN;

/**
 * L0: the mean number of units that are active for an example.
 *
 * @param activations h, [examples, hiddenDim].
 * @param threshold A unit counts as active where |h| is greater than this; 0 for relu codes, whose zeros are exact.
 *
 * @example l0(tf.tensor2d([[0, 2, 1], [0, 0, 3]])) // → 1.5; (2 + 1) / 2
 */
export function l0(activations: Rows, threshold = 0): number {
  requireNumber('threshold', threshold, { min: 0 });
  return tf.tidy(() => scalar(active(activations, threshold).sum(1).mean()));
}

/**
 * Fraction of dead units: those that are active for none of the examples. A unit that is dead on a large sample has
 * left the model: with relu no gradient reaches it any more.
 *
 * @param activations h, [examples, hiddenDim].
 * @param threshold As for {@link l0}.
 *
 * @example deadFraction(tf.tensor2d([[0, 2, 1], [0, 0, 3]])) // → 0.3333; unit 0 of 3
 */
export function deadFraction(activations: Rows, threshold = 0): number {
  requireNumber('threshold', threshold, { min: 0 });
  // The dead are counted: one minus a fraction of almost 1 would have few digits left.
  return tf.tidy(() => scalar(tf.sub(1, active(activations, threshold).max(0)).mean()));
}

/**
 * Mean activation of each unit: ρ̂ⱼ, averaged over the examples.
 *
 * @param activations h, [examples, hiddenDim].
 * @returns hiddenDim numbers.
 *
 * @example Array.from(meanActivation(tf.tensor2d([[0, 2], [1, 4]]))) // → [0.5, 3]
 */
export function meanActivation(activations: Rows): Float32Array {
  return tf.tidy(() => codes(activations).mean(0).dataSync<'float32'>());
}

/** The metrics that a training records and a sweep puts into its table. (No interface: `tf.tidy` would not return one.) */
export type Measurements = {
  /** Mean squared error, averaged over inputs and examples. */
  readonly mse: number;
  /** Mean number of units that are active for an example. */
  readonly l0: number;
  /** Fraction of units that are active for no example. */
  readonly deadFraction: number;
  /** Σ‖x − x̂‖² / Σ‖x − x̄‖² over the examples; NaN if they are all the same. */
  readonly fractionOfVarianceUnexplained: number;
  /** ρ̂ⱼ of every hidden unit: its activation, averaged over the examples. */
  readonly meanActivation: Float32Array;
};

/**
 * All of them, of one pass through a model.
 *
 * @param pass h, [examples, hiddenDim], and x̂, the shape of x.
 * @param threshold A unit counts as active where |h| is greater than this.
 * @param ofVariance {@link variance} of x, if it is known.
 */
export function measurements(
  x: tf.Tensor2D,
  { activations, reconstruction }: { activations: tf.Tensor2D; reconstruction: tf.Tensor2D },
  threshold: number,
  ofVariance = variance(x),
): Measurements {
  const mse = meanSquaredError(x, reconstruction);
  return {
    mse,
    l0: l0(activations, threshold),
    deadFraction: deadFraction(activations, threshold),
    fractionOfVarianceUnexplained: unexplained(mse, ofVariance),
    meanActivation: meanActivation(activations),
  };
}

/** 1 where a unit is active, else 0. */
const active = (activations: Rows, threshold: number) =>
  codes(activations).abs().greater(threshold).toFloat();

function codes(activations: Rows): tf.Tensor2D {
  const tensor = toTensor('activations', activations);
  requireRows('activations', tensor.shape);
  return tensor;
}

const scalar = (tensor: tf.Tensor): number => tensor.dataSync()[0] as number;

function sameShape(x: Rows, reconstruction: Rows): [tf.Tensor2D, tf.Tensor2D] {
  const [expected, got] = [toTensor('x', x), toTensor('reconstruction', reconstruction)];
  if (expected.shape.join() !== got.shape.join()) {
    throw new RangeError(`reconstruction must have the shape of x, [${expected.shape}]; got [${got.shape}]`);
  }
  requireRows('x', expected.shape);
  return [expected, got];
}
