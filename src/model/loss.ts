/**
 * The loss that training lowers: reconstruction + strength × penalty + weight decay, with every term by name.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs';
import { type Rows, requireColumns, requireRows, toTensor } from '../datasets/rows';
import { type Named, scalarsOf, type TrainingStep, tensorsOf } from '../engine';
import { requireArray, requireInteger, requireNumber, show } from '../numbers/arguments';
import { number, type OptionsOf, oneOf, optional, readOptions, value } from '../numbers/options';
import { activationFunctions, activationOf } from './activations';
import {
  type Architecture,
  type ByParameter,
  decode,
  decoderOf,
  type ForwardPass,
  forward,
  initialModelState,
  initialParameters,
  requireModel,
} from './architecture';
import type { SparseAutoencoder } from './autoencoder';
import { held } from './gradients';
import type { LossTerms } from './lossTerms';
import type { Penalty, PenaltyContext } from './penalties';
import type { StepRule } from './stepRule';

/**
 * How far x̂ is from x.
 *
 * - `meanSquaredError`: (x − x̂)² averaged over inputs and batch. Keras' `mse`, PyTorch's `mse_loss`.
 * - `halfSquaredError`: ½ Σ (x − x̂)² summed over inputs, averaged over the batch. UFLDL's; inputDim / 2 times larger,
 *   so that the same λ or β has less weight.
 */
export type ReconstructionLoss = 'meanSquaredError' | 'halfSquaredError';

// Row by row: WebAssembly adds up in float32, and over all numbers at once loses digits (see metrics.ts).
const reconstructionLosses: Record<
  ReconstructionLoss,
  (x: tf.Tensor2D, reconstruction: tf.Tensor2D) => tf.Scalar
> = {
  meanSquaredError: (x, reconstruction) => tf.squaredDifference(x, reconstruction).mean(1).mean<tf.Scalar>(),
  halfSquaredError: (x, reconstruction) =>
    tf.squaredDifference(x, reconstruction).sum(1).mean<tf.Scalar>().mul(0.5),
};

/** An {@link Objective}, for {@link readOptions}. */
export const objectiveOptions = {
  /** Default: `meanSquaredError`. */
  reconstructionLoss: optional(
    oneOf(Object.keys(reconstructionLosses) as ReconstructionLoss[]),
    'meanSquaredError',
  ),
  /** {@link l1}, {@link kl} or a custom penalty. Default: none. */
  penalty: optional(value<Penalty>()),
  /** Strength ≥ 0 of ½ Σ W², summed over both weight matrices (tied ones count once), not the biases. Default: 0. */
  weightDecay: optional(number({ min: 0 }), 0),
  /**
   * Matryoshka: the code's first m units alone should reconstruct as well, for each of these m. The reconstruction error is the
   * sum of those of all prefixes, x̂ₘ = g(h[:m]·W_d[:m] + b_d). They ascend, and the last is `hiddenDim`. Default: all units only.
   *
   * Bussmann et al., "Learning multi-level features with Matryoshka sparse autoencoders", 2025.
   */
  prefixes: optional(value<readonly number[]>()),
};

/** The objective of a training. @interface */
export type Objective = OptionsOf<typeof objectiveOptions>;

/**
 * The terms of the loss of a model on some rows, with the code as the trained model makes it.
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
  const step = objectiveStep(model.architecture, readOptions('loss', objective, objectiveOptions));
  return tf.tidy(() => {
    const rows = toTensor('x', x);
    requireColumns('x', rows.shape, model.architecture.inputDim, 'inputDim');
    requireRows('x', rows.shape);
    const [parameters, state] = [tensorsOf(model.parameters), tensorsOf(model.state)];
    const pass = forward(model.architecture, parameters, rows, state);
    // Spread, because tf.tidy's type knows no interfaces.
    return { ...termsOf(step, parameters, rows, pass, state) };
  });
}

/**
 * The terms of a step's loss as numbers, for the strengths that the step was made with.
 *
 * @param pass The model's outputs for x.
 */
export function termsOf(
  step: ObjectiveStep,
  parameters: Named<tf.Tensor>,
  x: tf.Tensor2D,
  pass: ForwardPass,
  state: Named<tf.Tensor>,
  inputs: Named<number> = step.inputs,
): LossTerms {
  const entries = tf.tidy(() => {
    const terms = step.lossOf(pass, parameters, x, scalarsOf(inputs), state);
    return Object.fromEntries(
      step.terms.map((name) => [name, (terms[name] as tf.Scalar).dataSync()[0] as number]),
    );
  });
  return entries as unknown as LossTerms; // Object.fromEntries forgets which keys it was given.
}

/** A {@link TrainingStep} whose terms have the names of {@link LossTerms}. */
export interface ObjectiveStep extends TrainingStep<keyof LossTerms> {
  /** Its `loss` where the forward pass is there already. */
  lossOf(
    pass: ForwardPass,
    parameters: Named<tf.Tensor>,
    x: tf.Tensor2D,
    inputs: Named<tf.Scalar>,
    state: Named<tf.Tensor>,
  ): LossTerms<tf.Scalar>;
  /** The examples as the model sees them. */
  input(x: tf.Tensor2D, state: Named<tf.Tensor>): tf.Tensor2D;
}

/**
 * A training step: the loss as a function of parameters, batch and strengths, with the changes by rules.
 *
 * @param strengthChanges Whether the strength of each step is reported. Default: if a rule steers it.
 * @throws RangeError or TypeError if the objective is wrong in itself or cannot be used with the architecture.
 */
export function objectiveStep(
  architecture: Architecture,
  { reconstructionLoss: kind, penalty, weightDecay: decay, prefixes }: Objective,
  rules: readonly StepRule[] = [],
  strengthChanges = rules.some((rule) => rule.strength),
): ObjectiveStep {
  const given = { reconstructionLoss: kind, weightDecay: decay };
  const { reconstructionLoss, weightDecay } = readOptions('loss', given, objectiveOptions);
  const activation = activationOf(architecture.hiddenActivation);
  const error = reconstructionLosses[reconstructionLoss];
  if (prefixes !== undefined) requirePrefixes(prefixes, architecture);
  if (penalty !== undefined) requireUsable(penalty, architecture);
  for (const rule of rules) rule.requireFit?.(architecture);
  const hasAuxiliary = activation.penalised !== undefined || rules.some(({ auxiliary }) => auxiliary);
  const input: ObjectiveStep['input'] = (x, state) =>
    rules.reduce((shown, rule) => rule.input?.(shown, state) ?? shown, x);

  const lossOf: ObjectiveStep['lossOf'] = (
    pass,
    parameters,
    x,
    { strength, weightDecay: decayStrength, ...penaltyParameters },
    state,
  ) => {
    const penalised = activation.penalised?.(pass.preActivation, { parameters, state });
    const auxiliary = rules.flatMap(
      (rule) => rule.auxiliary?.({ architecture, parameters, state, x, pass, error }) ?? [],
    );
    if (penalised) auxiliary.push(error(x, heldDecoding(architecture, parameters, penalised)));
    const terms = {
      reconstruction: prefixes
        ? tf.addN(nested(architecture, parameters, pass.activations, prefixes).map((part) => error(x, part)))
        : error(x, pass.reconstruction),
      penalty: penalty
        ? penalty.term(
            penalised ?? pass.activations,
            penaltyParameters,
            penaltyContext(architecture, parameters, pass.preActivation),
          )
        : tf.scalar(0),
      weightDecay: weightDecay > 0 ? halfSquaredWeights(parameters) : tf.scalar(0),
      ...(hasAuxiliary && { auxiliary: tf.addN(auxiliary) }),
    };
    const steered = rules.reduce(
      (factor, rule) => (rule.strength ? tf.mul<tf.Scalar>(factor, rule.strength(state)) : factor),
      strength as tf.Scalar,
    );
    const weighted = tf.add(
      tf.mul(steered, terms.penalty),
      tf.mul(decayStrength as tf.Scalar, terms.weightDecay),
    );
    const total = tf.add<tf.Scalar>(terms.reconstruction, weighted);
    return {
      ...terms,
      ...(strengthChanges && { strength: steered }),
      total: terms.auxiliary ? tf.add<tf.Scalar>(total, terms.auxiliary) : total,
    };
  };

  const gradientRules = rules.filter(({ gradients }) => gradients);
  const stateRules = rules.filter(({ nextState }) => nextState);
  const settlingRules = rules.filter(({ settle }) => settle);
  return {
    inputs: { strength: penalty?.strength ?? 0, weightDecay, ...penalty?.parameters },
    terms: [
      'reconstruction',
      'penalty',
      'weightDecay',
      ...(hasAuxiliary ? (['auxiliary'] as const) : []),
      ...(strengthChanges ? (['strength'] as const) : []),
      'total',
    ],
    input,
    loss: (parameters, batch, inputs, state, see) => {
      const x = input(batch, state);
      const pass = forward(architecture, parameters, x, state, 'training');
      see('z', pass.preActivation);
      see('h', pass.activations);
      return lossOf(pass, parameters, x, inputs, state) as Required<LossTerms<tf.Scalar>>;
    },
    lossOf,
    ...(gradientRules.length > 0 && {
      gradients: (gradients, parameters) => {
        const now = { ...gradients };
        for (const rule of gradientRules) {
          Object.assign(now, rule.gradients?.(now, { architecture, parameters }));
        }
        return now;
      },
    }),
    ...((activation.nextState || stateRules.length > 0) && {
      nextState: (state, seen) => {
        const { z, h } = seen as Record<'z' | 'h', tf.Tensor2D>;
        return Object.assign(
          { ...activation.nextState?.(state, z, h) },
          ...stateRules.map((rule) => rule.nextState?.(state, h)),
        );
      },
    }),
    ...(settlingRules.length > 0 && {
      settle: (parameters, state) => {
        const settled = { parameters: {}, state: {} };
        for (const rule of settlingRules) {
          const now = rule.settle?.({ ...parameters, ...settled.parameters }, { ...state, ...settled.state });
          Object.assign(settled.parameters, now?.parameters);
          Object.assign(settled.state, now?.state);
        }
        return settled;
      },
    }),
  };
}

/** The parts of a model that a penalty may read. */
export function penaltyContext(
  architecture: Architecture,
  parameters: ByParameter<tf.Tensor>,
  preActivation: tf.Tensor2D,
): PenaltyContext {
  const { name } = activationOf(architecture.hiddenActivation);
  return {
    preActivation,
    hiddenActivation: name,
    parameters,
    decoder: () => decoderOf(architecture, parameters),
  };
}

/** x̂ of a code through the decoder as it is: no gradient reaches its arrays. */
function heldDecoding(
  architecture: Architecture,
  parameters: ByParameter<tf.Tensor>,
  code: tf.Tensor2D,
): tf.Tensor2D {
  const { decoderBias } = parameters;
  return decode(
    { ...architecture, tied: false },
    {
      decoderWeights: held(decoderOf(architecture, parameters)),
      decoderBias: held(decoderBias as tf.Tensor),
    },
    code,
  );
}

/** The reconstruction from each prefix of the code: a product per group of units, added up. */
function nested(
  architecture: Architecture,
  parameters: ByParameter<tf.Tensor>,
  code: tf.Tensor2D,
  prefixes: readonly number[],
): tf.Tensor2D[] {
  const weights = decoderOf(architecture, parameters);
  const [rows] = code.shape;
  let sum: tf.Tensor2D | undefined;
  return prefixes.map((end, k) => {
    const start = prefixes[k - 1] ?? 0;
    const group: tf.Tensor2D = tf.matMul(
      code.slice([0, start], [rows, end - start]),
      weights.slice([start, 0], [end - start, -1]),
    );
    const upTo: tf.Tensor2D = sum ? tf.add(sum, group) : group;
    sum = upTo;
    const output = tf.add<tf.Tensor2D>(upTo, parameters.decoderBias as tf.Tensor);
    return activationFunctions[architecture.outputActivation].apply(output);
  });
}

function requirePrefixes(prefixes: readonly number[], { hiddenDim }: Architecture): void {
  requireArray('prefixes', prefixes, 'a list of numbers of units');
  prefixes.forEach((end, k) => {
    requireInteger(`prefixes[${k}]`, end, { min: 1, max: hiddenDim });
  });
  const ascend = prefixes.every((end, k) => end > (prefixes[k - 1] ?? 0));
  if (!ascend || prefixes.at(-1) !== hiddenDim) {
    throw new RangeError(`prefixes must ascend to hiddenDim, ${hiddenDim}; got [${prefixes.join(', ')}]`);
  }
}

/** ½ Σ W² over the weight matrices. */
function halfSquaredWeights(parameters: ByParameter<tf.Tensor>): tf.Scalar {
  const matrices = Object.values(parameters).filter(({ rank }) => rank === 2);
  return tf.addN(matrices.map((weights) => weights.square().sum<tf.Scalar>())).mul(0.5);
}

/**
 * Checks that something is a penalty.
 *
 * @throws TypeError or RangeError saying the requirement and the value.
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
function requireUsable(penalty: Penalty, architecture: Architecture): void {
  requirePenalty(penalty);
  const { name, term, parameters = {}, activationRange, needs } = penalty;
  for (const [key, value] of Object.entries(parameters)) {
    if (key === 'strength' || key === 'weightDecay') {
      throw new RangeError(`penalty.parameters must not use the name '${key}': the loss has one of its own`);
    }
    requireNumber(`penalty.parameters.${key}`, value);
  }
  const activation = activationOf(architecture.hiddenActivation);
  const { range = [-Infinity, Infinity], rangeText = '(−∞, ∞)' } = activation;
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
        `got hiddenActivation '${activation.name}' with values in ${rangeText}: use ${fitting.join(' or ')}`,
    );
  }
  tf.tidy(() => {
    const preActivation = tf.ones<tf.Rank.R2>([2, architecture.hiddenDim]);
    const model = tensorsOf(initialParameters(architecture, 'unitNorm', 0));
    if (needs !== undefined && !(needs in model)) {
      throw new RangeError(
        `${name} needs a hidden activation with a learnt ${needs}, such as jumpRelu(); got '${activation.name}'`,
      );
    }
    const context = { parameters: model, state: tensorsOf(initialModelState(architecture)) };
    const activations =
      activation.penalised?.(preActivation, context) ?? activation.apply(preActivation, context);
    const result = term(activations, parameters, penaltyContext(architecture, model, preActivation));
    if (!(result instanceof tf.Tensor) || result.size !== 1 || result.rank !== 0) {
      const got = result instanceof tf.Tensor ? `a tensor of shape [${result.shape}]` : show(result);
      throw new TypeError(`penalty.term must return a scalar tensor; got ${got}`);
    }
  });
}
