import type * as tf from '@tensorflow/tfjs';
import type { Values } from '../numbers/values';

/** Inputs of an activation function besides z. */
export interface ActivationContext {
  /** The model's arrays that gradients move, those of the activation among them. */
  readonly parameters: Readonly<Record<string, tf.Tensor>>;
  /** The activation's own arrays that no gradient moves. */
  readonly state: Readonly<Record<string, tf.Tensor>>;
}

/**
 * How a code h is made of the pre-activations z of a batch: f(z), both of shape [batch, hiddenDim].
 *
 * The choice of the kept entries may depend on the whole batch. So the axis along which a code is sparse is
 * the activation's choice: {@link topK} chooses along the units, {@link winnerTakeAll} along the examples, {@link batchTopK}
 * over both at once.
 *
 * @example
 * // A custom one: units above the mean of their example.
 * const aboveMean: Activation = {
 *   name: 'above mean',
 *   sparse: true,
 *   range: [0, Infinity],
 *   apply: (z) => masked(z, (z) => z.greater(z.mean(1, true)).logicalAnd(z.greater(0))),
 * };
 * new SparseAutoencoder({ inputDim: 64, hiddenDim: 128, hiddenActivation: aboveMean });
 */
export interface Activation {
  /** Its name in files, figures and messages. */
  readonly name: string;
  /** The numbers that it is made with, such as k: with the name all that a file says of it. */
  readonly settings?: Readonly<Record<string, number>>;
  /** Every value lies between these two. Default: any number. */
  readonly range?: readonly [low: number, high: number];
  /** The range as a reader writes it, such as `[0, ∞)`. */
  readonly rangeText?: string;
  /** Whether a silent unit's activation is exactly zero. Default: `false`. */
  readonly sparse?: boolean;
  /** How many units can be active per example, on average over a batch. Default: all. */
  mostActive?(hiddenDim: number): number;
  /** Refuses a width of the code that it cannot be used with. @throws RangeError saying why. */
  requireFit?(hiddenDim: number): void;
  /** The activation's own arrays in a new model that gradients change. */
  parameters?(hiddenDim: number): Readonly<Record<string, Values>>;
  /** The activation's own arrays in a new model that no gradient changes. */
  state?(hiddenDim: number): Readonly<Record<string, Values>>;
  /** f(z) while training, written in tf operations so that it can be differentiated and compiled. */
  apply(z: tf.Tensor2D, context: ActivationContext): tf.Tensor2D;
  /** f(z) of a trained model, where a batch is a chance collection. Default: as while training. */
  infer?(z: tf.Tensor2D, context: ActivationContext): tf.Tensor2D;
  /** A substitute for the code in penalties, for an activation whose code has too little information. Default: the code. */
  penalised?(z: tf.Tensor2D, context: ActivationContext): tf.Tensor2D;
  /** The state after a batch: z, and h as it was while training. No gradient flows. */
  nextState?(
    state: Readonly<Record<string, tf.Tensor>>,
    z: tf.Tensor2D,
    h: tf.Tensor2D,
  ): Readonly<Record<string, tf.Tensor>>;
}
