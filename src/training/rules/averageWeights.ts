import * as tf from '@tensorflow/tfjs';
import { mapNamed } from '../../engine';
import { knownRule, type StepRule } from '../../model/stepRule';
import { requireNumber } from '../../numbers/arguments';

const PREFIX = 'averageWeights/';

/**
 * Hands over the running mean of each parameter instead of its newest numbers: the noise of the last batches averages out.
 *
 *     w̄ ← decay·w̄ + (1 − decay)·w      after each step; w̄ = w before the first
 *
 * The training goes on from w; the model gets w̄, and rows of the history are measured with it.
 *
 * Gao et al., "Scaling and evaluating sparse autoencoders", 2024 (decay 0.999).
 *
 * @param decay In (0, 1); 1 / (1 − decay) is how many steps it looks back. Default: 0.999.
 * @throws RangeError if it is not.
 *
 * @example
 * averageWeights().settings // → { decay: 0.999 }
 * await train(model, digits, { penalty: l1(1e-3), epochs: 20, rules: [averageWeights(0.99)] });
 */
export function averageWeights(decay = 0.999): StepRule {
  requireNumber('decay', decay, { above: 0, below: 1 });
  return knownRule({
    name: 'averageWeights',
    settings: { decay },
    state: (parameters) =>
      Object.fromEntries(Object.entries(parameters).map(([name, array]) => [`${PREFIX}${name}`, array])),
    settle: (parameters, state) => ({
      state: Object.fromEntries(
        Object.entries(parameters).map(([name, now]) => {
          const mean = state[`${PREFIX}${name}`] as tf.Tensor;
          return [`${PREFIX}${name}`, tf.add(mean, tf.mul(tf.sub(now, mean), 1 - decay))];
        }),
      ),
    }),
    result: (parameters, state) => mapNamed(parameters, (own, name) => state[`${PREFIX}${name}`] ?? own),
  });
}
