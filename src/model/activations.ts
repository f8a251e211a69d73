/**
 * The functions that turn weighted sums into a code. Each says which values it can take, because a penalty may need that:
 * KL(ρ‖ρ̂) exists only for mean activations inside (0, 1).
 *
 * @module
 */
import type * as tf from '@tensorflow/tfjs';
import { refuseUnknownOptions, requireNumber, requireOneOf, requireText, show } from '../numbers/arguments';
import type { Values } from '../numbers/values';
import { batchTopK, gated, jumpRelu, topK, winnerTakeAll } from './sparseActivations';

/** What an activation function may read besides z. */
export interface ActivationContext {
  /** The model's arrays that gradients move, those of the activation among them. */
  readonly parameters: Readonly<Record<string, tf.Tensor>>;
  /** The activation's own arrays that no gradient moves. */
  readonly state: Readonly<Record<string, tf.Tensor>>;
}

/**
 * How a code h is made of the pre-activations z of a batch: f(z), both of shape [batch, hiddenDim].
 *
 * What an activation keeps and what it silences may depend on the whole batch. So the axis along which a code is sparse is
 * the activation's choice: {@link topK} chooses along the units, {@link winnerTakeAll} along the examples, {@link batchTopK}
 * over both at once.
 *
 * @example
 * // One of one's own: units above the mean of their example.
 * const aboveMean: Activation = {
 *   name: 'above mean',
 *   sparse: true,
 *   range: [0, Infinity],
 *   apply: (z) => masked(z, (z) => z.greater(z.mean(1, true)).logicalAnd(z.greater(0))),
 * };
 * new SparseAutoencoder({ inputDim: 64, hiddenDim: 128, hiddenActivation: aboveMean });
 */
export interface Activation {
  /** What files, figures and messages call it. */
  readonly name: string;
  /** The numbers that it is made with, such as k: with the name all that a file says of it. */
  readonly settings?: Readonly<Record<string, number>>;
  /** Every value lies between these two. Default: any number. */
  readonly range?: readonly [low: number, high: number];
  /** The range as a reader writes it, such as `[0, ∞)`. */
  readonly rangeText?: string;
  /** Whether a silent unit's activation is exactly zero. Default: `false`. */
  readonly sparse?: boolean;
  /** Refuses a width of the code that it cannot be used with. @throws RangeError saying why. */
  requireFit?(hiddenDim: number): void;
  /** Arrays of its own that gradients move, as a new model has them. */
  parameters?(hiddenDim: number): Readonly<Record<string, Values>>;
  /** Arrays of its own that no gradient moves, as a new model has them. */
  state?(hiddenDim: number): Readonly<Record<string, Values>>;
  /** f(z) while training, written in tf operations so that it can be differentiated and compiled. */
  apply(z: tf.Tensor2D, context: ActivationContext): tf.Tensor2D;
  /** f(z) of a trained model, where a batch is a chance collection. Default: as while training. */
  infer?(z: tf.Tensor2D, context: ActivationContext): tf.Tensor2D;
  /** What penalties see instead of the code, for an activation whose code tells them too little. Default: the code. */
  penalised?(z: tf.Tensor2D, context: ActivationContext): tf.Tensor2D;
  /** The state after a batch: z, and h as it was while training. No gradient flows. */
  nextState?(
    state: Readonly<Record<string, tf.Tensor>>,
    z: tf.Tensor2D,
    h: tf.Tensor2D,
  ): Readonly<Record<string, tf.Tensor>>;
}

/** The elementwise activation functions by the name under which a model knows them. */
export const activationFunctions = {
  /** z itself: an output that may be any real number. */
  linear: { apply: (z) => z, range: [-Infinity, Infinity], rangeText: '(−∞, ∞)' },
  /** max(0, z): the only one here whose values are exactly zero, so the natural partner of L1. */
  relu: { apply: (z) => z.relu(), range: [0, Infinity], rangeText: '[0, ∞)', sparse: true },
  /** 1 / (1 + e⁻ᶻ): an activity between 0 and 1, as the KL penalty needs it. */
  sigmoid: { apply: (z) => z.sigmoid(), range: [0, 1], rangeText: '(0, 1)' },
  /** tanh z. */
  tanh: { apply: (z) => z.tanh(), range: [-1, 1], rangeText: '(−1, 1)' },
  /** log(1 + eᶻ): a smooth relu, never exactly zero. */
  softplus: { apply: (z) => z.softplus(), range: [0, Infinity], rangeText: '(0, ∞)' },
} as const satisfies Record<string, ElementwiseFunction>;

/** A function of each pre-activation by itself. */
interface ElementwiseFunction extends Omit<Activation, 'name' | 'settings' | 'parameters' | 'state'> {
  readonly apply: (weightedSum: tf.Tensor2D) => tf.Tensor2D;
  readonly range: readonly [low: number, high: number];
  readonly rangeText: string;
}

/** The name of an elementwise activation function. */
export type ActivationName = keyof typeof activationFunctions;

/** Every elementwise activation function's name. */
export const activationNames = Object.keys(activationFunctions) as ActivationName[];

/** An activation as data: a name, or a name with its settings, as files and sweeps have it. */
export type ActivationData =
  | ActivationName
  | 'jumpRelu'
  | 'gated'
  | { readonly name: string; readonly [setting: string]: string | number };

/** The activations that have settings, by name: made from what a file says. */
const makers: Readonly<Record<string, (settings: Record<string, number>) => Activation>> = {
  topK: ({ k, ...others }) => made('topK', ['k'], others, () => topK(k as number)),
  batchTopK: ({ k, ...others }) => made('batchTopK', ['k'], others, () => batchTopK(k as number)),
  winnerTakeAll: ({ rate, ...others }) =>
    made('winnerTakeAll', ['rate'], others, () => winnerTakeAll(rate as number)),
  jumpRelu: (settings) => jumpRelu(settings),
  gated: (settings) => made('gated', [], settings, gated),
};

function made<T>(name: string, keys: readonly string[], others: object, make: () => T): T {
  refuseUnknownOptions(name, others, keys);
  return make();
}

/** Every activation that has a name, for messages. */
const ALL_NAMES = [...activationNames, ...Object.keys(makers)];

/**
 * Checks a hidden activation and makes it from data where it is data.
 *
 * @throws TypeError or RangeError naming what is permitted and what came in.
 */
export function defineActivation(
  name: string,
  given: ActivationData | Activation,
): ActivationName | Activation {
  if (typeof given === 'string') {
    requireOneOf(name, given as string, ALL_NAMES);
    if (EXAMPLES[given]) {
      throw new TypeError(`${name} '${given}' needs its setting: ${EXAMPLES[given]}; got the name alone`);
    }
    return makers[given]?.({}) ?? (given as ActivationName);
  }
  if (typeof given !== 'object' || given === null) {
    throw new TypeError(
      `${name} must be ${ALL_NAMES.map(show).join(', ')}, topK(…) or another activation; got ${show(given)}`,
    );
  }
  if (typeof (given as Activation).apply === 'function') {
    requireText(`${name}.name`, given.name);
    for (const [setting, value] of Object.entries((given as Activation).settings ?? {}))
      requireNumber(`${name}.settings.${setting}`, value);
    return given as Activation;
  }
  const { name: kind, ...settings } = given as { name: string } & Record<string, number>;
  if (activationNames.includes(kind as ActivationName)) {
    refuseUnknownOptions(kind, settings, []);
    return kind as ActivationName;
  }
  const make = Object.hasOwn(makers, kind) ? makers[kind] : undefined;
  if (!make) {
    throw new TypeError(
      `${name} must be one of ${ALL_NAMES.map(show).join(', ')}, or come with its function apply; ` +
        `got the name ${show(kind)} alone: a custom activation is not in a file, hand it over with { hiddenActivation }`,
    );
  }
  return make(settings);
}

const EXAMPLES: Readonly<Record<string, string>> = {
  topK: 'topK(32)',
  batchTopK: 'batchTopK(32)',
  winnerTakeAll: 'winnerTakeAll(0.05)',
};

/** An activation of a model, whichever way it is given. */
export function activationOf(given: ActivationName | Activation): Activation {
  return typeof given === 'string' ? { name: given, ...activationFunctions[given] } : given;
}

/** An activation as data: its name if that is all. */
export function describeActivation(given: ActivationName | Activation): ActivationData {
  if (typeof given === 'string') return given;
  return { name: given.name, ...given.settings };
}
