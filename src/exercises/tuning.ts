/**
 * The exercises of the lesson on tuning: how sure a mean is, whether a knob did anything, which setting to choose, and
 * which data may say so.
 *
 * @module
 */
import { type Exercise, verify } from '../assignments/verify';
import { mean, sum } from '../numbers/arithmetic';
import type { Random } from '../numbers/random';
import { unanswered, Verdict } from '../verdicts/verdict';

const draw = (random: Random, count: number, low: number, high: number) =>
  Array.from({ length: count }, () => low + (high - low) * random.uniform());

const squares = (values: readonly number[]) => sum(values.map((value) => (value - mean(values)) ** 2));
const deviation = (values: readonly number[]) => Math.sqrt(squares(values) / (values.length - 1));
const errorOfMean = (values: readonly number[]) => deviation(values) / Math.sqrt(values.length);

const standardErrorExercise: Exercise<[values: number[]], number> = {
  name: 'The standard error',
  asks: 'the standard deviation (squares summed, divided by n − 1, then the root) over √n',
  definition: errorOfMean,
  inputs: (random) => [
    { kind: 'ordinary', args: [[1, 2, 3]] },
    { kind: 'ordinary', args: [draw(random, 5, 80, 90)] },
    { kind: 'ordinary', args: [draw(random, 10, 0, 1)] },
    { kind: 'edge', args: [[4, 4, 4]] },
    { kind: 'edge', args: [draw(random, 2, -1, 1)] },
  ],
  misconceptions: [
    {
      message:
        'It looks like the standard deviation: how far one seed lies from the mean. A mean of n seeds is √n times surer.',
      mistaken: deviation,
    },
    {
      message:
        'You divide the squares by n: the mean was taken from the same numbers, so n − 1 of them are free.',
      mistaken: (values) => Math.sqrt(squares(values)) / values.length,
    },
    {
      message:
        'It looks like the standard deviation, and with n at that: divide by n − 1, and at the end by √n.',
      mistaken: (values) => Math.sqrt(squares(values) / values.length),
    },
    {
      message: 'The root is missing: the result must have the unit of the values, not its square.',
      mistaken: (values) => squares(values) / (values.length - 1) / values.length,
    },
    {
      message: 'You divide by n at the end: divide by √n. Four times as many seeds halve the error.',
      mistaken: (values) => deviation(values) / values.length,
    },
    {
      message: 'You divide by √(n − 1) at the end: n − 1 belongs to the squares, √n to the mean.',
      mistaken: (values) => deviation(values) / Math.sqrt(values.length - 1),
    },
    {
      message: 'It looks like half the range: two numbers out of n, the least typical ones.',
      mistaken: (values) => (Math.max(...values) - Math.min(...values)) / 2,
    },
  ],
};

/**
 * Checks the standard error of a mean: the standard deviation (n − 1) over √n; a number.
 *
 * @example check.standardError((values) => Math.sqrt(values.length)).passed // → false; the deviation is missing
 */
export function standardError(answer: (values: number[]) => number): Verdict {
  return verify(standardErrorExercise, answer);
}

type EffectArguments = [before: number[], after: number[]];

const differences = (before: readonly number[], after: readonly number[]) =>
  before.map((value, seed) => (after[seed] as number) - value);

const effectExercise: Exercise<EffectArguments, number> = {
  name: 'The effect',
  asks: 'the mean of the differences after − before, seed by seed, divided by the standard error of those differences',
  definition: (before, after) => mean(differences(before, after)) / errorOfMean(differences(before, after)),
  inputs: (random) => {
    const seeds = draw(random, 4, 80, 90);
    return [
      {
        kind: 'ordinary',
        args: [
          [1, 2, 3],
          [2, 3, 5],
        ],
      },
      { kind: 'ordinary', args: [seeds, seeds.map((value) => value + 1 + 0.1 * random.uniform())] },
      { kind: 'ordinary', args: [seeds, seeds.map((value) => value - 2 * random.uniform())] },
      {
        kind: 'edge',
        args: [
          [5, 5],
          [7, 4],
        ],
      },
    ];
  },
  misconceptions: [
    {
      message: 'The sign is reversed: after minus before.',
      mistaken: (before, after) => mean(differences(after, before)) / errorOfMean(differences(after, before)),
    },
    {
      message: 'The sign is lost: a change for the worse is negative.',
      mistaken: (before, after) =>
        Math.abs(mean(differences(before, after))) / errorOfMean(differences(before, after)),
    },
    {
      message:
        'You do not pair the seeds: take the difference of each seed first. Both models of a seed start from the same ' +
        'weights, and the effect of the seed on both cancels.',
      mistaken: (before, after) =>
        (mean(after) - mean(before)) / Math.hypot(errorOfMean(before), errorOfMean(after)),
    },
    {
      message: 'You divide by the spread before: divide by the standard error of the differences.',
      mistaken: (before, after) => (mean(after) - mean(before)) / deviation(before),
    },
    {
      message: 'You divide by the standard error before: divide by that of the differences.',
      mistaken: (before, after) => (mean(after) - mean(before)) / errorOfMean(before),
    },
    {
      message:
        'You divide by the standard deviation of the differences: their mean is √n times more certain.',
      mistaken: (before, after) => mean(differences(before, after)) / deviation(differences(before, after)),
    },
    {
      message:
        'It looks like the mean difference alone: a difference of one point means much or little only relative to its standard error.',
      mistaken: (before, after) => mean(differences(before, after)),
    },
  ],
};

/**
 * Checks how many standard errors a knob has moved a number, seeds paired; a number.
 *
 * @example check.pairedEffect((before, after) => (after[0] ?? 0) - (before[0] ?? 0)).passed // → false; one seed alone
 */
export function pairedEffect(answer: (before: number[], after: number[]) => number): Verdict {
  return verify(effectExercise, answer);
}

/** A setting that was tried: what the judge said for each seed, and how many units were active on average. */
export interface Candidate {
  readonly accuracies: number[];
  readonly l0: number;
}

const best = (candidates: readonly Candidate[]) =>
  candidates.reduce((a, b) => (mean(b.accuracies) > mean(a.accuracies) ? b : a));

/** The place of the sparsest among the candidates whose mean is not below a bar. */
function sparsestAbove(candidates: readonly Candidate[], bar: number): number {
  const within = candidates.filter(({ accuracies }) => mean(accuracies) >= bar);
  const [sparsest] = [...within].sort((a, b) => a.l0 - b.l0);
  return sparsest ? candidates.indexOf(sparsest) : -1;
}

const barOf = (candidates: readonly Candidate[], error: (values: readonly number[]) => number) =>
  mean(best(candidates).accuracies) - error(best(candidates).accuracies);

const ruleExercise: Exercise<[candidates: Candidate[]], number> = {
  name: 'The rule',
  asks: 'the place of the sparsest candidate whose mean accuracy is at least the best mean minus the best one’s standard error',
  definition: (candidates) => sparsestAbove(candidates, barOf(candidates, errorOfMean)),
  inputs: () => [
    // Bar 89.8 − 0.1: the third is within it, the fourth is within a standard deviation only.
    {
      kind: 'ordinary',
      args: [
        [
          { accuracies: [89.5, 89.4, 89.6], l0: 58 },
          { accuracies: [89.8, 89.8 - Math.sqrt(0.03), 89.8 + Math.sqrt(0.03)], l0: 40 },
          { accuracies: [89.7, 89.72, 89.74], l0: 26 },
          { accuracies: [89.66, 89.6, 89.69], l0: 20 },
          { accuracies: [80, 81, 82], l0: 3 },
          { accuracies: [89.7, 89.75, 89.77], l0: 50 },
        ],
      ],
    },
    // The sparsest comes first; a lucky seed of the second is the highest of all.
    {
      kind: 'ordinary',
      args: [
        [
          { accuracies: [70, 71], l0: 1 },
          { accuracies: [86, 92], l0: 10 },
          { accuracies: [90.5, 90.7], l0: 30 },
          { accuracies: [90.52, 90.54], l0: 25 },
        ],
      ],
    },
    { kind: 'edge', args: [[{ accuracies: [50, 60], l0: 5 }]] },
    {
      kind: 'edge',
      args: [
        [
          { accuracies: [60, 60], l0: 5 },
          { accuracies: [60, 60], l0: 4 },
        ],
      ],
    },
  ],
  misconceptions: [
    {
      message: 'You take the best mean: of those that are as good, take the sparsest.',
      mistaken: (candidates) => candidates.indexOf(best(candidates)),
    },
    {
      message:
        'You take the sparsest of all, however bad it is: take the sparsest of those that are as good as the best.',
      mistaken: (candidates) => sparsestAbove(candidates, -Infinity),
    },
    {
      message:
        'Your limit is a whole standard deviation below the best: a standard error is √n times smaller.',
      mistaken: (candidates) => sparsestAbove(candidates, barOf(candidates, deviation)),
    },
    {
      message: 'You go by the best single seed: then a lucky one decides. Compare means.',
      mistaken: (candidates) =>
        candidates.indexOf(
          candidates.reduce((a, b) => (Math.max(...b.accuracies) > Math.max(...a.accuracies) ? b : a)),
        ),
    },
    {
      message: 'You return the candidate’s l0: return its index in the list, counted from 0.',
      mistaken: (candidates) =>
        candidates[sparsestAbove(candidates, barOf(candidates, errorOfMean))]?.l0 ?? Number.NaN,
    },
    {
      message: 'You take the densest of those that are as good: take the sparsest.',
      mistaken: (candidates) => {
        const bar = barOf(candidates, errorOfMean);
        const [densest] = candidates
          .filter(({ accuracies }) => mean(accuracies) >= bar)
          .sort((a, b) => b.l0 - a.l0);
        return densest ? candidates.indexOf(densest) : -1;
      },
    },
  ],
};

/**
 * Checks the one-standard-error rule: from candidates to the place of the one to take; a number.
 *
 * @example check.oneStandardErrorRule((candidates) => candidates.length - 1).passed // → false
 */
export function oneStandardErrorRule(answer: (candidates: Candidate[]) => number): Verdict {
  return verify(ruleExercise, answer);
}

/** The part of the data that may answer a question. */
export type DataRole = 'training' | 'validation' | 'test';

/** The questions of {@link whichData}: which data may answer, and why. */
const questions = {
  weights: {
    right: 'training',
    why: 'weights are fitted, and whatever is fitted is fitted to training data',
  },
  lambda: {
    right: 'validation',
    why: 'λ is chosen by comparing models, on examples that no model was fitted to and that will not be reported on',
  },
  probeDecay: {
    right: 'validation',
    why: 'the judge’s own knob is a knob as well: on the images that the judge learned from, no decay looks best, and chosen on the test images it would flatter every result',
  },
  report: {
    right: 'test',
    why: 'the number in the paper must come from examples that have chosen nothing, looked at once',
  },
  secondLook: {
    right: 'validation',
    why: 'the test result was a disappointment, and now something else is tried: that is choosing, and data used for a choice are no longer test data',
  },
} as const satisfies Record<string, { readonly right: DataRole; readonly why: string }>;

/** The answer to {@link whichData}: data for each question, `undefined` where there is no answer yet. */
export type DataRoles = Readonly<Record<keyof typeof questions, DataRole | undefined>>;

/**
 * Checks which part of the data may answer which question.
 *
 * @example check.whichData({ weights: 'training', lambda: 'test', probeDecay: 'validation', report: 'test', secondLook: 'validation' }).passed // → false
 */
export function whichData(answers: DataRoles): Verdict {
  const names = Object.keys(questions) as (keyof typeof questions)[];
  if (names.every((name) => answers?.[name] === undefined)) return unanswered();
  const open = names.filter((name) => answers[name] === undefined);
  if (open.length > 0) return new Verdict('wrong', `Answer for ${open.join(', ')} as well.`);
  const reasons = (some: readonly (keyof typeof questions)[]) =>
    some.map((name) => `${name}: ${questions[name].why}.`);
  const wrong = names.filter((name) => answers[name] !== questions[name].right);
  return wrong.length === 0
    ? new Verdict('right', reasons(names).join('\n  '))
    : new Verdict('wrong', ['Not these:', ...reasons(wrong)].join('\n  '));
}
