import * as tf from '@tensorflow/tfjs';
import { type Rows, requireColumns, requireRows, toMatrix } from '../datasets/rows';
import { float64Tensor, float64Values, inFloat64, lossAndGradients, mapNamed, type Named } from '../engine';
import { number, type OptionsOf, optional, readOptions } from '../numbers/options';
import { requireModel } from './architecture';
import type { SparseAutoencoder } from './autoencoder';
import { objectiveOptions, objectiveStep } from './loss';

const gradientCheckOptions = {
  ...objectiveOptions,
  /** ε, half the distance of the two points of a difference. Default: 1e-4. */
  epsilon: optional(number({ above: 0, max: 0.1 }), 1e-4),
};

/** Options of {@link gradientCheck}. @interface */
export type GradientCheckOptions = OptionsOf<typeof gradientCheckOptions>;

/** How well the gradient that training uses agrees with differences of the loss. */
export interface GradientCheck {
  /** ‖numeric − ours‖ / ‖numeric + ours‖ over all parameters; 1e-9 is agreement, 1e-4 a mistake. */
  readonly relativeError: number;
  /** The same for each parameter array: which one is wrong. */
  readonly byParameter: Readonly<Record<string, number>>;
}

/**
 * Compares the gradient of the loss, as training computes it, with central differences, both in float64:
 *
 *     ∂L/∂wᵢ ≈ (L(wᵢ + ε) − L(wᵢ − ε)) / 2ε
 *
 * Two evaluations of the loss for each parameter: use a small model and about ten rows. Where a relu's input lies
 * within reach of ε from zero, the difference straddles the kink and the two disagree rightly; other rows or another
 * seed help.
 *
 * Some gradients are not the slope of the loss on purpose, and no check by differences can confirm these. Look at
 * `byParameter` then; the other arrays still have to agree:
 *
 * - `threshold` of {@link jumpRelu}: it comes from a window around the jump, while a difference finds no slope (the error is 1).
 * - `decoderWeights` and `decoderBias` with {@link gated}: its own term of the loss holds the decoder fixed, and the difference does
 *   not.
 * - Everything behind {@link held}.
 *
 * Ng, Ngiam, Foo, Mai & Suen, UFLDL tutorial, "Gradient checking and advanced optimization".
 *
 * @param x A few rows of `inputDim` numbers, taken as one batch.
 * @throws RangeError or TypeError if the objective cannot be used with the model.
 * @throws Error naming an operation of tf that has no float64 version, such as a convolution.
 *
 * @example gradientCheck(model, digits.take(10), { penalty: kl({ beta: 3, rho: 0.05 }) }).relativeError // < 1e-9
 */
export function gradientCheck(
  model: SparseAutoencoder,
  x: Rows,
  options: GradientCheckOptions = {},
): GradientCheck {
  requireModel('model', model);
  const { epsilon, ...objective } = readOptions('gradientCheck', options, gradientCheckOptions);
  const step = objectiveStep(model.architecture, objective);
  const { values: rows, shape } = toMatrix('x', x);
  requireColumns('x', shape, model.architecture.inputDim, 'inputDim');
  requireRows('x', shape);
  const weights = mapNamed(model.parameters, ({ values }) => Float64Array.from(values));

  return inFloat64(() => {
    const batch = float64Tensor(Float64Array.from(rows), shape) as tf.Tensor2D;
    const inputs = mapNamed(step.inputs, (value) => float64Tensor(Float64Array.of(value), []) as tf.Scalar);
    const state = mapNamed(model.state, ({ values, shape: own }) =>
      float64Tensor(Float64Array.from(values), own),
    );
    const parameters = mapNamed(model.parameters, ({ shape: own }, name) =>
      float64Tensor(weights[name] as Float64Array, own),
    );
    const gradients = mapNamed(
      lossAndGradients(step, parameters, batch, inputs, state).gradients,
      float64Values,
    );
    const differences = mapNamed(weights, (values) =>
      centralDifferences(
        values,
        epsilon,
        () => float64Values(step.loss(parameters, batch, inputs, state, () => {}).total)[0] as number,
      ),
    );
    return {
      relativeError: disagreement(flat(differences), flat(gradients)),
      byParameter: mapNamed(differences, (numeric, name) =>
        disagreement(numeric, gradients[name] as Float64Array),
      ),
    };
  });
}

/** (f(wᵢ + ε) − f(wᵢ − ε)) / 2ε for each i; `weights` are moved, evaluated and put back. */
function centralDifferences(weights: Float64Array, epsilon: number, evaluate: () => number): Float64Array {
  return weights.map((weight, i) => {
    const at = (value: number) => {
      weights[i] = value;
      return tf.tidy(evaluate);
    };
    const difference = (at(weight + epsilon) - at(weight - epsilon)) / (2 * epsilon);
    weights[i] = weight;
    return difference;
  });
}

/** ‖a − b‖ / ‖a + b‖, and 0 where both are zero. */
function disagreement(a: Float64Array, b: Float64Array): number {
  let [difference, sum] = [0, 0];
  a.forEach((value, i) => {
    difference += (value - (b[i] as number)) ** 2;
    sum += (value + (b[i] as number)) ** 2;
  });
  return sum === 0 ? Math.sqrt(difference) : Math.sqrt(difference / sum);
}

const flat = (arrays: Named<Float64Array>): Float64Array =>
  Float64Array.from(Object.values(arrays).flatMap((array) => Array.from(array)));
