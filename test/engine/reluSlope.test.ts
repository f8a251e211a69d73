import assert from 'node:assert/strict';
import { it } from 'node:test';
import { l1, Random, SparseAutoencoder, type tf } from 'sparselab';
import { backendReady, createEngine, initialState, type Member } from 'sparselab/dist/engine';
import { withReluSlope } from 'sparselab/dist/engine/native/reluSlope';
import { neededPart, type Trace } from 'sparselab/dist/engine/native/trace';
import { traceMembers } from 'sparselab/dist/engine/native/traceStep';
import { objectiveStep } from 'sparselab/dist/model/loss';

const [dim, count] = [9, 12];
const random = new Random(4);
const values = Float32Array.from({ length: count * dim }, () => random.normal());
const source = { values, count, dim, scale: 1 };

/** The operations of a step on z's size that are there for the slope of relu. */
const slopes = (member: Member): string[] => {
  const [traced] = traceMembers([member], source, [count]);
  const { operations } = neededPart(withReluSlope(traced?.traces.get(count) as Trace));
  return operations
    .map(({ name }) => name)
    .filter((name) => ['IsNan', 'Greater', 'Select', 'Sign'].includes(name));
};

it('the slope of relu is the sign of its value, and tf.step of anything else stays', async (context) => {
  const { name, description } = await backendReady();
  if (name !== 'tensorflow') return context.skip(`this is ${description}, not native TensorFlow`);
  const { architecture, parameters } = new SparseAutoencoder({ inputDim: dim, hiddenDim: 5, seed: 1 });
  const relu: Member = {
    step: objectiveStep(architecture, {}),
    initial: initialState(parameters),
    learningRate: 0.01,
  };
  assert.deepEqual(slopes(relu), ['Sign']);
  const step: Member = {
    step: {
      inputs: {},
      terms: ['total'],
      loss: ({ w }, x) => ({
        total: x
          .step()
          .mul(w as tf.Tensor)
          .sum(),
      }),
    },
    initial: initialState({ w: { values: Float32Array.of(1), shape: [1] } }),
    learningRate: 0.01,
  };
  assert.deepEqual(slopes(step), ['IsNan', 'Greater', 'Select', 'Select']);
});

it('gradients through it are those that the step has operation by operation', async () => {
  const { architecture, parameters } = new SparseAutoencoder({ inputDim: dim, hiddenDim: 5, seed: 1 });
  const member = {
    step: objectiveStep(architecture, { penalty: l1(0.1) }),
    initial: initialState(parameters),
    learningRate: 0.01,
  };
  const moments = async (compile: boolean) => {
    const { runner } = await createEngine({ members: [member], source, batchSizes: [count], compile });
    runner.run(
      Int32Array.from({ length: count }, (_, row) => row),
      count,
    );
    const [state] = runner.states();
    runner.dispose();
    return state?.firstMoments.encoderWeights?.values as Float32Array;
  };
  const [eager, compiled] = [await moments(false), await moments(true)];
  compiled.forEach((value, i) => {
    assert.ok(Math.abs(value - (eager[i] as number)) < 1e-7, `${value}, not ${eager[i]}`);
  });
});
