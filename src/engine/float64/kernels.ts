import * as tf from '@tensorflow/tfjs';

/** An array of doubles with its shape: what every kernel here works on. */
interface Doubles {
  readonly values: Float64Array;
  readonly shape: readonly number[];
}

type Attributes = Readonly<Record<string, unknown>>;
type Kernel = (inputs: Readonly<Record<string, Doubles>>, attributes: Attributes) => Doubles;

const unary: Record<string, (x: number, attributes: Attributes) => number> = {
  Abs: Math.abs,
  Ceil: Math.ceil,
  ClipByValue: (x, { clipValueMin, clipValueMax }) =>
    Math.max(clipValueMin as number, Math.min(clipValueMax as number, x)),
  Cos: Math.cos,
  Exp: Math.exp,
  Expm1: Math.expm1,
  Floor: Math.floor,
  IsNan: (x) => Number(Number.isNaN(x)),
  LeakyRelu: (x, { alpha }) => (x > 0 ? x : (alpha as number) * x),
  Log: Math.log,
  Log1p: Math.log1p,
  LogicalNot: (x) => Number(!x),
  Neg: (x) => -x,
  OnesLike: () => 1,
  Reciprocal: (x) => 1 / x,
  Relu: (x) => Math.max(0, x),
  Rsqrt: (x) => 1 / Math.sqrt(x),
  Sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  Sign: Math.sign,
  Sin: Math.sin,
  // log(1 + eˣ) without overflow.
  Softplus: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  Sqrt: Math.sqrt,
  Square: (x) => x * x,
  Step: (x, { alpha }) => (x > 0 ? 1 : Number.isNaN(x) ? x : (alpha as number)),
  Tanh: Math.tanh,
  ZerosLike: () => 0,
};

const binary: Record<string, (a: number, b: number) => number> = {
  Add: (a, b) => a + b,
  Equal: (a, b) => Number(a === b),
  Greater: (a, b) => Number(a > b),
  GreaterEqual: (a, b) => Number(a >= b),
  Less: (a, b) => Number(a < b),
  LessEqual: (a, b) => Number(a <= b),
  LogicalAnd: (a, b) => Number(a && b),
  LogicalOr: (a, b) => Number(a || b),
  Maximum: Math.max,
  Minimum: Math.min,
  Multiply: (a, b) => a * b,
  NotEqual: (a, b) => Number(a !== b),
  Pow: (a, b) => a ** b,
  RealDiv: (a, b) => a / b,
  SquaredDifference: (a, b) => (a - b) ** 2,
  Sub: (a, b) => a - b,
};

/** How a reduction starts, goes on and ends; `count` is the number of elements that fall together. */
interface Reduction {
  readonly start: number;
  readonly add: (sum: number, x: number) => number;
  readonly end?: (sum: number, count: number) => number;
}

const reductions: Record<string, Reduction> = {
  Max: { start: -Infinity, add: Math.max },
  Mean: { start: 0, add: (sum, x) => sum + x, end: (sum, count) => sum / count },
  Min: { start: Infinity, add: Math.min },
  Prod: { start: 1, add: (product, x) => product * x },
  Sum: { start: 0, add: (sum, x) => sum + x },
};

const others: Record<string, Kernel> = {
  BatchMatMul: ({ a, b }, { transposeA, transposeB }) =>
    matMul(a, b, Boolean(transposeA), Boolean(transposeB)),
  Cast: ({ x }, { dtype }) =>
    dtype === 'int32' ? { ...given(x), values: given(x).values.map(Math.trunc) } : copy(x),
  ExpandDims: ({ input }, { dim }) => {
    const { values, shape } = given(input);
    const at = (dim as number) < 0 ? shape.length + 1 + (dim as number) : (dim as number);
    return { values: values.slice(), shape: [...shape.slice(0, at), 1, ...shape.slice(at)] };
  },
  Fill: (_, { shape, value }) => {
    const size = tf.util.sizeFromShape(shape as number[]);
    return { values: new Float64Array(size).fill(value as number), shape: shape as number[] };
  },
  Identity: ({ x }) => copy(x),
  Reshape: ({ x }, { shape }) => {
    const { values } = given(x);
    return {
      values: values.slice(),
      shape: tf.util.inferFromImplicitShape(shape as number[], values.length),
    };
  },
  Select: ({ condition, t, e }) => {
    const [chosen, otherwise] = [given(t), given(e)];
    const where = given(condition).values;
    const repeat = chosen.values.length / where.length;
    const pick = (_: number, i: number) =>
      (where[Math.floor(i / repeat)] ? chosen : otherwise).values[i] as number;
    return { values: chosen.values.map(pick), shape: chosen.shape };
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
};

/** Registers every kernel under the backend's name. */
export function registerFloat64Kernels(backendName: string): void {
  const register = (kernelName: string, kernel: Kernel) =>
    tf.registerKernel({ kernelName, backendName, kernelFunc: onTensors(kernelName, kernel) });
  for (const [name, compute] of Object.entries(unary)) {
    register(name, (inputs, attributes) => {
      const { values, shape } = given(inputs.x);
      return { values: values.map((x) => compute(x, attributes)), shape };
    });
  }
  for (const [name, compute] of Object.entries(binary)) {
    register(name, ({ a, b }) => broadcast(given(a), given(b), compute));
  }
  for (const [name, reduction] of Object.entries(reductions)) {
    register(name, ({ x }, { axis, reductionIndices, keepDims }) =>
      reduce(given(x), (axis ?? reductionIndices) as number | number[] | null, Boolean(keepDims), reduction),
    );
  }
  for (const [name, kernel] of Object.entries(others)) register(name, kernel);
  register('AddN', (inputs) => Object.values(inputs).reduce((sum, x) => broadcast(sum, x, (a, b) => a + b)));
}

const LOGICAL = /^(Equal|NotEqual|Greater|GreaterEqual|Less|LessEqual|Logical.*|IsNan)$/;

/** Wraps a function of arrays as tf expects a kernel. */
function onTensors(kernelName: string, kernel: Kernel): tf.KernelConfig['kernelFunc'] {
  return ({ inputs, attrs, backend }) => {
    const { readSync, write } = backend as tf.KernelBackend;
    const doubles = Object.fromEntries(
      Object.entries(inputs as Record<string, tf.TensorInfo>).map(([name, { dataId, shape }]) => [
        name,
        { values: readSync.call(backend, dataId) as unknown as Float64Array, shape },
      ]),
    );
    const { values, shape } = kernel(doubles, (attrs ?? {}) as Attributes);
    const dtype = LOGICAL.test(kernelName)
      ? 'bool'
      : ((attrs as { dtype?: tf.DataType })?.dtype ?? 'float32');
    const dataId = write.call(backend, values as unknown as Float32Array, [...shape], dtype);
    return { dataId, shape: [...shape], dtype };
  };
}

function given(input: Doubles | undefined): Doubles {
  if (!input) throw new Error('a kernel of the float64 backend was called without its input');
  return input;
}

const copy = (input: Doubles | undefined): Doubles => ({
  ...given(input),
  values: given(input).values.slice(),
});

/** The number at a place that is known to exist. */
const at = (numbers: ArrayLike<number>, index: number): number => numbers[index] as number;

/** How far apart two neighbours along each axis lie. */
function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  for (let axis = shape.length - 1, stride = 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis] as number;
  }
  return strides;
}

/**
 * For each element of an array of the given shape, in row-major order, a position in another array: the sum of what
 * `offset` gives for its index along each axis.
 */
function positions(shape: readonly number[], offset: (index: number, axis: number) => number): Int32Array {
  return shape.reduce((prefixes, size, axis) => {
    const offsets = Array.from({ length: size }, (_, index) => offset(index, axis));
    const extended = new Int32Array(prefixes.length * size);
    let i = 0;
    for (const prefix of prefixes) for (const step of offsets) extended[i++] = prefix + step;
    return extended;
  }, Int32Array.of(0));
}

/** An array of the given shape whose elements are those of `values` at {@link positions}. */
function pick(
  values: Float64Array,
  shape: readonly number[],
  offset: (index: number, axis: number) => number,
): Doubles {
  return { values: Float64Array.from(positions(shape, offset), (position) => at(values, position)), shape };
}

function broadcast(a: Doubles, b: Doubles, compute: (a: number, b: number) => number): Doubles {
  const shape = tf.broadcast_util.assertAndGetBroadcastShape([...a.shape], [...b.shape]);
  const [left, right] = [stretched(a, shape), stretched(b, shape)];
  return { values: left.map((x, i) => compute(x, at(right, i))), shape };
}

/** The values repeated along the axes that `shape` has more of. */
function stretched({ values, shape: own }: Doubles, shape: readonly number[]): Float64Array {
  if (own.join() === shape.join()) return values;
  const missing = shape.length - own.length;
  const strides = stridesOf(own);
  const isRepeated = (axis: number) => axis < missing || own[axis - missing] === 1;
  return pick(values, shape, (index, axis) => (isRepeated(axis) ? 0 : index * at(strides, axis - missing)))
    .values;
}

function reduce(
  { values, shape }: Doubles,
  axis: number | number[] | null,
  keepDims: boolean,
  { start, add, end = (sum) => sum }: Reduction,
): Doubles {
  const axes = tf.util.parseAxisParam(axis ?? shape.map((_, i) => i), [...shape]);
  const kept = shape.map((size, i) => (axes.includes(i) ? 1 : size));
  const strides = stridesOf(kept);
  const targets = positions(shape, (index, i) => (axes.includes(i) ? 0 : index * at(strides, i)));
  const results = new Float64Array(tf.util.sizeFromShape(kept)).fill(start);
  targets.forEach((target, i) => {
    results[target] = add(at(results, target), at(values, i));
  });
  const count = values.length / results.length;
  return {
    values: results.map((sum) => end(sum, count)),
    shape: keepDims ? kept : shape.filter((_, i) => !axes.includes(i)),
  };
}

function matMul(
  a: Doubles | undefined,
  b: Doubles | undefined,
  transposeA: boolean,
  transposeB: boolean,
): Doubles {
  const [left, right] = [given(a), given(b)];
  const [leftRows = 1, leftColumns = 1] = left.shape.slice(-2);
  const [rightRows = 1, rightColumns = 1] = right.shape.slice(-2);
  const [rows, inner] = transposeA ? [leftColumns, leftRows] : [leftRows, leftColumns];
  const columns = transposeB ? rightRows : rightColumns;
  const batches = left.values.length / (rows * inner);
  if (batches !== right.values.length / (inner * columns)) {
    throw new RangeError(
      `matMul in float64 needs equal batch sizes; got shapes [${left.shape}] and [${right.shape}]`,
    );
  }
  const values = new Float64Array(batches * rows * columns);
  for (let batch = 0; batch < batches; batch++) {
    const [leftStart, rightStart] = [batch * rows * inner, batch * inner * columns];
    for (let row = 0; row < rows; row++) {
      for (let k = 0; k < inner; k++) {
        const factor = left.values[leftStart + (transposeA ? k * rows + row : row * inner + k)] as number;
        if (factor === 0) continue;
        const target = (batch * rows + row) * columns;
        for (let column = 0; column < columns; column++) {
          const at = rightStart + (transposeB ? column * inner + k : k * columns + column);
          values[target + column] =
            (values[target + column] as number) + factor * (right.values[at] as number);
        }
      }
    }
  }
  return { values, shape: [...left.shape.slice(0, -2), rows, columns] };
}
