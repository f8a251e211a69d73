/**
 * Operations that go along axes: sums, extremes, running sums, softmax.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs';
import {
  at,
  axisOf,
  type Doubles,
  given,
  type Kernel,
  linesAlong,
  positions,
  sizeOf,
  stridesOf,
} from './doubles';

/** How a reduction starts, goes on and ends; `count` is the number of elements that fall together. */
interface Reduction {
  readonly start: number;
  readonly add: (sum: number, x: number) => number;
  readonly end?: (sum: number, count: number) => number;
  readonly dtype?: tf.DataType;
}

const reductions: Readonly<Record<string, Reduction>> = {
  All: { start: 1, add: (all, x) => Number(all && x), dtype: 'bool' },
  Any: { start: 0, add: (any, x) => Number(any || x), dtype: 'bool' },
  Max: { start: -Infinity, add: Math.max },
  Mean: { start: 0, add: (sum, x) => sum + x, end: (sum, count) => sum / count, dtype: 'float32' },
  Min: { start: Infinity, add: Math.min },
  Prod: { start: 1, add: (product, x) => product * x },
  Sum: { start: 0, add: (sum, x) => sum + x },
};

/** By tf's names. */
export const alongAxes: Readonly<Record<string, Kernel>> = {
  ...Object.fromEntries(
    Object.entries(reductions).map(([name, reduction]): [string, Kernel] => [
      name,
      ({ x }, { axis, reductionIndices, keepDims }) =>
        reduce(
          given(x),
          (axis ?? reductionIndices) as number | number[] | null,
          Boolean(keepDims),
          reduction,
        ),
    ]),
  ),
  ArgMax: ({ x }, { axis }) => indexOfFirst(given(x), axis, (a, b) => a > b),
  ArgMin: ({ x }, { axis }) => indexOfFirst(given(x), axis, (a, b) => a < b),
  Cumprod: ({ x }, attributes) => running(given(x), attributes, 1, (product, factor) => product * factor),
  Cumsum: ({ x }, attributes) => running(given(x), attributes, 0, (sum, summand) => sum + summand),
  Softmax: ({ logits }, { dim }) => {
    const { values, shape } = given(logits);
    const results = new Float64Array(values.length);
    for (const line of linesAlong(shape, axisOf(dim, shape.length))) {
      const largest = line.reduce((max, position) => Math.max(max, at(values, position)), -Infinity);
      const exponentials = Float64Array.from(line, (position) => Math.exp(at(values, position) - largest));
      const sum = exponentials.reduce((total, each) => total + each, 0);
      line.forEach((position, k) => {
        results[position] = at(exponentials, k) / sum;
      });
    }
    return { values: results, shape };
  },
  TopK: ({ x }, { k }) => {
    const { values, shape } = given(x);
    const count = k as number;
    // Sorting is stable: of equal ones the first comes first, as in TensorFlow.
    const sorted = linesAlong(shape, shape.length - 1).map((line) =>
      Array.from(line, (position, index) => ({ index, value: at(values, position) }))
        .sort((a, b) => b.value - a.value)
        .slice(0, count),
    );
    const chosen = sorted.flat();
    const kept = [...shape.slice(0, -1), count];
    return [
      { values: Float64Array.from(chosen, ({ value }) => value), shape: kept },
      { values: Float64Array.from(chosen, ({ index }) => index), shape: kept, dtype: 'int32' },
    ];
  },
};

function reduce(
  { values, shape }: Doubles,
  axis: number | number[] | null,
  keepDims: boolean,
  { start, add, end = (sum) => sum, dtype }: Reduction,
): Doubles {
  const axes = tf.util.parseAxisParam(axis ?? shape.map((_, i) => i), [...shape]);
  const kept = shape.map((size, i) => (axes.includes(i) ? 1 : size));
  const strides = stridesOf(kept);
  const targets = positions(shape, (index, i) => (axes.includes(i) ? 0 : index * at(strides, i)));
  const results = new Float64Array(sizeOf(kept)).fill(start);
  targets.forEach((target, i) => {
    results[target] = add(at(results, target), at(values, i));
  });
  const count = values.length / results.length;
  return {
    values: results.map((sum) => end(sum, count)),
    shape: keepDims ? kept : shape.filter((_, i) => !axes.includes(i)),
    ...(dtype && { dtype }),
  };
}

/** Where along an axis the first element lies that `isBetter` than all before it and no worse than all after. */
function indexOfFirst(
  { values, shape }: Doubles,
  axis: unknown,
  isBetter: (a: number, b: number) => boolean,
): Doubles {
  const along = axisOf(axis, shape.length);
  const results = linesAlong(shape, along).map((line) =>
    line.reduce(
      (best, position, k) => (isBetter(at(values, position), at(values, at(line, best))) ? k : best),
      0,
    ),
  );
  return {
    values: Float64Array.from(results),
    shape: shape.filter((_, i) => i !== along),
    dtype: 'int32',
  };
}

/** Adds up along an axis, keeping what there is so far; `exclusive` leaves out the element itself. */
function running(
  { values, shape }: Doubles,
  { axis, exclusive, reverse }: Parameters<Kernel>[1],
  start: number,
  add: (sum: number, x: number) => number,
): Doubles {
  const results = new Float64Array(values.length);
  for (const line of linesAlong(shape, axisOf(axis, shape.length))) {
    let sum = start;
    for (const position of reverse ? line.reverse() : line) {
      const after = add(sum, at(values, position));
      results[position] = exclusive ? sum : after;
      sum = after;
    }
  }
  return { values: results, shape };
}
