/**
 * The exercises of the lesson on reading features: the examples that excite a unit most, the input that would, how well a story
 * about a unit holds, a unit taken out, a decay chosen on held-out examples.
 *
 * @module
 */
import type * as tf from '@tensorflow/tfjs';
import { type Exercise, verify, verifyAdapted } from '../assignments/verify';
import { sum } from '../numbers/arithmetic';
import { percent } from '../numbers/shown';
import { type RowsOfNumbers, rowsFrom, tensorOf } from '../verdicts/answers';
import { unanswered, Verdict } from '../verdicts/verdict';
import { FLOAT32 } from './tolerance';

type TopArguments = [activations: number[], count: number];

/** Row numbers in the order that `compare` gives to their activations. */
const ordered = (activations: number[], compare: (a: number, b: number) => number) =>
  activations
    .map((_, row) => row)
    .sort((a, b) => compare(activations[a] as number, activations[b] as number));

const topRowsExercise: Exercise<TopArguments, number[]> = {
  name: 'The list of rows',
  asks: 'the numbers of the rows with the largest activations, the strongest first',
  definition: (activations, count) => ordered(activations, (a, b) => b - a).slice(0, count),
  inputs: (random) => [
    { kind: 'ordinary', args: [[0.2, 0.9, 0, 0.5], 2] },
    { kind: 'ordinary', args: [[3, 20, 100, 0.5, 1e-7], 3] },
    { kind: 'ordinary', args: [Array.from({ length: 8 }, () => random.uniform()), 4] },
    { kind: 'edge', args: [[-5, 2, 1, -3], 3] },
    { kind: 'edge', args: [[2, 1], 5] },
  ],
  misconceptions: [
    {
      message: 'The weakest come first in your answer: sort in descending order.',
      mistaken: (activations, count) => ordered(activations, (a, b) => a - b).slice(0, count),
    },
    {
      message: 'The right rows are in the wrong order: the strongest comes first.',
      mistaken: (activations, count) =>
        ordered(activations, (a, b) => b - a)
          .slice(0, count)
          .reverse(),
    },
    {
      message: 'You count rows from 1: the first is number 0.',
      mistaken: (activations, count) =>
        ordered(activations, (a, b) => b - a)
          .slice(0, count)
          .map((row) => row + 1),
    },
    {
      message: 'You sort the row numbers themselves: sort them by the activations in these rows.',
      mistaken: (activations, count) =>
        activations
          .map((_, row) => row)
          .reverse()
          .slice(0, count),
    },
    {
      message: 'You return the activations: return the numbers of their *rows*.',
      mistaken: (activations, count) => [...activations].sort((a, b) => b - a).slice(0, count),
    },
    {
      message:
        'Your code sorts numbers as text, where "20" comes before "3": that is what sort() does without a function (a, b) => …',
      mistaken: (activations, count) =>
        ordered(activations, (a, b) => (String(a) < String(b) ? 1 : -1)).slice(0, count),
    },
    {
      message: 'The sign is lost: −5 is not a strong activation.',
      mistaken: (activations, count) =>
        ordered(activations, (a, b) => Math.abs(b) - Math.abs(a)).slice(0, count),
    },
    {
      message: 'You return all rows: return only the first `count`.',
      mistaken: (activations) => ordered(activations, (a, b) => b - a),
    },
  ],
};

/**
 * Checks the rows that excite a unit most; row numbers, the strongest first.
 *
 * @example check.topRows((activations, count) => [...activations.keys()].slice(0, count)).passed // → false; they are not sorted
 */
export function topRows(answer: (activations: number[], count: number) => number[]): Verdict {
  return verify(topRowsExercise, answer);
}

const dividedBy = (weights: number[], size: number) => weights.map((weight) => weight / size);

const mostExcitingExercise: Exercise<[weights: number[]], number[]> = {
  name: 'The input',
  asks: 'the input of length 1, x₁² + x₂² + … = 1, for which x · w is largest',
  definition: (weights) => dividedBy(weights, Math.hypot(...weights)),
  inputs: (random) => [
    { kind: 'ordinary', args: [[3, 4]] },
    { kind: 'ordinary', args: [[1, -2, 2]] },
    { kind: 'ordinary', args: [Array.from({ length: 5 }, () => random.normal())] },
    { kind: 'edge', args: [[-0.5]] },
    { kind: 'edge', args: [[0, 0.001]] },
  ],
  misconceptions: [
    {
      message: 'You return the weights unchanged: scale them to length 1.',
      mistaken: (weights) => weights,
    },
    {
      message: 'You scale the input to the *sum* 1: its length is the root of the sum of squares.',
      mistaken: (weights) => dividedBy(weights, sum(weights.map(Math.abs))),
    },
    {
      message: 'You divide by the *sum* of the weights: the length is the root of the sum of their squares.',
      mistaken: (weights) => dividedBy(weights, sum(weights)),
    },
    {
      message: 'You multiply by the length of the weights: divide by it.',
      mistaken: (weights) => weights.map((weight) => weight * Math.hypot(...weights)),
    },
    {
      message: 'The signs are swapped: that is the input for which x · w is smallest.',
      mistaken: (weights) => dividedBy(weights, -Math.hypot(...weights)),
    },
    {
      message:
        'Your answer treats negative weights as 0: an input may be negative, and where the weight is negative, the input should be too.',
      mistaken: (weights) => dividedBy(weights, Math.hypot(...weights)).map((value) => Math.max(0, value)),
    },
    {
      message:
        'All inputs have the same size in your answer: where the weight is larger, more input has more effect.',
      mistaken: (weights) => weights.map((weight) => Math.sign(weight) / Math.sqrt(weights.length)),
    },
    {
      message: 'You divide by the square of the length: a root is missing.',
      mistaken: (weights) => dividedBy(weights, sum(weights.map((weight) => weight ** 2))),
    },
    {
      message: 'You scale the largest weight to 1: then the length is more than 1.',
      mistaken: (weights) => dividedBy(weights, Math.max(...weights.map(Math.abs))),
    },
    {
      message:
        'You give an input only to the largest weight: x · w is then that weight, and less than the length of w.',
      mistaken: (weights) => {
        const largest = Math.max(...weights.map(Math.abs));
        return weights.map((weight) => (Math.abs(weight) === largest ? Math.sign(weight) : 0));
      },
    },
    {
      message: 'The signs are lost: where a weight is negative, the input must be negative too.',
      mistaken: (weights) => dividedBy(weights, Math.hypot(...weights)).map(Math.abs),
    },
  ],
};

/**
 * Checks the input of length 1 that excites a unit of these weights most.
 *
 * @example check.mostExciting((weights) => weights).passed // → false; its length is not 1
 */
export function mostExciting(answer: (weights: number[]) => number[]): Verdict {
  return verify(mostExcitingExercise, answer);
}

/** How well a story about a unit holds. */
export interface StoryScore {
  /** The fraction of the examples with a firing unit that the story names. */
  readonly precision: number;
  /** The fraction of the named examples for which the unit fires. */
  readonly recall: number;
}

type StoryArguments = [activations: number[], named: boolean[], threshold: number];

const countsOf = ([activations, named, threshold]: StoryArguments) => {
  const fires = activations.map((activation) => activation > threshold);
  return {
    all: activations.length,
    fires: fires.filter(Boolean).length,
    named: named.filter(Boolean).length,
    both: fires.filter((one, row) => one && named[row]).length,
    agree: fires.filter((one, row) => one === named[row]).length,
  };
};

const storyExercise: Exercise<StoryArguments, StoryScore> = {
  name: 'The score',
  asks:
    'precision, the fraction of the examples with a firing unit that the story names, and recall, the fraction of the examples ' +
    'named by the story for which the unit fires',
  definition: (...args) => {
    const { fires, named, both } = countsOf(args);
    return { precision: both / fires, recall: both / named };
  },
  inputs: (random) => {
    const many = Array.from({ length: 20 }, () => random.uniform());
    return [
      { kind: 'ordinary', args: [[0.9, 0.8, 0.6, 0, 0.3], [true, true, false, true, false], 0.5] },
      { kind: 'ordinary', args: [many, many.map((value, row) => value > 0.3 && row % 3 > 0), 0.5] },
      { kind: 'edge', args: [[0.5, 1, 0.2], [true, true, false], 0.5] },
      { kind: 'edge', args: [[0, 3], [false, true], 0] },
    ];
  },
  misconceptions: [
    {
      message: 'Precision and recall are swapped.',
      mistaken: (...args) => {
        const { fires, named, both } = countsOf(args);
        return { precision: both / named, recall: both / fires };
      },
    },
    {
      message:
        'Both of your numbers are fractions of all examples: divide by those that fire, and by those that are named.',
      mistaken: (...args) => {
        const { all, both } = countsOf(args);
        return { precision: both / all, recall: both / all };
      },
    },
    {
      message: 'In your answer a unit fires *at* the threshold: it must be above.',
      mistaken: (activations, named, threshold) => {
        const fires = activations.map((activation) => activation >= threshold);
        const both = fires.filter((one, row) => one && named[row]).length;
        return {
          precision: both / fires.filter(Boolean).length,
          recall: both / named.filter(Boolean).length,
        };
      },
    },
    {
      message:
        'Your answer counts examples where the unit rightly stays silent: neither of the two numbers uses those.',
      mistaken: (...args) => {
        const { all, agree, named, both } = countsOf(args);
        return { precision: agree / all, recall: both / named };
      },
    },
    {
      message:
        'Both of your numbers are the fraction of examples on which story and unit agree: that counts where the unit rightly stays silent, too.',
      mistaken: (...args) => {
        const { all, agree } = countsOf(args);
        return { precision: agree / all, recall: agree / all };
      },
    },
    {
      message: 'You return percentages: return fractions between 0 and 1.',
      mistaken: (...args) => {
        const { fires, named, both } = countsOf(args);
        return { precision: (100 * both) / fires, recall: (100 * both) / named };
      },
    },
    {
      message: 'You return counts: return fractions.',
      mistaken: (...args) => {
        const { both } = countsOf(args);
        return { precision: both, recall: both };
      },
    },
  ],
};

/**
 * Checks precision and recall of a story about a unit.
 *
 * @example check.story(() => ({ precision: 1, recall: 1 })).passed // → false
 */
export function story(
  answer: (activations: number[], named: boolean[], threshold: number) => StoryScore,
): Verdict {
  return verify(storyExercise, answer);
}

type AblateArguments = [h: RowsOfNumbers, unit: number];

const withUnit = (h: RowsOfNumbers, unit: number, value: (own: number, code: number[]) => number) =>
  h.map((code) => code.map((own, index) => (index === unit ? value(own, code) : own)));

const withoutUnitExercise: Exercise<AblateArguments, RowsOfNumbers> = {
  name: 'The code without the unit',
  asks: 'h with 0 in the column of the unit, and everything else as it was',
  tolerance: FLOAT32,
  definition: (h, unit) => withUnit(h, unit, () => 0),
  inputs: (random) => [
    {
      kind: 'ordinary',
      args: [
        [
          [1, 2, 3],
          [4, 5, 6],
        ],
        1,
      ],
    },
    {
      kind: 'ordinary',
      args: [Array.from({ length: 5 }, () => Array.from({ length: 4 }, () => random.uniform())), 3],
    },
    { kind: 'edge', args: [[[7, 8]], 0] },
  ],
  misconceptions: [
    {
      message: 'You silence all units except this one: silence only this one.',
      mistaken: (h, unit) => h.map((code) => code.map((own, index) => (index === unit ? own : 0))),
    },
    {
      message: 'You silence an *image*: units are columns, along axis 1.',
      mistaken: (h, unit) => h.map((code, row) => (row === unit ? code.map(() => 0) : code)),
    },
    {
      message: 'You count units from 1: the first is number 0.',
      mistaken: (h, unit) => withUnit(h, unit - 1, () => 0),
    },
    {
      message: 'You silence the unit to the right: units are counted from 0.',
      mistaken: (h, unit) => withUnit(h, unit + 1, () => 0),
    },
    {
      message: 'You subtract 1: multiply the unit by 0 and the others by 1.',
      mistaken: (h, unit) => withUnit(h, unit, (own) => own - 1),
    },
    {
      message: 'You return h unchanged.',
      mistaken: (h) => h,
    },
  ],
};

/**
 * Checks a code in which one unit is set to 0; a matrix shaped as h.
 *
 * @example check.withoutUnit((h) => h).passed // → false
 */
export function withoutUnit(answer: (h: tf.Tensor2D, unit: number) => unknown): Verdict {
  return verifyAdapted(withoutUnitExercise, answer, (h, unit) =>
    rowsFrom(() => answer(tensorOf(h), unit), [h.length, h[0]?.length ?? 0]),
  );
}

/** A decay that was tried, and how many of the examples a classifier then gets right. */
export interface TriedDecay {
  readonly decay: number;
  /** Accuracy on examples that were held out of the training half. */
  readonly heldOut: number;
  /** Accuracy on the test half. */
  readonly test: number;
}

/**
 * Checks that of several decays the one is chosen that does best on held-out examples, whatever the test half says.
 *
 * @example check.decay(3e-5, [{ decay: 1e-5, heldOut: 0.98, test: 0.97 }, { decay: 3e-5, heldOut: 0.97, test: 0.98 }]).passed // → false
 */
export function decay(chosen: number | undefined, tried: readonly TriedDecay[]): Verdict {
  if (chosen === undefined) return unanswered();
  const choice = tried.find((one) => one.decay === chosen);
  if (!choice) {
    const decays = tried.map((one) => one.decay).join(', ');
    return new Verdict('wrong', `Choose one of those that were tried: ${decays}; got ${chosen}.`);
  }
  const bestBy = (accuracy: (one: TriedDecay) => number) =>
    tried.reduce((best, one) => (accuracy(one) > accuracy(best) ? one : best));
  const right = bestBy(({ heldOut }) => heldOut);
  if (choice.heldOut === right.heldOut) {
    return new Verdict(
      'right',
      `Chosen by the held-out ${percent(choice.heldOut, 2)}; so ${percent(choice.test, 2)} on the test half may be reported.`,
    );
  }
  const hint =
    choice === bestBy(({ test }) => test)
      ? 'It is the best on the test half. A choice made there reports a number that was chosen for being large.'
      : `Another reaches ${percent(right.heldOut, 2)} on what was held out.`;
  return new Verdict('wrong', `Not ${chosen}. ${hint}`);
}
