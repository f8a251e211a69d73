import '../support/onJavaScript';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SparseAutoencoder, tf } from 'sparselab';
import { initialState } from 'sparselab/dist/engine';
import { objectiveStep } from 'sparselab/dist/model/loss';
import { engines } from '../support/engines';

type Code = tf.Tensor2D;

const weights = tf.range(1, 8).div(7);
const some = tf.tensor1d([2, 0, 2, 5], 'int32');
const ofUnit = tf.tensor1d([0, 1, 0, 2, 1, 0, 2], 'int32');

/** A function that the gradient takes for a constant: comparisons and such have none. */
const held = (of: (h: Code) => tf.Tensor) =>
  tf.customGrad((h) => {
    const { shape } = h as Code;
    return { value: of(h as Code), gradFunc: () => tf.zeros(shape) };
  }) as (h: Code) => tf.Tensor;

/** Terms of a code [batch, 7], between them every operation of tf that a WebAssembly module can have. */
const TERMS: Readonly<Record<string, (h: Code) => tf.Tensor>> = {
  'roots and powers': (h) =>
    tf
      .sqrt(h.square().add(0.1))
      .add(tf.rsqrt(h.abs().add(0.2)))
      .add(tf.pow(h.abs().add(0.1), 1.5)),
  'powers of whole numbers': (h) =>
    h
      .pow(2)
      .add(h.pow(3))
      .add(tf.pow(h.abs().add(0.1), 0.5))
      .add(h.pow(1)),
  'exponentials and logarithms': (h) =>
    h.exp().add(h.expm1()).add(h.abs().add(0.1).log()).add(h.abs().log1p()).add(h.logSigmoid()),
  'sums of exponentials': (h) => tf.logSumExp(h, 1).add(tf.logSumExp(h.neg(), 1)),
  'softmax and its logarithm': (h) => tf.softmax(h).mul(tf.logSoftmax(h)).mul(weights),
  activations: (h) =>
    h
      .relu()
      .add(h.sigmoid())
      .add(h.tanh())
      .add(h.softplus())
      .add(h.relu6())
      .add(h.elu())
      .add(h.leakyRelu(0.1)),
  'scaled exponential units': (h) => h.selu().add(tf.prelu(h as tf.Tensor, tf.scalar(0.2))),
  angles: (h) =>
    h
      .sin()
      .add(h.cos())
      .add(h.atan())
      .add(tf.atan2(h, h.square().add(1)))
      .mul(h.tan()),
  hyperbolas: (h) => h.sinh().add(h.cosh()).add(h.asinh()).add(h.square().add(1.1).acosh()),
  arcs: (h) => h.tanh().mul(0.9).asin().add(h.tanh().mul(0.9).acos()).add(h.tanh().mul(0.9).atanh()),
  rounding: (h) => h.mul(h.mul(5).floor().add(h.mul(5).ceil()).add(h.mul(5).round())),
  'clipping and extremes': (h) =>
    h.clipByValue(-0.2, 0.3).add(tf.maximum(h, 0.1)).add(tf.minimum(h, weights)),
  masks: (h) =>
    h
      .mul(held((x) => x.greater(0.1).toFloat())(h))
      .add(h.mul(held((x) => x.lessEqual(0.2).logicalAnd(x.notEqual(0)).toFloat())(h)))
      .add(h.mul(held((x) => x.less(0).logicalOr(x.greaterEqual(0.3)).logicalNot().toFloat())(h)))
      .add(h.mul(h.step(0.5)).mul(h.sign())),
  choices: (h) => h.mul(held((x) => tf.where(x.greater(0), x.square(), x.mul(weights)))(h)),
  'finite numbers': (h) => h.mul(h.isFinite().toFloat()).add(h.isNaN().toFloat()).add(h.isInf().toFloat()),
  divisions: (h) =>
    h
      .div(h.square().add(1))
      .add(tf.floorDiv(h.mul(9), 2))
      .add(h.squaredDifference(weights)),
  'the largest and smallest': (h) => h.max(1).add(h.min(1)).add(h.max()).sub(h.min(0).mean()),
  'means along each axis': (h) =>
    h
      .sub(h.mean(0))
      .mul(h.sub(h.mean(1, true)))
      .sum(0),
  moments: (h) => tf.moments(h, 0).variance.add(tf.moments(h, 1).variance.mean()),
  norms: (h) => tf.norm(h, 2, 1).add(tf.norm(h, 1, 1)),
  'all or any': (h) =>
    h
      .mul(held((x) => x.greater(-0.5).all(1, true).toFloat().mul(x))(h))
      .mul(held((x) => x.greater(0.1).any(1, true).toFloat().mul(x))(h)),
  'running sums': (h) =>
    h
      .cumsum(1)
      .mul(h.cumsum(1, true))
      .mul(h.cumsum(1, false, true)),
  'running sums along the first axis': (h) => h.mul(held((x) => x.cumsum(0, true))(h)),
  'the three largest': (h) =>
    h
      .mul(held((x) => x.greaterEqual(tf.topk(x, 3).values.min(1, true)).toFloat())(h))
      .mul(held((x) => tf.topk(x, 2).indices.toFloat().sum(1, true).mul(x))(h)),
  products: (h) => h.matMul(h, true).square().add(tf.dot(h, h.transpose()).square().mean()),
  'products transposed': (h) => h.transpose().matMul(h.matMul(h, false, true), false, true),
  'products of many': (h) => {
    const many = tf.stack([h, h.mul(weights), h.reverse(1)]) as tf.Tensor3D;
    return tf.matMul(many, many, false, true).square().mean(2);
  },
  'products of vectors': (h) => tf.outerProduct(h.mean(0), h.max(0)).add(tf.dot(h, weights).mean()),
  slices: (h) => h.slice([0, 1], [-1, 3]).mul(h.slice([0, 4], [-1, 3])),
  parts: (h) =>
    tf
      .split(h, [2, 4, 1], 1)
      .map((part) => part.square().mean())
      .reduce((sum, part) => sum.add(part)),
  'rows one by one': (h) => tf.unstack(h.transpose()).reduce((sum, unit) => sum.mul(0.5).add(unit.square())),
  'put together': (h) => tf.concat([h, h.square(), h.mul(2)], 1).mul(tf.concat([h, h, h], 1)),
  stacked: (h) => tf.stack([h, h.square()], 2).max(2),
  padded: (h) =>
    tf
      .pad(
        h,
        [
          [1, 0],
          [0, 2],
        ],
        0.5,
      )
      .square(),
  'turned round': (h) => h.reverse(0).mul(h).add(h.reverse().mul(h)),
  tiled: (h) => tf.tile(h, [1, 2]).mul(tf.tile(h, [1, 2]).square()),
  broadcast: (h) => h.mean(0).broadcastTo([h.shape[0], 7]).mul(h),
  'broadcast in the middle': (h) =>
    h
      .expandDims(1)
      .mul(h.slice([0, 0], [1, -1]).expandDims(0))
      .mul(h.expandDims(1).square()),
  'by rows and by columns': (h) =>
    h.mul(h.sum(1, true)).add(weights).mul(h.mean(0)).div(h.square().sum(1, true).add(1)),
  'three axes in another order': (h) =>
    h.reshape([-1, 7, 1]).tile([1, 1, 3]).transpose([2, 0, 1]).square().sum(1),
  'some units': (h) => tf.gather(h, some, 1).mul(tf.gather(h, some, 1)),
  'some rows': (h) => tf.gather(h, tf.tensor1d([0, 0, 0], 'int32')).square(),
  'units in groups': (h) => tf.unsortedSegmentSum(h.transpose(), ofUnit, 3).square(),
  'made on the spot': (h) =>
    h
      .mul(tf.linspace(0, 1, 7))
      .add(tf.fill(h.shape, 2))
      .mul(tf.onesLike(h))
      .sub(tf.zerosLike(h)),
  'numbers alone': (h) => h.mean().square().add(h.max()).div(tf.scalar(3).add(h.min().abs())).sqrt(),
};

/** The losses of three steps, batches of 5 and then of 1. */
async function losses(engine: string, hiddenDim: number, term: (h: Code) => tf.Tensor): Promise<number[]> {
  const { architecture, parameters } = new SparseAutoencoder({
    inputDim: 6,
    hiddenDim,
    hiddenActivation: 'tanh',
    outputActivation: 'softplus',
    seed: 4,
  });
  const penalty = { name: 'own', strength: 0.3, term: (h: Code) => term(h).mean<tf.Scalar>() };
  const runner = await (engines[engine] as (typeof engines)[string])({
    members: [
      {
        step: objectiveStep(architecture, { penalty, weightDecay: 0.01 }),
        initial: initialState(parameters),
        learningRate: 0.01,
      },
    ],
    source: {
      values: Float32Array.from({ length: 66 }, (_, i) => Math.sin(i * i)),
      count: 11,
      dim: 6,
      scale: 1,
    },
    batchSizes: [5, 1],
  });
  const rows = Int32Array.from({ length: 11 }, (_, row) => row);
  const result = [runner.run(rows.subarray(0, 10), 5), runner.run(rows.subarray(10), 1)];
  runner.dispose();
  return result.flatMap(([values]) => [...(values as Float32Array)]);
}

for (const [what, term] of Object.entries(TERMS)) {
  test(`a WebAssembly module computes what tf does: ${what}`, async () => {
    const expected = await losses('eager', 7, term);
    assert.ok(expected.every(Number.isFinite), `${expected}`);
    for (const engine of Object.keys(engines).filter((name) => name.startsWith('WebAssembly'))) {
      const actual = await losses(engine, 7, term);
      actual.forEach((value, i) => {
        const tolerance = 3e-6 * Math.max(0.1, Math.abs(expected[i] as number));
        assert.ok(
          Math.abs(value - (expected[i] as number)) <= tolerance,
          `${engine}, ${i}: ${value}, tf ${expected[i]}`,
        );
      });
    }
  });
}
