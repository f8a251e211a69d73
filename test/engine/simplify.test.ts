import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { tf } from 'sparselab';
import { withFactorsMoved } from 'sparselab/dist/engine/native/factors';
import { trace } from 'sparselab/dist/engine/native/recorder';
import { simplified } from 'sparselab/dist/engine/native/simplify';
import { isConstant, neededPart, type Trace } from 'sparselab/dist/engine/native/trace';
import type { Named } from 'sparselab/dist/engine/step';
import { itOnNative } from '../support/native';

type Arguments = { x: tf.Tensor2D; y: tf.Tensor2D; w: tf.Tensor2D; g: tf.Tensor2D; c: tf.Scalar };
type Body = (args: Arguments) => Named<tf.Tensor>;

const shapes = { x: [6, 5], y: [6, 5], w: [5, 3], g: [6, 3], c: [] };
const shapesByName = new Map<string, readonly number[]>(Object.entries(shapes));

/** A function of x, y, w, g and c as it is executed. */
function traceOf(body: Body): Trace {
  const tensor = (shape: readonly number[]) =>
    tf.linspace(-1, 1, Math.max(1, tf.util.sizeFromShape([...shape])));
  const args = () =>
    Object.fromEntries(
      Object.entries(shapes).map(([name, shape]) => [name, tensor(shape).reshape([...shape])]),
    );
  return trace(args, body as unknown as Parameters<typeof trace>[1]);
}

/** The operations that remain, constants aside, in order. */
function namesOf({ operations }: Trace): string[] {
  return operations.filter((entry) => !isConstant(entry)).map(({ name }) => name);
}

const simple = (body: Body) => neededPart(simplified(neededPart(traceOf(body)), shapesByName));
const moved = (body: Body) => neededPart(withFactorsMoved(simple(body), shapesByName));

describe('a trace in other words', () => {
  itOnNative('multiplies by a number, not by a matrix full of it', () => {
    const body: Body = ({ x, c }) => ({
      result: x.mul(c.mul(tf.ones([6, 1])).mul(tf.ones([6, 5]))),
    });
    assert.deepEqual(namesOf(simple(body)), ['Mul']);
  });

  itOnNative('leaves out x·1, x/1, x + 0, x − 0 and a reshaping to the same shape', () => {
    const body: Body = ({ x }) => ({
      result: x
        .mul(1)
        .div(1)
        .add(tf.zeros([6, 5]))
        .sub(0)
        .reshape([6, 5])
        .abs(),
    });
    assert.deepEqual(namesOf(simple(body)), ['Abs']);
  });

  itOnNative('takes 1·x, but not 1/x, 0 − x or a sum that repeats x, for x', () => {
    const body: Body = ({ x, c }) => ({
      same: tf.mul(1, x),
      inverse: tf.div(1, x),
      negative: tf.sub(0, x),
      repeated: c.add(tf.zeros([6, 5])),
    });
    const { results, operations } = simple(body);
    assert.equal(results.same, 'x');
    assert.deepEqual(namesOf({ results, operations }).slice(0, 2), ['RealDiv', 'Sub']);
    assert.notEqual(results.repeated, 'c');
  });

  itOnNative('multiplies by two numbers at once', () => {
    const body: Body = ({ x, c }) => ({ result: x.mul(3).mul(c).square() });
    assert.deepEqual(namesOf(simple(body)), ['Mul', 'Mul', 'Square']);
    const [numbers] = simple(body).operations.filter((entry) => !isConstant(entry));
    assert.deepEqual(numbers && !isConstant(numbers) && numbers.shapes, [[]]);
  });

  itOnNative("takes relu's gradient in one operation, from relu's result", () => {
    const body: Body = ({ x, w, g }) => {
      const z = x.matMul(w);
      return tf.valueAndGrad((each: tf.Tensor) => each.relu())(
        z,
        g as tf.Tensor,
      ) as unknown as Named<tf.Tensor>;
    };
    assert.deepEqual(namesOf(simple(body)), ['BatchMatMulV2', 'Relu', 'ReluGrad']);
  });

  itOnNative('takes sign(h) for 1 where only h = relu(z) > 0 counts, as in L1 and its gradient', () => {
    const body: Body = ({ x, c }) => {
      const loss = (z: tf.Tensor) => {
        const h = z.relu();
        return h.mul(h.sign()).sum().mul(c).add(h.square().sum()) as tf.Scalar;
      };
      return tf.valueAndGrad(loss)(x) as unknown as Named<tf.Tensor>;
    };
    const names = namesOf(simple(body));
    assert.ok(!names.includes('Sign'), names.join());
    assert.ok(names.includes('ReluGrad'));
  });

  itOnNative(
    'takes the error once for a squared error and its gradient, and writes no matrix of squares',
    () => {
      const body: Body = ({ x, y }) => {
        const loss = (each: tf.Tensor) => tf.squaredDifference(y, each).mean(1).mean<tf.Scalar>();
        return tf.valueAndGrad(loss)(x) as unknown as Named<tf.Tensor>;
      };
      const { operations, results } = simple(body);
      const matrices = operations.filter((entry) => !isConstant(entry) && entry.shapes[0]?.length === 2);
      assert.deepEqual(namesOf({ operations: matrices, results }), ['Sub', 'Mul']);
      assert.ok(namesOf({ operations, results }).includes('L2Loss'));
    },
  );

  itOnNative('moves a number out of a factor to where it multiplies fewest numbers', () => {
    // x has 30 numbers, w 15, x w 18: c belongs to w.
    const toFactor: Body = ({ x, w, c }) => ({
      result: tf.matMul(x.mul(c) as tf.Tensor2D, w),
    });
    const { operations } = moved(toFactor);
    const [first] = operations;
    assert.deepEqual(namesOf({ operations, results: {} }), ['Mul', 'BatchMatMulV2']);
    assert.deepEqual(first && !isConstant(first) && first.inputs, ['c', 'w']);
    // The sum has 5 numbers.
    const toResult: Body = ({ x, c }) => ({ result: x.mul(c).sum(0) });
    assert.deepEqual(namesOf(moved(toResult)), ['Sum', 'Mul']);
  });

  itOnNative('leaves a number where another operation needs the product, too', () => {
    const body: Body = ({ x, c }) => {
      const scaled = x.mul(c);
      return { sum: scaled.sum(0), exponential: scaled.exp() };
    };
    assert.deepEqual(namesOf(moved(body)), ['Mul', 'Sum', 'Exp']);
  });
});
