import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { kl, l1, type Penalty, SparseAutoencoder, type tf, type Values } from 'sparselab';
import { initialState, type Named, type OptimizerState } from 'sparselab/dist/engine';
import { type Objective, objectiveStep } from 'sparselab/dist/model/loss';
import { engines } from '../support/engines';

const INPUT = 12;
const HIDDEN = 7;
const EXAMPLES = 50;
const BATCH = 16;
const STEPS = 100;

/** Numbers that look irregular; golden/adam100.py makes the same. */
function wave(shape: readonly number[], phase: number, size: number): Values {
  const values = new Float32Array(shape.reduce((product, axis) => product * axis, 1));
  for (let i = 0; i < values.length; i++) values[i] = size * Math.sin(phase + 1.7 * i + 0.3 * i * i);
  return { values, shape };
}

/** √(h² + 0.001), summed over the units, averaged over the batch. */
const smoothRoot: Penalty = {
  name: 'root',
  strength: 0.02,
  term: (h) => h.square().add(1e-3).sqrt().sum(1).mean(),
};

/** The entropy of each example's fraction of activation among the units, averaged over the batch. */
const entropy: Penalty = {
  name: 'entropy',
  strength: 0.1,
  term(h) {
    const fraction = h.div(h.sum(1, true));
    return fraction.mul(fraction.log()).sum(1).mean<tf.Scalar>().neg();
  },
};

interface Case {
  readonly architecture: Pick<
    SparseAutoencoder['architecture'],
    'hiddenActivation' | 'outputActivation' | 'tied'
  >;
  readonly objective: Objective;
}

const form = (
  hiddenActivation: Case['architecture']['hiddenActivation'],
  outputActivation: Case['architecture']['outputActivation'],
  tied = false,
) => ({ hiddenActivation, outputActivation, tied });

const cases: Record<string, Case> = {
  l1: { architecture: form('relu', 'linear'), objective: { penalty: l1(0.01) } },
  kl: { architecture: form('sigmoid', 'sigmoid'), objective: { penalty: kl({ beta: 0.05, rho: 0.1 }) } },
  tied: {
    architecture: form('tanh', 'linear', true),
    objective: { penalty: l1(0.01), weightDecay: 0.003 },
  },
  root: {
    architecture: form('tanh', 'sigmoid'),
    objective: { penalty: smoothRoot, weightDecay: 0.001, reconstructionLoss: 'halfSquaredError' },
  },
  entropy: { architecture: form('softplus', 'tanh'), objective: { penalty: entropy } },
};

// float64 PyTorch: see golden/adam100.py.
const golden = JSON.parse(
  readFileSync(
    join(dirname(require.resolve('sparselab/package.json')), 'test', 'engine', 'golden', 'adam100.json'),
    'utf8',
  ),
) as Record<string, Record<string, number[]>>;

for (const [name, { architecture, objective }] of Object.entries(cases)) {
  for (const [engine, runnerOf] of Object.entries(engines)) {
    test(`after 100 steps, '${name}' is, ${engine}, within 2e-6 of PyTorch in float64`, async () => {
      const model = new SparseAutoencoder({ inputDim: INPUT, hiddenDim: HIDDEN, ...architecture });
      const start: Record<string, Values> = {
        encoderWeights: wave([INPUT, HIDDEN], 1, 0.4),
        encoderBias: wave([HIDDEN], 2, 0.1),
        ...(architecture.tied ? {} : { decoderWeights: wave([HIDDEN, INPUT], 3, 0.4) }),
        decoderBias: wave([INPUT], 4, 0.1),
      };
      const rows = wave([EXAMPLES, INPUT], 0.5, 1).values.map((value) => 0.5 + 0.5 * value);
      const runner = await runnerOf({
        members: [
          {
            step: objectiveStep(model.architecture, objective),
            initial: initialState(start),
            learningRate: 0.003,
          },
        ],
        source: { values: rows, count: EXAMPLES, dim: INPUT, scale: 1 },
        batchSizes: [BATCH, EXAMPLES % BATCH],
      });
      // An epoch is three batches of 16 and one of 2.
      const epoch = Int32Array.from({ length: EXAMPLES }, (_, row) => row);
      const whole = EXAMPLES - (EXAMPLES % BATCH);
      for (let step = 0; step < STEPS; step += 4) {
        runner.run(epoch.subarray(0, whole), BATCH);
        runner.run(epoch.subarray(whole), EXAMPLES % BATCH);
      }
      const [state] = runner.states() as [OptimizerState];
      runner.dispose();
      for (const [parameter, expected] of Object.entries(golden[name] as Named<number[]>)) {
        if (parameter === 'loss') continue;
        const { values } = state.parameters[parameter] as Values;
        const error = Math.hypot(...expected.map((value, i) => value - (values[i] as number)));
        const relative = error / Math.hypot(...expected);
        // float32 keeps 6e-8 of a number; a hundred updates of about 0.003 add up to some of these.
        assert.ok(relative < 2e-6, `${parameter} is ${relative} off`);
      }
    });
  }
}
