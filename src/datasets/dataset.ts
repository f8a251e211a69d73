import { type Tensor2D, tensor2d } from '@tensorflow/tfjs';
import {
  requireArray,
  requireFinite,
  requireInteger,
  requireNumber,
  requireText,
  show,
} from '../numbers/arguments';
import { type OptionsOf, optional, readOptions, value } from '../numbers/options';
import { counted } from '../numbers/shown';
import { INSPECT } from '../page/cell';

/** Optional information about rows. The constructor of {@link Dataset} checks it. */
const descriptionOptions = {
  /** Its name in figures and errors. Default: `rows`. */
  name: optional(value<string>(), 'rows'),
  /** Factor for the stored values when they are used: 1/255 for pixels of one byte. Default: 1. */
  scale: optional(value<number>()),
  /** The class of each row. */
  labels: optional(value<Uint8Array>()),
  /** The names of the numbers of a row. */
  columnNames: optional(value<readonly string[]>()),
  /** The classes' names; a label is an index into them. */
  classNames: optional(value<readonly string[]>()),
  /** Set where a row is an image, stored line after line. */
  imageShape: optional(value<readonly [height: number, width: number]>()),
  /** Where the data comes from. */
  source: optional(value<string>()),
  /** Its licence. */
  licence: optional(value<string>()),
};

/** Options of {@link Dataset.fromRows}. @interface */
export type DatasetDescription = OptionsOf<typeof descriptionOptions>;

/** Parts of a {@link Dataset}. */
export interface DatasetInit extends DatasetDescription {
  /** Its name in figures and errors. */
  readonly name: string;
  /** The numbers as they are stored, row after row: `count × dim` of them. They are not copied. */
  readonly values: Uint8Array | Float32Array;
  /** How many rows (examples). */
  readonly count: number;
  /** Numbers per row. */
  readonly dim: number;
}

/** Numbers are used as float32, where other scales could be zero or infinite. */
const SCALE_RANGE = { min: 1e-30, max: 1e30 };

/** Marks data sets, of whichever load of this module: after an edit and a new import, a notebook holds older ones. */
const DATASET: unique symbol = Symbol.for('sparselab.Dataset') as typeof DATASET;

/** Whether it is a {@link Dataset}. */
export function isDataset(value: unknown): value is Dataset {
  return typeof value === 'object' && value !== null && DATASET in value;
}

/** @throws TypeError if it is not a {@link Dataset}. */
export function requireDataset(name: string, value: unknown): void {
  if (!isDataset(value)) throw new TypeError(`${name} must be a Dataset; got ${show(value)}`);
}

/**
 * Rows of numbers to learn from, with their labels where they have any.
 *
 * Values stay as they are stored (one byte per pixel) and are scaled to float32 only when rows are
 * used: `gather` for a batch, `toTensor` for everything.
 */
export class Dataset implements DatasetInit {
  readonly name: string;
  readonly values: Uint8Array | Float32Array;
  readonly count: number;
  readonly dim: number;
  readonly scale: number;
  readonly labels: Uint8Array | undefined;
  readonly columnNames: readonly string[] | undefined;
  readonly classNames: readonly string[] | undefined;
  readonly imageShape: readonly [height: number, width: number] | undefined;
  readonly source: string | undefined;
  readonly licence: string | undefined;

  get [DATASET](): true {
    return true;
  }

  /**
   * @throws RangeError if a length does not fit `count` and `dim`, a value is NaN or infinite, `scale` is not a
   *   positive number, `imageShape` does not have `dim` pixels, or a label has no class name
   */
  constructor(init: DatasetInit) {
    if (typeof init !== 'object' || init === null)
      throw new TypeError(`Dataset must be given { name, values, count, dim, … }; got ${show(init)}`);
    const { name, values, count, dim, scale = 1, labels, columnNames, classNames, imageShape } = init;
    if (typeof name !== 'string') throw new TypeError(`name must be a string; got ${show(name)}`);
    requireInteger('count', count, { min: 0 });
    requireInteger('dim', dim, { min: 1 });
    if (!(values instanceof Uint8Array || values instanceof Float32Array)) {
      throw new TypeError(`values must be a Uint8Array or a Float32Array; got ${show(values)}`);
    }
    if (values.length !== count * dim) {
      throw new RangeError(
        `values must hold count × dim = ${count} × ${dim} = ${count * dim} numbers; got ${values.length}`,
      );
    }
    requireNumber('scale', scale, SCALE_RANGE);
    if (values instanceof Float32Array) {
      // A scale of 1 or less leaves finite what is finite.
      if (scale > 1)
        requireFinite(
          'values × scale',
          values.map((value) => value * scale),
          dim,
        );
      requireFinite('values', values, dim);
    }
    if (imageShape !== undefined) requireImageShape(imageShape);
    if (imageShape && imageShape[0] * imageShape[1] !== dim) {
      throw new RangeError(
        `imageShape must have dim = ${dim} pixels; got ${imageShape.join(' × ')} = ${imageShape[0] * imageShape[1]}`,
      );
    }
    if (classNames !== undefined) requireNames('classNames', classNames);
    if (columnNames !== undefined && requireNames('columnNames', columnNames).length !== dim) {
      throw new RangeError(
        `columnNames must have one name per column, dim = ${dim} in all; got ${columnNames.length}`,
      );
    }
    if (labels !== undefined) requireLabels(labels, count, classNames);

    this.name = name;
    this.values = values;
    this.count = count;
    this.dim = dim;
    this.scale = scale;
    this.labels = labels;
    this.columnNames = columnNames;
    this.classNames = classNames;
    this.imageShape = imageShape;
    this.source = init.source;
    this.licence = init.licence;
  }

  /**
   * A dataset of your own numbers.
   *
   * @throws RangeError if there is no row, the rows differ in length, or a number is not finite as float32
   * @throws TypeError naming row and column of a value that is not a number: a missing value, a string, true or false
   * @example
   * Dataset.fromRows([[0, 1], [2, 3], [4, 5]]).count // 3
   */
  static fromRows(rows: readonly ArrayLike<number>[], options: DatasetDescription = {}): Dataset {
    const description = readOptions('Dataset.fromRows', options, descriptionOptions);
    requireArray('rows', rows, 'an array of rows');
    const all = Array.from(rows);
    for (const [index, row] of all.entries()) {
      if (!Array.isArray(row) && !(ArrayBuffer.isView(row) && !(row instanceof DataView)))
        throw new TypeError(`rows[${index}] must be an array of numbers; got ${show(row)}`);
    }
    const dim = all[0]?.length;
    if (dim === undefined) throw new RangeError('rows must hold at least one row; got 0');
    if (dim === 0) throw new RangeError('rows must hold at least one number each; got 0 in row 0');
    const values = new Float32Array(all.length * dim);
    for (const [index, row] of all.entries()) {
      if (row.length !== dim) {
        throw new RangeError(
          `rows must all have ${dim} numbers, as row 0 has; row ${index} has ${row.length}`,
        );
      }
      for (let column = 0; column < dim; column++) {
        const value = requireNumberAt(row[column], index, column);
        values[index * dim + column] = value;
      }
    }
    return new Dataset({ ...description, values, count: all.length, dim });
  }

  /**
   * The rows at these indices, ready for use: float32, scaled, row-major `[indices.length, dim]`.
   *
   * The product is rounded to float32 once, as `cast(values) × scale` is in TensorFlow: both give the same bits.
   *
   * @param out Filled and returned instead of a new array
   * @throws RangeError if an index is not an integer in [0, count) or `out` has another length
   */
  gather(indices: ArrayLike<number>, out?: Float32Array): Float32Array {
    requireIndices(indices);
    const { values, dim } = this;
    const rows = out ?? new Float32Array(indices.length * dim);
    if (rows.length !== indices.length * dim) {
      throw new RangeError(
        `out must hold indices.length × dim = ${indices.length * dim} numbers; got ${rows.length}`,
      );
    }
    const scale = Math.fround(this.scale);
    let target = 0;
    for (let position = 0; position < indices.length; position++) {
      let from = this.#requireIndex(indices, position) * dim;
      for (const end = from + dim; from < end; from++) rows[target++] = (values[from] as number) * scale;
    }
    return rows;
  }

  /**
   * The first rows, as a view of the same numbers.
   *
   * @throws RangeError if there are fewer than `count` rows
   */
  take(count: number): Dataset {
    requireInteger('count', count, { min: 0, max: this.count });
    return this.slice(0, count);
  }

  /**
   * The rows from `start` up to, not including, `end`, as a view of the same numbers.
   *
   * @throws RangeError unless 0 ≤ start ≤ end ≤ count
   */
  slice(start: number, end: number): Dataset {
    requireInteger('start', start, { min: 0, max: this.count });
    requireInteger('end', end, { min: start, max: this.count });
    return new Dataset({
      ...this,
      values: this.values.subarray(start * this.dim, end * this.dim),
      count: end - start,
      labels: this.labels?.subarray(start, end),
    });
  }

  /**
   * The rows at these indices, in this order, copied.
   *
   * @throws RangeError if an index is not an integer in [0, count)
   */
  select(indices: ArrayLike<number>): Dataset {
    requireIndices(indices);
    const { dim } = this;
    const count = indices.length;
    const values =
      this.values instanceof Uint8Array ? new Uint8Array(count * dim) : new Float32Array(count * dim);
    const labels = this.labels && new Uint8Array(count);
    for (let position = 0; position < count; position++) {
      const index = this.#requireIndex(indices, position);
      values.set(this.values.subarray(index * dim, (index + 1) * dim), position * dim);
      if (labels) labels[position] = this.labels?.[index] as number;
    }
    return new Dataset({ ...this, values, count, labels });
  }

  /**
   * Only the rows that have one of these labels, in their old order, copied.
   *
   * @throws Error if the dataset has no labels
   * @throws RangeError if no row has such a label: a slip rather than a wish
   * @example
   * loadDigits().withLabels(0, 1).count // 360: 178 zeros and 182 ones
   */
  withLabels(...labels: number[]): Dataset {
    const own = this.labels;
    if (!own) throw new Error(`${this.name} has no labels to choose by`);
    const wanted = new Set(labels);
    const indices = range(this.count).filter((index) => wanted.has(own[index] as number));
    if (indices.length === 0) {
      const present = [...new Set(own)].sort((a, b) => a - b).join(', ');
      throw new RangeError(`labels must be some of ${this.name}'s, ${present}; got ${labels.join(', ')}`);
    }
    return this.select(indices);
  }

  /** All rows as a float32 tensor `[count, dim]`, scaled. It is yours to dispose. */
  toTensor(): Tensor2D {
    return tensor2d(this.gather(range(this.count)), [this.count, this.dim], 'float32');
  }

  /** Summary in one line: `MNIST train: 60,000 examples of 784 numbers (28 × 28 images), 10 classes`. */
  toString(): string {
    const { name, count, dim, imageShape, labels, classNames } = this;
    const images = imageShape ? ` (${imageShape.join(' × ')} images)` : '';
    const classes = classNames ? `, ${classNames.length} classes` : labels ? ', with labels' : '';
    return `${name}: ${counted(count, 'example')} of ${counted(dim, 'number')}${images}${classes}`;
  }

  /** Where a kernel prints values it prints that line, not millions of numbers. */
  [INSPECT](): string {
    return this.toString();
  }

  #requireIndex(indices: ArrayLike<number>, position: number): number {
    const index = indices[position] as number;
    if (!Number.isInteger(index) || index < 0 || index >= this.count) {
      throw new RangeError(
        `indices[${position}] must be an integer in [0, ${this.count}); got ${show(index)}`,
      );
    }
    return index;
  }
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

function requireIndices(indices: ArrayLike<number>): void {
  if (Array.isArray(indices) || ArrayBuffer.isView(indices)) return;
  throw new TypeError(`indices must be an array of row numbers; got ${show(indices)}`);
}

/** @throws TypeError or RangeError naming row and column, if it is not a number that float32 can hold. */
function requireNumberAt(value: unknown, row: number, column: number): number {
  if (typeof value !== 'number') {
    throw new TypeError(`rows must hold numbers; got ${show(value)} in row ${row}, column ${column}`);
  }
  if (!Number.isFinite(Math.fround(value))) {
    throw new RangeError(
      `rows must be finite, within ±3.4e38; got ${show(value)} in row ${row}, column ${column}`,
    );
  }
  return value;
}

function requireImageShape(imageShape: readonly [number, number]): void {
  if (!Array.isArray(imageShape) || imageShape.length !== 2)
    throw new TypeError(`imageShape must be [height, width]; got ${show(imageShape)}`);
  requireInteger('imageShape[0]', imageShape[0], { min: 1 });
  requireInteger('imageShape[1]', imageShape[1], { min: 1 });
}

function requireNames(option: string, given: readonly string[]): readonly string[] {
  const names = Array.from(requireArray(option, given, 'an array of names'));
  for (const [index, name] of names.entries()) requireText(`${option}[${index}]`, name);
  return names;
}

function requireLabels(labels: Uint8Array, count: number, classNames: readonly string[] | undefined): void {
  if (!(labels instanceof Uint8Array))
    throw new TypeError(`labels must be a Uint8Array; got ${show(labels)}`);
  if (labels.length !== count) {
    throw new RangeError(`labels must have one label per row, ${count} in all; got ${labels.length}`);
  }
  if (!classNames) return;
  const bad = labels.findIndex((label) => label >= classNames.length);
  if (bad >= 0) {
    throw new RangeError(
      `labels must be in [0, ${classNames.length}), the indices of classNames; got ${labels[bad]} in row ${bad}`,
    );
  }
}
