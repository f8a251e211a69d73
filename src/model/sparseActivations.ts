/**
 * Activations that make a code sparse by themselves. They differ in the axis along which they choose, and in whether what
 * they allow is a number (k) or learnt (θ):
 *
 *     topK            the k strongest units per example          hard, per row of [batch, hiddenDim]
 *     winnerTakeAll   the strongest examples per unit            hard, per column
 *     batchTopK       the k·batch strongest entries              hard, over both
 *     jumpRelu        what is above a unit's threshold           learnt, per column
 *     gated           what a second sum lets through             learnt, per entry
 *
 * L1 and KL are their soft counterparts: L1 asks softly for few units per example, KL for few examples per unit.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs';
import { requireInteger, requireNumber } from '../numbers/arguments';
import { number, type OptionsOf, optional, readOptions } from '../numbers/options';
import type { Values } from '../numbers/values';
import type { Activation, ActivationContext } from './activation';
import { jump, masked } from './gradients';

const POSITIVE = { range: [0, Infinity], rangeText: '[0, ∞)', sparse: true } as const;

/** Weight of the old value in the running mean of an inference threshold: SAELens' `topk_threshold_lr` is 1 − this. */
const THRESHOLD_DECAY = 0.99;

const madeHere = new WeakSet<object>();

function known(activation: Activation): Activation {
  madeHere.add(Object.freeze(activation));
  return activation;
}

/** Whether the activation is one of the library's: then its name and settings determine it. */
export function isKnownActivation(activation: Activation | string): boolean {
  return typeof activation === 'string' || madeHere.has(activation);
}

/**
 * TopK: of each example's pre-activations the k largest are kept if they are positive, the others are 0.
 *
 *     hᵢⱼ = max(0, zᵢⱼ) if zᵢⱼ is among the k largest of row i, else 0
 *
 * Sparse along the units: L0 is k by construction, so there is no strength to tune and no shrinkage. Where several are equal
 * to the k-th largest, all of them are kept. Training and inference are the same.
 *
 * Makhzani & Frey, "k-sparse autoencoders", 2013; Gao et al., "Scaling and evaluating sparse autoencoders", 2024.
 *
 * @param k A whole number from 1 to `hiddenDim`.
 * @throws RangeError if k is not; a model refuses a k above its `hiddenDim`.
 *
 * @example topK(2).apply(tf.tensor2d([[3, -1, 2, 1]]), none).arraySync() // → [[3, 0, 2, 0]]
 */
export function topK(k: number): Activation {
  requireInteger('k', k, { min: 1 });
  return known({
    name: 'topK',
    settings: Object.freeze({ k }),
    ...POSITIVE,
    mostActive: () => k,
    requireFit: (hiddenDim) => void requireInteger('topK: k', k, { min: 1, max: hiddenDim }),
    apply: (z) => masked(z, (values) => atLeast(values, kthLargest(values, k))),
  });
}

/**
 * BatchTopK: of all pre-activations of a batch of m examples the k·m largest are kept if they are positive, the others are 0.
 *
 * Sparse over both axes at once: an example takes as many units as it needs, k of them on average. A trained model sees
 * examples one by one, so it keeps the entries above one threshold θ: the running mean (0.99 of its old value) of the smallest
 * kept activation of each batch, learned while training. θ is 0 before the first step.
 *
 * Bussmann, Leask & Nanda, "BatchTopK sparse autoencoders", 2024.
 *
 * @param k Units per example on average, above 0 and at most `hiddenDim`; k·m is rounded down.
 * @throws RangeError if k is not; a model refuses a k above its `hiddenDim`.
 *
 * @example batchTopK(1).apply(tf.tensor2d([[3, 2], [1, 0]]), none).arraySync() // → [[3, 2], [0, 0]]; the 2 strongest of 4
 */
export function batchTopK(k: number): Activation {
  requireNumber('k', k, { above: 0 });
  return known({
    name: 'batchTopK',
    settings: Object.freeze({ k }),
    ...POSITIVE,
    mostActive: () => k,
    requireFit: (hiddenDim) => void requireNumber('batchTopK: k', k, { above: 0, max: hiddenDim }),
    state: () => ({ threshold: { values: Float32Array.of(0), shape: [1] } }),
    apply: (z) =>
      masked(z, (values) => {
        const kept = Math.max(1, Math.floor(k * values.shape[0] + 1e-9));
        const all = values.reshape<tf.Tensor2D>([1, values.size]);
        return atLeast(values, kthLargest(all, Math.min(kept, values.size)).reshape([]));
      }),
    infer: aboveThreshold,
    nextState: ({ threshold }, _, h) => ({
      threshold: runningMean(threshold as tf.Tensor, smallestPositive(h).reshape([1])),
    }),
  });
}

/**
 * Winner-take-all: of each unit's pre-activations over a batch of m examples the ⌈rate·m⌉ largest are kept if they are
 * positive, the others are 0.
 *
 * Sparse along the examples: each unit fires for its share of every batch, so no unit with a positive pre-activation can die.
 * It is the hard form of the soft target ρ of {@link kl}. A trained model keeps the entries above the unit's own threshold: the
 * running mean (0.99 of its old value) of its weakest winner, learned while training. (The paper uses a plain relu then.)
 *
 * Makhzani & Frey, "Winner-take-all autoencoders", 2015.
 *
 * @param rate The share of a batch's examples for which a unit fires, in (0, 1).
 * @throws RangeError if it is not.
 *
 * @example winnerTakeAll(0.5).apply(tf.tensor2d([[3, 1], [2, 4]]), none).arraySync() // → [[3, 0], [0, 4]]; one of two examples per unit
 */
export function winnerTakeAll(rate: number): Activation {
  requireNumber('rate', rate, { above: 0, below: 1 });
  return known({
    name: 'winnerTakeAll',
    settings: Object.freeze({ rate }),
    ...POSITIVE,
    mostActive: (hiddenDim) => rate * hiddenDim,
    state: (hiddenDim) => ({ threshold: { values: new Float32Array(hiddenDim), shape: [hiddenDim] } }),
    apply: (z) =>
      masked(z, (values) => {
        const winners = Math.min(values.shape[0], Math.ceil(rate * values.shape[0] - 1e-9));
        return atLeast(values, kthLargest(values.transpose(), winners).reshape([1, values.shape[1]]));
      }),
    infer: aboveThreshold,
    nextState: ({ threshold }, _, h) => ({
      threshold: runningMean(threshold as tf.Tensor, smallestPositive(h, 0)),
    }),
  });
}

const jumpReluOptions = {
  /** θ of every unit before training, above 0. Default: 0.01. */
  threshold: optional(number({ above: 0 }), 0.01),
  /** ε, the width of the window around a threshold from which its gradient is estimated, above 0. Default: 0.05. */
  bandwidth: optional(number({ above: 0 }), 0.05),
};

/** Options of {@link jumpRelu}. @interface */
export type JumpReluOptions = OptionsOf<typeof jumpReluOptions>;

/**
 * JumpReLU: what is above its unit's threshold is kept as it is, the rest is 0.
 *
 *     hᵢⱼ = zᵢⱼ if zᵢⱼ > max(θⱼ, 0), else 0
 *
 * The thresholds are learnt. A jump has no slope, so the gradient of θ is estimated from the pre-activations within ε/2 of it
 * (see {@link jump}): with ε far below the distance between pre-activations near θ no example is in the window, and the
 * strength of the penalty has no effect. θ itself is the parameter, not its logarithm: Adam
 * moves a parameter by at most about η, so log θ near log 0.01 would hardly move.
 *
 * Its penalty is {@link l0Window}. Defaults of SAELens 6.54. Rajamanoharan et al., "Jumping ahead", 2024.
 *
 * @throws RangeError naming the option, the permitted range and the value.
 *
 * @example
 * const hiddenActivation = jumpRelu({ threshold: 0.01, bandwidth: 0.05 });
 * new SparseAutoencoder({ inputDim: 4, hiddenDim: 8, hiddenActivation }).parameterCount // → 84; one threshold per unit
 */
export function jumpRelu(options: JumpReluOptions = {}): Activation {
  const { threshold, bandwidth } = readOptions('jumpRelu', options, jumpReluOptions);
  return known({
    name: 'jumpRelu',
    ...POSITIVE,
    settings: Object.freeze({ threshold, bandwidth }),
    parameters: (hiddenDim) => ({ threshold: filled(hiddenDim, threshold) }),
    apply: (z, { parameters }) => jump(z, parameters.threshold as tf.Tensor1D, bandwidth),
  });
}

/**
 * Gated: one sum decides whether a unit fires, another how strongly, with the encoder's weights in common.
 *
 *     π = z,   fires = 1[π > 0],   magnitude = max(0, e^r ⊙ (z − bₑ) + b_m),   h = fires ⊙ magnitude
 *
 * The penalty acts on max(0, π), which no longer is the code: so it does not shrink activations. The loss has a term of its
 * own for it: how well max(0, π) reconstructs x through the decoder, which is held fixed there. r and b_m are 0 before
 * training, bₑ is the gate's bias.
 *
 * Rajamanoharan et al., "Improving dictionary learning with gated sparse autoencoders", 2024.
 *
 * @example
 * new SparseAutoencoder({ inputDim: 4, hiddenDim: 8, hiddenActivation: gated() }).parameterCount
 * // → 92; weights and biases 4·8 + 8 + 8·4 + 4, and two numbers per unit
 */
export function gated(): Activation {
  return known({
    name: 'gated',
    ...POSITIVE,
    parameters: (hiddenDim) => ({
      magnitudeScale: filled(hiddenDim, 0),
      magnitudeBias: filled(hiddenDim, 0),
    }),
    apply: (z, { parameters }: ActivationContext) => {
      const { encoderBias, magnitudeScale, magnitudeBias } = parameters as Record<string, tf.Tensor1D>;
      const sum = tf.sub(z, encoderBias as tf.Tensor1D);
      const scaled = tf.mul(sum, tf.exp(magnitudeScale as tf.Tensor1D));
      const magnitude = tf.add<tf.Tensor2D>(scaled, magnitudeBias as tf.Tensor1D).relu();
      return tf.mul(magnitude, open(z));
    },
    penalised: (z) => z.relu(),
  });
}

/** 1 where z > 0, else 0; no gradient flows. */
const open = (z: tf.Tensor2D): tf.Tensor2D =>
  tf.customGrad((input) => ({
    value: tf.greater(input as tf.Tensor2D, 0).cast('float32'),
    gradFunc: (dy: tf.Tensor) => tf.zerosLike(dy),
  }))(z) as tf.Tensor2D;

/** Activations above the learned threshold, per unit or for all. */
function aboveThreshold(z: tf.Tensor2D, { state }: ActivationContext): tf.Tensor2D {
  return masked(z, (values) => values.greater(tf.relu(state.threshold as tf.Tensor)));
}

/** The smallest positive float32 that no processor takes for zero. */
const SMALLEST = 2 ** -126;

/** Whether z is at least as large as a threshold, and positive. */
const atLeast = (z: tf.Tensor2D, threshold: tf.Tensor): tf.Tensor =>
  z.greaterEqual(tf.maximum(threshold, SMALLEST));

/** The k-th largest number of each row, [rows, 1]. */
function kthLargest(rows: tf.Tensor2D, k: number): tf.Tensor2D {
  return tf.topk(rows, k).values.slice([0, k - 1], [-1, 1]);
}

/** The smallest positive number, of each column or of all; infinite where there is none. */
function smallestPositive(h: tf.Tensor2D, axis?: number): tf.Tensor {
  return tf.where(h.greater(0), h, tf.fill(h.shape, Number.POSITIVE_INFINITY)).min(axis);
}

/** 0.99 of a running mean and 0.01 of the new value, if that is finite; the first time, the new value alone. */
function runningMean(mean: tf.Tensor, latest: tf.Tensor): tf.Tensor {
  const usable = tf.isFinite(latest);
  const now = tf.where(usable, latest, mean);
  const moved = tf.add(tf.mul(mean, THRESHOLD_DECAY), tf.mul(now, 1 - THRESHOLD_DECAY));
  return tf.where(mean.greater(0), moved, now);
}

const filled = (size: number, value: number): Values => ({
  values: new Float32Array(size).fill(value),
  shape: [size],
});
