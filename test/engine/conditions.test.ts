import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { onlyIf, Random, type StepRule, tf, topK } from 'sparselab';
import { conditionsOf } from 'sparselab/dist/engine/native/conditions';
import type { Constant, Operation, Trace } from 'sparselab/dist/engine/native/trace';
import type { RuleStep } from 'sparselab/dist/model/stepRule';
import { engines } from '../support/engines';
import { recipeMember } from '../support/recipes';

const [dim, count] = [16, 160];
const random = new Random(5);
const examples = {
  values: Float32Array.from({ length: count * dim }, () => random.normal()),
  count,
  dim,
  scale: 1,
};
const rows = random.permutation(count);

function assertClose(actual: number, expected: number, name: string): void {
  assert.ok(Math.abs(actual - expected) < 1e-5, `${name}: ${actual} instead of ${expected}`);
}

const FLOAT = 1;
const BOOL = 10;

const operation = (name: string, inputs: string[], shape: number[], dtype = FLOAT): Operation => ({
  name,
  inputs,
  attributes: {},
  shapes: [shape],
  dtypes: [dtype],
});

const zero: Constant = {
  name: 'Const',
  handle: 1,
  dtype: FLOAT,
  shape: [],
  values: Float32Array.of(0),
};

/** exp(x) where s > t, else zeros, as tf.where is executed; and what else takes exp(x). */
const traceOf = (results: Trace['results']): Trace => ({
  operations: [
    operation('Greater', ['s', 't'], [], BOOL),
    operation('Exp', ['x'], [3]),
    operation('Reshape', ['%0:0'], [1], BOOL),
    operation('Tile', ['%2:0'], [3], BOOL),
    zero,
    operation('Tile', ['%4:0'], [3]),
    operation('Select', ['%3:0', '%1:0', '%5:0'], [3]),
  ],
  results,
});

type Auxiliary = (step: RuleStep, now: () => tf.Scalar) => tf.Scalar;

/** A rule with a term, and with a condition that holds in every second step: the second, the fourth, … */
const second = (auxiliary: Auxiliary): StepRule => ({
  name: 'second',
  state: () => ({ 'second/now': { values: Float32Array.of(0), shape: [1] } }),
  nextState: (state) => ({ 'second/now': tf.sub(1, state['second/now'] as tf.Tensor) }),
  auxiliary: (step) =>
    auxiliary(step, () =>
      (step.state['second/now'] as tf.Tensor).reshape<tf.Scalar>([]).greater<tf.Scalar>(0.5),
    ),
});

/** Terms, and their values in the steps in which the condition holds, where these are known without a model. */
const terms: Readonly<Record<string, { term: Auxiliary; value?: number }>> = {
  'a decoding of the code': {
    term: ({ x, pass, parameters, error }, now) => {
      const holds = now();
      const code = onlyIf(holds, pass.activations);
      const decoded = tf.matMul(code, onlyIf(holds, parameters.decoderWeights as tf.Tensor2D));
      return onlyIf(holds, error(x, decoded as tf.Tensor2D));
    },
  },
  'a value computed before its condition': {
    term: ({ pass }, now) => {
      const length = pass.preActivation.square().mean<tf.Scalar>().sqrt();
      return onlyIf(now(), length);
    },
  },
  'a value that is made of constants alone': {
    term: (_, now) => onlyIf(now(), tf.mul(tf.scalar(3), tf.scalar(2))) as tf.Scalar,
    value: 6,
  },
  'a condition within another': {
    term: ({ pass }, now) => {
      const holds = now();
      const other = tf.logicalNot(holds);
      const never = onlyIf(holds, onlyIf(other, pass.preActivation.mean<tf.Scalar>()));
      return tf.add(never, onlyIf(holds, pass.activations.mean<tf.Scalar>()));
    },
  },
  'a value that is infinite where the condition does not hold': {
    term: (_, now) => {
      const holds = now();
      return onlyIf(holds, tf.div(onlyIf(holds, tf.scalar(2)), holds.cast('float32')) as tf.Scalar);
    },
    value: 2,
  },
  'a gradient that is NaN where the condition does not hold': {
    term: ({ parameters }, now) => {
      const holds = now();
      const biases = onlyIf(holds, (parameters.decoderBias as tf.Tensor).square().sum<tf.Scalar>());
      return onlyIf(holds, tf.add(biases, holds.cast('float32')).sqrt()) as tf.Scalar;
    },
  },
};

describe('a part that only some steps need', () => {
  it('is what a choice between a value and zeros takes, and nothing else', () => {
    const positions = [0, 1, 2, 3, 4, 5, 6];
    const alone = conditionsOf(traceOf({ y: '%6:0' }));
    const none = positions.map(() => undefined);
    assert.deepEqual(
      positions.map(alone.under),
      positions.map((position) => (position === 1 ? '%0:0' : undefined)),
    );
    assert.deepEqual(alone.chosen(6), { condition: '%0:0', value: '%1:0' });
    const shared = conditionsOf(traceOf({ y: '%6:0', exp: '%1:0' }));
    assert.deepEqual(positions.map(shared.under), none);
  });

  for (const [name, { term, value }] of Object.entries(terms)) {
    it(`${name}: its value and gradient in these steps, zeros in the others, on every engine`, async () => {
      const rule = second(term);
      const recipe = { activation: topK(4), objective: {}, rules: [rule] };
      const outcomes: Record<string, { auxiliary: number[]; parameters: Float32Array[] }> = {};
      for (const [engine, runnerOf] of Object.entries(engines)) {
        const member = recipeMember(recipe, examples, 128);
        const runner = await runnerOf({ members: [member], source: examples, batchSizes: [40] });
        const at = member.step.terms.indexOf('auxiliary');
        const auxiliary = [0, 1, 2, 3].map((step) => {
          const [losses] = runner.run(rows.subarray(step * 40, (step + 1) * 40), 40);
          return losses?.[at] as number;
        });
        const [state] = runner.states();
        const parameters = Object.values(state?.parameters ?? {}).map(({ values }) => values as Float32Array);
        runner.verify();
        runner.dispose();
        outcomes[engine] = { auxiliary, parameters };
      }
      const { eager, ...others } = outcomes;
      for (const [engine, { auxiliary, parameters }] of Object.entries(others)) {
        auxiliary.forEach((now, step) => {
          if (step % 2 === 0) assert.equal(now, 0, `${engine}: step ${step + 1}`);
          else assertClose(now, value ?? (eager?.auxiliary[step] as number), engine);
        });
        parameters.forEach((array, k) => {
          array.forEach((number, i) => {
            assertClose(number, eager?.parameters[k]?.[i] as number, engine);
          });
        });
      }
    });
  }
});
