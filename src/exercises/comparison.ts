/**
 * The exercises of the lesson that compares L1 and KL: the input of both, the code above a threshold, strengths from one
 * convention to another, and the choice between them.
 *
 * @module
 */
import type * as tf from '@tensorflow/tfjs';
import { type Exercise, verify, verifyAdapted } from '../assignments/verify';
import { mean, sum } from '../numbers/arithmetic';
import type { Random } from '../numbers/random';
import { type RowsOfNumbers, rowsFrom, tensorOf } from '../verdicts/answers';
import { unanswered, Verdict } from '../verdicts/verdict';
import { FLOAT32 } from './tolerance';

const draw = (random: Random, count: number) => Array.from({ length: count }, () => random.uniform());

const l1OfMeansExercise: Exercise<[means: number[]], number> = {
  name: 'L1 from the means',
  asks: 'the sum of the means: the average of a sum is the sum of the averages',
  definition: sum,
  inputs: (random) => [
    { kind: 'ordinary', args: [[0.5, 0.25]] },
    { kind: 'ordinary', args: [draw(random, 5)] },
    { kind: 'edge', args: [[0, 0, 0]] },
    { kind: 'edge', args: [draw(random, 1)] },
  ],
  misconceptions: [
    {
      message: 'You average over the units: L1 sums over them.',
      mistaken: mean,
    },
    {
      message: 'You square the means: that would be L2 of the means.',
      mistaken: (means) => sum(means.map((value) => value ** 2)),
    },
  ],
};

/**
 * Checks the L1 penalty of a code without negative numbers, computed only from the means of its units; a number.
 *
 * @example check.l1OfMeans((means) => Math.max(...means)).passed // → false; L1 is the sum of all means
 */
export function l1OfMeans(answer: (means: number[]) => number): Verdict {
  return verify(l1OfMeansExercise, answer);
}

type CutArguments = [h: RowsOfNumbers, threshold: number];

const each = (h: RowsOfNumbers, change: (value: number) => number) => h.map((code) => code.map(change));

const cutExercise: Exercise<CutArguments, RowsOfNumbers> = {
  name: 'The cut',
  asks: 'h where it is above the threshold, and 0 elsewhere',
  definition: (h, threshold) => each(h, (value) => (value > threshold ? value : 0)),
  tolerance: FLOAT32,
  inputs: (random) => [
    {
      kind: 'ordinary',
      args: [
        [
          [0.5, 0.05, 0],
          [0.2, 0.9, 0.01],
        ],
        0.1,
      ],
    },
    { kind: 'ordinary', args: [[draw(random, 4), draw(random, 4), draw(random, 4)], 0.5] },
    { kind: 'edge', args: [[draw(random, 3)], 0] },
    { kind: 'edge', args: [[draw(random, 2), draw(random, 2)], 1] },
    { kind: 'edge', args: [[[0.25, 0.5, 0.75]], 0.5] },
  ],
  misconceptions: [
    {
      message: 'You return which activations are above: multiply that by h.',
      mistaken: (h, threshold) => each(h, (value) => (value > threshold ? 1 : 0)),
    },
    {
      message:
        'You subtract the threshold from the activations that survive, as a soft threshold does: here they keep their size.',
      mistaken: (h, threshold) => each(h, (value) => Math.max(0, value - threshold)),
    },
    {
      message: 'You remove the strong activations: keep those *above* the threshold.',
      mistaken: (h, threshold) => each(h, (value) => (value > threshold ? 0 : value)),
    },
    {
      message: 'You raise the weak activations to the threshold: they should become 0.',
      mistaken: (h, threshold) => each(h, (value) => Math.max(value, threshold)),
    },
    {
      message: 'You keep an activation *at* the threshold: it must be above.',
      mistaken: (h, threshold) => each(h, (value) => (value >= threshold ? value : 0)),
    },
    {
      message: 'You limit the strong activations to the threshold: they keep their size.',
      mistaken: (h, threshold) => each(h, (value) => Math.min(value, threshold)),
    },
  ],
};

/**
 * Checks a code whose activations up to a threshold are set to 0; a matrix shaped as h.
 *
 * @example check.cut((h) => h).passed // → false; small activations are still there
 */
export function cut(answer: (h: tf.Tensor2D, threshold: number) => unknown): Verdict {
  return verifyAdapted(cutExercise, answer, (h, threshold) =>
    rowsFrom(() => answer(tensorOf(h), threshold), [h.length, h[0]?.length ?? 0]),
  );
}

/**
 * Where a strength comes from: UFLDL has ½ Σ (x − x̂)² summed over the inputs, SAELens Σ (x − x̂)²; `summedBatch` stands for
 * a mean squared error with a penalty that is summed over the batch.
 */
export type StrengthOrigin = 'UFLDL' | 'SAELens' | 'summedBatch';

/** The numbers that a strength depends on besides its convention. */
export interface StrengthContext {
  readonly inputDim: number;
  readonly batchSize: number;
}

type TranslateArguments = [origin: StrengthOrigin, strength: number, context: StrengthContext];

const ORIGINS: readonly StrengthOrigin[] = ['UFLDL', 'SAELens', 'summedBatch'];

const translate = (
  [origin, strength, { inputDim, batchSize }]: TranslateArguments,
  { ufldl = 2, saeLens = 1 } = {},
): number =>
  ({
    UFLDL: (ufldl * strength) / inputDim,
    SAELens: (saeLens * strength) / inputDim,
    summedBatch: strength * batchSize,
  })[origin];

const translateExercise: Exercise<TranslateArguments, number> = {
  name: 'The translation',
  asks:
    'the strength for an error that is averaged over inputs and batch: 2β/inputDim from UFLDL, c/inputDim from SAELens, ' +
    'c · batchSize from a penalty summed over the batch',
  definition: (...args) => translate(args),
  inputs: (random) =>
    [
      { inputDim: 784, batchSize: 128 },
      { inputDim: 64, batchSize: 500 },
      { inputDim: 1, batchSize: 1 },
    ].flatMap((context, index) =>
      ORIGINS.map((origin) => ({
        kind: index < 2 ? ('ordinary' as const) : ('edge' as const),
        args: [origin, 0.001 + random.uniform(), context] as TranslateArguments,
      })),
    ),
  misconceptions: [
    {
      message: 'The ½ of UFLDL’s error is missing: it makes the error half as large.',
      mistaken: (...args) => translate(args, { ufldl: 1 }),
    },
    {
      message: 'The ½ of UFLDL’s error is on the wrong side: divide by inputDim / 2.',
      mistaken: (...args) => translate(args, { ufldl: 0.5 }),
    },
    {
      message: 'You give SAELens’ error a factor ½: it is the plain sum of squares.',
      mistaken: (...args) => translate(args, { saeLens: 2 }),
    },
    {
      message:
        'You multiply by inputDim: with a *summed* error a penalty weighs less, so with our mean the same effect ' +
        'needs a smaller number.',
      mistaken: (origin, strength, { inputDim, batchSize }) =>
        ({
          UFLDL: (strength * inputDim) / 2,
          SAELens: strength * inputDim,
          summedBatch: strength * batchSize,
        })[origin],
    },
    {
      message: 'You translate the other way round: from this library into theirs.',
      mistaken: (origin, strength, { inputDim, batchSize }) =>
        ({
          UFLDL: (strength * inputDim) / 2,
          SAELens: strength * inputDim,
          summedBatch: strength / batchSize,
        })[origin],
    },
    {
      message:
        'Your answer does not use the number of inputs: UFLDL and SAELens *sum* the error over them, and this library averages it.',
      mistaken: (origin, strength, { batchSize }) =>
        ({ UFLDL: 2 * strength, SAELens: strength, summedBatch: strength * batchSize })[origin],
    },
    {
      message:
        'You divide by the batch size for UFLDL and SAELens, too: they average over the batch, as this library does.',
      mistaken: (...args) => {
        const [origin, , { batchSize }] = args;
        return translate(args) / (origin === 'summedBatch' ? 1 : batchSize);
      },
    },
    {
      message:
        'You divide by the batch size: a penalty that is *summed* over the batch is batchSize times larger than our mean, ' +
        'so our strength must be larger.',
      mistaken: (origin, strength, context) =>
        origin === 'summedBatch' ? strength / context.batchSize : translate([origin, strength, context]),
    },
    {
      message: 'Your answer does not use the batch size: `summedBatch` depends on it.',
      mistaken: (origin, strength, context) =>
        origin === 'summedBatch' ? strength : translate([origin, strength, context]),
    },
    {
      message: 'You return every strength unchanged: then it would mean something else here.',
      mistaken: (_origin, strength) => strength,
    },
  ],
};

/**
 * Checks strengths brought from other conventions into ours: a function of origin, strength and context; a number.
 *
 * @example check.translateStrength((origin, strength) => strength).passed // → false; the same number has another meaning here
 */
export function translateStrength(answer: (...args: TranslateArguments) => number): Verdict {
  return verify(translateExercise, answer);
}

/** A penalty by its name in a choice. */
export type PenaltyChoice = 'L1' | 'KL';

/** The situations of {@link choosePenalty}: what is right there, and why. */
const situations = {
  exactZeros: {
    right: 'L1',
    why: 'only L1 with relu gives exact zeros, and only those need not be stored',
  },
  everyUnit: { right: 'KL', why: 'KL gives every unit a quota, so that none dies' },
  tinyBatches: {
    right: 'L1',
    why: 'L1 is the same for every batch size; a mean over four examples is mostly noise',
  },
  knownRate: {
    right: 'KL',
    why: 'a rate that is known can be handed to KL as ρ; λ would have to be searched',
  },
} as const satisfies Record<string, { readonly right: PenaltyChoice; readonly why: string }>;

/** The answer to {@link choosePenalty}: a choice for each situation, `undefined` where there is none yet. */
export type PenaltyChoices = Readonly<Record<keyof typeof situations, PenaltyChoice | undefined>>;

/**
 * Checks which penalty suits which situation.
 *
 * @example check.choosePenalty({ exactZeros: 'L1', everyUnit: 'KL', tinyBatches: 'KL', knownRate: 'KL' }).passed // → false
 */
export function choosePenalty(choices: PenaltyChoices): Verdict {
  const names = Object.keys(situations) as (keyof typeof situations)[];
  if (names.every((name) => choices?.[name] === undefined)) return unanswered();
  const open = names.filter((name) => choices[name] === undefined);
  if (open.length > 0) return new Verdict('wrong', `Choose for ${open.join(', ')} as well.`);
  const wrong = names.filter((name) => choices[name] !== situations[name].right);
  if (wrong.length === 0) {
    return new Verdict('right', `${names.map((name) => `${name}: ${situations[name].why}`).join('.\n  ')}.`);
  }
  const reasons = wrong.map((name) => `${name}: ${situations[name].why}.`);
  return new Verdict('wrong', ['Not these:', ...reasons].join('\n  '));
}
