import { type Examples, rowsOfExamples, wordsOf } from '../datasets/examples';
import { requireModel } from '../model/architecture';
import type { SparseAutoencoder } from '../model/autoencoder';
import { requireInteger } from '../numbers/arguments';
import { dot, mean } from '../numbers/arithmetic';
import { type Filled, integer, type OptionsOf, optional, readOptions } from '../numbers/options';
import { type Matrix, rowAt } from '../numbers/values';
import type { Codes } from './codes';

export const readInputOptions = {
  /** How many units are listed alone, those that add most; the others are added up. Default: 12. */
  count: optional(integer({ min: 1, max: 64 }), 12),
};

/** Options of {@link readInput}. @interface */
export type ReadInputOptions = OptionsOf<typeof readInputOptions>;

/** A part of the sum that a reconstruction is. */
export interface Summand {
  /** Its contribution, [inputDim]. */
  readonly values: Float32Array;
  /** Its part of the whole sum s, values · s / ‖s‖². The parts add up to 1; one may be negative. */
  readonly share: number;
  /** The reconstruction as far as this part, [inputDim]: after the output's activation function. */
  readonly soFar: Float32Array;
  /** Mean squared error of `soFar`. */
  readonly mse: number;
}

/** The contribution of one unit: hⱼ dⱼ. */
export interface UnitSummand extends Summand {
  readonly unit: number;
  /** hⱼ */
  readonly activation: number;
  /** By how much the mean squared error of this input grows if only this unit is left out. */
  readonly deltaMse: number;
}

/** The remaining units, together. */
export interface RestSummand extends Summand {
  /** How many units with an activation other than 0. */
  readonly units: number;
}

/** One input as a sum of units: {@link readInput}. */
export interface InputReading {
  /** The example's row. */
  readonly row: number;
  /** [inputDim] */
  readonly x: Float32Array;
  /** x̂, [inputDim] */
  readonly reconstruction: Float32Array;
  /** The sum s of all parts, [inputDim]: x̂ before the output's activation function, x̂ itself if that is linear. */
  readonly sum: Float32Array;
  /** Mean squared error of x̂. */
  readonly mse: number;
  /** b_d, with which the sum begins. */
  readonly bias: Summand;
  /** The units that add most, by ‖hⱼ dⱼ‖, the first most. */
  readonly units: readonly UnitSummand[];
  /** `undefined` if no other unit has an activation. */
  readonly rest: RestSummand | undefined;
}

/**
 * One input from the model's side: its reconstruction as the sum of its units' contributions.
 *
 *     s = b_d + Σⱼ hⱼ dⱼ,   x̂ = g(s)      j over the units, dⱼ row j of W_d, g the output's activation function
 *
 * With few active units one can look at each part. The parts are in the order of ‖hⱼ dⱼ‖, and `soFar` shows how the sum grows.
 * The parts add up to s, and to x̂ if g is linear, to float32's rounding.
 *
 * @param data Examples; or words.
 * @param input The row of an example, counted from 0; of words also the word.
 * @throws RangeError if there is no such row or word, or an option is out of its range.
 *
 * @example
 * const model = new SparseAutoencoder({ inputDim: 64, hiddenDim: 8, seed: 1 });
 * readInput(model, loadDigits(), 0, { count: 3 }).units.length // → 3
 * @example
 * readInput(model, loadWords(), 'apple').units.map(({ unit, share }) => `${unit}: ${share}`)
 */
export function readInput(
  model: SparseAutoencoder,
  data: Examples,
  input: number | string,
  options: ReadInputOptions = {},
): InputReading {
  const read = readOptions('readInput', options, readInputOptions);
  requireModel('model', model);
  return inputReading({ model, dataset: rowsOfExamples('data', data) }, rowOfInput(data, input), read);
}

/** The same, from a row and options that were already checked. */
export function inputReading(
  { model, dataset }: Pick<Codes, 'model' | 'dataset'>,
  row: number,
  { count }: Filled<typeof readInputOptions>,
): InputReading {
  const { inputDim } = model.architecture;
  const x = dataset.gather([row]);
  const pass = model.forward({ values: x, shape: [1, dataset.dim] });
  const h = pass.activations.values;
  const { decoderWeights } = model;
  const added = (unit: number) => rowAt(decoderWeights, unit).map((weight) => (h[unit] as number) * weight);

  const sizes = Array.from(h, (activation, unit) => (activation === 0 ? 0 : Math.hypot(...added(unit))));
  const order = Array.from(h.keys())
    .filter((unit) => h[unit] !== 0)
    .sort((a, b) => (sizes[b] as number) - (sizes[a] as number) || a - b);
  const [alone, others] = [order.slice(0, count), order.slice(count)];
  const bias = model.decoderBias.values;
  const parts = [bias.slice(), ...alone.map(added), total(others.map(added), inputDim)];
  const sum = total(parts, inputDim);
  const squared = dot(sum, sum);

  // Codes in which ever more units take part, then codes without one of them each.
  const withUnits = (units: readonly number[]) => h.map((value, unit) => (units.includes(unit) ? value : 0));
  const growing = Array.from({ length: alone.length + 1 }, (_, length) => withUnits(alone.slice(0, length)));
  const without = alone.map((left) => withUnits(order.filter((unit) => unit !== left)));
  const decoded = decodeRows(model, [...growing, h, ...without]);
  const mseOf = (output: Float32Array) => mean(output.map((value, i) => (value - (x[i] as number)) ** 2));
  const summand = (index: number): Summand => {
    const [values, soFar] = [parts[index] as Float32Array, decoded[index] as Float32Array];
    return { values, soFar, share: squared === 0 ? 0 : dot(values, sum) / squared, mse: mseOf(soFar) };
  };
  const reconstruction = pass.reconstruction.values;
  const mse = mseOf(reconstruction);
  return {
    row,
    x,
    reconstruction,
    sum,
    mse,
    bias: summand(0),
    units: alone.map((unit, index) => ({
      unit,
      activation: h[unit] as number,
      deltaMse: mseOf(decoded[growing.length + 1 + index] as Float32Array) - mse,
      ...summand(index + 1),
    })),
    rest: others.length === 0 ? undefined : { units: others.length, ...summand(alone.length + 1) },
  };
}

/** @throws RangeError if there is no such example */
export function rowOfInput(data: Examples, input: number | string): number {
  const words = wordsOf(data);
  if (words !== undefined && typeof input === 'string') return words.rowOf(input);
  return requireInteger('input', input, { min: 0, max: rowsOfExamples('data', data).count - 1 });
}

function decodeRows(model: SparseAutoencoder, codes: readonly Float32Array[]): Float32Array[] {
  const { hiddenDim } = model.architecture;
  const all: Matrix = {
    values: new Float32Array(codes.length * hiddenDim),
    shape: [codes.length, hiddenDim],
  };
  for (const [index, code] of codes.entries()) all.values.set(code, index * hiddenDim);
  const decoded = model.decode(all);
  return codes.map((_, index) => rowAt(decoded, index));
}

/** The sum of vectors, added up in float64. */
function total(vectors: readonly Float32Array[], length: number): Float32Array {
  const sum = new Float64Array(length);
  for (const vector of vectors)
    for (let i = 0; i < length; i++) sum[i] = (sum[i] as number) + (vector[i] as number);
  return Float32Array.from(sum);
}
