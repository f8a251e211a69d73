/**
 * The shape of an autoencoder and the function it computes, apart from any particular weights: what `train`, the
 * engines and the gradient check differentiate.
 *
 *     x → z = x·Wₑ + bₑ → h = f(z) → x̂ = g(h·W_d + b_d)        z = (x − b_d)·Wₑ + bₑ with `subtractDecoderBias`
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs';
import { requireFinite, show } from '../numbers/arguments';
import {
  boolean,
  type Filled,
  integer,
  type OptionsOf,
  oneOf,
  optional,
  readOptions,
} from '../numbers/options';
import { Random } from '../numbers/random';
import { sizeOf, transposed, type Values } from '../numbers/values';
import {
  type ActivationData,
  activationFunctions,
  activationNames,
  activationOf,
  defineActivation,
  describeActivation,
} from './activations';

/** An {@link Architecture}, for {@link readOptions}. */
export const architectureOptions = {
  /** Numbers in an example x. */
  inputDim: integer({ min: 1 }),
  /** Units in the hidden code h; may be more than `inputDim`. */
  hiddenDim: integer({ min: 1 }),
  /** f, the hidden units' activation function. Default: `relu`. */
  hiddenActivation: optional(defineActivation, 'relu'),
  /** g, the output's activation function. Default: `linear`. */
  outputActivation: optional(oneOf(activationNames), 'linear'),
  /** Whether the decoder's weights are the encoder's, transposed. Default: `false`. */
  tied: optional(boolean, false),
  /**
   * Whether b_d, the reconstruction of an empty code, is subtracted from x before encoding. The code then describes the
   * difference from it, and no unit's weights are spent on the common part of all examples. Default: `false`.
   */
  subtractDecoderBias: optional(boolean, false),
};

/** An architecture as it is asked for: an activation may be data, as a file has it. @interface */
export type ArchitectureOptions = OptionsOf<typeof architectureOptions>;

/** Options that determine an autoencoder's form. @interface */
export type Architecture = Filled<typeof architectureOptions>;

/** How weights are drawn; biases start at zero. */
export type Initializer = 'glorotUniform' | 'heNormal' | 'unitNorm' | 'shortNorm';

/** Something for each parameter, such as its tensor, its shape or its gradient. */
export type ByParameter<T> = Readonly<Record<string, T>>;

/** Results of an autoencoder for a batch. */
export interface ForwardPass<T = tf.Tensor2D> {
  /** z = x·Wₑ + bₑ, [batch, hiddenDim]. */
  readonly preActivation: T;
  /** h = f(z), the code, [batch, hiddenDim]. */
  readonly activations: T;
  /** x̂ = g(h·W_d + b_d), [batch, inputDim]. */
  readonly reconstruction: T;
}

/** An architecture as a file has it. */
export type ArchitectureData = Omit<Architecture, 'hiddenActivation'> & {
  readonly hiddenActivation: ActivationData;
};

/** The architecture as data: an activation by its name and settings. */
export function describeArchitecture(architecture: Architecture): ArchitectureData {
  return { ...architecture, hiddenActivation: describeActivation(architecture.hiddenActivation) };
}

/**
 * The architecture that a file describes.
 *
 * @throws RangeError or TypeError naming the option, the permitted values and the value.
 */
export function readArchitecture(data: object): Architecture {
  return fitting(readOptions('SparseAutoencoder', data, architectureOptions));
}

/** The architecture. @throws RangeError if its activation does not fit the number of its units */
export function fitting(architecture: Architecture): Architecture {
  activationOf(architecture.hiddenActivation).requireFit?.(architecture.hiddenDim);
  return architecture;
}

/**
 * Checks that something is a model: by its form, as a notebook holds models of an older load of the class after an edit.
 *
 * @throws TypeError saying the value.
 */
export function requireModel(name: string, model: { readonly architecture: Architecture }): void {
  if (!isModel(model)) throw new TypeError(`${name} must be a SparseAutoencoder; got ${show(model)}`);
}

/** Whether something is a model, by its form: see {@link requireModel}. */
export function isModel<T>(value: T): value is Extract<T, { readonly architecture: Architecture }> {
  return (
    typeof value === 'object' && value !== null && 'architecture' in value && Boolean(value.architecture)
  );
}

/** The shape of each trainable array, in the order in which they are drawn, saved and updated. */
export function parameterShapes({
  inputDim,
  hiddenDim,
  tied,
  hiddenActivation,
}: Architecture): ByParameter<readonly number[]> {
  const own = activationOf(hiddenActivation).parameters?.(hiddenDim) ?? {};
  return {
    encoderWeights: [inputDim, hiddenDim],
    encoderBias: [hiddenDim],
    ...(tied ? {} : { decoderWeights: [hiddenDim, inputDim] }),
    decoderBias: [inputDim],
    ...Object.fromEntries(Object.entries(own).map(([name, { shape }]) => [name, shape])),
  };
}

/** The arrays that no gradient moves, as a new model has them. */
export function initialModelState({ hiddenActivation, hiddenDim }: Architecture): ByParameter<Values> {
  return activationOf(hiddenActivation).state?.(hiddenDim) ?? {};
}

/**
 * Checks that there is an array for each of the model's that no gradient moves.
 *
 * @throws RangeError naming the array, the required shape and the actual one.
 */
export function requireModelState(
  architecture: Architecture,
  arrays: ByParameter<Values>,
  source: string,
): void {
  const shapes = Object.entries(initialModelState(architecture)).map(([name, { shape }]) => [name, shape]);
  requireArrays(Object.fromEntries(shapes), arrays, source);
}

/**
 * Checks that there is an array for each parameter, of its shape, with finite numbers.
 *
 * @param source What an error names as the arrays' origin.
 * @throws RangeError naming the array, the required shape and the actual one.
 */
export function requireParameters(
  architecture: Architecture,
  arrays: ByParameter<Values>,
  source: string,
): void {
  requireArrays(parameterShapes(architecture), arrays, source);
}

function requireArrays(
  shapes: ByParameter<readonly number[]>,
  arrays: ByParameter<Values>,
  source: string,
): void {
  for (const [name, shape] of Object.entries(shapes)) {
    const given = arrays?.[name];
    if (!given || given.shape.join() !== shape.join()) {
      const got = given ? `[${given.shape}]` : 'none';
      throw new RangeError(`${source}: ${name} must have shape [${shape}]; got ${got}`);
    }
    requireFinite(`${source}: ${name}`, given.values);
  }
}

/**
 * Draws weights; the same seed gives the same numbers on every machine.
 *
 * - `glorotUniform`: uniform in ±√(6 / (inputDim + hiddenDim)). Glorot & Bengio, 2010; Keras' and UFLDL's choice.
 * - `heNormal`: normal with variance 2 / fan-in. He et al., 2015, for relu units.
 * - `unitNorm`: each unit's decoder weights a random direction of length 1, its encoder weights the same, as
 *   dictionary learning has it. Bricken et al., 2023.
 * - `shortNorm`: the same directions, of length 0.1 in both. The first steps then decide where a unit points: Adam moves each weight by
 *   about the learning rate, whatever its size, so a long row keeps for hundreds of steps the direction that chance gave it.
 *   Conerly et al., 2024; SAELens' `decoder_init_norm`.
 */
export function initialParameters(
  architecture: Architecture,
  initializer: Initializer,
  seed: number,
): ByParameter<Values> {
  const draw = initializers[initializer];
  const drawn: ByParameter<Float32Array> = draw(architecture, new Random(seed, 0), new Random(seed, 1));
  const { hiddenActivation, hiddenDim } = architecture;
  const own = activationOf(hiddenActivation).parameters?.(hiddenDim) ?? {};
  return Object.fromEntries(
    Object.entries(parameterShapes(architecture)).map(([name, shape]) => [
      name,
      own[name] ?? { values: drawn[name] ?? new Float32Array(sizeOf(shape)), shape },
    ]),
  );
}

/** Whether a batch is one of a training, where an activation may choose by all of it, or a chance collection of examples. */
export type PassMode = 'training' | 'inference';

/** The forward pass with the given parameters and the arrays that no gradient moves. */
export function forward(
  architecture: Architecture,
  parameters: ByParameter<tf.Tensor>,
  x: tf.Tensor2D,
  state: ByParameter<tf.Tensor> = {},
  mode: PassMode = 'inference',
): ForwardPass {
  const { encoderWeights, encoderBias, decoderBias } = parameters;
  const input = architecture.subtractDecoderBias ? tf.sub<tf.Tensor2D>(x, decoderBias as tf.Tensor) : x;
  const preActivation = weightedSum(input, encoderWeights, encoderBias);
  const activation = activationOf(architecture.hiddenActivation);
  const context = { parameters, state };
  const activations =
    mode === 'inference' && activation.infer
      ? activation.infer(preActivation, context)
      : activation.apply(preActivation, context);
  return { preActivation, activations, reconstruction: decode(architecture, parameters, activations) };
}

/** W_d, [hiddenDim, inputDim]; the transposed Wₑ if tied. */
export function decoderOf({ tied }: Architecture, parameters: ByParameter<tf.Tensor>): tf.Tensor2D {
  return (
    tied ? tf.transpose(parameters.encoderWeights as tf.Tensor) : parameters.decoderWeights
  ) as tf.Tensor2D;
}

/** The decoder's half: h → x̂. */
export function decode(
  architecture: Architecture,
  parameters: ByParameter<tf.Tensor>,
  activations: tf.Tensor2D,
): tf.Tensor2D {
  const output = weightedSum(activations, decoderOf(architecture, parameters), parameters.decoderBias);
  return activationFunctions[architecture.outputActivation].apply(output);
}

function weightedSum(
  x: tf.Tensor2D,
  weights: tf.Tensor | undefined,
  bias: tf.Tensor | undefined,
): tf.Tensor2D {
  if (!weights || !bias) throw new Error('parameters must hold every array of parameterShapes()');
  return tf.add(tf.matMul(x, weights as tf.Tensor2D), bias);
}

interface Weights extends Record<string, Float32Array> {
  readonly encoderWeights: Float32Array;
  readonly decoderWeights: Float32Array;
}

const initializers: Record<Initializer, (form: Architecture, encoder: Random, decoder: Random) => Weights> = {
  glorotUniform({ inputDim, hiddenDim }, encoder, decoder) {
    const limit = Math.sqrt(6 / (inputDim + hiddenDim));
    const draw = (random: Random) => filled(inputDim * hiddenDim, () => (2 * random.uniform() - 1) * limit);
    return { encoderWeights: draw(encoder), decoderWeights: draw(decoder) };
  },
  heNormal({ inputDim, hiddenDim }, encoder, decoder) {
    const draw = (random: Random, fanIn: number) =>
      filled(inputDim * hiddenDim, () => random.normal() * Math.sqrt(2 / fanIn));
    return { encoderWeights: draw(encoder, inputDim), decoderWeights: draw(decoder, hiddenDim) };
  },
  unitNorm: (form, _encoder, decoder) => directions(form, decoder, 1),
  shortNorm: (form, _encoder, decoder) => directions(form, decoder, SHORT),
};

/** How long the rows of `shortNorm` are. */
const SHORT = 0.1;

/** A random direction per unit, the same in the decoder and the encoder. */
function directions({ inputDim, hiddenDim }: Architecture, random: Random, length: number): Weights {
  const decoderWeights = filled(hiddenDim * inputDim, () => random.normal());
  for (let unit = 0; unit < hiddenDim; unit++) {
    const direction = decoderWeights.subarray(unit * inputDim, (unit + 1) * inputDim);
    const norm = Math.sqrt(direction.reduce((sum, value) => sum + value * value, 0));
    for (let i = 0; i < inputDim; i++) direction[i] = (length * (direction[i] as number)) / norm;
  }
  const { values: encoderWeights } = transposed({ values: decoderWeights, shape: [hiddenDim, inputDim] });
  return { encoderWeights, decoderWeights };
}

/** Every initializer's name. */
export const initializerNames = Object.keys(initializers) as Initializer[];

/** In a loop, which is five times as fast as Float32Array.from: a sweep draws the weights of every trial. */
function filled(size: number, value: () => number): Float32Array {
  const values = new Float32Array(size);
  for (let index = 0; index < size; index++) values[index] = value();
  return values;
}
