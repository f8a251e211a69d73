import * as tf from '@tensorflow/tfjs';
import { knownRule, type StepRule } from '../../model/stepRule';
import type { Values } from '../../numbers/values';

const SCALE = 'scaleInputs/scale';

/**
 * Shows the model inputs of a length that strengths and learning rates are meant for: c·x, with c such that E‖c·x‖ = √d over
 * the examples, d being `inputDim`. So the same λ acts alike on data of any scale.
 *
 * The model that one gets takes x as it is: c is folded into its weights, Wₑ·c, W_d/c, b_d/c, which changes neither codes nor
 * reconstructions. The model's numbers before training are taken for scaled inputs, and `history.steps` are terms of scaled
 * ones.
 *
 * Conerly et al., "Update on how we train SAEs", 2024; SAELens' `expected_average_only_in`.
 *
 * @example
 * scaleInputs().name // → 'scaleInputs'
 * await train(model, digits, { penalty: l1(1e-3), epochs: 20, rules: [scaleInputs()] });
 */
export function scaleInputs(): StepRule {
  return knownRule({
    name: 'scaleInputs',
    requireFit: ({ tied, outputActivation }) => {
      if (!tied && outputActivation === 'linear') return;
      throw new RangeError(
        'scaleInputs needs untied weights and outputActivation linear, into which the scale can be folded; ' +
          `got ${tied ? 'tied weights' : `outputActivation '${outputActivation}'`}`,
      );
    },
    state: (_, { sample: { values, shape } }) => {
      const [rows, width] = shape;
      let sum = 0;
      for (let start = 0; start < values.length; start += width) {
        const row = values.subarray(start, start + width);
        sum += Math.sqrt(row.reduce((squares, value) => squares + value * value, 0));
      }
      const scale = sum > 0 ? (Math.sqrt(width) * rows) / sum : 1;
      return { [SCALE]: { values: Float32Array.of(scale), shape: [1] } };
    },
    input: (x, state) => tf.mul(x, state[SCALE] as tf.Tensor),
    result: (parameters, state) => {
      const [scale = 1] = state[SCALE]?.values ?? [];
      const times = ({ values, shape }: Values, factor: number) => ({
        values: values.map((value) => value * factor),
        shape,
      });
      const { encoderWeights, decoderWeights, decoderBias } = parameters as Record<string, Values>;
      return {
        ...parameters,
        encoderWeights: times(encoderWeights as Values, scale),
        decoderWeights: times(decoderWeights as Values, 1 / scale),
        decoderBias: times(decoderBias as Values, 1 / scale),
      };
    },
  });
}
