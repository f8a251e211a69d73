import * as tf from '@tensorflow/tfjs';
import { decoderOf } from '../../model/architecture';
import { held, masked, onlyIf } from '../../model/gradients';
import { knownRule, type StepRule } from '../../model/stepRule';
import { requireInteger } from '../../numbers/arguments';
import { integer, number, type OptionsOf, optional, readOptions } from '../../numbers/options';
import { countedOn, neverCounted } from './sinceFired';

const SINCE = 'auxK/sinceFired';

/** Option readers of {@link auxK}, for {@link readOptions}. */
export const auxKOptions = {
  /** Dead units per example that try. Default: half of `inputDim`, at most `hiddenDim`. */
  k: optional(integer({ min: 1 })),
  /** α > 0, the term's weight. Default: 1/32. */
  alpha: optional(number({ above: 0 }), 1 / 32),
  /** Steps without firing after which a unit counts as dead. Default: 256. */
  deadAfter: optional(integer({ min: 1 }), 256),
};

/** Options of {@link auxK}. @interface */
export type AuxKOptions = OptionsOf<typeof auxKOptions>;

/**
 * AuxK: dead units are asked to explain what the living ones leave over, so they get a gradient and come back.
 *
 *     e = x − x̂,   ê = a·W_d,   loss += α · min(1, dead/k) · error(e, ê)
 *
 * where a holds, per example, the k largest positive pre-activations of units that are dead: no example of the last
 * `deadAfter` batches made them fire. e is held fixed, so that the living are not moved by it. Without a dead unit the term is
 * zero, and on native TensorFlow costs next to nothing. Watch what comes back: a unit may end as a corrector of residuals instead of a feature.
 *
 * Gao et al., "Scaling and evaluating sparse autoencoders", 2024, appendix A.2. Scaled by the number of the dead as in SAELens.
 *
 * @throws RangeError naming the option, the permitted range and the value.
 *
 * @example
 * auxK({ k: 32, deadAfter: 100 }).settings // → { k: 32, alpha: 0.03125, deadAfter: 100 }
 * await train(model, digits, { penalty: l1(1e-3), epochs: 20, rules: [unitNormDecoder(), auxK()] });
 */
export function auxK(options: AuxKOptions = {}): StepRule {
  const { k, alpha, deadAfter } = readOptions('auxK', options, auxKOptions);
  return knownRule({
    name: 'auxK',
    settings: { ...(k !== undefined && { k }), alpha, deadAfter },
    requireFit: ({ hiddenDim, outputActivation }) => {
      if (k !== undefined) requireInteger('auxK: k', k, { min: 1, max: hiddenDim });
      if (outputActivation !== 'linear') {
        throw new RangeError(`auxK needs outputActivation 'linear'; got '${outputActivation}'`);
      }
    },
    state: (_, { architecture }) => ({ [SINCE]: neverCounted(architecture.hiddenDim) }),
    auxiliary: ({ architecture, parameters, state, x, pass, error }) => {
      const { inputDim, hiddenDim } = architecture;
      const count = k ?? Math.min(hiddenDim, Math.max(1, Math.floor(inputDim / 2)));
      const dead = tf.greaterEqual(state[SINCE] as tf.Tensor, deadAfter).cast('float32');
      const some = tf.greater<tf.Scalar>(tf.sum(dead), 0);
      const code = masked(onlyIf(some, pass.preActivation), (z) => {
        const ofDead = tf.mul<tf.Tensor2D>(tf.relu(z), dead);
        const weakest = tf.topk(ofDead, count).values.slice([0, count - 1], [-1, 1]);
        return ofDead.greaterEqual(weakest).logicalAnd(ofDead.greater(0));
      });
      const left = held(onlyIf(some, tf.sub<tf.Tensor2D>(x, pass.reconstruction)));
      const explained = tf.matMul(code, onlyIf(some, decoderOf(architecture, parameters))) as tf.Tensor2D;
      const share = tf.minimum(1, tf.div(tf.sum(dead), count));
      return onlyIf(some, tf.mul(error(left, explained), tf.mul(share, alpha)));
    },
    nextState: (state, h) => ({ [SINCE]: countedOn(state[SINCE] as tf.Tensor, h) }),
  });
}
