/**
 * The functions that turn weighted sums into a code. Each says which values it can take, because a penalty may need that:
 * KL(ρ‖ρ̂) exists only for mean activations inside (0, 1).
 *
 * @module
 */
import type * as tf from '@tensorflow/tfjs';
import { refuseUnknownOptions, requireNumber, requireOneOf, requireText, show } from '../numbers/arguments';
import { Makers, maker } from '../numbers/makers';
import type { Activation } from './activation';
import { batchTopK, gated, jumpRelu, topK, winnerTakeAll } from './sparseActivations';

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

/** The activations of a whole batch, by name: made from the data of a file or a sweep. */
export const batchActivations = new Makers<Activation>({
  topK: maker(['k'], ({ k }) => topK(k), 'topK(32)'),
  batchTopK: maker(['k'], ({ k }) => batchTopK(k), 'batchTopK(32)'),
  winnerTakeAll: maker(['rate'], ({ rate }) => winnerTakeAll(rate), 'winnerTakeAll(0.05)'),
  jumpRelu: maker(['threshold', 'bandwidth'], jumpRelu),
  gated: maker([], gated),
});

/** Every activation that has a name, for messages. */
const ALL_NAMES = [...activationNames, ...batchActivations.names];

/**
 * Checks a hidden activation and makes it from data where it is data.
 *
 * @throws TypeError or RangeError naming the permitted values and the value.
 */
export function defineActivation(
  name: string,
  given: ActivationData | Activation,
): ActivationName | Activation {
  if (typeof given === 'string') {
    requireOneOf(name, given as string, ALL_NAMES);
    const example = batchActivations.find(given)?.example;
    if (example) {
      throw new TypeError(`${name} '${given}' needs its setting: ${example}; got the name alone`);
    }
    return batchActivations.make(given, {}) ?? (given as ActivationName);
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
  const activation = batchActivations.make(kind, settings);
  if (!activation) {
    throw new TypeError(
      `${name} must be one of ${ALL_NAMES.map(show).join(', ')}, or come with its function apply; ` +
        `got the name ${show(kind)} alone: a file does not contain a custom activation, so pass it: { hiddenActivation }`,
    );
  }
  return activation;
}

/** An activation of a model, whichever way it is given. */
export function activationOf(given: ActivationName | Activation): Activation {
  return typeof given === 'string' ? { name: given, ...activationFunctions[given] } : given;
}

/** An activation as data: its name if that is all. */
export function describeActivation(given: ActivationName | Activation): ActivationData {
  if (typeof given === 'string') return given;
  return { name: given.name, ...given.settings };
}

/** An activation in a few words: `relu`, `topK (k 32)`. */
export function showActivation(given: ActivationName | Activation): string {
  if (typeof given === 'string') return given;
  const settings = Object.entries(given.settings ?? {}).map(([name, value]) => `${name} ${value}`);
  return settings.length > 0 ? `${given.name} (${settings.join(', ')})` : given.name;
}
