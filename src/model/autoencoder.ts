import * as tf from '@tensorflow/tfjs';
import type { Dataset } from '../datasets/dataset';
import { isTensor, type Rows, requireColumns, toMatrix, toTensor } from '../datasets/rows';
import { tensorsOf } from '../engine';
import { integer, type OptionsOf, oneOf, optional, readOptions } from '../numbers/options';
import { arraysUnder, naming, readSafetensors, writeSafetensors } from '../numbers/safetensors';
import { type Matrix, rowRange, transposed, type Values, type Vector } from '../numbers/values';
import { DISPLAY, INSPECT, type MimeBundle } from '../page/cell';
import {
  type Architecture,
  architectureOptions,
  type ByParameter,
  decode,
  describeArchitecture,
  type ForwardPass,
  fitting,
  forward,
  initializerNames,
  initialModelState,
  initialParameters,
  readArchitecture,
  requireModelState,
  requireParameters,
} from './architecture';
import type { History } from './history';
import { describeModel, summarizeModel } from './summary';

/** Option readers of {@link SparseAutoencoder}, for {@link readOptions}. */
export const autoencoderOptions = {
  ...architectureOptions,
  /** How the weights are drawn. Default: `glorotUniform`. */
  initializer: optional(oneOf(initializerNames), 'glorotUniform'),
  /** The same seed draws the same weights, on every machine. Default: 0. */
  seed: optional(integer({ min: 0 }), 0),
};

/** Options of {@link SparseAutoencoder}. @interface */
export type AutoencoderOptions = OptionsOf<typeof autoencoderOptions>;

/** The format in a saved model's metadata; another number means another layout. */
const FORMAT = 'sparselab autoencoder 1';

/** Prefix in a file for the names of arrays that no gradient moves. */
const STATE = 'state/';

/** Rows that go through the model at once when a whole dataset does: bounds the memory, keeps the products large. */
const ROWS_AT_ONCE = 8192;

/**
 * An autoencoder with one hidden layer, whose code a penalty can make sparse.
 *
 *     x → z = x·Wₑ + bₑ → h = f(z) → x̂ = g(h·W_d + b_d)
 *
 * A model holds plain numbers, no tensors, so there is nothing to dispose. The type of the input decides the type of the
 * result: tensors give tensors (which are the caller's to dispose, with `tf.tidy`), a {@link Dataset} or a {@link Matrix}
 * gives a {@link Matrix}.
 *
 * @example
 * const model = new SparseAutoencoder({ inputDim: 784, hiddenDim: 64, seed: 1 });
 * model.encode(mnist.test.take(10)).shape // [10, 64]
 */
export class SparseAutoencoder {
  /** The model's form. */
  readonly architecture: Architecture;
  /** The trainable arrays: encoderWeights, encoderBias, decoderWeights (unless tied), decoderBias, and the activation's own. */
  readonly parameters: ByParameter<Values>;
  /** The arrays that training moves without a gradient, such as the threshold of {@link batchTopK}. */
  readonly state: ByParameter<Values>;
  /** The history of its last training, as far as that training got. */
  history: History | undefined;

  /** @throws RangeError or TypeError naming the option, the permitted values and the value. */
  constructor(options: AutoencoderOptions) {
    const read = readOptions('SparseAutoencoder', options, autoencoderOptions);
    const { initializer, seed, ...form } = read;
    this.architecture = fitting(form);
    this.parameters = initialParameters(this.architecture, initializer, seed);
    this.state = initialModelState(this.architecture);
  }

  /** Wₑ, [inputDim, hiddenDim]: column j is what unit j looks for. */
  get encoderWeights(): Matrix {
    return this.parameters.encoderWeights as Matrix;
  }

  /** W_d, [hiddenDim, inputDim]: row j is what unit j adds to the reconstruction. The transposed Wₑ if tied. */
  get decoderWeights(): Matrix {
    const own = this.parameters.decoderWeights as Matrix | undefined;
    if (own) return own;
    return transposed(this.encoderWeights);
  }

  /** bₑ, [hiddenDim]: what each unit's input is shifted by; a negative one is a threshold. */
  get encoderBias(): Vector {
    return this.parameters.encoderBias as Vector;
  }

  /** b_d, [inputDim]: the reconstruction of an empty code, before the output activation. */
  get decoderBias(): Vector {
    return this.parameters.decoderBias as Vector;
  }

  /** How many numbers training adjusts. */
  get parameterCount(): number {
    return Object.values(this.parameters).reduce((count, { values }) => count + values.length, 0);
  }

  /**
   * The code h of each row.
   *
   * @param x Rows of `inputDim` numbers.
   * @returns h, [rows, hiddenDim], a tensor if `x` is one.
   * @throws RangeError if the rows have another length.
   */
  encode(x: tf.Tensor2D): tf.Tensor2D;
  encode(x: Matrix | Dataset): Matrix;
  encode(x: Rows): tf.Tensor2D | Matrix {
    return this.forward(x as Matrix).activations;
  }

  /**
   * The reconstruction x̂ from codes.
   *
   * @param activations h, [rows, hiddenDim].
   * @returns x̂, [rows, inputDim], a tensor if `activations` is one.
   * @throws RangeError if the codes have another length.
   */
  decode(activations: tf.Tensor2D): tf.Tensor2D;
  decode(activations: Matrix): Matrix;
  decode(activations: tf.Tensor2D | Matrix): tf.Tensor2D | Matrix {
    const { hiddenDim } = this.architecture;
    const apply = (h: tf.Tensor2D) => ({ output: decode(this.architecture, this.asTensors(), h) });
    return mapRows('activations', activations, 'hiddenDim', hiddenDim, apply, {
      output: this.architecture.inputDim,
    }).output;
  }

  /**
   * The whole pass, with named results: `{ preActivation, activations, reconstruction }`.
   *
   * @param x Rows of `inputDim` numbers.
   * @returns Tensors if `x` is one.
   * @throws RangeError if the rows have another length.
   */
  forward(x: tf.Tensor2D): ForwardPass;
  forward(x: Matrix | Dataset): ForwardPass<Matrix>;
  forward(x: Rows): ForwardPass | ForwardPass<Matrix> {
    const { inputDim, hiddenDim } = this.architecture;
    const apply = (rows: tf.Tensor2D) =>
      forward(this.architecture, this.asTensors(), rows, tensorsOf(this.state));
    const columns = { preActivation: hiddenDim, activations: hiddenDim, reconstruction: inputDim };
    return mapRows('x', x, 'inputDim', inputDim, apply, columns);
  }

  /**
   * Writes the model to a safetensors file: its arrays by name, those that no gradient moves as `state/…`, its architecture as
   * JSON in the metadata.
   *
   * @throws Error from the file system; an older file of that name then still stands.
   */
  save(path: string): void {
    const metadata = {
      format: FORMAT,
      architecture: JSON.stringify(describeArchitecture(this.architecture)),
    };
    const state = Object.entries(this.state).map(([name, array]) => [`${STATE}${name}`, array] as const);
    writeSafetensors(path, { arrays: { ...this.parameters, ...Object.fromEntries(state) }, metadata });
  }

  /**
   * Reads a model that {@link save} wrote.
   *
   * @param custom The custom activation that the model was made with: a file has only its name.
   * @throws Error naming the file and the problem, if it is damaged or holds something else.
   */
  static load(path: string, custom: Pick<AutoencoderOptions, 'hiddenActivation'> = {}): SparseAutoencoder {
    const { arrays, metadata } = readSafetensors(path);
    if (metadata.format !== FORMAT) {
      throw new Error(
        `${path} must hold a '${FORMAT}'; got '${metadata.format ?? 'a file without a format'}'`,
      );
    }
    return naming(path, () => {
      const architecture = readArchitecture({ ...JSON.parse(metadata.architecture ?? '{}'), ...custom });
      const state = arraysUnder(STATE, arrays);
      // Before a model of that size is made: the file may promise more than it holds.
      requireParameters(architecture, arrays, 'arrays');
      requireModelState(architecture, state, 'arrays');
      const model = new SparseAutoencoder(architecture);
      model.setParameters(arrays, 'arrays', state);
      return model;
    });
  }

  /**
   * Puts other numbers into the model.
   *
   * @param state The arrays that no gradient moves. Default: as they are.
   * @param source What an error names as their origin.
   * @throws RangeError, before anything changes, if an array is missing, has another shape or is not finite.
   */
  setParameters(arrays: ByParameter<Values>, source = 'parameters', state = this.state): void {
    requireParameters(this.architecture, arrays, source);
    requireModelState(this.architecture, state, source);
    for (const [name, own] of Object.entries(this.parameters))
      own.values.set((arrays[name] as Values).values);
    for (const [name, own] of Object.entries(this.state)) own.values.set((state[name] as Values).values);
  }

  /** The form in a line. */
  toString(): string {
    return describeModel(this);
  }

  [INSPECT](): string {
    return String(summarizeModel(this)['text/plain']);
  }

  /** The display in a notebook. */
  [DISPLAY](): MimeBundle {
    return summarizeModel(this);
  }

  /** The parameters as new tensors, for use inside `tf.tidy`. */
  private asTensors(): ByParameter<tf.Tensor> {
    return tensorsOf(this.parameters);
  }
}

/**
 * Applies a function of tensors to rows: at once if they are a tensor, else in pieces, into plain matrices.
 *
 * @param dimension The model's name for the number of columns that `rows` must have, `width`.
 * @param columns The number of columns of each result.
 */
function mapRows<Name extends string>(
  name: string,
  rows: Rows,
  dimension: 'inputDim' | 'hiddenDim',
  width: number,
  apply: (rows: tf.Tensor2D) => Readonly<Record<Name, tf.Tensor2D>>,
  columns: Readonly<Record<Name, number>>,
): Record<Name, tf.Tensor2D> | Record<Name, Matrix> {
  const input = isTensor(rows) ? toTensor(name, rows) : toMatrix(name, rows);
  requireColumns(name, input.shape, width, dimension);
  if (isTensor(input)) return tf.tidy(() => apply(input));

  const [count] = input.shape;
  const names = Object.keys(columns) as Name[];
  const results = Object.fromEntries(
    names.map((result) => [
      result,
      { values: new Float32Array(count * columns[result]), shape: [count, columns[result]] },
    ]),
  ) as unknown as Record<Name, Matrix>; // Object.fromEntries forgets which keys it was given.
  for (let start = 0; start < count; start += ROWS_AT_ONCE) {
    const piece = rowRange(input, start, Math.min(start + ROWS_AT_ONCE, count));
    tf.tidy(() => {
      const output = apply(tf.tensor2d(piece.values, [piece.shape[0], piece.shape[1]]));
      for (const result of names) {
        results[result].values.set(output[result].dataSync<'float32'>(), start * columns[result]);
      }
    });
  }
  return results;
}
