/**
 * The exercises of the lesson on sparsity without a penalty: a choice per unit, the gradient of a choice, the price that a
 * penalty charges, the gradient of a threshold.
 *
 * @module
 */
import type * as tf from '@tensorflow/tfjs';
import { topKGradient } from '../assignments/definitions/dictionary';
import { kthLargest, mapped, normals, transposed } from '../assignments/definitions/rows';
import { type Exercise, verify, verifyAdapted } from '../assignments/verify';
import { sum } from '../numbers/arithmetic';
import { type RowsOfNumbers, rowsFrom, tensorOf } from '../verdicts/answers';
import type { Verdict } from '../verdicts/verdict';
import { FLOAT32 } from './tolerance';

/** Keeps of each list the k largest, 0 for the others. */
const keptPerRow = (rows: RowsOfNumbers, k: number) =>
  rows.map((row) => row.map((value) => (value >= kthLargest(row, k) ? value : 0)));
const keptPerColumn = (rows: RowsOfNumbers, k: number) => transposed(keptPerRow(transposed(rows), k));
const positive = (rows: RowsOfNumbers) => mapped(rows, (value) => Math.max(0, value));

type WinnersArguments = [z: RowsOfNumbers, winners: number];

const winnersOf = (z: RowsOfNumbers, winners: number) => positive(keptPerColumn(z, winners));

const winnersExercise: Exercise<WinnersArguments, RowsOfNumbers> = {
  name: 'The code',
  asks: 'the `winners` largest pre-activations of each unit (column), as they are, if they are positive; 0 for the others',
  tolerance: FLOAT32,
  definition: winnersOf,
  inputs: (random) => [
    {
      kind: 'ordinary',
      args: [
        [
          [3, 1, -2],
          [2, 5, -1],
          [0.5, 4, -3],
          [1, 0.5, -4],
        ],
        2,
      ],
    },
    { kind: 'ordinary', args: [normals(random, 6, 4), 2] },
    { kind: 'ordinary', args: [normals(random, 8, 5), 3] },
    { kind: 'edge', args: [normals(random, 5, 3), 1] },
    { kind: 'edge', args: [normals(random, 4, 4), 4] },
    {
      kind: 'edge',
      args: [
        [
          [-1, -2],
          [-3, 0.5],
        ],
        1,
      ],
    },
  ],
  misconceptions: [
    {
      message:
        'You choose per row: that is TopK. Winner-take-all compares the examples of one *unit*, a column.',
      mistaken: (z, winners) => positive(keptPerRow(z, winners)),
    },
    {
      message:
        'You choose per row, and negative numbers win, too: compare the examples of one *unit*, a column.',
      mistaken: keptPerRow,
    },
    {
      message: 'Negative pre-activations win in your answer: a winner that is not positive is 0, too.',
      mistaken: keptPerColumn,
    },
    {
      message: 'You return the mask: multiply the pre-activations by it.',
      mistaken: (z, winners) => mapped(winnersOf(z, winners), (value) => (value > 0 ? 1 : 0)),
    },
    {
      message:
        'You return the mask, and negative numbers win, too: multiply the positive pre-activations by it.',
      mistaken: (z, winners) =>
        mapped(z, (value, _, unit) =>
          value >= kthLargest(transposed(z)[unit] as number[], winners) ? 1 : 0,
        ),
    },
    {
      message:
        'One winner per unit is missing: the `winners`-th largest is a winner itself, so compare with ≥.',
      mistaken: (z, winners) =>
        mapped(z, (value, _, unit) =>
          value > kthLargest(transposed(z)[unit] as number[], winners) ? Math.max(0, value) : 0,
        ),
    },
    {
      message:
        'There is one winner too many per unit: indices count from 0, so the k-th largest has index k − 1.',
      mistaken: (z, winners) => winnersOf(z, winners + 1),
    },
    {
      message: 'You choose by |z|: a large negative number is not a winner.',
      mistaken: (z, winners) => {
        const sizes = transposed(mapped(z, Math.abs));
        return mapped(z, (value, _, unit) =>
          Math.abs(value) >= kthLargest(sizes[unit] as number[], winners) ? Math.max(0, value) : 0,
        );
      },
    },
    {
      message:
        'You choose the largest of the whole matrix: that is BatchTopK. Here each unit has its own winners.',
      mistaken: (z, winners) => {
        const bar = kthLargest(z.flat(), winners * (z[0]?.length ?? 1));
        return mapped(z, (value) => (value >= bar ? Math.max(0, value) : 0));
      },
    },
    {
      message:
        'You subtract the weakest winner from all of them: that is what L1 charges. Here winners keep their size.',
      mistaken: (z, winners) =>
        mapped(z, (value, _, unit) =>
          Math.max(0, value - Math.max(0, kthLargest(transposed(z)[unit] as number[], winners))),
        ),
    },
    { message: 'Everybody wins: this is a relu.', mistaken: (z) => positive(z) },
  ],
};

/**
 * Checks winner-take-all in tf operations: of each column the largest entries, if positive; a matrix shaped as z.
 *
 * @example check.winnerTakeAll((z) => z).passed // → false; all entries win
 */
export function winnerTakeAll(answer: (z: tf.Tensor2D, winners: number) => unknown): Verdict {
  return verifyAdapted(winnersExercise, answer, (z, winners) =>
    rowsFrom(() => answer(tensorOf(z), winners), [z.length, z[0]?.length ?? 0]),
  );
}

/**
 * Checks the gradient of TopK with respect to z, given that with respect to its output; a matrix shaped as z.
 *
 * @example check.choiceGradient((z, dy) => dy).passed // → false; silenced entries get a gradient
 */
export function choiceGradient(answer: (z: tf.Tensor2D, dy: tf.Tensor2D, k: number) => unknown): Verdict {
  return verifyAdapted({ ...topKGradient, name: 'The gradient', tolerance: FLOAT32 }, answer, (z, dy, k) =>
    rowsFrom(() => answer(tensorOf(z), tensorOf(dy), k), [z.length, z[0]?.length ?? 0]),
  );
}

type FactorArguments = [added: number[], target: number[]];

const product = (a: readonly number[], b: readonly number[]) =>
  sum(a.map((value, index) => value * (b[index] as number)));

const missingFactorExercise: Exercise<FactorArguments, number> = {
  name: 'The missing factor',
  asks: 'the s for which Σ (target − s·added)² is smallest',
  definition: (added, target) => product(added, target) / product(added, added),
  inputs: (random) => {
    const draw = () => Array.from({ length: 6 }, () => 0.2 + random.uniform());
    return [
      {
        kind: 'ordinary',
        args: [
          [1, 2],
          [2, 3],
        ],
      },
      { kind: 'ordinary', args: [draw(), draw()] },
      { kind: 'ordinary', args: [draw().map((value) => 2 * value), draw()] },
      {
        kind: 'edge',
        args: [
          [0, 2],
          [5, 2],
        ],
      },
      {
        kind: 'edge',
        args: [
          [1, -1],
          [-2, 3],
        ],
      },
    ];
  },
  misconceptions: [
    {
      message: 'You have the roles swapped: `added` is what is multiplied, so its squares are the divisor.',
      mistaken: (added, target) => product(added, target) / product(target, target),
    },
    {
      message: 'Your answer is upside down: it says how much too large, not by which factor to multiply.',
      mistaken: (added, target) => product(added, added) / product(added, target),
    },
    {
      message:
        'You compare the lengths of the two: they may differ in direction, too, and s only makes up for the length.',
      mistaken: (added, target) => Math.sqrt(product(target, target) / product(added, added)),
    },
    {
      message: 'You compare the squared lengths: set the slope of Σ (target − s·added)² to zero.',
      mistaken: (added, target) => product(target, target) / product(added, added),
    },
    {
      message: 'You divide the sums: that makes the mean error zero, not the squared error smallest.',
      mistaken: (added, target) => sum(target) / sum(added),
    },
    {
      message: 'You average the ratios: then a pixel to which little was added counts as much as any.',
      mistaken: (added, target) =>
        sum(added.map((value, index) => (target[index] as number) / value)) / added.length,
    },
    {
      message:
        'You do not divide: the slope −2 Σ added·(target − s·added) is zero at Σ added·target / Σ added².',
      mistaken: (added, target) => product(added, target),
    },
    {
      message: 'You divide by the number of entries: the divisor is Σ added².',
      mistaken: (added, target) => product(added, target) / added.length,
    },
    {
      message: 'This is the cosine of the angle between the two: divide by Σ added² instead of both lengths.',
      mistaken: (added, target) =>
        product(added, target) / Math.sqrt(product(added, added) * product(target, target)),
    },
  ],
};

/**
 * Checks the factor by which the units' sum comes closest to the target; a number.
 *
 * @example check.missingFactor(() => 1).passed // → false; it depends on both lists
 */
export function missingFactor(answer: (added: number[], target: number[]) => number): Verdict {
  return verify(missingFactorExercise, answer);
}

type ThresholdArguments = [z: number[], dy: number[], theta: number, epsilon: number];

const inWindow = (
  z: readonly number[],
  dy: readonly number[],
  isInside: (z: number) => boolean,
  value: (dy: number, z: number) => number = (slope) => slope,
) => sum(z.map((each, example) => (isInside(each) ? value(dy[example] as number, each) : 0)));

const thresholdExercise: Exercise<ThresholdArguments, number> = {
  name: 'The slope of θ',
  asks: '−(θ/ε) times the sum of dy over the examples with |z − θ| < ε/2',
  definition: (z, dy, theta, epsilon) =>
    (-theta / epsilon) * inWindow(z, dy, (each) => Math.abs(each - theta) < epsilon / 2),
  inputs: (random) => {
    const draw = (count: number) => Array.from({ length: count }, () => 2 * random.uniform());
    return [
      { kind: 'ordinary', args: [[0.1, 0.45, 0.55, 0.9], [1, 2, 4, 8], 0.5, 0.2] },
      { kind: 'ordinary', args: [draw(30), draw(30), 0.7, 0.8] },
      { kind: 'ordinary', args: [draw(30), draw(30), 1.3, 0.5] },
      { kind: 'edge', args: [[0.1, 2], [1, 1], 1, 0.2] },
      { kind: 'edge', args: [[1.2, 0.9, 1.6, 0.3], [-1, 3, 5, -7], 1, 1.5] },
    ];
  },
  misconceptions: [
    {
      message: 'The sign: a higher threshold silences examples, so the slope of their output is negative.',
      mistaken: (z, dy, theta, epsilon) =>
        (theta / epsilon) * inWindow(z, dy, (each) => Math.abs(each - theta) < epsilon / 2),
    },
    {
      message: 'θ is missing: an example at the threshold falls from θ to 0, so θ is the height of the jump.',
      mistaken: (z, dy, theta, epsilon) =>
        -inWindow(z, dy, (each) => Math.abs(each - theta) < epsilon / 2) / epsilon,
    },
    {
      message:
        'You do not divide by ε: then a wide window has a larger slope only because it has more examples.',
      mistaken: (z, dy, theta, epsilon) =>
        -theta * inWindow(z, dy, (each) => Math.abs(each - theta) < epsilon / 2),
    },
    {
      message: 'Your window is twice as wide: it reaches ε/2 to each side of θ, so that its width is ε.',
      mistaken: (z, dy, theta, epsilon) =>
        (-theta / epsilon) * inWindow(z, dy, (each) => Math.abs(each - theta) < epsilon),
    },
    {
      message:
        'Your window lies above θ only: examples just below count as well, they would fire at a lower θ.',
      mistaken: (z, dy, theta, epsilon) =>
        (-theta / epsilon) * inWindow(z, dy, (each) => each > theta && each - theta < epsilon / 2),
    },
    {
      message: 'You sum over all active examples: only those near the threshold would change.',
      mistaken: (z, dy, theta, epsilon) => (-theta / epsilon) * inWindow(z, dy, (each) => each > theta),
    },
    {
      message: 'You sum over all examples: only those in the window would change.',
      mistaken: (_z, dy, theta, epsilon) => (-theta / epsilon) * sum(dy),
    },
    {
      message:
        'dy is missing: you count the examples. Each is weighted with the gradient that comes back from the loss.',
      mistaken: (z, dy, theta, epsilon) =>
        (-theta / epsilon) *
        inWindow(
          z,
          dy,
          (each) => Math.abs(each - theta) < epsilon / 2,
          () => 1,
        ),
    },
    {
      message: 'You use z as the height of the jump: it is θ, for every example in the window.',
      mistaken: (z, dy, theta, epsilon) =>
        -inWindow(
          z,
          dy,
          (each) => Math.abs(each - theta) < epsilon / 2,
          (slope, each) => slope * each,
        ) / epsilon,
    },
    {
      message: 'You average over the examples in the window: dy has its 1/m already, so sum.',
      mistaken: (z, dy, theta, epsilon) => {
        const inside = (each: number) => Math.abs(each - theta) < epsilon / 2;
        return ((-theta / epsilon) * inWindow(z, dy, inside)) / z.filter(inside).length;
      },
    },
    {
      message:
        'This is the slope of the active fraction: here the gradient of the loss arrives as dy, and the height of the jump is θ.',
      mistaken: (z, dy, theta, epsilon) =>
        -inWindow(
          z,
          dy,
          (each) => Math.abs(each - theta) < epsilon / 2,
          () => 1,
        ) /
        (z.length * epsilon),
    },
    {
      message: 'You average over the examples: dy has its 1/m already, so sum.',
      mistaken: (z, dy, theta, epsilon) =>
        ((-theta / epsilon) * inWindow(z, dy, (each) => Math.abs(each - theta) < epsilon / 2)) / z.length,
    },
  ],
};

/**
 * Checks the estimated slope of a JumpReLU's threshold for one unit; a number.
 *
 * @example check.thresholdSlope((z, dy) => -dy.length).passed // → false; only examples in the window count
 */
export function thresholdSlope(
  answer: (z: number[], dy: number[], theta: number, epsilon: number) => number,
): Verdict {
  return verify(thresholdExercise, answer);
}
