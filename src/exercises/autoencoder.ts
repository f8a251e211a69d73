/**
 * The exercises of the lesson on the dense code: the error, the active units, the mean image, the parameters.
 *
 * @module
 */
import type * as tf from '@tensorflow/tfjs';
import { meanSquaredError as meanSquaredErrorExercise } from '../assignments/definitions/penalties';
import { type Exercise, type Input, verifyAdapted } from '../assignments/verify';
import { mean, sum } from '../numbers/arithmetic';
import { type RowsOfNumbers, rowsFrom, scalarFrom, tensorOf } from '../verdicts/answers';
import { unanswered, Verdict } from '../verdicts/verdict';
import { FLOAT32 } from './tolerance';

/**
 * Checks a mean squared error: (x − x̂)², averaged over images and pixels; a scalar.
 *
 * @example check.meanSquaredError((x, xHat) => tf.sum(tf.squaredDifference(x, xHat))).passed // → false; it is not divided
 */
export function meanSquaredError(answer: (x: tf.Tensor2D, xHat: tf.Tensor2D) => unknown): Verdict {
  return verifyAdapted(
    { ...meanSquaredErrorExercise, name: 'The error', tolerance: FLOAT32 },
    answer,
    (x, xHat) => scalarFrom(() => answer(tensorOf(x), tensorOf(xHat))),
  );
}

const countPerExample = (h: RowsOfNumbers, counts: (value: number) => boolean) =>
  h.map((code) => code.filter(counts).length);

/** `(h) => number`: the mean number of units that are not 0. */
const l0Exercise: Exercise<[h: RowsOfNumbers], number> = {
  name: 'L0',
  asks: 'the number of units that are not 0, averaged over the images',
  definition: (h) => mean(countPerExample(h, (value) => value !== 0)),
  inputs: () =>
    [
      [
        [0, 2, 1],
        [0, 0, 3],
      ],
      [[0, -1, 0.001, 4]],
      [
        [1, 0, 0, 2, 0],
        [0, 0, -3, 0, 0],
        [1, 1, 1, 1, 0],
      ],
      [
        [0, 0],
        [0, 0],
        [0, 0],
      ],
    ].map((h, index): Input<[h: RowsOfNumbers]> => ({ kind: index < 3 ? 'ordinary' : 'edge', args: [h] })),
  misconceptions: [
    {
      message: 'You count the silent units: L0 counts the others.',
      mistaken: (h) => mean(countPerExample(h, (value) => value === 0)),
    },
    {
      message: 'You count only positive activations: a negative one is active too.',
      mistaken: (h) => mean(countPerExample(h, (value) => value > 0)),
    },
    {
      message: 'You average over the units as well: that is the fraction of active units. Sum over axis 1.',
      mistaken: (h) => mean(h.map((code) => mean(code.map((value) => Number(value !== 0))))),
    },
    {
      message: 'You count over all images: average over them, axis 0.',
      mistaken: (h) => sum(countPerExample(h, (value) => value !== 0)),
    },
    {
      message: 'The axes are swapped: sum over the units (axis 1), average over the images (axis 0).',
      mistaken: (h) => sum(h.map((code) => mean(code.map((value) => Number(value !== 0))))),
    },
    {
      message: 'You add up the activations: that is L1. L0 only counts them.',
      mistaken: (h) => mean(h.map((code) => sum(code.map(Math.abs)))),
    },
  ],
};

/**
 * Checks an L0: the number of units that are not 0, averaged over the images; a scalar.
 *
 * @example check.l0((h) => tf.sum(tf.cast(tf.notEqual(h, 0), 'float32'))).passed // → false; it also sums over the images
 */
export function l0(answer: (h: tf.Tensor2D) => unknown): Verdict {
  return verifyAdapted({ ...l0Exercise, tolerance: FLOAT32 }, answer, (h) =>
    scalarFrom(() => answer(tensorOf(h))),
  );
}

const pixelMeans = (x: RowsOfNumbers) =>
  (x[0] ?? []).map((_, pixel) => mean(x.map((image) => image[pixel] as number)));

/** `(x) => number[][]`: every image becomes the mean of all. */
const meanImageExercise: Exercise<[x: RowsOfNumbers], RowsOfNumbers> = {
  name: 'The mean image',
  asks: 'the mean of all images, once for every image',
  definition: (x) => x.map(() => pixelMeans(x)),
  inputs: () => [
    {
      kind: 'ordinary',
      args: [
        [
          [0, 1, 5],
          [2, 3, 1],
        ],
      ],
    },
    {
      kind: 'ordinary',
      args: [
        [
          [0.5, 0],
          [0, 1],
          [1, 0.25],
        ],
      ],
    },
    { kind: 'edge', args: [[[1, 2, 3, 4]]] },
  ],
  misconceptions: [
    {
      message:
        'You give each image its own mean grey: average over the images, axis 0, and keep the pixels apart.',
      mistaken: (x) => x.map((image) => image.map(() => mean(image))),
    },
    {
      message: 'You give every pixel the same grey: average over axis 0 only.',
      mistaken: (x) => x.map((image) => image.map(() => mean(x.flat()))),
    },
    {
      message: 'You add up the images: divide by how many there are.',
      mistaken: (x) => x.map(() => pixelMeans(x).map((value) => value * x.length)),
    },
    {
      message: 'You divide by the number of pixels: the average is over the images.',
      mistaken: (x) => x.map((image) => pixelMeans(x).map((value) => (value * x.length) / image.length)),
    },
    {
      message: 'You return x unchanged: the answer must not depend on the single image.',
      mistaken: (x) => x,
    },
  ],
};

/**
 * Checks the reconstruction that uses no code at all: every image becomes the mean image; a matrix shaped as x.
 *
 * @example check.meanImage((x) => tf.zerosLike(x).add(tf.mean(x))).passed // → false; one grey for all pixels
 */
export function meanImage(answer: (x: tf.Tensor2D) => unknown): Verdict {
  return verifyAdapted({ ...meanImageExercise, tolerance: FLOAT32 }, answer, (x) =>
    rowsFrom(() => answer(tensorOf(x)), [x.length, x[0]?.length ?? 0]),
  );
}

/**
 * Checks the number of parameters of an autoencoder whose weights are not tied.
 *
 * @example check.parameterCount(2 * 784 * 64, { inputDim: 784, hiddenDim: 64 }).passed // → false; the biases are missing
 */
export function parameterCount(
  answer: number | undefined,
  { inputDim, hiddenDim }: { readonly inputDim: number; readonly hiddenDim: number },
): Verdict {
  if (answer === undefined) return unanswered();
  const matrix = inputDim * hiddenDim;
  const right = 2 * matrix + hiddenDim + inputDim;
  if (answer === right) return new Verdict('right', `Two matrices and two biases: ${right}.`);
  const slips: readonly [count: number, hint: string][] = [
    [2 * matrix, 'The biases are missing: one for every unit, one for every pixel.'],
    [2 * matrix + hiddenDim, "The decoder's bias is missing: one number for every pixel."],
    [2 * matrix + inputDim, "The encoder's bias is missing: one number for every unit."],
    [2 * (matrix + hiddenDim), 'The bias of the decoder has a number for every pixel, not for every unit.'],
    [2 * (matrix + inputDim), 'The bias of the encoder has a number for every unit, not for every pixel.'],
    [matrix + hiddenDim + inputDim, 'That is the tied model: untied, the decoder has a matrix of its own.'],
    [matrix, 'That is one matrix: the decoder has one of its own, and both have a bias.'],
    [matrix + hiddenDim, 'That is the encoder alone.'],
    [inputDim + hiddenDim, 'Those are the biases alone.'],
  ];
  const hint =
    slips.find(([count]) => count === answer)?.[1] ?? 'Count the two matrices, then the two biases.';
  return new Verdict('wrong', `It is not ${answer}. ${hint}`);
}
