/**
 * Rows of numbers in the forms that callers have them in, brought into the one that is needed.
 *
 * Here numbers enter, and here they are looked at, once: none may be NaN or infinite. A data set has looked at its own when
 * it was made. A tensor's are looked at where they are read in any case, and else left alone: reading them would make
 * the computation wait, and a compiled step has none yet.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs';
import { requireFinite, show } from '../numbers/arguments';
import { type Matrix, sizeOf } from '../numbers/values';
import { type Dataset, isDataset } from './dataset';

/** Rows of numbers, in any form that the library takes. */
export type Rows = tf.Tensor2D | Matrix | Dataset;

/** Whether `x` is a tensor (and the answer should be one too) rather than plain numbers. */
export function isTensor(x: unknown): x is tf.Tensor {
  return x instanceof tf.Tensor;
}

/**
 * The rows as a plain matrix of float32; a dataset's are scaled.
 *
 * @param name What error messages call `rows`.
 * @throws TypeError if `rows` has none of the three forms, or a tensor of another rank or without numbers.
 * @throws RangeError naming the first number that is NaN or infinite, and its place.
 */
export function toMatrix(name: string, rows: Rows): Matrix {
  if (isTensor(rows)) {
    requireRank2(name, rows);
    const numbers = rows.dataSync();
    const values = numbers instanceof Float32Array ? numbers : Float32Array.from(numbers);
    requireFinite(name, values, rows.shape[1]);
    return { values, shape: rows.shape };
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
 * @throws TypeError or RangeError as {@link toMatrix}, which reads and so looks at all but tensors.
 */
export function toTensor(name: string, rows: Rows): tf.Tensor2D {
  if (isTensor(rows)) {
    requireRank2(name, rows);
    return rows.dtype === 'float32' ? rows : rows.toFloat();
  }
  const { values, shape } = toMatrix(name, rows);
  return tf.tensor2d(values, [shape[0], shape[1]]);
}

/** @throws RangeError if there are none: there is no mean of nothing. */
export function requireRows(name: string, [rows]: readonly number[]): void {
  if (rows === 0) throw new RangeError(`${name} must hold at least one row; got 0`);
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
  if (tensor.dtype === 'string' || tensor.dtype === 'complex64') {
    throw new TypeError(`${name} must hold real numbers; got a tensor of dtype ${show(tensor.dtype)}`);
  }
}

function requireMatrix(name: string, rows: Matrix): void {
  const { values, shape } = (rows ?? {}) as Partial<Matrix>;
  if (!(values instanceof Float32Array && isShape(shape) && values.length === sizeOf(shape))) {
    throw new TypeError(
      `${name} must be a tensor of shape [examples, numbers], a Dataset, or { values: Float32Array, shape: [rows, columns] }; ` +
        `got ${values instanceof Float32Array ? `${values.length} values of shape ${show(shape)}` : show(rows)}`,
    );
  }
  requireFinite(name, values, shape[1]);
}

const isShape = (shape: unknown): shape is Matrix['shape'] =>
  Array.isArray(shape) &&
  shape.length === 2 &&
  shape.every((size) => Number.isSafeInteger(size) && size >= 0);
