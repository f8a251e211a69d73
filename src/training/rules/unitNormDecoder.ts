import * as tf from '@tensorflow/tfjs';
import { knownRule, type StepRule } from '../../model/stepRule';

/** Added to a squared norm: a row of zeros stays one. */
const TINY = 1e-24;

/**
 * Keeps each row of the decoder at length 1: what a unit adds has a direction, and its activation is how much of it.
 *
 * Without it L1 is cheated: half the activation and twice the row reconstruct the same for half the price.
 *
 *     before Adam:  Gⱼ ← Gⱼ − (Gⱼ·d̂ⱼ) d̂ⱼ      the part along the row would only be undone
 *     after Adam:   dⱼ ← dⱼ / ‖dⱼ‖₂
 *
 * The order matters: projected after Adam, the moments would go on pulling along the row.
 *
 * Bricken et al., "Towards monosemanticity", 2023.
 *
 * @example
 * unitNormDecoder().name // → 'unitNormDecoder'
 * await train(model, digits, { penalty: l1(1e-3), epochs: 20, rules: [unitNormDecoder()] });
 */
export function unitNormDecoder(): StepRule {
  const name = 'unitNormDecoder';
  return knownRule({
    name,
    requireFit: ({ tied }) => {
      if (tied) throw new RangeError(`${name} needs a decoder of its own; got a model with tied weights`);
    },
    begin: (parameters) => {
      const { values, shape } = parameters.decoderWeights as {
        values: Float32Array;
        shape: readonly number[];
      };
      const width = shape[1] as number;
      const rows = values.slice();
      for (let start = 0; start < rows.length; start += width) {
        const row = rows.subarray(start, start + width);
        const norm = Math.sqrt(row.reduce((sum, value) => sum + value * value, TINY));
        for (let i = 0; i < width; i++) row[i] = (row[i] as number) / norm;
      }
      return { ...parameters, decoderWeights: { values: rows, shape } };
    },
    gradients: ({ decoderWeights }, { parameters }) => {
      const directions = normalised(parameters.decoderWeights as tf.Tensor2D);
      const gradient = decoderWeights as tf.Tensor2D;
      const along = tf.mul(gradient, directions).sum(1, true);
      return { decoderWeights: tf.sub(gradient, tf.mul(along, directions)) };
    },
    settle: ({ decoderWeights }) => ({
      parameters: { decoderWeights: normalised(decoderWeights as tf.Tensor2D) },
    }),
  });
}

/** Each row at length 1. */
function normalised(rows: tf.Tensor2D): tf.Tensor2D {
  return tf.mul(rows, tf.rsqrt(tf.add(rows.square().sum(1, true), TINY)));
}
