/**
 * The exercises of the lesson on monitoring: which training has which fault, units that are always on, how many examples a
 * claim about silence needs, the smoothing of curves.
 *
 * @module
 */
import type * as tf from '@tensorflow/tfjs';
import { type Exercise, verify, verifyAdapted } from '../assignments/verify';
import { mean, sum } from '../numbers/arithmetic';
import type { Random } from '../numbers/random';
import { percent } from '../numbers/shown';
import { type RowsOfNumbers, scalarFrom, tensorOf } from '../verdicts/answers';
import { unanswered, Verdict } from '../verdicts/verdict';

/** The faults of {@link diagnoses}: the signs of each. */
const signs = {
  healthy: 'the error keeps falling, and the means come near ρ, each to a place of its own',
  'learning rate':
    'steps that are too large throw all units out at once, past any slope: curves that are flat from then on',
  strength:
    'a penalty that outweighs the error is obeyed to the letter: every mean on ρ, and a code that says the same of all',
  'data scale': 'the error is in squares of the data: look at the numbers on the axis of the loss',
  'wrong axis':
    'a quota for each image, not for each unit, leaves open who is active: a few may always be on and pay for all others',
} as const;

/** The possible faults of a training of {@link diagnoses}. */
export type Fault = keyof typeof signs;

/** The answer to {@link diagnoses}: a fault for each training by its name, `undefined` where there is none yet. */
export type Diagnoses = Readonly<Record<string, Fault | undefined>>;

/**
 * Checks which training has which fault. Against a wrong answer it says what that fault would look like, not which one is
 * right.
 *
 * @param answers A fault for each training.
 * @param truth What is wrong with each, by the same names.
 *
 * @example check.diagnoses({ A: 'healthy' }, { A: 'strength' }).passed // → false
 */
export function diagnoses(answers: Diagnoses, truth: Readonly<Record<string, Fault>>): Verdict {
  const names = Object.keys(truth);
  if (names.every((name) => answers[name] === undefined)) return unanswered();
  const strange = names.find((name) => answers[name] !== undefined && !((answers[name] as string) in signs));
  if (strange !== undefined) {
    const known = Object.keys(signs).map((fault) => `'${fault}'`);
    return new Verdict('wrong', `${strange} must be one of ${known.join(', ')}; got '${answers[strange]}'.`);
  }
  const wrong = names.filter((name) => answers[name] !== undefined && answers[name] !== truth[name]);
  const open = names.filter((name) => answers[name] === undefined);
  if (wrong.length === 0 && open.length === 0) {
    return new Verdict(
      'right',
      names.map((name) => `${name}, ${truth[name]}: ${signs[truth[name] as Fault]}.`).join('\n  '),
    );
  }
  const lines = wrong.map((name) => {
    const fault = answers[name] as Fault;
    return `${name} is not '${fault}'. That would look like this: ${signs[fault]}.`;
  });
  if (open.length > 0) lines.push(`Say what you think of ${open.join(', ')} as well.`);
  return new Verdict('wrong', lines.join('\n  '));
}

type OnArguments = [h: RowsOfNumbers, threshold: number];

const units = (h: RowsOfNumbers) => (h[0] ?? []).map((_, unit) => h.map((code) => code[unit] as number));
const count = <T>(list: readonly T[], holds: (one: T) => boolean) => list.filter(holds).length;

const alwaysOnExercise: Exercise<OnArguments, number> = {
  name: 'The number of units that are always on',
  asks: 'the number of units that are above the threshold for every image',
  definition: (h, threshold) => count(units(h), (unit) => unit.every((value) => value > threshold)),
  inputs: (random) => [
    {
      kind: 'ordinary',
      args: [
        [
          [0.9, 0, 0.8, 0.7, 0.2, 0.2],
          [0.9, 0, 0.05, 0.7, 0.3, 0],
          [0.6, 0, 0.9, 0.4, 0.2, 0],
        ],
        0.1,
      ],
    },
    { kind: 'ordinary', args: [sometimesOn(random, 4, 7), 0.5] },
    {
      kind: 'ordinary',
      args: [
        [
          [0.9, 0.9],
          [0.9, 0.6],
          [0.9, 0.05],
        ],
        0.5,
      ],
    },
    { kind: 'edge', args: [[[0, 0.2, 0]], 0] },
    {
      kind: 'edge',
      args: [
        [
          [0.5, 1],
          [0.5, 1],
        ],
        0.5,
      ],
    },
  ],
  misconceptions: [
    {
      message: 'Your answer counts a unit that is above once: an always-on unit is above for *every* image.',
      mistaken: (h, threshold) => count(units(h), (unit) => unit.some((value) => value > threshold)),
    },
    {
      message:
        'You count the images for which all units are on: look down the columns, along axis 0, then count the units.',
      mistaken: (h, threshold) => count(h, (code) => code.every((value) => value > threshold)),
    },
    {
      message:
        'You compare the *mean* of a unit: a unit that is at 1 for most images and silent for some is not always on.',
      mistaken: (h, threshold) => count(units(h), (unit) => mean(unit) > threshold),
    },
    {
      message: 'You return a fraction: count the units, do not average over them.',
      mistaken: (h, threshold) =>
        count(units(h), (unit) => unit.every((value) => value > threshold)) / units(h).length,
    },
    {
      message: 'Your answer counts units *at* the threshold: they must be above it.',
      mistaken: (h, threshold) => count(units(h), (unit) => unit.every((value) => value >= threshold)),
    },
    {
      message: 'You count the silent units, those that are never above: count those that are always above.',
      mistaken: (h, threshold) => count(units(h), (unit) => unit.every((value) => value <= threshold)),
    },
    {
      message: 'You count activations: first ask for each unit whether all of its activations are above.',
      mistaken: (h, threshold) => count(h.flat(), (value) => value > threshold),
    },
  ],
};

/** A code in which unit 0 is always on, unit 1 never, and each other unit for all images but one. */
function sometimesOn(random: Random, images: number, hidden: number): RowsOfNumbers {
  return Array.from({ length: images }, (_, image) =>
    Array.from({ length: hidden }, (_, unit) => {
      const on = unit === 0 || (unit > 1 && unit % images !== image);
      return on ? 0.75 + 0.25 * random.uniform() : 0.25 * random.uniform();
    }),
  );
}

/**
 * Checks the number of units that are above a threshold for every image; a scalar.
 *
 * @example check.alwaysOn((h, threshold) => tf.sum(tf.greater(tf.max(h, 0), threshold))).passed // → false; above once is enough for it
 */
export function alwaysOn(answer: (h: tf.Tensor2D, threshold: number) => unknown): Verdict {
  return verifyAdapted(alwaysOnExercise, answer, (h, threshold) =>
    scalarFrom(() => answer(tensorOf(h), threshold)),
  );
}

/**
 * Checks how many examples a sample must have at least, so that a unit that fires at a known rate is hardly ever silent for
 * all of them: (1 − rate)ⁿ ≤ risk.
 *
 * @param size The least number of examples.
 *
 * @example check.sampleSize(500, { rate: 1 / 500, risk: 0.01 }).passed // → false; it misses all with 36.8 %
 */
export function sampleSize(
  size: number | undefined,
  {
    rate,
    risk,
  }: {
    /** The fraction of all examples for which the unit fires. */
    readonly rate: number;
    /** The probability with which it may be silent for the whole sample. */
    readonly risk: number;
  },
): Verdict {
  if (size === undefined) return unanswered();
  if (!Number.isInteger(size) || size < 1) {
    return new Verdict('wrong', `It must be a whole number of images, 1 or more; got ${size}.`);
  }
  const silent = (images: number) => (1 - rate) ** images;
  const right = Math.ceil(Math.log(risk) / Math.log(1 - rate));
  if (size === right) {
    return new Verdict(
      'right',
      `Of ${right} images it misses all with a probability of ${percent(silent(right))}; of one fewer, with more than ${percent(risk)}.`,
    );
  }
  const mistakes = new Map([
    [
      Math.round(1 / rate),
      'So many images hold one on which it fires *on average*; the average does not guarantee it.',
    ],
    [
      Math.ceil((1 - risk) / rate),
      'You add up probabilities: they multiply, (1 − rate) once for each image.',
    ],
    [
      Math.ceil(Math.log(1 - risk) / Math.log(1 - rate)),
      'The risk and its opposite are swapped: the risk is the probability that the unit is *silent*.',
    ],
    [right - 1, 'One too few: round up.'],
  ]);
  const found = `Of ${size} images it misses all with a probability of ${percent(silent(size))}`;
  const direction = size < right ? `, more than ${percent(risk)}.` : ': fewer are enough.';
  return new Verdict('wrong', [found + direction, mistakes.get(size)].filter(Boolean).join('\n  '));
}

type SmoothArguments = [values: number[], weight: number];

/** Every value becomes `of` the values so far and their weights, the newest first. */
const overThePast = (
  [values, weight]: SmoothArguments,
  of: (past: readonly number[], weights: readonly number[]) => number,
) =>
  values.map((_, step) => {
    const past = values.slice(0, step + 1).reverse();
    return of(
      past,
      past.map((_, age) => weight ** age),
    );
  });

const weightedSum = (past: readonly number[], weights: readonly number[]) =>
  sum(past.map((value, age) => value * (weights[age] as number)));

/** yₜ = w·yₜ₋₁ + (1 − w)·xₜ, begun with `start`. */
function recursion([values, weight]: SmoothArguments, start: (first: number) => number): number[] {
  let smooth = start(values[0] ?? 0);
  return values.map((value) => {
    smooth = weight * smooth + (1 - weight) * value;
    return smooth;
  });
}

const smoothExercise: Exercise<SmoothArguments, number[]> = {
  name: 'The smoothed curve',
  asks: 'at each step the weighted mean of all values so far, where the value k steps back has the weight wᵏ',
  definition: (...args) => overThePast(args, (past, weights) => weightedSum(past, weights) / sum(weights)),
  inputs: (random) => [
    { kind: 'ordinary', args: [[4, 2, 6], 0.5] },
    { kind: 'ordinary', args: [[1, 1, 1, 1], 0.9] },
    { kind: 'ordinary', args: [Array.from({ length: 6 }, () => random.uniform()), 0.6] },
    { kind: 'edge', args: [[3, 1, 2], 0.05] },
    { kind: 'edge', args: [[7], 0.99] },
  ],
  misconceptions: [
    {
      message:
        'Your curve starts at 0: the first steps are then far too small. Divide by the sum of the weights so far.',
      mistaken: (...args) => recursion(args, () => 0),
    },
    {
      message:
        'Your curve starts with the first value, which keeps more than its weight: a mean divides by the sum of the weights.',
      mistaken: (...args) => recursion(args, (first) => first),
    },
    {
      message: 'In your answer the oldest value has the largest weight: the newest should count most.',
      mistaken: (...args) =>
        overThePast(args, (past, weights) => weightedSum(past, [...weights].reverse()) / sum(weights)),
    },
    {
      message: 'w and 1 − w are swapped: w is what is *kept* from step to step.',
      mistaken: (values, weight) =>
        overThePast([values, 1 - weight], (past, weights) => weightedSum(past, weights) / sum(weights)),
    },
    {
      message: 'All values have the same weight in your answer: the value k steps back has the weight wᵏ.',
      mistaken: (...args) => overThePast(args, (past) => mean(past)),
    },
    {
      message: 'You do not divide the sum: a weighted mean divides by the sum of its weights.',
      mistaken: (...args) => overThePast(args, weightedSum),
    },
  ],
};

/**
 * Checks the smoothing of a curve, as TensorBoard's slider does it; as many numbers as the curve has.
 *
 * @example check.smoothed((values) => values).passed // → false
 */
export function smoothed(answer: (values: number[], weight: number) => number[]): Verdict {
  return verify(smoothExercise, answer);
}
