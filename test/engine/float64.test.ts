import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { backendReady, gradientCheck, type Penalty, Random, SparseAutoencoder, tf } from 'sparselab';
import { float64Tensor, inFloat64 } from 'sparselab/dist/engine';
import { kernels } from 'sparselab/dist/engine/float64/kernels';

type Compute = (x: tf.Tensor2D, y: tf.Tensor2D) => tf.Tensor | readonly tf.Tensor[];

const COLUMNS = 4;
const positive = (x: tf.Tensor) => x.abs().add(0.25);
/** Between −0.9 and 0.9. */
const small = (x: tf.Tensor) => x.tanh().mul(0.9);
const whole = (x: tf.Tensor, below: number) =>
  x
    .abs()
    .mul(3)
    .clipByValue(0, below - 1)
    .toInt();

/** Operations that losses are differentiated through, by their kernels' names. */
const differentiable: Record<string, Compute> = {
  Abs: (x) => x.abs(),
  Acos: (x) => small(x).acos(),
  Acosh: (x) => positive(x).add(1).acosh(),
  Add: (x, y) => x.add(y.slice([0, 0], [1, COLUMNS])),
  AddN: (x, y) => tf.addN([x, y, x]),
  Asin: (x) => small(x).asin(),
  Asinh: (x) => x.asinh(),
  Atan: (x) => x.atan(),
  Atan2: (x, y) => tf.atan2(x, y),
  Atanh: (x) => small(x).atanh(),
  BatchMatMul: (x, y) => [tf.matMul(x, y, true, false), tf.matMul(x, y, false, true)],
  Cast: (x) => x.cast('float32').mul(2),
  Ceil: (x) => x.ceil().mul(x),
  ClipByValue: (x) => x.clipByValue(-0.5, 1),
  Concat: (x, y) => [tf.concat([x, y, x], 0), tf.concat([x, y], -1)],
  Cos: (x) => x.cos(),
  Cosh: (x) => x.cosh(),
  // Only along the last axis: along others tf 4.22 gives a gradient of another shape.
  Cumsum: (x) => [x.cumsum(1), x.cumsum(1, true), x.cumsum(1, false, true)],
  Elu: (x) => x.elu(),
  EluGrad: (x) => x.elu().mul(x),
  Erf: (x) => [x.erf(), x.mul(4).erf()],
  Exp: (x) => x.exp(),
  ExpandDims: (x) => [x.expandDims(1), x.expandDims(-1)],
  Expm1: (x) => x.expm1(),
  Floor: (x) => x.floor().mul(x),
  GatherV2: (x) => [x.gather([2, 0, 2], 0), x.gather(tf.tensor2d([[1], [3]], [2, 1], 'int32'), 1)],
  Identity: (x) => x.clone(),
  LeakyRelu: (x) => x.leakyRelu(0.3),
  Log: (x) => positive(x).log(),
  Log1p: (x) => positive(x).log1p(),
  Max: (x) => [x.max(1), x.max()],
  Maximum: (x, y) => x.maximum(y),
  Mean: (x) => [x.mean(), x.mean(0), x.mean(1, true)],
  Min: (x) => x.min(0),
  Minimum: (x, y) => x.minimum(y),
  MirrorPad: (x) => [
    tf.mirrorPad(
      x,
      [
        [1, 2],
        [0, 3],
      ],
      'reflect',
    ),
    tf.mirrorPad(
      x,
      [
        [2, 1],
        [4, 0],
      ],
      'symmetric',
    ),
  ],
  Mod: (x, y) => x.mod(positive(y)),
  Multiply: (x, y) => x.mul(y),
  Neg: (x) => x.neg(),
  Pack: (x, y) => [tf.stack([x, y]), tf.stack([x, y, x], -1)],
  PadV2: (x) =>
    x.pad(
      [
        [1, 0],
        [2, 1],
      ],
      0.5,
    ),
  Pow: (x, y) => positive(x).pow(y),
  Prelu: (x) => x.prelu(tf.tensor1d([0.1, 0.2, 0.3, 0.4])),
  Prod: (x) => x.prod(1),
  RealDiv: (x, y) => x.div(positive(y)),
  Reciprocal: (x) => positive(x).reciprocal(),
  Relu: (x) => x.relu(),
  Relu6: (x) => x.mul(5).relu6(),
  Reshape: (x) => x.reshape([2, -1]),
  Reverse: (x) => [x.reverse(), x.reverse(1)],
  Round: (x) => x.round().mul(x),
  Rsqrt: (x) => positive(x).rsqrt(),
  Select: (x, y) => tf.where(tf.tensor2d([1, 0, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1], [3, 4], 'bool'), x, y),
  Selu: (x) => x.selu(),
  Sigmoid: (x) => x.sigmoid(),
  Sign: (x) => x.sign().mul(x),
  Sin: (x) => x.sin(),
  Sinh: (x) => x.sinh(),
  Slice: (x) => [x.slice([1, 0], [2, 3]), x.slice(1)],
  Softmax: (x) => [x.softmax(), x.logSoftmax()],
  Softplus: (x) => x.softplus(),
  SplitV: (x) => [...tf.split(x, 2, 1), ...tf.split(x, [1, 2], 0)],
  Sqrt: (x) => positive(x).sqrt(),
  Square: (x) => x.square(),
  SquaredDifference: (x, y) => tf.squaredDifference(x, y),
  Step: (x) => x.step(0.2).mul(x),
  Sub: (x, y) => x.sub(y),
  Sum: (x) => [x.sum(), x.sum(1), x.sum(0, true)],
  Tan: (x) => small(x).tan(),
  Tanh: (x) => x.tanh(),
  Tile: (x) => x.tile([2, 3]),
  Transpose: (x) => x.transpose(),
  Unpack: (x) => [...tf.unstack(x), ...tf.unstack(x, 1)],
  UnsortedSegmentSum: (x) => x.gather([0, 0, 1], 0).square(),
};

/** Operations that tell, choose or make numbers, and have no gradient. */
const others: Record<string, Compute> = {
  All: (x, y) => [x.less(y).all(), x.greater(-1).all(0)],
  Any: (x, y) => [x.less(y).any(1), x.greater(1).any(0, true)],
  ArgMax: (x) => [x.argMax(1), x.argMax(0)],
  ArgMin: (x) => x.argMin(-1),
  Cumprod: (x) => [tf.cumprod(x, 1), tf.cumprod(x, 0, true, true)],
  Diag: (x) => tf.diag(x),
  Equal: (x, y) => x.round().equal(y.round()),
  Fill: () => tf.fill([2, 3], 0.5),
  FloorDiv: (x, y) => tf.floorDiv(x, positive(y)),
  Greater: (x, y) => x.greater(y),
  GreaterEqual: (x, y) => x.round().greaterEqual(y.round()),
  IsFinite: (x) => x.div(x.relu()).isFinite(),
  IsInf: (x) => x.div(x.relu()).isInf(),
  IsNan: (x) => x.sqrt().isNaN(),
  Less: (x, y) => x.less(y),
  LessEqual: (x, y) => x.round().lessEqual(y.round()),
  LinSpace: () => [tf.linspace(0, 1, 5), tf.linspace(2, 3, 1)],
  LogicalAnd: (x, y) => x.greater(0).logicalAnd(y.greater(0)),
  LogicalNot: (x) => x.greater(0).logicalNot(),
  LogicalOr: (x, y) => x.greater(0).logicalOr(y.greater(0)),
  NotEqual: (x, y) => x.round().notEqual(y.round()),
  OneHot: (x) => tf.oneHot(whole(x, 5), 4, 2, -1),
  OnesLike: (x) => x.onesLike(),
  Range: () => [tf.range(1, 7, 2), tf.range(3, -3, -2), tf.range(0, 3, 1, 'int32')],
  StridedSlice: (x) => [
    x.stridedSlice([0, 3], [3, 0], [2, -1]),
    x.stridedSlice([1], [2], [1], 0, 0, 0, 0, 1),
  ],
  TopK: (x) => [tf.topk(x, 2).values, tf.topk(x, 3).indices],
  ZerosLike: (x) => x.zerosLike(),
};

/** Results and, of a weighted sum of them, gradients, as plain numbers. */
function evaluate(compute: Compute, tensors: readonly tf.Tensor2D[], withGradients: boolean) {
  const results = (...args: tf.Tensor[]) => [compute(...(args as [tf.Tensor2D, tf.Tensor2D]))].flat();
  // The arguments themselves are added too: tf refuses a gradient by one that has no part in the sum.
  const sum = (...args: tf.Tensor[]) =>
    tf.addN(
      [...results(...args), ...args].map((result) =>
        result
          .flatten()
          .mul(tf.range(1, 1 + result.size).sin())
          .sum(),
      ),
    ) as tf.Scalar;
  const values = results(...tensors);
  const gradients = withGradients ? tf.grads(sum)([...tensors]) : [];
  return {
    shapes: values.map(({ shape, dtype }) => `${dtype} [${shape}]`),
    numbers: [...values, ...gradients].map((tensor) => Array.from(tensor.dataSync(), Number)),
  };
}

const anyInputs = fc
  .nat(1_000_000)
  .map((seed) => new Random(seed))
  .map((random) => [0, 1].map(() => Float32Array.from({ length: 3 * COLUMNS }, () => random.normal())));

describe('the float64 backend', () => {
  it('has no kernel that is not compared here', () => {
    assert.deepEqual(Object.keys({ ...differentiable, ...others }).sort(), Object.keys(kernels).sort());
  });

  for (const [name, compute] of Object.entries({ ...differentiable, ...others })) {
    it(`gives what tf's own backend gives, with its shape and type: ${name}`, async () => {
      await backendReady();
      fc.assert(
        fc.property(anyInputs, (inputs) => {
          const withGradients = name in differentiable;
          const single = tf.tidy(() => {
            const tensors = inputs.map((values) => tf.tensor2d(values, [3, COLUMNS]));
            const { shapes, numbers } = evaluate(compute, tensors, withGradients);
            return { shapes: shapes.join(), numbers: tf.tensor1d(numbers.flat()) };
          });
          const double = inFloat64(() => {
            const tensors = inputs.map(
              (values) => float64Tensor(Float64Array.from(values), [3, COLUMNS]) as tf.Tensor2D,
            );
            return evaluate(compute, tensors, withGradients);
          });
          assert.equal(double.shapes.join(), single.shapes);
          const [expected, actual] = [single.numbers.dataSync(), double.numbers.flat()];
          single.numbers.dispose();
          assert.equal(actual.length, expected.length);
          expected.forEach((value, i) => {
            const difference = Math.abs(value - (actual[i] as number));
            const same = Object.is(value, Math.fround(actual[i] as number)) || difference === 0;
            // A few hundred of float32's 6e-8: functions such as acosh are no better on the native backend.
            assert.ok(same || difference <= 2e-5 * Math.max(1, Math.abs(value)), `${actual[i]} for ${value}`);
          });
        }),
        { numRuns: 10 },
      );
    });
  }

  it("refuses tf's other operations in gradientCheck's name", async () => {
    await backendReady();
    const model = new SparseAutoencoder({ inputDim: 4, hiddenDim: 4, seed: 1 });
    const convolved: Penalty = {
      name: 'convolved',
      strength: 1,
      term: (h) =>
        tf
          .conv1d(h.expandDims<tf.Tensor3D>(2), tf.ones([2, 1, 1]), 1, 'same')
          .square()
          .mean(),
    };
    const rows = { values: new Float32Array(12).fill(0.5), shape: [3, 4] as const };
    assert.throws(
      () => gradientCheck(model, rows, { penalty: convolved }),
      /gradientCheck has no float64 version of tf's operation Conv2D; write the loss in other tf operations/,
    );
  });
});

describe('gradientCheck of a penalty that captures tensors', () => {
  const rows = { values: Float32Array.from({ length: 12 }, (_, i) => Math.sin(i)), shape: [3, 4] as const };
  const model = () =>
    new SparseAutoencoder({ inputDim: 4, hiddenDim: 5, hiddenActivation: 'sigmoid', seed: 1 });

  it('reads them where they are and leaves them there', async () => {
    await backendReady();
    const weights = tf.tensor1d([0.1, 0.2, 0.3, 0.4, 0.5]);
    // Its numbers lie on the native side, those of the tensor above still in JavaScript.
    const computed = weights.square();
    const variable = tf.variable(weights);
    const tensors = tf.memory().numTensors;
    const penalty: Penalty = {
      name: 'weighted',
      strength: 0.1,
      term: (h) =>
        h
          .mul(weights)
          .add(computed.clone())
          .mul(variable)
          .add(weights.reshape([1, 5]).tile([h.shape[0], 1]))
          .square()
          .sum(1)
          .mean(),
    };
    const { relativeError } = gradientCheck(model(), rows, { penalty });
    assert.ok(relativeError < 1e-9, `${relativeError}`);
    const { relativeError: again } = gradientCheck(model(), rows, { penalty });
    assert.equal(again, relativeError);
    assert.equal(tf.memory().numTensors, tensors);
    for (const tensor of [weights, computed, variable]) {
      assert.equal(tf.engine().state.tensorInfo.get(tensor.dataId)?.backend, tf.backend());
    }
    assert.deepEqual([...weights.dataSync()], [0.1, 0.2, 0.3, 0.4, 0.5].map(Math.fround));
    assert.deepEqual(
      [...tf.tidy(() => weights.add(0).dataSync())],
      [0.1, 0.2, 0.3, 0.4, 0.5].map(Math.fround),
    );
    tf.dispose([weights, computed, variable]);
  });

  it('lets one that the penalty keeps be used afterwards', async () => {
    await backendReady();
    let kept: tf.Tensor1D | undefined;
    const penalty: Penalty = {
      name: 'lazy',
      strength: 0.1,
      term(h) {
        kept ??= tf.keep(tf.tidy(() => tf.range(1, 6).div<tf.Tensor1D>(4)));
        return h.mul(kept).square().sum(1).mean();
      },
    };
    assert.ok(gradientCheck(model(), rows, { penalty }).relativeError < 1e-9);
    const after = (kept as unknown as tf.Tensor1D).mul(2);
    assert.deepEqual([...after.dataSync()], [0.5, 1, 1.5, 2, 2.5]);
    tf.dispose([after, kept as unknown as tf.Tensor1D]);
  });
});
