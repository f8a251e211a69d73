import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loadDigits, onlyIf, SparseAutoencoder, type StepRule, tf, topK, train } from 'sparselab';
import { conditionsOf } from 'sparselab/dist/engine/native/conditions';
import type { Operation, Trace } from 'sparselab/dist/engine/native/trace';

const FLOAT = 1;
const BOOL = 10;

const operation = (name: string, inputs: string[], shape: number[], dtype = FLOAT): Operation => ({
  name,
  inputs,
  attributes: {},
  shapes: [shape],
  dtypes: [dtype],
});

/** exp(x) times whether s > t, and what else takes exp(x). */
const traceOf = (results: Trace['results']): Trace => ({
  operations: [
    operation('Greater', ['s', 't'], [], BOOL),
    operation('Cast', ['%0:0'], []),
    operation('Exp', ['x'], [2, 3]),
    operation('Mul', ['%2:0', '%1:0'], [2, 3]),
  ],
  results,
});

describe('a part that only some steps need', () => {
  it('is what a product with a condition takes, and nothing else', () => {
    const alone = conditionsOf(traceOf({ y: '%3:0' }));
    assert.deepEqual([0, 1, 2, 3].map(alone.under), [undefined, undefined, '%0:0', undefined]);
    assert.deepEqual(alone.chosen(3), { condition: '%0:0', value: '%2:0' });
    const shared = conditionsOf(traceOf({ y: '%3:0', exp: '%2:0' }));
    assert.deepEqual([0, 1, 2, 3].map(shared.under), [undefined, undefined, undefined, undefined]);
  });

  it('has its gradient in these steps and none in the others, compiled as eager', async () => {
    const digits = loadDigits().take(200);
    /** In every second step the code should also reconstruct through the decoder alone. */
    const second: StepRule = {
      name: 'second',
      state: () => ({ 'second/now': { values: Float32Array.of(0), shape: [1] } }),
      nextState: (state) => ({ 'second/now': tf.sub(1, state['second/now'] as tf.Tensor) }),
      auxiliary: ({ x, pass, parameters, state, error }) => {
        const now = (state['second/now'] as tf.Tensor).reshape<tf.Scalar>([]).greater<tf.Scalar>(0.5);
        const code = onlyIf(now, pass.activations);
        const decoded = tf.matMul(code, onlyIf(now, parameters.decoderWeights as tf.Tensor2D));
        return onlyIf(now, error(x, decoded as tf.Tensor2D));
      },
    };
    const trained = async (compile: boolean) => {
      const model = new SparseAutoencoder({
        inputDim: 64,
        hiddenDim: 128,
        hiddenActivation: topK(4),
        seed: 1,
      });
      const options = { epochs: 2, batchSize: 40, seed: 1, progress: false, compile, rules: [second] };
      const { steps } = await train(model, digits, options);
      return { model, auxiliary: steps.map((step) => step.auxiliary as number) };
    };
    const [compiled, eager] = [await trained(true), await trained(false)];
    compiled.auxiliary.forEach((term, step) => {
      if (step % 2 === 0) assert.equal(term, 0);
      else assert.ok(term > 0 && Math.abs(term - (eager.auxiliary[step] as number)) < 1e-6);
    });
    for (const [name, { values }] of Object.entries(compiled.model.parameters)) {
      const other = eager.model.parameters[name]?.values as Float32Array;
      values.forEach((value, i) => {
        assert.ok(Math.abs(value - (other[i] as number)) < 1e-5, `${name}[${i}]`);
      });
    }
  });
});
