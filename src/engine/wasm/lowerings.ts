/**
 * tf's operations as operations of a program, by tf's names.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs';
import type { MapFunction } from './mapFunctions';
import { type Piece, type ProgramWriter, type Reduction, sizeOf, stridesOf, type View } from './program';

/** The step uses an operation that programs do not have; it then runs operation by operation. */
export class NotLowered extends Error {
  override readonly name = 'NotLowered';
}

/** A result. Default: of the type of the first operand. */
type Result = View & { readonly dtype?: tf.DataType };

/** Writes an operation of tf. */
type Lowering = (
  writer: ProgramWriter,
  inputs: Readonly<Record<string, View>>,
  attributes: Readonly<Record<string, unknown>>,
  types: readonly tf.DataType[],
) => Result | Result[];

/** The inputs of operations whose inputs have these names. */
const given = (view: View | undefined): View => {
  if (!view) throw new NotLowered('an operand is missing');
  return view;
};

/** x → f(x). */
const unary =
  (apply: MapFunction): Lowering =>
  (writer, { x }) =>
    writer.map(apply, [given(x)], given(x).shape);

/** (a, b) → f(a, b), broadcast. */
const binary =
  (apply: MapFunction, dtype?: tf.DataType): Lowering =>
  (writer, { a, b }) => ({
    ...both(writer, apply, given(a), given(b)),
    ...(dtype && { dtype }),
  });

function both(writer: ProgramWriter, apply: MapFunction, a: View, b: View): View {
  return writer.map(apply, [a, b], broadcastShape(a.shape, b.shape));
}

/** The shape to which both are broadcast. */
function broadcastShape(a: readonly number[], b: readonly number[]): number[] {
  return tf.backend_util.assertAndGetBroadcastShape([...a], [...b]);
}

/** A chain of functions of x and numbers. */
const composed =
  (
    compose: (
      x: View,
      apply: (f: MapFunction, ...operands: (View | number)[]) => View,
      attributes: Readonly<Record<string, unknown>>,
    ) => View,
  ): Lowering =>
  (writer, { x }, attributes) =>
    compose(given(x), applying(writer, given(x).shape), attributes);

/** Makes an operation's answer bool. */
const question =
  (lower: Lowering): Lowering =>
  (...of) => ({ ...(lower(...of) as View), dtype: 'bool' });

/** Writes functions of each element of arrays of one shape. */
const applying =
  (writer: ProgramWriter, shape: readonly number[]) =>
  (f: MapFunction, ...operands: (View | number)[]): View =>
    writer.map(
      f,
      operands.map((operand) => (typeof operand === 'number' ? writer.number(operand) : operand)),
      shape,
    );

function axesOf(attribute: unknown, shape: readonly number[]): number[] {
  return tf.util.parseAxisParam((attribute ?? null) as number | number[], [...shape]);
}

const reduction =
  (apply: Reduction): Lowering =>
  (writer, { x }, { axis, reductionIndices, keepDims }) =>
    writer.reduce(apply, given(x), axesOf(axis ?? reductionIndices, given(x).shape), Boolean(keepDims));

const mean: Lowering = (writer, { x }, { axis, keepDims }) => {
  const view = given(x);
  const axes = axesOf(axis, view.shape);
  const sum = writer.reduce('sum', view, axes, Boolean(keepDims));
  const count = sizeOf(axes.map((a) => view.shape[a] as number));
  return { ...writer.map('divide', [sum, writer.number(count)], sum.shape), dtype: 'float32' };
};

/** eˣ / Σ eˣ along the last axis, or its logarithm. */
const softmax =
  (logarithm: boolean): Lowering =>
  (writer, inputs, { dim, axis }) => {
    const logits = given(inputs.logits);
    const { shape } = logits;
    const [along = 0] = axesOf(dim ?? axis ?? -1, shape);
    const apply = applying(writer, shape);
    const shifted = apply('subtract', logits, writer.reduce('maximum', logits, [along], true));
    const exponentials = apply('exp', shifted);
    const sum = writer.reduce('sum', exponentials, [along], true);
    return logarithm
      ? apply('subtract', shifted, writer.map('log', [sum], sum.shape))
      : apply('divide', exponentials, sum);
  };

const reshape: Lowering = (writer, { x }, { shape }) => {
  const view = given(x);
  const to = tf.util.inferFromImplicitShape(shape as number[], sizeOf(view.shape));
  return writer.reshape(view, to);
};

const cast: Lowering = (writer, { x }, { dtype }, [from]) => {
  const view = given(x);
  if (dtype === 'bool' && from !== 'bool') {
    return { ...writer.map('notEqual', [view, writer.number(0)], view.shape), dtype };
  }
  if (dtype === 'int32' && from === 'float32')
    return { ...writer.map('truncate', [view], view.shape), dtype };
  if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool') throw new NotLowered(`Cast to ${dtype}`);
  return { ...view, dtype };
};

/** A part of an array, in an array of its own. */
function slice(writer: ProgramWriter, view: View, begin: readonly number[], size: readonly number[]): View {
  if (sizeOf(size) === sizeOf(view.shape)) return { ...view, shape: size };
  const from = stridesOf(view.shape);
  const to = stridesOf(size);
  const axes = size.map((length, axis) => [length, to[axis] as number, from[axis] as number] as const);
  const offset = begin.reduce((sum, start, axis) => sum + start * (from[axis] as number), 0);
  return writer.arrange(size, [writer.piece(view, axes, 0, offset)]);
}

/** Arrays behind one another along an axis. */
function concat(writer: ProgramWriter, views: readonly View[], axis: number): View {
  const [first] = views;
  if (!first) throw new NotLowered('nothing to put together');
  const shape = [...first.shape];
  shape[axis] = views.reduce((sum, view) => sum + (view.shape[axis] as number), 0);
  const to = stridesOf(shape);
  let start = 0;
  const pieces = views.map((view): Piece => {
    const from = stridesOf(view.shape);
    const axes = view.shape.map((length, k) => [length, to[k] as number, from[k] as number] as const);
    const piece = writer.piece(view, axes, start * (to[axis] as number));
    start += view.shape[axis] as number;
    return piece;
  });
  return writer.arrange(shape, pieces);
}

const inOrder = (inputs: Readonly<Record<string, View>>) => Object.values(inputs);

/** Inserts an axis of length 1. */
const withAxis = ({ id, shape }: View, axis: number): View => ({ id, shape: shape.toSpliced(axis, 0, 1) });

const float32 = (values: readonly number[], shape: readonly number[], writer: ProgramWriter) => ({
  ...writer.constant(Float32Array.from(values), shape),
  dtype: 'float32' as const,
});

const alongLastAxis = (view: View): [rows: number, columns: number] => {
  const columns = view.shape.at(-1) ?? 1;
  return [sizeOf(view.shape) / Math.max(1, columns), columns];
};

const SELU_SCALE = 1.0507009873554805;
const SELU_ALPHA = 1.6732632423543772;

/** Operations that a program can be written from, by tf's names of kernels. */
export const lowerings: Readonly<Record<string, Lowering>> = {
  // Element by element
  Abs: unary('absolute'),
  Neg: unary('negate'),
  Sign: unary('sign'),
  Sqrt: unary('squareRoot'),
  Exp: unary('exp'),
  Expm1: unary('expm1'),
  Log: unary('log'),
  Log1p: unary('log1p'),
  Sigmoid: unary('sigmoid'),
  Softplus: unary('softplus'),
  Tanh: unary('tanh'),
  Floor: unary('floor'),
  Ceil: unary('ceil'),
  Round: unary('nearest'),
  Sin: unary('sin'),
  Cos: unary('cos'),
  Tan: unary('tan'),
  Sinh: unary('sinh'),
  Cosh: unary('cosh'),
  Asin: unary('asin'),
  Acos: unary('acos'),
  Atan: unary('atan'),
  Asinh: unary('asinh'),
  Acosh: unary('acosh'),
  Atanh: unary('atanh'),
  Square: composed((x, apply) => apply('multiply', x, x)),
  Rsqrt: composed((x, apply) => apply('divide', 1, apply('squareRoot', x))),
  Reciprocal: composed((x, apply) => apply('divide', 1, x)),
  Relu: composed((x, apply) => apply('maximum', x, 0)),
  Relu6: composed((x, apply) => apply('minimum', apply('maximum', x, 0), 6)),
  // NaN stays NaN.
  Step: composed((x, apply, { alpha }) =>
    apply('select', apply('greater', x, 0), 1, apply('select', apply('equal', x, x), Number(alpha ?? 0), x)),
  ),
  LeakyRelu: composed((x, apply, { alpha }) =>
    apply('select', apply('greater', x, 0), x, apply('multiply', x, Number(alpha))),
  ),
  Elu: composed((x, apply) => apply('select', apply('greaterOrEqual', x, 0), x, apply('expm1', x))),
  Selu: composed((x, apply) =>
    apply(
      'multiply',
      apply('select', apply('greaterOrEqual', x, 0), x, apply('multiply', apply('expm1', x), SELU_ALPHA)),
      SELU_SCALE,
    ),
  ),
  ClipByValue: composed((x, apply, { clipValueMin, clipValueMax }) =>
    apply('minimum', apply('maximum', x, Number(clipValueMin)), Number(clipValueMax)),
  ),
  IsNan: question(composed((x, apply) => apply('notEqual', x, x))),
  IsInf: question(composed((x, apply) => apply('equal', apply('absolute', x), Number.POSITIVE_INFINITY))),
  IsFinite: question(composed((x, apply) => apply('less', apply('absolute', x), Number.POSITIVE_INFINITY))),
  LogicalNot: composed((x, apply) => apply('subtract', 1, x)),
  Cast: cast,
  Add: binary('add'),
  Sub: binary('subtract'),
  Multiply: binary('multiply'),
  RealDiv: binary('divide'),
  Maximum: binary('maximum'),
  Minimum: binary('minimum'),
  Atan2: binary('atan2'),
  Equal: binary('equal', 'bool'),
  NotEqual: binary('notEqual', 'bool'),
  Less: binary('less', 'bool'),
  LessEqual: binary('lessOrEqual', 'bool'),
  Greater: binary('greater', 'bool'),
  GreaterEqual: binary('greaterOrEqual', 'bool'),
  LogicalAnd: binary('minimum', 'bool'),
  LogicalOr: binary('maximum', 'bool'),
  FloorDiv: (writer, { a, b }) => {
    const quotient = both(writer, 'divide', given(a), given(b));
    return writer.map('floor', [quotient], quotient.shape);
  },
  SquaredDifference: (writer, { a, b }) => {
    const difference = both(writer, 'subtract', given(a), given(b));
    return writer.map('multiply', [difference, difference], difference.shape);
  },
  Pow: (writer, { a, b }) => {
    const [base, exponent] = [given(a), given(b)];
    const shape = broadcastShape(base.shape, exponent.shape);
    const whole = writer.broadcast(base, shape);
    switch (writer.uniform(exponent)) {
      case 0.5:
        return writer.map('squareRoot', [whole], shape);
      case 1:
        return whole;
      case 2:
        return writer.map('multiply', [whole, whole], shape);
      default:
        return writer.map('power', [base, exponent], shape);
    }
  },
  Prelu: (writer, { x, alpha }) => {
    const view = given(x);
    const apply = applying(writer, view.shape);
    return apply('select', apply('greaterOrEqual', view, 0), view, apply('multiply', view, given(alpha)));
  },
  EluGrad: (writer, { dy, y }) => {
    const [gradient, result] = [given(dy), given(y)];
    const apply = applying(writer, result.shape);
    return apply(
      'select',
      apply('greaterOrEqual', result, 0),
      gradient,
      apply('multiply', gradient, apply('add', result, 1)),
    );
  },
  AddN: (writer, inputs) => inOrder(inputs).reduce((sum, next) => writer.map('add', [sum, next], sum.shape)),
  Select: (writer, { condition, t, e }, _, types) => {
    const [chosen, yes, no] = [given(condition), given(t), given(e)];
    if (chosen.shape.length !== yes.shape.length) throw new NotLowered('Select of rows');
    return { ...writer.map('select', [chosen, yes, no], yes.shape), dtype: types[1] ?? 'float32' };
  },

  // Along axes
  Sum: reduction('sum'),
  Max: reduction('maximum'),
  Min: reduction('minimum'),
  Any: reduction('maximum'),
  All: reduction('minimum'),
  Mean: mean,
  Softmax: softmax(false),
  LogSoftmax: softmax(true),
  Cumsum: (writer, { x }, { axis, exclusive, reverse }) => {
    const view = given(x);
    const rank = view.shape.length;
    const [along = 0] = axesOf(axis, view.shape);
    const order = view.shape.map((_, k) => k);
    order.push(...order.splice(along, 1));
    const last = writer.transpose(view, order);
    const numbers = [...alongLastAxis(last), Number(Boolean(exclusive)), Number(Boolean(reverse))];
    const sums = writer.call('running_sum', [last], numbers, last.shape);
    const back = order.map((_, k) => order.indexOf(k));
    return rank === 0 ? view : writer.transpose(sums, back);
  },
  TopK: (writer, { x }, { k, sorted }) => {
    const view = given(x);
    if (sorted === false) throw new NotLowered('TopK in no order');
    const shape = [...view.shape.slice(0, -1), k as number];
    const numbers = [...alongLastAxis(view), k as number];
    return [
      writer.call('top_k_values', [view], numbers, shape),
      { ...writer.call('top_k_indices', [view], numbers, shape), dtype: 'int32' },
    ];
  },

  // Products
  BatchMatMul: (writer, { a, b }, { transposeA, transposeB }) => {
    const product = writer.product(given(a), given(b), Boolean(transposeA), Boolean(transposeB));
    if (!product) throw new NotLowered('BatchMatMul of batches that are broadcast in part');
    return product;
  },

  // The same numbers in other places
  Identity: (_, { x }) => given(x),
  Reshape: reshape,
  ExpandDims: (_, { input }, { dim }) => {
    const view = given(input);
    const axis = Number(dim);
    return withAxis(view, axis < 0 ? view.shape.length + axis + 1 : axis);
  },
  Transpose: (writer, { x }, { perm }) => writer.transpose(given(x), perm as number[]),
  Slice: (writer, { x }, { begin, size }) => {
    const view = given(x);
    const [from, lengths] = tf.slice_util.parseSliceParams(
      { shape: [...view.shape] } as tf.TensorInfo,
      begin as number[],
      size as number[],
    );
    return slice(writer, view, from as number[], lengths as number[]);
  },
  SplitV: (writer, { x }, { numOrSizeSplits, axis }) => {
    const view = given(x);
    const [along = 0] = axesOf(axis, view.shape);
    const total = view.shape[along] as number;
    const sizes = Array.isArray(numOrSizeSplits)
      ? (numOrSizeSplits as number[])
      : Array.from({ length: Number(numOrSizeSplits) }, () => total / Number(numOrSizeSplits));
    const rest = total - sizes.reduce((sum, size) => sum + Math.max(0, size), 0);
    let start = 0;
    return sizes.map((size) => {
      const length = size < 0 ? rest : size;
      const begin = view.shape.map((_, k) => (k === along ? start : 0));
      start += length;
      return slice(writer, view, begin, view.shape.with(along, length));
    });
  },
  Unpack: (writer, { value }, { axis }) => {
    const view = given(value);
    const [along = 0] = axesOf(axis, view.shape);
    return Array.from({ length: view.shape[along] as number }, (_, index) => {
      const begin = view.shape.map((_, k) => (k === along ? index : 0));
      const part = slice(writer, view, begin, view.shape.with(along, 1));
      return { ...part, shape: view.shape.toSpliced(along, 1) };
    });
  },
  Pack: (writer, inputs, { axis }) => {
    const views = inOrder(inputs);
    const rank = (views[0]?.shape.length ?? 0) + 1;
    const along = Number(axis) < 0 ? rank + Number(axis) : Number(axis);
    return concat(
      writer,
      views.map((view) => withAxis(view, along)),
      along,
    );
  },
  Concat: (writer, inputs, { axis }) => {
    const views = inOrder(inputs);
    const [along = 0] = axesOf(axis, views[0]?.shape ?? []);
    return concat(writer, views, along);
  },
  PadV2: (writer, { x }, { paddings, constantValue }) => {
    const view = given(x);
    const around = paddings as [number, number][];
    const shape = view.shape.map(
      (length, axis) => length + (around[axis]?.[0] ?? 0) + (around[axis]?.[1] ?? 0),
    );
    if (sizeOf(shape) === sizeOf(view.shape)) return { ...view, shape };
    const [to, from] = [stridesOf(shape), stridesOf(view.shape)];
    const axes = view.shape.map(
      (length, axis) => [length, to[axis] as number, from[axis] as number] as const,
    );
    const offset = around.reduce((sum, [before], axis) => sum + before * (to[axis] as number), 0);
    return writer.arrange(shape, [writer.piece(view, axes, offset)], Number(constantValue ?? 0));
  },
  Reverse: (writer, { x }, { dims }) => {
    const view = given(x);
    const turned = new Set(axesOf(dims, view.shape));
    const strides = stridesOf(view.shape);
    const axes = view.shape.map((length, axis) => {
      const stride = strides[axis] as number;
      return [length, stride, turned.has(axis) ? -stride : stride] as const;
    });
    const last = axes.reduce((sum, [length, to, from]) => (from < 0 ? sum + (length - 1) * to : sum), 0);
    return writer.arrange(view.shape, [writer.piece(view, axes, 0, last)]);
  },
  Tile: (writer, { x }, { reps }) => {
    const view = given(x);
    const times = reps as number[];
    const shape = view.shape.map((length, axis) => length * (times[axis] as number));
    const [to, from] = [stridesOf(shape), stridesOf(view.shape)];
    // Where only axes of length 1 are repeated, that is a broadcast.
    if (times.every((count, axis) => count === 1 || view.shape[axis] === 1))
      return writer.broadcast(view, shape);
    const axes = view.shape.flatMap((length, axis) => {
      const stride = to[axis] as number;
      return [
        [times[axis] as number, length * stride, 0] as const,
        [length, stride, from[axis] as number] as const,
      ];
    });
    return writer.arrange(shape, [writer.piece(view, axes)]);
  },
  BroadcastTo: (writer, { x }, { shape }) => writer.broadcast(given(x), shape as number[]),
  GatherV2: (writer, { x, indices }, { axis, batchDims }) => {
    const [view, at] = [given(x), given(indices)];
    const [along = 0] = axesOf(axis, view.shape);
    if (Number(batchDims ?? 0) !== 0) throw new NotLowered('GatherV2 of batches');
    const [outer, inner] = [view.shape.slice(0, along), view.shape.slice(along + 1)];
    const numbers = [sizeOf(outer), view.shape[along] as number, sizeOf(at.shape), sizeOf(inner)];
    return writer.call('gather', [view, at], numbers, [...outer, ...at.shape, ...inner]);
  },
  UnsortedSegmentSum: (writer, { x, segmentIds }, { numSegments }) => {
    const [view, ids] = [given(x), given(segmentIds)];
    const count = sizeOf(ids.shape);
    const inner = view.shape.slice(ids.shape.length);
    const numbers = [count, Number(numSegments), sizeOf(inner)];
    return writer.call('segment_sum', [view, ids], numbers, [Number(numSegments), ...inner]);
  },

  // Numbers that are known
  Fill: (writer, _, { shape, value, dtype }) => ({
    ...writer.constant(Float32Array.of(Number(value)), shape as number[]),
    dtype: (dtype as tf.DataType | undefined) ?? 'float32',
  }),
  ZerosLike: (writer, { x }) => writer.constant(new Float32Array(1), given(x).shape),
  OnesLike: (writer, { x }) => writer.constant(Float32Array.of(1), given(x).shape),
  Range: (writer, _, { start, stop, step, dtype }) => {
    const [from, by] = [Number(start), Number(step)];
    const count = Math.max(0, Math.ceil((Number(stop) - from) / by));
    const values = Array.from({ length: count }, (_, index) => from + index * by);
    return { ...float32(values, [count], writer), dtype: dtype as tf.DataType };
  },
  LinSpace: (writer, _, { start, stop, num }) => {
    const count = Number(num);
    const by = (Number(stop) - Number(start)) / Math.max(1, count - 1);
    return float32(
      Array.from({ length: count }, (_, index) => Number(start) + index * by),
      [count],
      writer,
    );
  },
};
