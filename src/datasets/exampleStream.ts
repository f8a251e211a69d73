import { requireFunction, requireInteger, requireText } from '../numbers/arguments';
import { Dataset } from './dataset';

/** Parts of an {@link ExampleStream}. */
export interface ExampleStreamInit {
  /** Its name in figures and errors. */
  readonly name: string;
  /** Examples per epoch. */
  readonly count: number;
  /** Numbers in an example. */
  readonly dim: number;
  /** A text that determines every row: two streams with equal texts make equal rows. */
  readonly identity: string;
  /** Writes row `index`, a pure function of the index, into `target`, which has `dim` numbers. */
  readonly fill: (index: number, target: Float32Array) => void;
}

/** Marks streams, of whichever load of this module: after an edit and a new import, a notebook holds older ones. */
const STREAM: unique symbol = Symbol.for('sparselab.ExampleStream') as typeof STREAM;

/** Whether it is an {@link ExampleStream}. */
export function isExampleStream(value: unknown): value is ExampleStream {
  return typeof value === 'object' && value !== null && STREAM in value;
}

/**
 * Examples that are made when a training step needs them, instead of being stored: any number of them, none of them twice.
 * A row depends on its number alone. So the rows are the same on every engine, for every batch size, and after a resume.
 */
export class ExampleStream implements ExampleStreamInit {
  readonly name: string;
  readonly count: number;
  readonly dim: number;
  readonly identity: string;
  readonly fill: (index: number, target: Float32Array) => void;

  get [STREAM](): true {
    return true;
  }

  /** @throws RangeError or TypeError naming the argument, the permitted range and the value. */
  constructor({ name, count, dim, identity, fill }: ExampleStreamInit) {
    this.name = requireText('name', name);
    this.count = requireInteger('count', count, { min: 1, max: MOST_ROWS });
    this.dim = requireInteger('dim', dim, { min: 1 });
    this.identity = requireText('identity', identity);
    requireFunction('fill', fill);
    this.fill = fill;
  }

  /** The rows of these numbers: float32, row-major `[indices.length, dim]`. */
  gather(indices: ArrayLike<number>): Float32Array {
    const { dim } = this;
    const rows = new Float32Array(indices.length * dim);
    for (let position = 0; position < indices.length; position++) {
      this.fill(indices[position] as number, rows.subarray(position * dim, (position + 1) * dim));
    }
    return rows;
  }

  /** The first rows, stored. */
  take(count: number): Dataset {
    requireInteger('count', count, { min: 0, max: this.count });
    const { name, dim } = this;
    return new Dataset({
      name,
      values: this.gather(Int32Array.from({ length: count }, (_, i) => i)),
      count,
      dim,
    });
  }
}

/** Rows are numbered by int32. */
export const MOST_ROWS = 2 ** 31 - 1;
