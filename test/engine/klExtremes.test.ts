import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { kl, SparseAutoencoder, type Values } from 'sparselab';
import { initialState, type OptimizerState } from 'sparselab/dist/engine';
import { objectiveStep } from 'sparselab/dist/model/loss';
import { engines } from '../support/engines';

/** Pre-activations of units for three examples, up to ±10⁴; KL and its gradient with 60 digits: see golden/klExtremes.py. */
const { units, cases } = JSON.parse(
  readFileSync(
    join(dirname(require.resolve('sparselab/package.json')), 'test', 'engine', 'golden', 'klExtremes.json'),
    'utf8',
  ),
) as {
  units: number[][];
  cases: { rho: number; value: number; gradients: number[][]; pulls: number[] }[];
};

const EXAMPLES = 3;

/** Adam's first moment after one step is 1 − β₁ = 0.1 of the gradient. */
const SHARE = 0.1;

for (const [engine, runnerOf] of Object.entries(engines)) {
  test(`KL and its slope are, ${engine}, what 60 digits say, for ρ 1e-6 to 0.999 and |z| up to 10⁴`, async () => {
    const model = new SparseAutoencoder({
      inputDim: EXAMPLES,
      hiddenDim: units.length,
      hiddenActivation: 'sigmoid',
      outputActivation: 'linear',
    });
    const zeros = (...shape: number[]): Values => ({
      values: new Float32Array(shape.reduce((product, axis) => product * axis, 1)),
      shape,
    });
    // Example k is the unit vector eₖ, so unit j's pre-activation for it is W[k, j], and its gradient that of W[k, j].
    const z: Values = {
      values: Float32Array.from({ length: EXAMPLES * units.length }, (_, i) => {
        return units[i % units.length]?.[Math.floor(i / units.length)] as number;
      }),
      shape: [EXAMPLES, units.length],
    };
    // A decoder of zeros: nothing of the reconstruction's gradient reaches W.
    const start = {
      encoderWeights: z,
      encoderBias: zeros(units.length),
      decoderWeights: zeros(units.length, EXAMPLES),
      decoderBias: zeros(EXAMPLES),
    };
    for (const { rho, value, gradients, pulls } of cases) {
      const runner = await runnerOf({
        members: [
          {
            step: objectiveStep(model.architecture, { penalty: kl({ beta: 1, rho }) }),
            initial: initialState(start),
            learningRate: 0.001,
          },
        ],
        source: {
          values: Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1),
          count: EXAMPLES,
          dim: EXAMPLES,
          scale: 1,
        },
        batchSizes: [EXAMPLES],
      });
      const [terms] = runner.run(Int32Array.of(0, 1, 2), EXAMPLES) as [Float32Array];
      const [state] = runner.states() as [OptimizerState];
      runner.dispose();
      assert.ok(Math.abs((terms[1] as number) / value - 1) < 1e-6, `${terms[1]} is not ${value}, ρ ${rho}`);
      const moments = state.firstMoments.encoderWeights?.values as Float32Array;
      for (const [unit, gradient] of gradients.entries()) {
        for (const [example, slope] of gradient.entries()) {
          const got = (moments[example * units.length + unit] as number) / SHARE;
          // Where a unit is near its target, two pulls nearly cancel: a part of the larger one; float32 ends at 2⁻¹²⁶.
          const tolerance = 1e-6 * (pulls[unit] as number) + 2 ** -126;
          assert.ok(Math.abs(got - slope) <= tolerance, `${got} is not ${slope}, ρ ${rho}, z ${units[unit]}`);
        }
      }
    }
  });
}
