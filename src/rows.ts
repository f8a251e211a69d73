/**
 * Rows of numbers in the forms that callers have them in, brought into the one that is needed.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs';
import { show } from './arguments';
import { type Dataset, isDataset } from './datasets/dataset';
import { type Matrix, sizeOf } from './values';

/** Rows of numbers, in any form that the library takes. */
export type Rows = tf.Tensor2D | Matrix | Dataset;

/**
 * @throws RangeError naming the first number that is NaN or infinite, and its place.
 */
export function requireFinite(name: string, { values, shape }: Matrix): void {
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad < 0) return;
  const [row, column] = [Math.floor(bad / shape[1]), bad % shape[1]];
  throw new RangeError(
    `${name} must hold finite numbers; got ${values[bad]} in row ${row}, column ${column}`,
  );
}

/** Whether `x` is a tensor (and the answer should be one too) rather than plain numbers. */
export function isTensor(x: unknown): x is tf.Tensor {
  return x instanceof tf.Tensor;
}

/**
 * The rows as a plain matrix of float32; a dataset's are scaled.
 *
 * @param name What error messages call `rows`.
 * @throws TypeError if `rows` is none of the three forms, or a tensor of another rank.
 */
export function toMatrix(name: string, rows: Rows): Matrix {
  if (isTensor(rows)) {
    requireRank2(name, rows);
    const values = rows.dataSync();
    return { values: values instanceof Float32Array ? values : Float32Array.from(values), shape: rows.shape };
  }
  if (isDataset(rows)) {
    const all = Uint32Array.from({ length: rows.count }, (_, row) => row);
    return { values: rows.gather(all), shape: [rows.count, rows.dim] };
  }
  requireMatrix(name, rows);
  return rows;
}

/**
 * The rows as a tensor: the tensor itself, or a new one that the caller's `tf.tidy` frees.
 *
 * @param name What error messages call `rows`.
 * @throws TypeError if `rows` is none of the three forms, or a tensor of another rank.
 */
export function toTensor(name: string, rows: Rows): tf.Tensor2D {
  if (isTensor(rows)) {
    requireRank2(name, rows);
    return rows.dtype === 'float32' ? rows : rows.toFloat();
  }
  const { values, shape } = toMatrix(name, rows);
  return tf.tensor2d(values, [shape[0], shape[1]]);
}

/**
 * @param width The number of columns that the rows must have: the model's dimension called `dimension`.
 * @throws RangeError if they have another.
 */
export function requireColumns(
  name: string,
  [rows, columns]: readonly [rows: number, columns: number],
  width: number,
  dimension: 'inputDim' | 'hiddenDim',
): void {
  if (columns !== width) {
    throw new RangeError(
      `${name} must have ${width} columns, the model's ${dimension}; got shape [${rows}, ${columns}]`,
    );
  }
}

function requireRank2(name: string, tensor: tf.Tensor): asserts tensor is tf.Tensor2D {
  if (tensor.rank !== 2) {
    throw new TypeError(
      `${name} must have shape [examples, numbers]; got a tensor of shape [${tensor.shape}]`,
    );
  }
}

function requireMatrix(name: string, rows: Matrix): void {
  const { values, shape } = (rows ?? {}) as Partial<Matrix>;
  if (!(values instanceof Float32Array) || shape?.length !== 2 || values.length !== sizeOf(shape)) {
    throw new TypeError(
      `${name} must be a tensor of shape [examples, numbers], a Dataset, or { values: Float32Array, shape: [rows, columns] }; ` +
        `got ${values instanceof Float32Array ? `${values.length} values of shape ${show(shape)}` : show(rows)}`,
    );
  }
}
