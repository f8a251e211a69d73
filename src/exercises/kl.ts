/**
 * The exercises of the lesson on KL: the mean activation, the divergence, the penalty, the loss it enters, its pull.
 *
 * @module
 */
import type * as tf from '@tensorflow/tfjs';
import {
  clippingMistakes,
  klDivergence as divergence,
  FORMULA_MISTAKES,
  klPenaltyFromScratch,
  meanActivations,
  summed,
} from '../assignments/definitions/penalties';
import { type Exercise, verify, verifyAdapted } from '../assignments/verify';
import { mean, sum } from '../numbers/arithmetic';
import type { Random } from '../numbers/random';
import { percent } from '../numbers/shown';
import { type RowsOfNumbers, rowsFrom, scalarFrom, tensorOf, vectorFrom } from '../verdicts/answers';
import { unanswered, Verdict } from '../verdicts/verdict';

/** The rounding error of tf code in a divergence: its two terms nearly cancel, which costs float32 two of its seven digits. */
const CANCELLED = 1e-4;

const column = (rows: RowsOfNumbers, unit: number) => rows.map((row) => row[unit] as number);
const units = (rows: RowsOfNumbers) => (rows[0] ?? []).map((_, unit) => unit);
const means = (h: RowsOfNumbers) => units(h).map((unit) => mean(column(h, unit)));
const klTerm = (rho: number, rhoHat: number) => divergence.definition(rho, rhoHat);
const penalty = (h: RowsOfNumbers, rho: number) => sum(means(h).map((rhoHat) => klTerm(rho, rhoHat)));

/**
 * Checks ρ̂: each unit's activation, averaged over the examples; a tensor of one number per unit.
 *
 * @example check.meanActivation((h) => tf.mean(h, 1)).passed // → false; a mean over the units
 */
export function meanActivation(answer: (h: tf.Tensor2D) => unknown): Verdict {
  return verifyAdapted(
    { ...meanActivations, name: 'The mean activation', tolerance: CANCELLED },
    answer,
    (h) => vectorFrom(() => answer(tensorOf(h)), h[0]?.length ?? 0),
  );
}

/**
 * Checks the divergence of two coins, KL(ρ‖ρ̂), exact for every ρ̂ in (0, 1) and `Infinity` at 0 and 1; a number.
 *
 * @example check.klDivergence((rho, rhoHat) => rho * Math.log(rho / rhoHat)).passed // → false; the second term is missing
 */
export function klDivergence(answer: (rho: number, rhoHat: number) => number): Verdict {
  return verify({ ...divergence, name: 'The divergence' }, answer);
}

/** The smallest normal float32, and the least distance of a float32 below 1 from it. */
const SMALLEST = 2 ** -126;
const BELOW_ONE = 2 ** -24;

/** Two images and one unit, whose mean is this number; where it is a float32, so is all that leads to the mean. */
const constant = (value: number): RowsOfNumbers => [[value], [value]];

/**
 * Without units that never or always fire, and with means close to 0 instead. At 0 the divergence is infinite, and how large a
 * finite answer is depends on the bound: that and the numbers next to 1 are looked at by themselves. It is made when it is
 * used: where hand-ins run, the mistakes are withheld, and this file must load there too.
 */
const penaltyExercise = (): Exercise<[h: RowsOfNumbers, rho: number], number> => ({
  ...klPenaltyFromScratch,
  name: 'The penalty',
  inputs: (random) => [
    ...klPenaltyFromScratch.inputs(random).filter(({ args: [h] }) => means(h).every(isClearOfBothEnds)),
    { kind: 'edge', args: [constant(2 ** -40), 0.2] },
    { kind: 'edge', args: [constant(2 ** -100), 0.05] },
  ],
  misconceptions: [
    ...klPenaltyFromScratch.misconceptions,
    ...clippingMistakes('Clip at 2 ** -126, the smallest normal float32.').map(summed),
    ...FORMULA_MISTAKES.map(summed),
  ],
  tolerance: CANCELLED,
});

/** Whether float32 holds 1 − ρ̂ to four digits. */
function isClearOfBothEnds(rhoHat: number): boolean {
  return rhoHat > 0 && rhoHat < 1 - 1e-3;
}

/** Where a bound on ρ̂ shows: the term must be finite there, and no less than for ρ̂ = `reaches`. */
const BOUNDS = [
  {
    rhoHat: 0,
    reaches: SMALLEST,
    otherwise:
      'A unit that is silent for the whole batch has ρ̂ = 0, where the divergence is infinite: clip ρ̂ at 2 ** -126, the ' +
      'smallest normal float32. A larger bound makes the value wrong and the slope zero just where the penalty should push most.',
  },
  ...[1 - BELOW_ONE, 1].map((rhoHat) => ({
    rhoHat,
    reaches: 1 - BELOW_ONE,
    otherwise:
      'A unit that fires fully for the whole batch has ρ̂ = 1, where the logarithm of 1 − ρ̂ is infinite: clip the mean of ' +
      '1 − h at 2 ** -126 as well. Do not clip ρ̂ below 1: 1 − 1e-7 is too far away, and 1 − 2 ** -126 is 1 in float32.',
  })),
];

/**
 * Checks a KL term, unweighted: Σⱼ KL(ρ‖ρ̂ⱼ), ρ̂ averaged over the batch; a scalar, right for every ρ̂ in (0, 1) that float32
 * holds, and finite also where ρ̂ is 0 or 1.
 *
 * @example check.kl((h) => tf.mean(h)).passed // → false; a mean is not a divergence
 */
export function kl(answer: (h: tf.Tensor2D, rho: number) => unknown): Verdict {
  const penaltyOf = (h: RowsOfNumbers, rho: number) => scalarFrom(() => answer(tensorOf(h), rho));
  const verdict = verify(penaltyExercise(), penaltyOf);
  if (!verdict.passed) return verdict;
  const rho = 0.2;
  const missed = BOUNDS.find(({ rhoHat, reaches }) => {
    const value = penaltyOf(constant(rhoHat), rho);
    return !Number.isFinite(value) || value < (1 - CANCELLED) * klTerm(rho, reaches);
  });
  return missed ? new Verdict('wrong', missed.otherwise) : verdict;
}

/** β and ρ, as the library's `kl` takes them. */
export interface KlStrength {
  readonly beta: number;
  readonly rho: number;
}

type LossArguments = [x: RowsOfNumbers, xHat: RowsOfNumbers, h: RowsOfNumbers, strength: KlStrength];

const errorsOf = (x: RowsOfNumbers, xHat: RowsOfNumbers) =>
  x.map((row, image) => row.map((value, pixel) => (value - (xHat[image]?.[pixel] as number)) ** 2));
const error = (x: RowsOfNumbers, xHat: RowsOfNumbers) => mean(errorsOf(x, xHat).flat());

/** Rows × columns of numbers inside (0, 1). */
const draw = (random: Random, rows: number, columns: number): RowsOfNumbers =>
  Array.from({ length: rows }, () => Array.from({ length: columns }, () => 0.05 + 0.85 * random.uniform()));

const lossExercise: Exercise<LossArguments, number> = {
  name: 'The loss',
  asks: '(x − x̂)², averaged over images and pixels, + β Σⱼ KL(ρ‖ρ̂ⱼ)',
  definition: (x, xHat, h, { beta, rho }) => error(x, xHat) + beta * penalty(h, rho),
  tolerance: CANCELLED,
  inputs: (random) =>
    [
      { images: 2, pixels: 3, hidden: 2, beta: 3, kind: 'ordinary' as const },
      { images: 3, pixels: 4, hidden: 2, beta: 0.2, kind: 'ordinary' as const },
      { images: 4, pixels: 2, hidden: 5, beta: 0.05, kind: 'ordinary' as const },
      { images: 3, pixels: 2, hidden: 4, beta: 0, kind: 'edge' as const },
      { images: 1, pixels: 3, hidden: 2, beta: 1, kind: 'edge' as const },
    ].map(({ images, pixels, hidden, beta, kind }) => ({
      kind,
      args: [
        draw(random, images, pixels),
        draw(random, images, pixels),
        draw(random, images, hidden),
        { beta, rho: 0.02 + 0.2 * random.uniform() },
      ],
    })),
  misconceptions: [
    {
      message: 'You multiply by β twice: use it once, in front of the penalty.',
      mistaken: (x, xHat, h, { beta, rho }) => error(x, xHat) + beta ** 2 * penalty(h, rho),
    },
    {
      message: 'β is missing: it multiplies the penalty.',
      mistaken: (x, xHat, h, { rho }) => error(x, xHat) + penalty(h, rho),
    },
    {
      message: 'You multiply the error by β too: it belongs to the penalty alone.',
      mistaken: (x, xHat, h, { beta, rho }) => beta * (error(x, xHat) + penalty(h, rho)),
    },
    { message: 'The penalty is missing.', mistaken: (x, xHat) => error(x, xHat) },
    {
      message: 'The reconstruction error is missing.',
      mistaken: (_x, _xHat, h, { beta, rho }) => beta * penalty(h, rho),
    },
    {
      message: 'You subtract the penalty: that would drive the means away from ρ. Add it.',
      mistaken: (x, xHat, h, { beta, rho }) => error(x, xHat) - beta * penalty(h, rho),
    },
    {
      message: 'You use ρ as the strength: ρ is the target inside the divergence, β is the factor in front.',
      mistaken: (x, xHat, h, { rho }) => error(x, xHat) + rho * penalty(h, rho),
    },
    {
      message: 'β and ρ are swapped.',
      mistaken: (x, xHat, h, { beta, rho }) => error(x, xHat) + rho * penalty(h, beta),
    },
    {
      message: 'You average the penalty over the units: sum the divergences.',
      mistaken: (x, xHat, h, { beta, rho }) => error(x, xHat) + (beta * penalty(h, rho)) / units(h).length,
    },
    {
      message: 'You divide the penalty by the batch size: the mean over the batch is already inside ρ̂.',
      mistaken: (x, xHat, h, { beta, rho }) => error(x, xHat) + (beta * penalty(h, rho)) / h.length,
    },
    {
      message:
        'You take the divergence of every single activation and then average: average first, the penalty is ' +
        'about the mean of a unit.',
      mistaken: (x, xHat, h, { beta, rho }) =>
        error(x, xHat) + beta * mean(h.map((code) => sum(code.map((value) => klTerm(rho, value))))),
    },
    {
      message: 'You sum the error over the pixels: average over them.',
      mistaken: (x, xHat, h, { beta, rho }) =>
        mean(errorsOf(x, xHat).map((row) => sum(row))) + beta * penalty(h, rho),
    },
    {
      message: 'Your error has a factor ½: UFLDL’s has one, this one does not.',
      mistaken: (x, xHat, h, { beta, rho }) => error(x, xHat) / 2 + beta * penalty(h, rho),
    },
  ],
};

/**
 * Checks the whole loss: MSE + β Σⱼ KL(ρ‖ρ̂ⱼ), the error averaged over images and pixels; a scalar.
 *
 * @example check.klLoss((x, xHat) => tf.mean(tf.squaredDifference(x, xHat))).passed // → false; the penalty is missing
 */
export function klLoss(
  answer: (x: tf.Tensor2D, xHat: tf.Tensor2D, h: tf.Tensor2D, strength: KlStrength) => unknown,
): Verdict {
  return verifyAdapted(lossExercise, answer, (x, xHat, h, strength) =>
    scalarFrom(() => answer(tensorOf(x), tensorOf(xHat), tensorOf(h), strength)),
  );
}

/** The slope of KL(ρ‖ρ̂) in ρ̂. */
const slope = (rho: number, rhoHat: number) => -rho / rhoHat + (1 - rho) / (1 - rhoHat);

/** One number per unit, the same for every example. */
const forAll = (h: RowsOfNumbers, perUnit: (rhoHat: number) => number): RowsOfNumbers =>
  h.map(() => means(h).map(perUnit));

const gradientExercise: Exercise<[h: RowsOfNumbers, strength: KlStrength], RowsOfNumbers> = {
  name: 'The pull',
  asks: '(β/m) · (−ρ/ρ̂ⱼ + (1−ρ)/(1−ρ̂ⱼ)) for every activation of unit j, m the number of examples',
  definition: (h, { beta, rho }) => forAll(h, (rhoHat) => (beta * slope(rho, rhoHat)) / h.length),
  tolerance: CANCELLED,
  inputs: (random) =>
    [
      { images: 2, hidden: 3, beta: 3, kind: 'ordinary' as const },
      { images: 4, hidden: 2, beta: 0.5, kind: 'ordinary' as const },
      { images: 3, hidden: 5, beta: 2, kind: 'ordinary' as const },
      { images: 1, hidden: 4, beta: 0.25, kind: 'edge' as const },
    ].map(({ images, hidden, beta, kind }) => ({
      kind,
      args: [draw(random, images, hidden), { beta, rho: 0.02 + 0.2 * random.uniform() }],
    })),
  misconceptions: [
    {
      message: 'The mean over the batch is missing: one activation moves ρ̂ by only 1/m of what it moves.',
      mistaken: (h, { beta, rho }) => forAll(h, (rhoHat) => beta * slope(rho, rhoHat)),
    },
    {
      message:
        'You pull every activation by its own size: the pull depends on ρ̂, the mean of the unit, and is the ' +
        'same for all examples.',
      mistaken: (h, { beta, rho }) =>
        h.map((code) => code.map((value) => (beta * slope(rho, value)) / h.length)),
    },
    {
      message: 'β is missing.',
      mistaken: (h, { rho }) => forAll(h, (rhoHat) => slope(rho, rhoHat) / h.length),
    },
    {
      message: 'The sign is that of the *step*: the gradient points uphill.',
      mistaken: (h, { beta, rho }) => forAll(h, (rhoHat) => (-beta * slope(rho, rhoHat)) / h.length),
    },
    {
      message: 'The second term, (1−ρ)/(1−ρ̂), is missing.',
      mistaken: (h, { beta, rho }) => forAll(h, (rhoHat) => (-beta * rho) / rhoHat / h.length),
    },
    {
      message:
        'You subtract the second term: the slope of log(1/(1−ρ̂)) is +1/(1−ρ̂), because of the inner −1.',
      mistaken: (h, { beta, rho }) =>
        forAll(h, (rhoHat) => (beta * (-rho / rhoHat - (1 - rho) / (1 - rhoHat))) / h.length),
    },
    {
      message: 'You add the first term: the slope of log(ρ/ρ̂) is −1/ρ̂.',
      mistaken: (h, { beta, rho }) =>
        forAll(h, (rhoHat) => (beta * (rho / rhoHat + (1 - rho) / (1 - rhoHat))) / h.length),
    },
    {
      message: 'You divide by the number of units: the average is over the batch.',
      mistaken: (h, { beta, rho }) => forAll(h, (rhoHat) => (beta * slope(rho, rhoHat)) / units(h).length),
    },
  ],
};

/**
 * Checks the gradient of β Σⱼ KL(ρ‖ρ̂ⱼ) with respect to h; a matrix shaped as h.
 *
 * @example check.klGradient((h) => tf.zerosLike(h)).passed // → false
 */
export function klGradient(answer: (h: tf.Tensor2D, strength: KlStrength) => unknown): Verdict {
  return verifyAdapted(gradientExercise, answer, (h, strength) =>
    rowsFrom(() => answer(tensorOf(h), strength), [h.length, h[0]?.length ?? 0]),
  );
}

/**
 * Checks the smallest batch size for which the noise of ρ̂ stays within bounds. A unit that is either
 * silent or at 1 has the noise √(ρ(1−ρ)/m) in a batch of m.
 *
 * @param size The least number of examples.
 *
 * @example check.batchSize(100, { rho: 0.01, noise: 0.5 }).passed // → false; the noise is 99 % of ρ
 */
export function batchSize(
  size: number | undefined,
  {
    rho,
    noise,
  }: {
    readonly rho: number;
    /** The largest standard deviation that ρ̂ may have, as a fraction of ρ. */
    readonly noise: number;
  },
): Verdict {
  if (size === undefined) return unanswered();
  if (!Number.isInteger(size) || size < 1) {
    return new Verdict('wrong', `It must be a whole number of examples, 1 or more; got ${size}.`);
  }
  // A whole number that rounding lifted by 1e-16 is that whole number.
  const least = (value: number) => Math.ceil(value - 1e-9);
  const right = least((1 - rho) / (rho * noise ** 2));
  if (size === right) {
    return new Verdict(
      'right',
      `The least batch is ${right}: it grows with 1/ρ and with the square of the precision.`,
    );
  }
  const mistakes = new Map([
    [
      least((rho * (1 - rho)) / noise ** 2),
      'You use the noise as an absolute number: it is a *fraction* of ρ, noise · ρ.',
    ],
    [least((1 - rho) / (rho * noise)), 'The square is missing: √(ρ(1−ρ)/m) ≤ noise · ρ has a root.'],
    [least(1 / (rho * noise ** 2)), '1 − ρ is missing: the variance of a coin is ρ(1−ρ).'],
  ]);
  const fraction = Math.sqrt((1 - rho) / (rho * size));
  const found = `With batches of ${size} the noise is ${percent(fraction, 0)} of ρ`;
  const direction =
    size < right
      ? `, more than ${100 * noise} %: take more.`
      : ': so many are not needed, there is a smaller size.';
  return new Verdict('wrong', [found + direction, mistakes.get(size)].filter(Boolean).join('\n  '));
}
