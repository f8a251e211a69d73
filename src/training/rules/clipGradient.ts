import * as tf from '@tensorflow/tfjs';
import { mapNamed } from '../../engine';
import { knownRule, type StepRule } from '../../model/stepRule';
import { requireNumber } from '../../numbers/arguments';

/**
 * Shortens the gradient of all parameters together to at most a length, so that one odd batch cannot throw the model far:
 *
 *     G ← G · min(1, norm / ‖G‖₂)
 *
 * PyTorch's `clip_grad_norm_`; libraries of sparse autoencoders take 1.
 *
 * @param norm Above 0. Default: 1.
 * @throws RangeError if it is not.
 *
 * @example
 * clipGradient(1).settings // → { norm: 1 }
 * await train(model, digits, { penalty: l1(1e-3), epochs: 20, rules: [clipGradient(1)] });
 */
export function clipGradient(norm = 1): StepRule {
  requireNumber('norm', norm, { above: 0 });
  return knownRule({
    name: 'clipGradient',
    settings: { norm },
    gradients: (gradients) => {
      const squares = Object.values(gradients).map((gradient) => gradient.square().sum<tf.Scalar>());
      const factor = tf.minimum(1, tf.div(norm, tf.sqrt(tf.add(tf.addN(squares), 1e-24))));
      return mapNamed(gradients, (gradient) => tf.mul(gradient, factor));
    },
  });
}
