/**
 * The loss that training lowers: reconstruction + strength × penalty + weight decay, with every term by name.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs';
import { type Rows, requireColumns, requireRows, toTensor } from '../datasets/rows';
import { type Named, scalarsOf, type TrainingStep, tensorsOf } from '../engine';
import { refuseUnknownOptions, requireNumber, requireOneOf, show } from '../numbers/arguments';
import { activationFunctions } from './activations';
import { type Architecture, type ByParameter, type ForwardPass, forward, requireModel } from './architecture';
import type { SparseAutoencoder } from './autoencoder';
import type { LossTerms } from './lossTerms';
import type { Penalty } from './penalties';

/**
 * How far x̂ is from x.
 *
 * - `meanSquaredError`: (x − x̂)² averaged over inputs and batch. Keras' `mse`, PyTorch's `mse_loss`.
 * - `halfSquaredError`: ½ Σ (x − x̂)² summed over inputs, averaged over the batch. UFLDL's; inputDim / 2 times larger,
 *   so that the same λ or β has less weight.
 */
export type ReconstructionLoss = 'meanSquaredError' | 'halfSquaredError';

/** What training lowers. */
export interface Objective {
  /** Default: `meanSquaredError`. */
  readonly reconstructionLoss?: ReconstructionLoss;
  /** {@link l1}, {@link kl} or a custom penalty. Default: none. */
  readonly penalty?: Penalty;
  /** Strength ≥ 0 of ½ Σ W², summed over both weight matrices (tied ones count once), not the biases. Default: 0. */
  readonly weightDecay?: number;
}

/** The options of an {@link Objective}, for checks. */
export const OBJECTIVE_KEYS = ['reconstructionLoss', 'penalty', 'weightDecay'] as const;

// Row by row: WebAssembly adds up in float32, and over all numbers at once loses digits (see metrics.ts).
const reconstructionLosses: Record<
  ReconstructionLoss,
  (x: tf.Tensor2D, reconstruction: tf.Tensor2D) => tf.Scalar
> = {
  meanSquaredError: (x, reconstruction) => tf.squaredDifference(x, reconstruction).mean(1).mean<tf.Scalar>(),
  halfSquaredError: (x, reconstruction) =>
    tf.squaredDifference(x, reconstruction).sum(1).mean<tf.Scalar>().mul(0.5),
};

/**
 * The terms of the loss of a model on some rows.
 *
 * @param x Rows of `inputDim` numbers, taken as one batch.
 * @throws RangeError or TypeError if the objective cannot be used with the model, or the rows do not fit it.
 *
 * @example
 * const { reconstruction, penalty, total } = loss(model, images, { penalty: l1(1e-3) });
 * // total = reconstruction + 1e-3 × penalty
 */
export function loss(model: SparseAutoencoder, x: Rows, objective: Objective = {}): LossTerms {
  requireModel('model', model);
  refuseUnknownOptions('loss', objective, OBJECTIVE_KEYS);
  const step = objectiveStep(model.architecture, objective);
  return tf.tidy(() => {
    const rows = toTensor('x', x);
    requireColumns('x', rows.shape, model.architecture.inputDim, 'inputDim');
    requireRows('x', rows.shape);
    const parameters = tensorsOf(model.parameters);
    // Spread, because tf.tidy's type knows no interfaces.
    return { ...termsOf(step, parameters, rows, forward(model.architecture, parameters, rows)) };
  });
}

/**
 * The terms of a step's loss as numbers, for the strengths that the step was made with.
 *
 * @param pass What the model makes of x.
 */
export function termsOf(
  step: ObjectiveStep,
  parameters: Named<tf.Tensor>,
  x: tf.Tensor2D,
  pass: ForwardPass,
): LossTerms {
  return tf.tidy(() => {
    const terms = step.lossOf(pass, parameters, x, scalarsOf(step.inputs));
    const number = (term: tf.Scalar) => term.dataSync()[0] as number;
    return {
      reconstruction: number(terms.reconstruction),
      penalty: number(terms.penalty),
      weightDecay: number(terms.weightDecay),
      total: number(terms.total),
    };
  });
}

/** A {@link TrainingStep} whose terms have the names of {@link LossTerms}. */
export interface ObjectiveStep extends TrainingStep<keyof LossTerms> {
  /** Its `loss` where the forward pass is there already. */
  lossOf(pass: ForwardPass, ...of: Parameters<TrainingStep<keyof LossTerms>['loss']>): LossTerms<tf.Scalar>;
}

/**
 * The loss as a function of parameters, batch and strengths: what an engine runs and differentiates.
 *
 * @throws RangeError or TypeError if the objective is wrong in itself or cannot be used with the architecture.
 */
export function objectiveStep(architecture: Architecture, objective: Objective): ObjectiveStep {
  const { reconstructionLoss = 'meanSquaredError', penalty, weightDecay = 0 } = objective;
  const { hiddenActivation } = architecture;
  const error =
    reconstructionLosses[requireOneOf('reconstructionLoss', reconstructionLoss, RECONSTRUCTION_LOSSES)];
  requireNumber('weightDecay', weightDecay, { min: 0 });
  if (penalty !== undefined) requireUsable(penalty, architecture);

  const lossOf: ObjectiveStep['lossOf'] = (
    pass,
    parameters,
    x,
    { strength, weightDecay: decayStrength, ...penaltyParameters },
  ) => {
    const terms = {
      reconstruction: error(x, pass.reconstruction),
      penalty: penalty
        ? penalty.term(pass.activations, penaltyParameters, {
            preActivation: pass.preActivation,
            hiddenActivation,
          })
        : tf.scalar(0),
      weightDecay: weightDecay > 0 ? halfSquaredWeights(parameters) : tf.scalar(0),
    };
    const weighted = tf.add(
      tf.mul(strength as tf.Scalar, terms.penalty),
      tf.mul(decayStrength as tf.Scalar, terms.weightDecay),
    );
    return { ...terms, total: tf.add<tf.Scalar>(terms.reconstruction, weighted) };
  };
  return {
    inputs: { strength: penalty?.strength ?? 0, weightDecay, ...penalty?.parameters },
    terms: ['reconstruction', 'penalty', 'weightDecay', 'total'],
    loss: (parameters, x, inputs) => lossOf(forward(architecture, parameters, x), parameters, x, inputs),
    lossOf,
  };
}

const RECONSTRUCTION_LOSSES = Object.keys(reconstructionLosses) as ReconstructionLoss[];

/** ½ Σ W² over the weight matrices. */
function halfSquaredWeights(parameters: ByParameter<tf.Tensor>): tf.Scalar {
  const matrices = Object.values(parameters).filter(({ rank }) => rank === 2);
  return tf.addN(matrices.map((weights) => weights.square().sum<tf.Scalar>())).mul(0.5);
}

/**
 * Checks that something is a penalty.
 *
 * @throws TypeError or RangeError saying what it must be, and what came in.
 */
export function requirePenalty(penalty: Penalty): void {
  const { name, strength, term } = Object(penalty) as Penalty;
  if (typeof name !== 'string' || typeof term !== 'function') {
    throw new TypeError(
      `penalty must be l1(…), kl(…) or { name, strength, term: (activations) => scalar }; got ${show(penalty)}`,
    );
  }
  requireNumber('penalty.strength', strength, { min: 0 });
}

/** Tries the penalty on two made-up codes, so that a wrong one is refused before any training starts. */
function requireUsable(penalty: Penalty, { hiddenDim, hiddenActivation }: Architecture): void {
  requirePenalty(penalty);
  const { name, term, parameters = {}, activationRange } = penalty;
  for (const [key, value] of Object.entries(parameters)) {
    if (key === 'strength' || key === 'weightDecay') {
      throw new RangeError(`penalty.parameters must not use the name '${key}': the loss has one of its own`);
    }
    requireNumber(`penalty.parameters.${key}`, value);
  }
  const { range, rangeText } = activationFunctions[hiddenActivation];
  if (activationRange && (range[0] < activationRange[0] || range[1] > activationRange[1])) {
    const fitting = Object.entries(activationFunctions)
      .filter(
        ([
          ,
          {
            range: [low, high],
          },
        ]) => low >= activationRange[0] && high <= activationRange[1],
      )
      .map(([key]) => show(key));
    throw new RangeError(
      `${name} needs hidden activations in (${activationRange.join(', ')}); ` +
        `got hiddenActivation '${hiddenActivation}' with values in ${rangeText}: use ${fitting.join(' or ')}`,
    );
  }
  tf.tidy(() => {
    const preActivation = tf.ones<tf.Rank.R2>([2, hiddenDim]);
    const activations = activationFunctions[hiddenActivation].apply(preActivation);
    const result = term(activations, parameters, { preActivation, hiddenActivation });
    if (!(result instanceof tf.Tensor) || result.size !== 1 || result.rank !== 0) {
      const got = result instanceof tf.Tensor ? `a tensor of shape [${result.shape}]` : show(result);
      throw new TypeError(`penalty.term must return a scalar tensor; got ${got}`);
    }
  });
}
