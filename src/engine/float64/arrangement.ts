/**
 * Operations that make, move, join and part elements, and change none.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs';
import { at, axisOf, type Doubles, given, type Kernel, pick, positions, sizeOf, stridesOf } from './doubles';

type Paddings = readonly (readonly [before: number, after: number])[];

/** By tf's names. */
export const arrangement: Readonly<Record<string, Kernel>> = {
  Cast: ({ x }, { dtype }) => {
    const { values, shape } = given(x);
    if (dtype === 'int32') return { values: values.map(Math.trunc), shape };
    return { values: dtype === 'bool' ? values.map((value) => Number(value !== 0)) : values.slice(), shape };
  },
  Concat: (inputs, { axis }) => concatenated(Object.values(inputs), axis),
  Diag: ({ x }) => {
    const { values, shape } = given(x);
    const count = values.length;
    const diagonal = new Float64Array(count * count);
    values.forEach((value, i) => {
      diagonal[i * (count + 1)] = value;
    });
    return { values: diagonal, shape: [...shape, ...shape] };
  },
  ExpandDims: ({ input }, { dim }) => withAxis(given(input), axisOf(dim, given(input).shape.length + 1)),
  Fill: (_, { shape, value }) => ({
    values: new Float64Array(sizeOf(shape as number[])).fill(value as number),
    shape: shape as number[],
  }),
  GatherV2: ({ x, indices }, { axis, batchDims }) => {
    if (batchDims) throw new RangeError(`gather in float64 needs batchDims 0; got ${batchDims}`);
    const { values, shape } = given(x);
    const along = axisOf(axis, shape.length);
    const inner = sizeOf(shape.slice(along + 1));
    const outer = sizeOf(shape.slice(0, along));
    const wanted = given(indices);
    const parts = Array.from({ length: outer }, (_, block) =>
      Array.from(wanted.values, (index) => {
        const start = (block * at(shape, along) + index) * inner;
        return values.subarray(start, start + inner);
      }),
    );
    return {
      values: joined(parts.flat()),
      shape: [...shape.slice(0, along), ...wanted.shape, ...shape.slice(along + 1)],
    };
  },
  Identity: ({ x }) => reshaped(given(x), given(x).shape),
  LinSpace: (_, { start, stop, num }) => {
    const [first, last, count] = [start as number, stop as number, num as number];
    const step = (last - first) / Math.max(count - 1, 1);
    return { values: Float64Array.from({ length: count }, (_, i) => first + i * step), shape: [count] };
  },
  MirrorPad: ({ x }, { paddings, mode }) => {
    const { values, shape } = given(x);
    const before = (paddings as Paddings).map(([count]) => count);
    const strides = stridesOf(shape);
    // The element at the edge is repeated if the mode is symmetric.
    const edge = mode === 'symmetric' ? 1 : 0;
    return pick(values, padded(shape, paddings as Paddings), (index, axis) => {
      const inside = index - at(before, axis);
      const size = at(shape, axis);
      const mirrored = inside < 0 ? -inside - edge : inside >= size ? 2 * size - 2 - inside + edge : inside;
      return mirrored * at(strides, axis);
    });
  },
  OneHot: ({ indices }, { depth, onValue, offValue }) => {
    const { values, shape } = given(indices);
    const width = depth as number;
    const results = new Float64Array(values.length * width).fill(offValue as number);
    values.forEach((index, i) => {
      if (index >= 0 && index < width) results[i * width + index] = onValue as number;
    });
    return { values: results, shape: [...shape, width] };
  },
  Pack: (inputs, { axis }) => {
    const arrays = Object.values(inputs);
    const along = axisOf(axis, (arrays[0]?.shape.length ?? 0) + 1);
    return concatenated(
      arrays.map((array) => withAxis(array, along)),
      along,
    );
  },
  PadV2: ({ x }, { paddings, constantValue }) => {
    const { values, shape } = given(x);
    const target = padded(shape, paddings as Paddings);
    const results = new Float64Array(sizeOf(target)).fill(constantValue as number);
    const strides = stridesOf(target);
    const before = (paddings as Paddings).map(([count]) => count);
    const places = positions(shape, (index, axis) => (index + at(before, axis)) * at(strides, axis));
    places.forEach((place, i) => {
      results[place] = at(values, i);
    });
    return { values: results, shape: target };
  },
  Range: (_, { start, stop, step }) => {
    const [first, end, by] = [start as number, stop as number, step as number];
    const count = Math.max(0, Math.ceil((end - first) / by));
    return { values: Float64Array.from({ length: count }, (_, i) => first + i * by), shape: [count] };
  },
  Reshape: ({ x }, { shape }) =>
    reshaped(given(x), tf.util.inferFromImplicitShape(shape as number[], given(x).values.length)),
  Reverse: ({ x }, { dims }) => {
    const { values, shape } = given(x);
    const axes = tf.util.parseAxisParam(dims as number | number[], [...shape]);
    const strides = stridesOf(shape);
    return pick(
      values,
      shape,
      (index, axis) => (axes.includes(axis) ? at(shape, axis) - 1 - index : index) * at(strides, axis),
    );
  },
  Select: ({ condition, t, e }) => {
    const [chosen, otherwise] = [given(t), given(e)];
    const where = given(condition).values;
    // A vector of conditions chooses whole rows.
    const repeat = chosen.values.length / where.length;
    const pickOne = (_: number, i: number) =>
      (where[Math.floor(i / repeat)] ? chosen : otherwise).values[i] as number;
    return { ...chosen, values: chosen.values.map(pickOne) };
  },
  Slice: ({ x }, { begin, size }) => {
    const array = given(x);
    const [starts = [], sizes = []] = tf.slice_util.parseSliceParams(
      { shape: [...array.shape] } as tf.TensorInfo,
      begin as number[],
      size as number[],
    );
    return sliced(array, starts, sizes);
  },
  SplitV: ({ x }, { numOrSizeSplits, axis }) => {
    const array = given(x);
    const along = axisOf(axis, array.shape.length);
    const like = { shape: [...array.shape] } as tf.Tensor;
    const sizes = tf.backend_util.prepareSplitSize(like, numOrSizeSplits as number | number[], along);
    let start = 0;
    return sizes.map((size) => {
      const part = slicedAlong(array, along, start, size);
      start += size;
      return part;
    });
  },
  StridedSlice: ({ x }, attributes) => {
    const { values, shape } = given(x);
    const { begin, end, strides, beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask } =
      attributes as unknown as tf.StridedSliceAttrs; // tf hands every kernel its own attributes under one loose type.
    const masks = [beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask] as const;
    const info = tf.slice_util.sliceInfo([...shape], begin, end, strides, ...masks);
    const own = stridesOf(shape);
    const part = pick(
      values,
      tf.slice_util.computeOutShape(info.begin, info.end, info.strides),
      (index, axis) => (at(info.begin, axis) + index * at(info.strides, axis)) * at(own, axis),
    );
    return reshaped(part, info.finalShape);
  },
  Tile: ({ x }, { reps }) => {
    const { values, shape } = given(x);
    const strides = stridesOf(shape);
    const tiled = shape.map((size, axis) => size * at(reps as number[], axis));
    return pick(values, tiled, (index, axis) => (index % at(shape, axis)) * at(strides, axis));
  },
  Transpose: ({ x }, { perm }) => {
    const { values, shape } = given(x);
    const order = perm as number[];
    const strides = stridesOf(shape);
    const permuted = order.map((axis) => at(shape, axis));
    return pick(values, permuted, (index, axis) => index * at(strides, at(order, axis)));
  },
  Unpack: ({ value }, { axis }) => {
    const array = given(value);
    const along = axisOf(axis, array.shape.length);
    const rest = array.shape.filter((_, i) => i !== along);
    return Array.from({ length: at(array.shape, along) }, (_, start) =>
      reshaped(slicedAlong(array, along, start, 1), rest),
    );
  },
  UnsortedSegmentSum: ({ x, segmentIds }, { numSegments }) => {
    const { values, shape } = given(x);
    const segments = given(segmentIds);
    const inner = values.length / segments.values.length;
    const results = new Float64Array((numSegments as number) * inner);
    values.forEach((value, i) => {
      const target = at(segments.values, Math.floor(i / inner)) * inner + (i % inner);
      results[target] = at(results, target) + value;
    });
    return { values: results, shape: [numSegments as number, ...shape.slice(segments.shape.length)] };
  },
};

const reshaped = ({ values }: Doubles, shape: readonly number[]): Doubles => ({
  values: values.slice(),
  shape,
});

const withAxis = (array: Doubles, axis: number): Doubles =>
  reshaped(array, [...array.shape.slice(0, axis), 1, ...array.shape.slice(axis)]);

const padded = (shape: readonly number[], paddings: Paddings): number[] =>
  shape.map((size, axis) => (paddings[axis] ?? [0, 0]).reduce((sum, count) => sum + count, size));

function sliced({ values, shape }: Doubles, starts: readonly number[], sizes: readonly number[]): Doubles {
  const strides = stridesOf(shape);
  return pick(values, sizes, (index, axis) => (index + at(starts, axis)) * at(strides, axis));
}

function slicedAlong(array: Doubles, along: number, start: number, size: number): Doubles {
  const starts = array.shape.map((_, axis) => (axis === along ? start : 0));
  return sliced(
    array,
    starts,
    array.shape.map((own, axis) => (axis === along ? size : own)),
  );
}

function concatenated(arrays: readonly Doubles[], axis: unknown): Doubles {
  const [first] = arrays;
  const { shape } = given(first);
  const along = axisOf(axis, shape.length);
  const outer = sizeOf(shape.slice(0, along));
  const parts = Array.from({ length: outer }, (_, block) =>
    arrays.map(({ values }) => {
      const length = values.length / outer;
      return values.subarray(block * length, (block + 1) * length);
    }),
  );
  const size = arrays.reduce((sum, array) => sum + at(array.shape, along), 0);
  return {
    values: joined(parts.flat()),
    shape: shape.map((own, i) => (i === along ? size : own)),
  };
}

function joined(parts: readonly Float64Array[]): Float64Array {
  const whole = new Float64Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
