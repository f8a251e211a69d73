/**
 * Arrays of doubles, and the index arithmetic for the kernels.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs';

/** An array of doubles with its shape, row-major: what every kernel here works on. */
export interface Doubles {
  readonly values: Float64Array;
  readonly shape: readonly number[];
  /** The type that tf gives the numbers. Default: that of the first input, or what the options say. */
  readonly dtype?: tf.DataType;
}

/** An operation's options, which tf calls attributes. */
export type Attributes = Readonly<Record<string, unknown>>;

/** An operation on arrays; tf calls the inputs by names of its own. */
export type Kernel = (
  inputs: Readonly<Record<string, Doubles>>,
  attributes: Attributes,
) => Doubles | readonly Doubles[];

/** An input that tf always gives. */
export function given(input: Doubles | undefined): Doubles {
  if (!input) throw new Error('a kernel of the float64 backend was called without its input');
  return input;
}

/** The number at a place that is known to exist. */
export const at = (numbers: ArrayLike<number>, index: number): number => numbers[index] as number;

/** The product of the sizes: how many elements there are. */
export const sizeOf = (shape: readonly number[]): number =>
  shape.reduce((product, size) => product * size, 1);

/** An axis counted from the front, whichever way it was counted. */
export const axisOf = (axis: unknown, rank: number): number =>
  (axis as number) < 0 ? rank + (axis as number) : (axis as number);

/** How far apart two neighbours along each axis lie. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  for (let axis = shape.length - 1, stride = 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis] as number;
  }
  return strides;
}

/**
 * For each element of an array of the given shape, in row-major order, a position in another array: the sum of the results of
 * `offset` for its index along each axis.
 */
export function positions(
  shape: readonly number[],
  offset: (index: number, axis: number) => number,
): Int32Array {
  return shape.reduce((prefixes, size, axis) => {
    const offsets = Array.from({ length: size }, (_, index) => offset(index, axis));
    const extended = new Int32Array(prefixes.length * size);
    let i = 0;
    for (const prefix of prefixes) for (const step of offsets) extended[i++] = prefix + step;
    return extended;
  }, Int32Array.of(0));
}

/** An array of the given shape whose elements are those of `values` at {@link positions}. */
export function pick(
  values: Float64Array,
  shape: readonly number[],
  offset: (index: number, axis: number) => number,
): Doubles {
  return { values: Float64Array.from(positions(shape, offset), (position) => at(values, position)), shape };
}

/** The positions of each row of elements that lie along an axis, the rows in row-major order of the other axes. */
export function linesAlong(shape: readonly number[], axis: number): Int32Array[] {
  const size = at(shape, axis);
  const inner = sizeOf(shape.slice(axis + 1));
  const outer = sizeOf(shape.slice(0, axis));
  return Array.from({ length: outer * inner }, (_, line) => {
    const start = Math.floor(line / inner) * size * inner + (line % inner);
    return Int32Array.from({ length: size }, (_, k) => start + k * inner);
  });
}

/** Applies a function to each pair of elements; an axis of size 1, or none, is repeated as far as the other goes. */
export function broadcast(a: Doubles, b: Doubles, compute: (a: number, b: number) => number): Doubles {
  const shape = tf.broadcast_util.assertAndGetBroadcastShape([...a.shape], [...b.shape]);
  const [left, right] = [stretched(a, shape), stretched(b, shape)];
  return { values: left.map((x, i) => compute(x, at(right, i))), shape };
}

function stretched({ values, shape: own }: Doubles, shape: readonly number[]): Float64Array {
  if (own.join() === shape.join()) return values;
  const missing = shape.length - own.length;
  const strides = stridesOf(own);
  const isRepeated = (axis: number) => axis < missing || own[axis - missing] === 1;
  return pick(values, shape, (index, axis) => (isRepeated(axis) ? 0 : index * at(strides, axis - missing)))
    .values;
}
