/**
 * Sparsity penalties: terms of the loss that are small when the hidden code is sparse.
 *
 * A penalty returns its *unweighted* term; `loss.ts` multiplies it by its strength, in one place.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs';
import { requireNumber } from '../numbers/arguments';
import { number, type OptionsOf, optional, readOptions } from '../numbers/options';
import { INSPECT } from '../page/cell';
import { above } from './gradients';

/** Inputs of a term besides the activations h = f(z). The loss gives all of it; a caller may give less. */
export interface PenaltyContext {
  /** z, of shape [batch, hiddenDim]. */
  readonly preActivation: tf.Tensor2D;
  /** The name of f. */
  readonly hiddenActivation: string;
  /** The model's arrays that gradients move: weights, biases, the thresholds of {@link jumpRelu}. */
  readonly parameters?: Readonly<Record<string, tf.Tensor>>;
  /** W_d, of shape [hiddenDim, inputDim]; row j is dⱼ. */
  decoder?(): tf.Tensor2D;
}

/** A term of the loss that depends on the hidden code. */
export interface Penalty {
  /** Its name in figures and tables. */
  readonly name: string;
  /** The factor in front of the term (λ of L1, β of KL): a finite number ≥ 0. */
  readonly strength: number;
  /** Numbers inside the term that may change between runs, such as ρ; passed to `term` by name. */
  readonly parameters?: Readonly<Record<string, number>>;
  /** The range of each of `parameters`: a schedule that leaves it is refused. Default: any number. */
  readonly ranges?: Readonly<
    Record<
      string,
      { readonly min?: number; readonly max?: number; readonly above?: number; readonly below?: number }
    >
  >;
  /** Activations must stay inside this interval for the term to exist; `undefined` means any. */
  readonly activationRange?: readonly [low: number, high: number];
  /** The name of an array of the model that the term reads, such as `threshold`; `undefined` if none in particular. */
  readonly needs?: string;
  /**
   * The unweighted term of a batch, written in tf operations so that it can be differentiated and compiled.
   *
   * @param activations h, of shape [batch, hiddenDim].
   * @param parameters The penalty's own `parameters`, as tensors while training.
   * @param context What else the term may read; the loss always gives it, a caller with activations alone may omit it.
   * @returns A scalar.
   */
  term(
    activations: tf.Tensor2D,
    parameters?: Readonly<Record<string, number | tf.Scalar>>,
    context?: PenaltyContext,
  ): tf.Scalar;
}

/** A penalty in a line: `Penalty: 3 × KL, rho 0.05`. */
function describePenalty({ name, strength, parameters = {} }: Penalty): string {
  const inside = Object.entries(parameters).map(([parameter, value]) => `, ${parameter} ${value}`);
  return `Penalty: ${strength} × ${name}${inside.join('')}`;
}

const madeHere = new WeakSet<Penalty>();

/** Marks a penalty whose name and numbers say all there is to say about it. */
function known(penalty: Penalty): Penalty {
  // Not enumerable: copies and hashes of a penalty hold its name and numbers only.
  Object.defineProperty(penalty, INSPECT, { value: () => describePenalty(penalty) });
  madeHere.add(Object.freeze(penalty));
  return penalty;
}

/** Whether the penalty is one of this module's, as it was made: then its name, strength and parameters determine it. */
export function isKnownPenalty(penalty: Penalty): boolean {
  return madeHere.has(penalty);
}

/**
 * L1: λ Σⱼ |hⱼ|, summed over the hidden units and averaged over the batch.
 *
 * Its pull towards zero is the same λ however small an activation is, so an activation that buys less
 * reconstruction than λ ends at *exactly* zero (a squared penalty pulls ever more weakly and never gets there).
 * The price is shrinkage: the activations that stay are too small as well.
 *
 * SAELens' `l1_coefficient` sums over the units and averages over the batch as well, and so does Keras'
 * `activity_regularizer` since 3.14 (Keras 3.0 to 3.13 summed over the batch too, against its documentation: keras
 * issue 22018). But with a reconstruction error that is *summed* over the inputs the same λ acts `inputDim` times
 * weaker.
 *
 * Tibshirani, "Regression shrinkage and selection via the lasso", 1996;
 * Bricken et al., "Towards monosemanticity", 2023.
 *
 * @param lambda λ ≥ 0; `l1({ lambda })` is the same.
 * @throws RangeError if λ is negative or not finite.
 *
 * @example l1(0.1).term(tf.tensor2d([[1, -2], [0, 3]])).dataSync()[0] // → 3; (1 + 2 + 0 + 3) / 2
 */
export function l1(lambda: number | { readonly lambda: number }): Penalty {
  if (typeof lambda === 'object') {
    return l1(readOptions('l1', lambda, { lambda: number({ min: 0 }) }).lambda);
  }
  requireNumber('lambda', lambda, { min: 0 });
  return known({
    name: 'L1',
    strength: lambda,
    // h·sign(h) is |h| with slope 0 at 0; the slope of tf.abs there is −1, which would push zeros upwards.
    term: (activations) => activations.mul(activations.sign()).sum(1).mean<tf.Scalar>(),
  });
}

/**
 * L1 of each unit's contribution to the reconstruction: λ Σⱼ hⱼ ‖dⱼ‖₂, summed over the hidden units and averaged over the
 * batch; dⱼ is row j of W_d.
 *
 * {@link l1} alone can be lowered without a sparser code: half the activation and twice the decoder row reconstruct the same
 * for half the price. This one cannot, so it needs no constraint on the decoder. In SAELens it is the `standard` architecture's.
 *
 * Anthropic, "Update on how we train SAEs", April 2024.
 *
 * @param lambda λ ≥ 0.
 * @throws RangeError if λ is negative or not finite.
 *
 * @example
 * const model = new SparseAutoencoder({ inputDim: 2, hiddenDim: 2, initializer: 'unitNorm' });
 * // The rows of W_d have length 1, so it is the L1 norm of the code.
 * loss(model, tf.tensor2d([[1, 0]]), { penalty: decoderL1(0.1) }).penalty - loss(model, tf.tensor2d([[1, 0]]), { penalty: l1(0.1) }).penalty < 1e-6 // → true
 */
export function decoderL1(lambda: number): Penalty {
  requireNumber('lambda', lambda, { min: 0 });
  return known({
    name: 'decoder L1',
    strength: lambda,
    term: (activations, _, context) => {
      const norms = tf.sqrt(tf.add(requireContext('decoderL1', context).decoder().square().sum(1), 1e-12));
      return tf.mul(activations.mul(activations.sign()), norms).sum(1).mean<tf.Scalar>();
    },
  });
}

const lpRanges = { p: { above: 0, max: 1 } };

const lpOptions = {
  /** λ ≥ 0. */
  lambda: number({ min: 0 }),
  /** p in (0, 1]; 1 is L1. A training may lower it: `schedule: { p: { to: 0.5 } }`. */
  p: number(lpRanges.p),
};

/** Options of {@link lp}. @interface */
export type LpOptions = OptionsOf<typeof lpOptions>;

/**
 * Lp: λ Σⱼ |hⱼ|ᵖ, summed over the hidden units and averaged over the batch. The smaller p, the nearer to counting the active
 * units (p → 0 is L0), and the less the strong ones shrink. Near zero its slope p·hᵖ⁻¹ is infinite, so ε = 1e-4 is added to
 * |h|, and its share εᵖ is taken off: a silent unit costs nothing.
 *
 * Karvonen et al., "Measuring progress in dictionary learning" (p-annealing), 2024.
 *
 * @throws RangeError naming λ or p, the permitted range and the value.
 *
 * @example lp({ lambda: 1, p: 0.5 }).term(tf.tensor2d([[4, 0, 1]])).dataSync()[0] // → 2.98; √4 + √1, less 0.01 for each
 */
export function lp(options: LpOptions): Penalty {
  const { lambda, p: power } = readOptions('lp', options, lpOptions);
  const epsilon = 1e-4;
  return known({
    name: 'Lp',
    strength: lambda,
    parameters: Object.freeze({ p: power }),
    ranges: lpRanges,
    term: (activations, { p = power } = {}) => {
      const size = activations.mul(activations.sign());
      const raised = tf.exp(tf.mul(tf.log(tf.add(size, epsilon)), p));
      return tf
        .sub(raised, tf.exp(tf.mul(Math.log(epsilon), p)))
        .sum(1)
        .mean<tf.Scalar>();
    },
  });
}

const l0WindowOptions = {
  /** λ ≥ 0. */
  lambda: number({ min: 0 }),
  /** ε, the width of the window around a threshold, above 0; that of {@link jumpRelu}. Default: 0.05. */
  bandwidth: optional(number({ above: 0 }), 0.05),
  /** L0 as it should be, above 0: then λ is the price of being away from it. Default: each active unit has its price. */
  target: optional(number({ above: 0 })),
};

/** Options of {@link l0Window}. @interface */
export type L0WindowOptions = OptionsOf<typeof l0WindowOptions>;

/**
 * L0 of a {@link jumpRelu} code: λ Σⱼ H(zⱼ − θⱼ), the number of active units, averaged over the batch. Counting has no slope,
 * so the gradient reaches the thresholds through the same window of width ε as the activation's:
 *
 *     ∂/∂θⱼ = −(1/ε)·1[|zⱼ − θⱼ| < ε/2],   ∂/∂z = 0
 *
 * Rajamanoharan et al., "Jumping ahead", 2024, eq. 12. With a `target` L0* the term is (L0/L0* − 1)², so that one value of λ serves
 * many targets; a code that is too sparse becomes denser again (Karvonen et al., `dictionary_learning`, and Gemma Scope 2).
 *
 * @throws RangeError naming λ, ε or the target, the permitted range and the value; `train` refuses models without thresholds.
 *
 * @example l0Window({ lambda: 1e-3 }).parameters // → { bandwidth: 0.05 }
 *
 * @example l0Window({ lambda: 0.1, target: 8 }).parameters // → { bandwidth: 0.05, target: 8 }
 */
export function l0Window(options: L0WindowOptions): Penalty {
  const { lambda, bandwidth, target } = readOptions('l0Window', options, l0WindowOptions);
  return known({
    name: 'L0',
    strength: lambda,
    needs: 'threshold',
    parameters: Object.freeze({ bandwidth, ...(target !== undefined && { target }) }),
    ranges: { bandwidth: { above: 0 }, target: { above: 0 } },
    term: (_, { bandwidth: width = bandwidth, target: wanted = target } = {}, context) => {
      const { preActivation, parameters } = requireContext('l0Window', context);
      const { threshold } = parameters as { threshold: tf.Tensor1D };
      const count = above(preActivation, threshold, width).sum(1).mean<tf.Scalar>();
      return wanted === undefined ? count : tf.square<tf.Scalar>(tf.sub(tf.div(count, wanted), 1));
    },
  });
}

function requireContext(name: string, context: PenaltyContext | undefined): Required<PenaltyContext> {
  if (!context?.parameters || !context.decoder) {
    throw new TypeError(
      `${name}: its term must be given the context, as loss does; got none or a part of it`,
    );
  }
  return context as Required<PenaltyContext>;
}

const klRanges = { rho: { above: 0, below: 1 } };

const klOptions = {
  /** β ≥ 0, the strength. */
  beta: number({ min: 0 }),
  /** ρ in (0, 1), the mean activation each unit should have over a batch; small, such as 0.05. */
  rho: number(klRanges.rho),
};

/** Options of {@link kl}. @interface */
export type KlOptions = OptionsOf<typeof klOptions>;

/**
 * KL divergence: β Σⱼ KL(ρ‖ρ̂ⱼ), where ρ̂ⱼ = (1/m) Σₖ hⱼ(x⁽ᵏ⁾) is unit j's mean activation over the batch of m, and
 *
 *     KL(ρ‖ρ̂) = ρ log(ρ/ρ̂) + (1−ρ) log((1−ρ)/(1−ρ̂))
 *
 * the divergence between two coins that fall heads with probability ρ and ρ̂. The sum runs over the hidden units;
 * the mean over the batch is inside ρ̂. So the term shapes each unit's *average*: a unit may fire hard for a few
 * inputs as long as it is silent for the rest.
 *
 * The loss of sigmoid units is computed from their pre-activations z, as h = σ(z) is rounded: to 1 from z = 17 on.
 *
 *     log ρ̂ⱼ = log-mean-exp of log σ(zⱼ),   log(1 − ρ̂ⱼ) = log-mean-exp of log σ(−zⱼ)
 *
 * Value and gradient are then right for every z that float32 holds, so a unit comes back from wherever it is. Given
 * activations alone, the term is as exact as they are, and finite also where they are all 0 or all 1.
 *
 * Ng, "Sparse autoencoder", CS294A lecture notes, 2011 (UFLDL).
 *
 * @throws RangeError if β is negative or ρ outside (0, 1); `train` refuses models whose activations can leave (0, 1).
 *
 * @example
 * // Two units with means 0.5 and 0.2: the second is on target and costs nothing.
 * kl({ beta: 3, rho: 0.2 }).term(tf.tensor2d([[0.9, 0.2], [0.1, 0.2]])).dataSync()[0]
 * // → 0.1927; 0.2 log(0.2/0.5) + 0.8 log(0.8/0.5) + 0
 */
export function kl(options: KlOptions): Penalty {
  const { beta, rho: target } = readOptions('kl', options, klOptions);
  if (Math.fround(target) === 0 || Math.fround(target) === 1) {
    throw new RangeError(`rho must be in (0, 1) as a 32-bit number, too; got ${target}`);
  }
  return known({
    name: 'KL',
    strength: beta,
    parameters: Object.freeze({ rho: target }),
    ranges: klRanges,
    activationRange: [0, 1],
    term: (activations, { rho = target } = {}, context) => {
      const [on, off] =
        context?.hiddenActivation === 'sigmoid' ? logMeansOf(context.preActivation) : logMeans(activations);
      const firing = tf.mul(rho, tf.sub(tf.log(rho), on));
      const silent = tf.mul(tf.sub(1, rho), tf.sub(tf.log(tf.sub(1, rho)), off));
      return tf.sum<tf.Scalar>(tf.add(firing, silent));
    },
  });
}

/** log ρ̂ and log(1 − ρ̂) of each unit, [hiddenDim] each. */
type LogMeans = readonly [on: tf.Tensor1D, off: tf.Tensor1D];

/** From the pre-activations of sigmoid units. */
function logMeansOf(z: tf.Tensor2D): LogMeans {
  return [logMeanExp(logSigmoid(z)), logMeanExp(logSigmoid(z.neg()))];
}

/** log σ(z) = −softplus(−z). The gradient of tf.logSigmoid in tf 4.22 reads its argument after it has been freed. */
function logSigmoid(z: tf.Tensor2D): tf.Tensor2D {
  return z.neg().softplus().neg();
}

/** From activations in [0, 1]; the smallest normal float32 stands for 0, whose logarithm is infinite. */
function logMeans(h: tf.Tensor2D): LogMeans {
  const logMean = (values: tf.Tensor) => tf.maximum<tf.Tensor1D>(values.mean(0), 2 ** -126).log();
  return [logMean(h), logMean(tf.sub(1, h))];
}

/**
 * log((1/m) Σₖ exp(xₖ)) over the batch. About the largest x is taken out of the sum, so that no exponential overflows and one
 * is not small. It is rounded up, as rounding has no slope: the slope of a maximum would add the sum's rounding to each of the
 * examples that share it.
 */
function logMeanExp(x: tf.Tensor2D): tf.Tensor1D {
  const shift = x.max<tf.Tensor1D>(0).ceil();
  return tf.add(x.sub(shift).exp().mean<tf.Tensor1D>(0).log(), shift);
}
