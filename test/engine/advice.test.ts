import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Dataset, type Penalty, SparseAutoencoder, TraceError, tf, train } from 'sparselab';
import { itOnNative } from '../support/native';

const data = Dataset.fromRows([
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
  [1, 1, 0],
]);
const mean = (h: tf.Tensor2D) => h.sum(1).mean<tf.Scalar>();
const ones = [1, 1, 1, 1];

/** A penalty that is refused, what the refusal says to do, and the same penalty after it. */
interface Case {
  readonly refused: Penalty['term'];
  readonly advice: RegExp;
  readonly followed: Pick<Penalty, 'term' | 'parameters'>;
  /** Native TensorFlow alone refuses it; WebAssembly runs such a step operation by operation. */
  readonly onNative?: true;
}

let calls = 0;
const variable = () => tf.variable(tf.tensor1d(ones));

const cases: Record<string, Case> = {
  'reads numbers to decide': {
    refused: (h) => ((h.dataSync()[0] as number) > 0.3 ? mean(h) : mean(h).mul(2)),
    advice: /x\.sub\(t\)\.step\(\) is 1 where x > t/,
    followed: { term: (h) => mean(h.mul(h.sub(0.3).step())) },
  },
  'reads numbers that could be read before': {
    refused: (h) => mean(h).mul(tf.tensor1d([2, 3]).square().dataSync()[0] as number),
    advice: /move it out of the step/,
    followed: (() => {
      const factor = 2 ** 2;
      return { term: (h: tf.Tensor2D) => mean(h).mul(factor) };
    })(),
  },
  'draws with Math.random': {
    refused: (h) => mean(h).mul(Math.random()),
    advice: /draw once, before training/,
    followed: (() => {
      const factor = Math.random();
      return { term: (h: tf.Tensor2D) => mean(h).mul(factor) };
    })(),
  },
  'draws without a seed': {
    refused: (h) => mean(h.mul(tf.randomUniform(h.shape))),
    advice: /or give the draw a seed/,
    followed: { term: (h) => mean(h.mul(tf.randomUniform(h.shape, 0, 1, 'float32', 3))) },
  },
  'draws inside TensorFlow': {
    refused: (h) => mean(h.mul(tf.multinomial(tf.tensor1d(ones), 4, 7).toFloat())),
    advice: /operation Multinomial.*draw once, before training/,
    onNative: true,
    followed: (() => {
      const drawn = tf.tidy(() => tf.multinomial(tf.tensor1d(ones), 4, 7).toFloat());
      return { term: (h: tf.Tensor2D) => mean(h.mul(drawn)) };
    })(),
  },
  'makes a variable': {
    refused: (h) => mean(h.mul(variable())),
    advice: /make it a tensor/,
    followed: { term: (h) => mean(h.mul(tf.tensor1d(ones))) },
  },
  'assigns to a variable': {
    refused: (() => {
      const counter = variable();
      return (h: tf.Tensor2D) => {
        counter.assign(tf.tensor1d([2, 2, 2, 2]));
        return mean(h);
      };
    })(),
    advice: /return the loss alone/,
    followed: { term: mean },
  },
  'uses a variable that is a number': {
    refused: (() => {
      const scale = tf.variable(tf.scalar(2));
      return (h: tf.Tensor2D) => mean(h).mul(scale);
    })(),
    advice: /make it one of the penalty's parameters/,
    followed: { term: (h, { scale = 0 } = {}) => mean(h).mul(scale), parameters: { scale: 2 } },
  },
  'uses a variable that is an array': {
    refused: (() => {
      const scale = variable();
      return (h: tf.Tensor2D) => mean(h.mul(scale));
    })(),
    advice: /or a tensor if it never changes/,
    followed: (() => {
      const scale = tf.tensor1d(ones);
      return { term: (h: tf.Tensor2D) => mean(h.mul(scale)) };
    })(),
  },
  'uses a number that changes': {
    refused: (h) => mean(h).mul(++calls),
    advice: /make that number one of the penalty's parameters/,
    followed: { term: (h, { factor = 0 } = {}) => mean(h).mul(factor), parameters: { factor: 3 } },
  },
  'has shapes that depend on the batch': {
    refused: (h) => mean(h).mul(tf.unique(h.flatten().mul(20).round()).values.size),
    advice: /keep every shape and choose by a mask/,
    onNative: true,
    followed: { term: (h) => mean(h).mul(h.sub(0.2).step().sum()) },
  },
  'makes a constant of another type': {
    refused: (h) => mean(h).add(tf.tensor1d(['a', 'b']).reshape([2, 1]).shape.length),
    advice: /use float32, int32 or bool/,
    followed: { term: (h) => mean(h).add(tf.tensor1d([1]).sum()) },
  },
};

describe('who follows the advice of a refusal trains, compiled as well as not', () => {
  for (const [name, { refused, advice, followed, onNative }] of Object.entries(cases)) {
    const test = onNative ? itOnNative : it;
    test(`a penalty that ${name}`, async () => {
      const training = async (penalty: Penalty, compile: boolean) => {
        const model = new SparseAutoencoder({ inputDim: 3, hiddenDim: 4, seed: 1 });
        await train(model, data, { penalty, compile, epochs: 3, batchSize: 4 });
        return model.encoderWeights.values;
      };
      await assert.rejects(training({ name, strength: 0.1, term: refused }, true), (error: Error) => {
        assert.ok(error instanceof TraceError, `${error.name}: ${error.message}`);
        assert.match(error.message, advice);
        return true;
      });
      const repaired = { name, strength: 0.1, ...followed };
      const [compiled, eager] = [await training(repaired, true), await training(repaired, false)];
      compiled.forEach((value, i) => {
        assert.ok(Math.abs(value - (eager[i] as number)) < 1e-6, `${value} instead of ${eager[i]}`);
      });
    });
  }
});
