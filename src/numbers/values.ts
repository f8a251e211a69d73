/**
 * Plain numbers with a shape, owned by JavaScript's garbage collector. Models and datasets hold these rather than
 * tensors, so that running a cell again never leaks native memory.
 *
 * @module
 */

/** Numbers in row-major order with their shape. */
export interface Values<Shape extends readonly number[] = readonly number[]> {
  /** The product of `shape` many numbers, the last axis fastest. */
  readonly values: Float32Array;
  /** The size of each axis. */
  readonly shape: Shape;
}

/** A matrix: `values[row * columns + column]`, shape `[rows, columns]`. */
export type Matrix = Values<readonly [rows: number, columns: number]>;

/** A vector of `shape[0]` numbers. */
export type Vector = Values<readonly [length: number]>;

/** The element count of a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((size, axis) => size * axis, 1);
}

/** Rows `start` (inclusive) to `end` (exclusive), sharing the memory of `matrix`. */
export function rowRange({ values, shape: [, columns] }: Matrix, start: number, end: number): Matrix {
  return { values: values.subarray(start * columns, end * columns), shape: [end - start, columns] };
}

/** One row, sharing the memory of the matrix. */
export function rowAt({ values, shape: [, columns] }: Matrix, row: number): Float32Array {
  return values.subarray(row * columns, (row + 1) * columns);
}

/** The matrix with rows and columns swapped. */
export function transposed({ values, shape: [rows, columns] }: Matrix): Matrix {
  const result = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      result[column * rows + row] = values[row * columns + column] as number;
    }
  }
  return { values: result, shape: [columns, rows] };
}
