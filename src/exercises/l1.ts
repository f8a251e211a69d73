/**
 * The exercises of the lesson on L1: the penalty, the loss, its pull, its effect on one number, its strength.
 *
 * @module
 */
import type * as tf from '@tensorflow/tfjs';
import { l1Penalty, l1Slope } from '../assignments/definitions/penalties';
import { type Exercise, verify, verifyAdapted } from '../assignments/verify';
import { mean, sum } from '../numbers/arithmetic';
import type { Random } from '../numbers/random';
import type { SweepPoint } from '../plots';
import { type RowsOfNumbers, rowsFrom, scalarFrom, tensorOf } from '../verdicts/answers';
import { unanswered, Verdict } from '../verdicts/verdict';
import { FLOAT32 } from './tolerance';

/**
 * Checks an L1 term, unweighted: Σⱼ|hⱼ| over the units, averaged over the images; a scalar.
 *
 * @example check.l1((h) => tf.sum(tf.abs(h))).passed // → false; it also sums over the images
 */
export function l1(answer: (h: tf.Tensor2D) => unknown): Verdict {
  return verifyAdapted({ ...l1Penalty, name: 'The penalty', tolerance: FLOAT32 }, answer, (h) =>
    scalarFrom(() => answer(tensorOf(h))),
  );
}

type LossArguments = [x: RowsOfNumbers, xHat: RowsOfNumbers, h: RowsOfNumbers, lambda: number];

const errorsOf = (x: RowsOfNumbers, xHat: RowsOfNumbers) =>
  x.map((row, image) => row.map((value, pixel) => (value - (xHat[image]?.[pixel] as number)) ** 2));
const error = (x: RowsOfNumbers, xHat: RowsOfNumbers) => mean(errorsOf(x, xHat).flat());
const penalty = (h: RowsOfNumbers) => mean(h.map((code) => sum(code.map(Math.abs))));

/** `(x, xHat, h, lambda) => number`: MSE + λ Σ|h|. */
const sparseLossExercise: Exercise<LossArguments, number> = {
  name: 'The loss',
  asks: '(x − x̂)², averaged over images and pixels, + λ Σⱼ|hⱼ|, averaged over images',
  definition: (x, xHat, h, lambda) => error(x, xHat) + lambda * penalty(h),
  inputs: (random) => [
    {
      kind: 'ordinary',
      args: [
        [
          [1, 0],
          [2, 2],
        ],
        [
          [0, 0],
          [2, 5],
        ],
        [
          [1, -2, 0],
          [0, 3, 0.5],
        ],
        0.1,
      ],
    },
    { kind: 'ordinary', args: [...lossInputs(random, 3, 4, 2), 3] },
    { kind: 'ordinary', args: [...lossInputs(random, 4, 2, 5), 0.01] },
    { kind: 'edge', args: [...lossInputs(random, 2, 3, 4), 0] },
    { kind: 'edge', args: [...lossInputs(random, 1, 3, 1), 1] },
  ],
  misconceptions: [
    {
      message: 'λ is missing: it multiplies the penalty.',
      mistaken: (x, xHat, h) => error(x, xHat) + penalty(h),
    },
    {
      message: 'You multiply by λ twice: use it once, in front of the penalty.',
      mistaken: (x, xHat, h, lambda) => error(x, xHat) + lambda ** 2 * penalty(h),
    },
    { message: 'The penalty is missing.', mistaken: (x, xHat) => error(x, xHat) },
    {
      message: 'The reconstruction error is missing.',
      mistaken: (_x, _xHat, h, lambda) => lambda * penalty(h),
    },
    {
      message: 'You multiply the error by λ too: it belongs to the penalty alone.',
      mistaken: (x, xHat, h, lambda) => lambda * (error(x, xHat) + penalty(h)),
    },
    {
      message: 'You multiply the error by λ instead: it belongs to the penalty.',
      mistaken: (x, xHat, h, lambda) => lambda * error(x, xHat) + penalty(h),
    },
    {
      message: 'Your error has a factor ½: UFLDL has one, this loss does not.',
      mistaken: (x, xHat, h, lambda) => error(x, xHat) / 2 + lambda * penalty(h),
    },
    {
      message: 'You multiply the error by 1 − λ: its factor is 1.',
      mistaken: (x, xHat, h, lambda) => (1 - lambda) * error(x, xHat) + lambda * penalty(h),
    },
    {
      message: 'You subtract the penalty: that would reward large activations. Add it.',
      mistaken: (x, xHat, h, lambda) => error(x, xHat) - lambda * penalty(h),
    },
    {
      message: 'You sum the error over the pixels: average over them.',
      mistaken: (x, xHat, h, lambda) => mean(errorsOf(x, xHat).map(sum)) + lambda * penalty(h),
    },
    {
      message: 'You sum the penalty over the images: average over them, axis 0.',
      mistaken: (x, xHat, h, lambda) => error(x, xHat) + lambda * h.length * penalty(h),
    },
    {
      message: 'You average the penalty over the units too: sum over them, axis 1.',
      mistaken: (x, xHat, h, lambda) => error(x, xHat) + lambda * mean(h.flat().map(Math.abs)),
    },
    {
      message:
        'The axes of the penalty are swapped: sum over the units (axis 1), average over the images (axis 0).',
      mistaken: (x, xHat, h, lambda) =>
        error(x, xHat) + (lambda * sum(h.flat().map(Math.abs))) / (h[0]?.length ?? 1),
    },
    {
      message: 'The absolute value is missing: negative activations cancel positive ones.',
      mistaken: (x, xHat, h, lambda) => error(x, xHat) + lambda * mean(h.map(sum)),
    },
    {
      message: 'You square the activations: that is L2.',
      mistaken: (x, xHat, h, lambda) =>
        error(x, xHat) + lambda * mean(h.map((code) => sum(code.map((value) => value ** 2)))),
    },
  ],
};

function lossInputs(
  random: Random,
  images: number,
  pixels: number,
  units: number,
): [x: RowsOfNumbers, xHat: RowsOfNumbers, h: RowsOfNumbers] {
  const draw = (columns: number, low: number) =>
    Array.from({ length: images }, () =>
      Array.from({ length: columns }, () => low + (1 - low) * random.uniform()),
    );
  return [draw(pixels, 0), draw(pixels, 0), draw(units, -2)];
}

/**
 * Checks the whole loss: MSE + λ Σ|h|, the error averaged over images and pixels, the penalty over images; a scalar.
 *
 * @example check.sparseLoss((x, xHat) => tf.mean(tf.squaredDifference(x, xHat))).passed // → false; the penalty is missing
 */
export function sparseLoss(
  answer: (x: tf.Tensor2D, xHat: tf.Tensor2D, h: tf.Tensor2D, lambda: number) => unknown,
): Verdict {
  return verifyAdapted({ ...sparseLossExercise, tolerance: FLOAT32 }, answer, (x, xHat, h, lambda) =>
    scalarFrom(() => answer(tensorOf(x), tensorOf(xHat), tensorOf(h), lambda)),
  );
}

/**
 * Checks the gradient of λ Σ|h|, averaged over the images, with respect to h; a matrix shaped as h.
 *
 * @example check.l1Gradient((h, lambda) => tf.mul(lambda, tf.sign(h))).passed // → false; it is not divided by the images
 */
export function l1Gradient(answer: (h: tf.Tensor2D, lambda: number) => unknown): Verdict {
  return verifyAdapted({ ...l1Slope, name: 'The pull', tolerance: FLOAT32 }, answer, (h, lambda) =>
    rowsFrom(() => answer(tensorOf(h), lambda), [h.length, h[0]?.length ?? 0]),
  );
}

const soft = (a: number, threshold: number) =>
  a > threshold ? a - threshold : a < -threshold ? a + threshold : 0;

/** `(a, lambda) => number`: the h that makes ½(a − h)² + λ|h| smallest. */
const softThresholdExercise: Exercise<[a: number, lambda: number], number> = {
  name: 'The soft threshold',
  asks: 'the h that makes ½(a − h)² + λ|h| smallest',
  definition: soft,
  inputs: (random) => [
    { kind: 'ordinary', args: [1, 0.25] },
    { kind: 'ordinary', args: [0.2, 0.3] },
    { kind: 'ordinary', args: [-1, 0.25] },
    { kind: 'ordinary', args: [-0.1, 0.25] },
    { kind: 'ordinary', args: [3 + random.uniform(), 1] },
    { kind: 'edge', args: [0, 0.5] },
    { kind: 'edge', args: [2.5, 0] },
    { kind: 'edge', args: [0.5, 0.5] },
  ],
  misconceptions: [
    {
      message: 'Numbers that survive keep their size in your answer: they must shrink by λ as well.',
      mistaken: (a, lambda) => (Math.abs(a) > lambda ? a : 0),
    },
    {
      message: 'You always subtract λ: stop at 0 where |a| ≤ λ.',
      mistaken: (a, lambda) => a - lambda,
    },
    {
      message:
        'It looks right for a ≥ 0 (this is what a relu with bias −λ does), but a negative a shrinks towards 0 as well.',
      mistaken: (a, lambda) => Math.max(0, a - lambda),
    },
    {
      message: 'The sign is lost: a negative a stays negative.',
      mistaken: (a, lambda) => Math.max(0, Math.abs(a) - lambda),
    },
    {
      message: 'You move a negative a away from 0: adding λ shrinks it.',
      mistaken: (a, lambda) => (Math.abs(a) > lambda ? a - lambda : 0),
    },
    {
      message: 'You return the part that is subtracted: the answer is a minus that part.',
      mistaken: (a, lambda) => Math.min(Math.max(a, -lambda), lambda),
    },
    {
      message: 'You multiply a by 1 − λ: that never gives 0. L1 subtracts, and stops at 0.',
      mistaken: (a, lambda) => a * (1 - lambda),
    },
    {
      message: 'Small numbers jump over zero in your answer: stop at 0 where |a| ≤ λ.',
      mistaken: (a, lambda) => a - Math.sign(a) * lambda,
    },
    {
      message: 'It looks like what L2 does, λh² with ½(a − h)²: it divides. L1 subtracts.',
      mistaken: (a, lambda) => a / (1 + 2 * lambda),
    },
    {
      message: 'You divide by 1 + λ, as L2 does: L1 subtracts.',
      mistaken: (a, lambda) => a / (1 + lambda),
    },
    {
      message: 'Your threshold is λ/2: with ½(a − h)², whose slope is h − a, it is λ.',
      mistaken: (a, lambda) => soft(a, lambda / 2),
    },
    {
      message: 'Your threshold is 2λ: the slope of λ|h| is λ.',
      mistaken: (a, lambda) => soft(a, 2 * lambda),
    },
  ],
};

/**
 * Checks the h that makes ½(a − h)² + λ|h| smallest; a number.
 *
 * @example check.softThreshold((a, lambda) => a - lambda).passed // → false; it does not stop at 0
 */
export function softThreshold(answer: (a: number, lambda: number) => number): Verdict {
  return verify(softThresholdExercise, answer);
}

/**
 * Checks the choice of a strength out of a sweep: the smallest error among those that keep to a budget of active units.
 *
 * @param chosen The strength of one of `points`.
 *
 * @example check.strength(0.01, [{ strength: 0.001, l0: 12, mse: 0.02 }, { strength: 0.01, l0: 1, mse: 0.06 }], { mostActive: 15 }).passed // → false
 */
export function strength(
  chosen: number | undefined,
  points: readonly SweepPoint[],
  { mostActive }: { readonly mostActive: number },
): Verdict {
  if (chosen === undefined) return unanswered();
  const point = points.find((one) => one.strength === chosen);
  if (!point) {
    const tried = points.map((one) => one.strength).join(', ');
    return new Verdict('wrong', `Choose one of the strengths that were tried: ${tried}; got ${chosen}.`);
  }
  const units = point.l0.toFixed(1);
  if (point.l0 > mostActive) {
    return new Verdict(
      'wrong',
      `With λ = ${chosen} an image has ${units} active units, more than ${mostActive}: pull harder.`,
    );
  }
  const better = points.some((one) => one.l0 <= mostActive && one.mse < point.mse);
  if (better) {
    return new Verdict(
      'wrong',
      `λ = ${chosen} keeps to the budget with ${units} active units, but another does too and reconstructs better.`,
    );
  }
  return new Verdict(
    'right',
    `${units} active units at an MSE of ${point.mse.toFixed(4)}: whatever reconstructs better is over budget.`,
  );
}
