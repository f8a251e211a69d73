/**
 * Between a learner's tf code and the checks, which know plain arrays only.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs';

/** Rows of numbers as a check holds them. */
export type RowsOfNumbers = number[][];

/** Thrown for an answer that is not a number or tensor of the wanted shape; the message is for the learner. */
export class WrongKind extends Error {
  override readonly name = 'WrongKind';
}

/** The rows as a new tensor. */
export function tensorOf(rows: RowsOfNumbers): tf.Tensor2D {
  return tf.tensor2d(rows);
}

/**
 * Runs tf code that should give a scalar, and frees every tensor it makes.
 *
 * @param run Returns a scalar tensor; a plain number will do as well.
 * @throws WrongKind saying what came instead.
 */
export function scalarFrom(run: () => unknown): number {
  return tf.tidy(() => {
    const result = run();
    if (typeof result === 'number') return result;
    const tensor = requireTensor(result, 'a scalar');
    if (tensor.rank !== 0) {
      const hint =
        tensor.rank === 1
          ? 'One axis is left over: it must be summed or averaged too.'
          : 'Nothing was added up yet.';
      throw new WrongKind(`It must return a scalar; got a tensor of shape [${tensor.shape}]. ${hint}`);
    }
    return tensor.dataSync()[0] as number;
  });
}

/**
 * Runs tf code that should give one number per unit, and frees every tensor it makes.
 *
 * @throws WrongKind saying what came instead.
 */
export function vectorFrom(run: () => unknown, length: number): number[] {
  return tf.tidy(() => {
    const tensor = requireTensor(run(), `a tensor of shape [${length}]`);
    if (tensor.rank !== 1 || tensor.shape[0] !== length) {
      throw new WrongKind(
        `It must return a tensor of shape [${length}]; got one of shape [${tensor.shape}].`,
      );
    }
    return (tensor as tf.Tensor1D).arraySync();
  });
}

/**
 * Runs tf code that should give a matrix, and frees every tensor it makes.
 *
 * @throws WrongKind saying what came instead.
 */
export function rowsFrom(run: () => unknown, [rows, columns]: readonly [number, number]): RowsOfNumbers {
  return tf.tidy(() => {
    const tensor = requireTensor(run(), `a tensor of shape [${rows}, ${columns}]`);
    if (tensor.rank !== 2 || tensor.shape[0] !== rows || tensor.shape[1] !== columns) {
      throw new WrongKind(
        `It must return a tensor of shape [${rows}, ${columns}]; got one of shape [${tensor.shape}].`,
      );
    }
    return (tensor as tf.Tensor2D).arraySync();
  });
}

function requireTensor(result: unknown, wanted: string): tf.Tensor {
  if (result instanceof tf.Tensor) return result;
  if (result === undefined) throw new WrongKind('It returns nothing: is a `return` missing?');
  if (result instanceof Promise) {
    result.catch(() => undefined);
    throw new WrongKind('It returns a Promise: it must be a plain function, not an async one.');
  }
  if (Array.isArray(result) || ArrayBuffer.isView(result)) {
    throw new WrongKind(`It must return ${wanted}; got an array. tf.tensor(…) makes a tensor of one.`);
  }
  const kind = result === null ? 'null' : typeof result;
  throw new WrongKind(`It must return ${wanted}; got ${kind}.`);
}
