import * as tf from '@tensorflow/tfjs';
import { type OptimizerState, tensorsOf } from '../../engine';
import { type Architecture, forward } from '../../model/architecture';
import { knownRule, type RuleBetween, type StepRule } from '../../model/stepRule';
import { requireInteger } from '../../numbers/arguments';
import { sum } from '../../numbers/arithmetic';
import { integer, number, type OptionsOf, optional, readOptions } from '../../numbers/options';
import { Random } from '../../numbers/random';
import type { Matrix, Values } from '../../numbers/values';
import { countedOn, neverCounted } from './sinceFired';

const SINCE = 'resample/sinceFired';
/** The stream of a training's seed that draws the examples that new units are made of. */
const STREAM = 3;
/** Examples among which they are drawn. */
const CANDIDATES = 2048;
/** How long a new unit's encoder weights are, where it disturbs the living and where it competes with them. */
const [GENTLE, COMPETING] = [0.2, 1];

/** Option readers of {@link resample}, for {@link readOptions}. */
export const resampleOptions = {
  /** Steps between two looks. Default: 1000. */
  every: optional(integer({ min: 1 }), 1000),
  /** Steps without firing after which a unit counts as dead; at most `every`. Default: half of `every`. */
  deadAfter: optional(integer({ min: 1 })),
  /**
   * The length of a new unit's encoder weights, as a fraction of the active units' mean; above 0. Default: 0.2 for elementwise
   * activations, so that the unit disturbs little; 1 for others such as {@link topK}, where a weaker one would never be chosen.
   */
  encoderScale: optional(number({ above: 0 })),
};

/** Options of {@link resample}. @interface */
export type ResampleOptions = OptionsOf<typeof resampleOptions>;

/**
 * Remakes dead units from examples that are badly explained. After every `every` steps, each unit that has not fired for
 * `deadAfter` steps gets
 *
 *     dⱼ = r/‖r‖,   wⱼ = encoderScale · (mean length of the living units' encoder weights) · r/‖r‖,   bⱼ = 0
 *
 * where r = x − b_d of an example drawn with probability ∝ ‖x − x̂‖⁴ (the square of its loss) from 2048 of the data. Adam's
 * moments of these rows are set to zero: they belong to a unit that is gone. The draw depends on the training's seed and the
 * step alone.
 *
 * Bricken et al., "Towards monosemanticity", 2023.
 *
 * @throws RangeError naming the option, the permitted range and the value.
 *
 * @example
 * resample({ every: 500 }).settings // → { every: 500, deadAfter: 250 }
 * await train(model, digits, { penalty: l1(1e-3), epochs: 20, rules: [resample({ every: 500 })] });
 */
export function resample(options: ResampleOptions = {}): StepRule {
  const { every, encoderScale, ...read } = readOptions('resample', options, resampleOptions);
  const { deadAfter = Math.ceil(every / 2) } = read;
  requireInteger('deadAfter', deadAfter, { min: 1, max: every });
  return knownRule({
    name: 'resample',
    settings: { every, deadAfter, ...(encoderScale !== undefined && { encoderScale }) },
    requireFit: ({ tied }) => {
      if (tied) throw new RangeError('resample needs a decoder of its own; got a model with tied weights');
    },
    state: (_, { architecture }) => ({ [SINCE]: neverCounted(architecture.hiddenDim) }),
    nextState: (state, h) => ({ [SINCE]: countedOn(state[SINCE] as tf.Tensor, h) }),
    between: { every, act: (state, between) => remade(state, between, deadAfter, encoderScale) },
  });
}

/** The state with new units instead of the dead. */
function remade(
  state: OptimizerState,
  between: RuleBetween,
  deadAfter: number,
  encoderScale: number | undefined,
): OptimizerState {
  const { hiddenDim, inputDim } = between.architecture;
  const since = (state.state[SINCE] as Values).values;
  const dead = Array.from(since.keys()).filter((unit) => (since[unit] as number) >= deadAfter);
  if (dead.length === 0 || dead.length === hiddenDim) return state;
  const sample = between.sample(CANDIDATES);
  const weights = squaredLosses(between.architecture, state, sample);
  const random = new Random(between.seed, STREAM, between.step);
  const { encoderWeights, encoderBias, decoderWeights, decoderBias } = state.parameters as Record<
    string,
    Values
  >;
  const isDead = new Set(dead);
  const lengths = Array.from({ length: hiddenDim }, (_, unit) => unit)
    .filter((unit) => !isDead.has(unit))
    .map((unit) => {
      let squares = 0;
      for (let i = 0; i < inputDim; i++)
        squares += (encoderWeights?.values[i * hiddenDim + unit] as number) ** 2;
      return Math.sqrt(squares);
    });
  const elementwise = typeof between.architecture.hiddenActivation === 'string';
  const scale = encoderScale ?? (elementwise ? GENTLE : COMPETING);
  const length = (scale * sum(lengths)) / lengths.length;
  for (const unit of dead) {
    const row = drawn(weights, random);
    const residual = Float64Array.from(
      { length: inputDim },
      (_, i) => (sample.values[row * inputDim + i] as number) - (decoderBias?.values[i] as number),
    );
    const norm = Math.hypot(...residual) || 1;
    residual.forEach((value, i) => {
      (decoderWeights as Values).values[unit * inputDim + i] = value / norm;
      (encoderWeights as Values).values[i * hiddenDim + unit] = (length * value) / norm;
    });
    (encoderBias as Values).values[unit] = 0;
    since[unit] = 0;
    for (const moments of [state.firstMoments, state.secondMoments]) {
      moments.decoderWeights?.values.fill(0, unit * inputDim, (unit + 1) * inputDim);
      for (let i = 0; i < inputDim; i++) (moments.encoderWeights as Values).values[i * hiddenDim + unit] = 0;
      (moments.encoderBias as Values).values[unit] = 0;
    }
  }
  return state;
}

/** ‖x − x̂‖⁴ of each example. */
function squaredLosses(architecture: Architecture, state: OptimizerState, sample: Matrix): Float32Array {
  return tf.tidy(() => {
    const x = tf.tensor2d(sample.values, [sample.shape[0], sample.shape[1]]);
    const { reconstruction } = forward(architecture, tensorsOf(state.parameters), x, tensorsOf(state.state));
    return tf.squaredDifference(x, reconstruction).sum(1).square().dataSync<'float32'>();
  });
}

/** An index, drawn with a probability in proportion to its weight. */
function drawn(weights: Float32Array, random: Random): number {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let left = random.uniform() * total;
  for (let index = 0; index < weights.length; index++) {
    left -= weights[index] as number;
    if (left < 0) return index;
  }
  return weights.length - 1;
}
