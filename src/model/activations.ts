/**
 * The functions that turn a weighted sum into an activation. Each says which values it can take, because a
 * penalty may need that: KL(ρ‖ρ̂) exists only for mean activations inside (0, 1).
 *
 * @module
 */
import type * as tf from '@tensorflow/tfjs';

/** An elementwise function and the open or half-open interval of its values. */
export interface ActivationFunction {
  /** Applies the function to each element; the shape stays. */
  readonly apply: (weightedSum: tf.Tensor2D) => tf.Tensor2D;
  /** Every value lies between these two. */
  readonly range: readonly [low: number, high: number];
  /** The range as a reader writes it, such as `[0, ∞)`. */
  readonly rangeText: string;
}

/** The activation functions by the name under which a model knows them. */
export const activationFunctions = {
  /** z itself: an output that may be any real number. */
  linear: { apply: (z) => z, range: [-Infinity, Infinity], rangeText: '(−∞, ∞)' },
  /** max(0, z): the only one here whose values are exactly zero, so the natural partner of L1. */
  relu: { apply: (z) => z.relu(), range: [0, Infinity], rangeText: '[0, ∞)' },
  /** 1 / (1 + e⁻ᶻ): an activity between 0 and 1, as the KL penalty needs it. */
  sigmoid: { apply: (z) => z.sigmoid(), range: [0, 1], rangeText: '(0, 1)' },
  /** tanh z. */
  tanh: { apply: (z) => z.tanh(), range: [-1, 1], rangeText: '(−1, 1)' },
  /** log(1 + eᶻ): a smooth relu, never exactly zero. */
  softplus: { apply: (z) => z.softplus(), range: [0, Infinity], rangeText: '(0, ∞)' },
} as const satisfies Record<string, ActivationFunction>;

/** The name of an activation function. */
export type ActivationName = keyof typeof activationFunctions;

/** Every activation function's name. */
export const activationNames = Object.keys(activationFunctions) as ActivationName[];
