import * as tf from '@tensorflow/tfjs';
import { activationOf } from '../../model/activations';
import { knownRule, type StepRule } from '../../model/stepRule';
import type { TrainingState } from '../../model/trainingState';
import { requireNumber } from '../../numbers/arguments';
import type { Values } from '../../numbers/values';

const FACTOR = 'seekL0/factor';
const MEAN = 'seekL0/l0';

/** The strength's factor stays between one over this and this. */
const LIMIT = 1000;
/** Weight of the old value in the running mean of L0, per step. */
const DECAY = 0.9;
/** By how much, as a natural logarithm, the factor moves per step at most. */
const RATE = 0.03;

/**
 * Steers the penalty's strength until the requested number of units is active per example.
 *
 *     l̄ ← 0.9·l̄ + 0.1·L0(batch)
 *     factor ← factor · exp(0.03 · tanh(log(l̄ / target)·2)),   between 1/1000 and 1000
 *
 * The strength in each step is that of the penalty times the factor, which starts at 1. Where the target cannot be had, the
 * factor ends at one of its limits or L0 beside the target, and {@link diagnose} says so. A code whose L0 is a setting (topK,
 * batchTopK, winnerTakeAll) can be made sparser by a penalty, not denser: k itself is what to choose there. A jumpRelu code is asked
 * for an L0 with the `target` of {@link l0Window}: Adam moves thresholds by the learning rate per step, whatever the strength is.
 *
 * @param target Active units per example, above 0 and below `hiddenDim`, or below k.
 * @throws RangeError if it is not.
 *
 * @example await train(model, digits, { penalty: l1(1e-3), epochs: 20, rules: [seekL0(8)] }); // whatever λ starts at
 */
export function seekL0(target: number): StepRule {
  requireNumber('seekL0: target', target, { above: 0 });
  const scalar = (value: number): Values => ({ values: Float32Array.of(value), shape: [1] });
  return knownRule({
    name: 'seekL0',
    settings: { target },
    requireFit: ({ hiddenDim, hiddenActivation }) => {
      const { name, sparse, mostActive } = activationOf(hiddenActivation);
      if (!sparse) {
        throw new RangeError(
          `seekL0 needs a hidden activation that is exactly zero where a unit is silent; got '${name}'`,
        );
      }
      requireNumber('seekL0: target', target, { above: 0, below: mostActive?.(hiddenDim) ?? hiddenDim });
    },
    state: () => ({ [FACTOR]: scalar(1), [MEAN]: scalar(target) }),
    strength: (state) => (state[FACTOR] as tf.Tensor).reshape([]),
    nextState: (state, h) => {
      const active = h.notEqual(0).cast('float32').sum(1).mean();
      const mean = tf.add(tf.mul(state[MEAN] as tf.Tensor, DECAY), tf.mul(active, 1 - DECAY));
      const distance = tf.log(tf.div(tf.maximum(mean, 1e-6), target));
      const moved = tf.mul(state[FACTOR] as tf.Tensor, tf.exp(tf.mul(tf.tanh(tf.mul(distance, 2)), RATE)));
      return { [MEAN]: mean, [FACTOR]: tf.clipByValue(moved, 1 / LIMIT, LIMIT) };
    },
  });
}

/** The target of a training with the rule, and its factor for the strength. */
export interface SoughtL0 {
  readonly target: number;
  readonly factor: number;
  /** Whether the factor is at one of its limits. */
  readonly atLimit: boolean;
}

/** Where the rule has got to in a training; `undefined` if it took no part. */
export function soughtL0({ optimizer, setup }: TrainingState): SoughtL0 | undefined {
  const factor = optimizer.state[FACTOR]?.values[0];
  const { rules = [] } = JSON.parse(setup?.habits ?? '{}') as { rules?: { name: string; target?: number }[] };
  const target = rules.find(({ name }) => name === 'seekL0')?.target;
  if (factor === undefined || target === undefined) return undefined;
  return { target, factor, atLimit: factor <= 1.001 / LIMIT || factor >= 0.999 * LIMIT };
}
