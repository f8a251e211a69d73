/**
 * Exercises on dictionaries: TopK with its gradient, and the quality of a dictionary whose true features are known, in plain
 * arrays.
 *
 * @module
 */
import { sum } from '../../numbers/arithmetic';
import type { Random } from '../../numbers/random';
import type { Exercise, Input } from '../verify';
import { kthLargest, mapped, normals, type Rows, transposed } from './rows';

const times = (a: Rows, b: Rows) => mapped(a, (value, i, j) => value * (b[i]?.[j] as number));

/** 1 for the k largest of each row, else 0. */
const rowMask = (z: Rows, k: number) =>
  z.map((row) => row.map((value) => (value >= kthLargest(row, k) ? 1 : 0)));
const columnMask = (z: Rows, k: number) => transposed(rowMask(transposed(z), k));
const isPositive = (z: Rows) => mapped(z, (value) => (value > 0 ? 1 : 0));
/** 1 where TopK keeps an entry. */
const chosen = (z: Rows, k: number) => times(isPositive(z), rowMask(z, k));

/** Sorted as text, 9 comes after 12. */
const TWO_DIGITS: Rows = [
  [12, 9, 2, -30],
  [0.5, 25, 3, 11],
];

/**
 * `(z, k) => h`: of each row the k largest, if they are positive.
 *
 * @example exercises.topK.definition([[3, 1, 2, -1]], 2) // → [[3, 0, 2, 0]]
 */
export const topK: Exercise<[z: Rows, k: number], Rows> = {
  name: 'topK',
  asks: 'the k largest pre-activations of each example (row), as they are, if they are positive; 0 for the others',
  definition: (z, k) => mapped(times(z, chosen(z, k)), (value) => value || 0),
  inputs: (random) => [
    {
      kind: 'ordinary',
      args: [
        [
          [3, 1, 2, -4],
          [0.5, 6, -1, 5],
          [-2, 7, 4, 9],
        ],
        2,
      ],
    },
    { kind: 'ordinary', args: [normals(random, 6, 8), 2] },
    { kind: 'ordinary', args: [normals(random, 5, 9), 3] },
    { kind: 'ordinary', args: [TWO_DIGITS, 2] },
    {
      kind: 'edge',
      args: [
        [
          [-1, -7, -3],
          [-2, 0.5, -9],
          [8, 4, -5],
        ],
        2,
      ],
    },
    { kind: 'edge', args: [normals(random, 4, 6), 1] },
    { kind: 'edge', args: [normals(random, 3, 5), 5] },
  ],
  misconceptions: [
    {
      message:
        'Negative pre-activations are kept in your answer: what is not positive is 0, also among the k largest.',
      mistaken: (z, k) => times(z, rowMask(z, k)),
    },
    {
      message: 'You choose per column: TopK compares the units of one example, a row.',
      mistaken: (z, k) => times(times(z, isPositive(z)), columnMask(z, k)),
    },
    {
      message: 'You return the mask: multiply the pre-activations by it.',
      mistaken: chosen,
    },
    {
      message: 'One entry per row is missing: the k-th largest is kept itself, so compare with ≥.',
      mistaken: (z, k) =>
        z.map((row) => row.map((value) => (value > kthLargest(row, k) ? Math.max(0, value) : 0))),
    },
    {
      message:
        'There is one entry too many per row: indices count from 0, so the k-th largest has index k − 1.',
      mistaken: (z, k) => times(z, chosen(z, k + 1)),
    },
    {
      message:
        'You sort the numbers as text, where 9 comes after 12: give sort the comparison, (a, b) => b - a.',
      mistaken: (z, k) =>
        z.map((row) => {
          const kth = Number(row.map(String).sort().reverse()[k - 1]);
          return row.map((value) => (value >= kth ? Math.max(0, value) : 0));
        }),
    },
    {
      message: 'You choose by |z|: a large negative number is not among the k largest.',
      mistaken: (z, k) =>
        times(
          times(z, isPositive(z)),
          rowMask(
            mapped(z, (value) => Math.abs(value)),
            k,
          ),
        ),
    },
    {
      message: 'You choose from the whole matrix: that is BatchTopK. TopK keeps k per row.',
      mistaken: (z, k) => {
        const bar = kthLargest(z.flat(), k * z.length);
        return mapped(z, (value) => (value >= bar ? Math.max(0, value) : 0));
      },
    },
    {
      message:
        'You subtract the k-th largest from those that are kept: that is what L1 charges. TopK keeps them as they are.',
      mistaken: (z, k) =>
        z.map((row) => row.map((value) => Math.max(0, value - Math.max(0, kthLargest(row, k))))),
    },
    {
      message: 'You keep the k smallest: sort in descending order, with (a, b) => b − a.',
      mistaken: (z, k) => {
        const flipped = mapped(z, (value) => -value);
        return times(times(z, isPositive(z)), rowMask(flipped, k));
      },
    },
    {
      message: 'You return only the kept numbers: each keeps its place, and the others are 0.',
      mistaken: (z, k) =>
        z.map((row) =>
          [...row]
            .sort((a, b) => b - a)
            .slice(0, k)
            .map((v) => Math.max(0, v)),
        ),
    },
  ],
};

/**
 * `(z, dy, k) => gradient`: the gradient of TopK with respect to z, given that with respect to its output.
 *
 * @example exercises.topKGradient.definition([[3, 1, 2, -1]], [[10, 40, 30, 20]], 2) // → [[10, 0, 30, 0]]
 */
export const topKGradient: Exercise<[z: Rows, dy: Rows, k: number], Rows> = {
  name: 'topKGradient',
  asks: 'dy where TopK keeps the entry of z, and 0 where it does not',
  definition: (z, dy, k) => mapped(times(dy, chosen(z, k)), (value) => value || 0),
  inputs: (random) => [
    {
      kind: 'ordinary',
      args: [
        [
          [3, 1, 2, -1],
          [-2, 0.5, -3, -4],
          [4, 5, 7, 6],
        ],
        [
          [10, 40, 30, 20],
          [-5, 25, 15, 35],
          [3, 9, -7, 8],
        ],
        2,
      ],
    },
    { kind: 'ordinary', args: [normals(random, 4, 6), normals(random, 4, 6), 2] },
    { kind: 'ordinary', args: [normals(random, 5, 8), normals(random, 5, 8), 3] },
    {
      kind: 'ordinary',
      args: [
        TWO_DIGITS,
        [
          [1, 2, 3, 4],
          [5, 6, -7, 8],
        ],
        2,
      ],
    },
    {
      kind: 'edge',
      args: [
        [
          [-1, 2, -3],
          [4, 5, 1],
        ],
        [
          [7, -2, 3],
          [5, -8, 6],
        ],
        2,
      ],
    },
    { kind: 'edge', args: [normals(random, 5, 4), normals(random, 5, 4), 1] },
  ],
  misconceptions: [
    {
      message: 'Silenced entries get a gradient in your answer: changing them a little changes nothing.',
      mistaken: (_z, dy) => dy,
    },
    {
      message:
        'This is the gradient of a relu: entries that are positive but not among the k largest have slope 0, too.',
      mistaken: (z, dy) => times(dy, isPositive(z)),
    },
    {
      message: 'dy is missing: the slope of each entry is multiplied by what comes back from the loss.',
      mistaken: (z, _dy, k) => chosen(z, k),
    },
    {
      message: 'One entry per row is missing: the k-th largest is kept itself, so compare with ≥.',
      mistaken: (z, dy, k) =>
        mapped(dy, (slope, i, j) => {
          const row = z[i] as number[];
          return (row[j] as number) > Math.max(0, kthLargest(row, k)) ? slope : 0;
        }),
    },
    {
      message:
        'You return TopK itself: its slope is 1 where it keeps an entry, whatever the size of that entry.',
      mistaken: (z, _dy, k) => times(z, chosen(z, k)),
    },
    {
      message: 'You multiply by z: the slope is 1 where an entry is kept, whatever its size.',
      mistaken: (z, dy, k) => times(times(z, dy), chosen(z, k)),
    },
    {
      message: 'You choose the k largest of *dy*: the entries of z decide.',
      mistaken: (_z, dy, k) => times(dy, chosen(dy, k)),
    },
    {
      message:
        'Entries that are among the k largest but negative get a gradient: TopK sets them to 0, so their slope is 0.',
      mistaken: (z, dy, k) => times(dy, rowMask(z, k)),
    },
    {
      message: 'You choose per column: TopK compares the units of one example, a row.',
      mistaken: (z, dy, k) => times(times(dy, isPositive(z)), columnMask(z, k)),
    },
  ],
};

const dot = (a: readonly number[], b: readonly number[]) =>
  sum(a.map((value, index) => value * (b[index] as number)));
const norm = (a: readonly number[]) => Math.sqrt(dot(a, a));
/** A number for each unit and each feature. */
const table = (units: Rows, features: Rows, value: (unit: number[], feature: number[]) => number): Rows =>
  units.map((unit) => features.map((feature) => value(unit, feature)));

/**
 * `(units, features) => C`: the absolute cosine of every unit's direction and every true feature's.
 *
 * @example exercises.similarities.definition([[3, 4]], [[1, 0], [0, -1]]) // → [[0.6, 0.8]]; 3/5 and 4/5
 */
export const similarities: Exercise<[units: Rows, features: Rows], Rows> = {
  name: 'similarities',
  asks: '|cos| of the angle between each unit (row of the result) and each true feature (column)',
  definition: (units, features) =>
    table(units, features, (u, f) => Math.abs(dot(u, f)) / (norm(u) * norm(f))),
  inputs: (random) => [
    {
      kind: 'ordinary',
      args: [
        [
          [3, 4],
          [-1, 0],
          [2, -2],
        ],
        [
          [2, 0],
          [0.6, 0.8],
        ],
      ],
    },
    { kind: 'ordinary', args: [normals(random, 3, 5), normals(random, 4, 5)] },
    {
      kind: 'edge',
      args: [
        [[-2, 0, 0.5]],
        [
          [4, 0, -1],
          [0, 3, 1],
        ],
      ],
    },
    { kind: 'edge', args: [normals(random, 4, 2), normals(random, 2, 2)] },
  ],
  misconceptions: [
    {
      message: 'You do not divide by the lengths: a cosine does not depend on how long the two are.',
      mistaken: (units, features) => table(units, features, (u, f) => Math.abs(dot(u, f))),
    },
    {
      message: 'You divide by one length and then *multiply* by the other: put their product in brackets.',
      mistaken: (units, features) =>
        table(units, features, (u, f) => (Math.abs(dot(u, f)) / norm(u)) * norm(f)),
    },
    {
      message: 'The lengths of the units are missing: divide by both lengths.',
      mistaken: (units, features) => table(units, features, (u, f) => Math.abs(dot(u, f)) / norm(f)),
    },
    {
      message: 'The lengths of the features are missing: divide by both lengths.',
      mistaken: (units, features) => table(units, features, (u, f) => Math.abs(dot(u, f)) / norm(u)),
    },
    {
      message: 'The absolute value is missing: a unit that points the other way has found the feature, too.',
      mistaken: (units, features) => table(units, features, (u, f) => dot(u, f) / (norm(u) * norm(f))),
    },
    {
      message: 'Rows and columns are swapped: a row per unit, a column per feature.',
      mistaken: (units, features) =>
        table(features, units, (f, u) => Math.abs(dot(u, f)) / (norm(u) * norm(f))),
    },
    {
      message: 'You divide by the squared lengths: a root is missing.',
      mistaken: (units, features) =>
        table(units, features, (u, f) => Math.abs(dot(u, f)) / (dot(u, u) * dot(f, f))),
    },
    {
      message: 'You take the absolute value of each product before the sum: take it of the sum.',
      mistaken: (units, features) =>
        table(
          units,
          features,
          (u, f) =>
            sum(u.map((value, index) => Math.abs(value * (f[index] as number)))) / (norm(u) * norm(f)),
        ),
    },
    {
      message: 'You return the square of the cosine.',
      mistaken: (units, features) => table(units, features, (u, f) => (dot(u, f) / (norm(u) * norm(f))) ** 2),
    },
  ],
};

const nearest = (row: readonly number[]) => row.indexOf(Math.max(...row));

/** Similarities without equal ones, in which few features are the nearest of some unit. */
const crowded = (random: Random, units: number, features: number): Rows =>
  Array.from({ length: units }, (_, unit) =>
    Array.from({ length: features }, (_, feature) => {
      const favourite = feature === (unit % 3) + 1;
      return (favourite ? 0.6 : 0.1) + 0.35 * random.uniform();
    }),
  );

/**
 * `(C) => number`: how many different features are the nearest of some unit, per unit.
 *
 * @example exercises.uniqueness.definition([[0.9, 0.1], [0.8, 0.3]]) // → 0.5; both are nearest to feature 0
 */
export const uniqueness: Exercise<[c: Rows], number> = {
  name: 'uniqueness',
  asks: 'the number of different features that are the nearest of some unit, divided by the number of units',
  definition: (c) => new Set(c.map(nearest)).size / c.length,
  inputs: (random) => [
    {
      kind: 'ordinary',
      args: [
        [
          [0.9, 0.2, 0.1],
          [0.8, 0.3, 0.4],
          [0.1, 0.2, 0.7],
          [0.6, 0.5, 0.2],
        ],
      ],
    },
    { kind: 'ordinary', args: [crowded(random, 7, 5)] },
    { kind: 'ordinary', args: [crowded(random, 8, 6)] },
    // More features than units: two of three nearest are different.
    {
      kind: 'edge',
      args: [
        [
          [0.9, 0.1, 0.3, 0.2, 0.4],
          [0.7, 0.2, 0.1, 0.3, 0.6],
          [0.2, 0.1, 0.3, 0.8, 0.4],
        ],
      ],
    },
    { kind: 'edge', args: [[[0.2, 0.5]]] },
  ],
  misconceptions: [
    {
      message: 'You divide by the number of features: divide by the number of units, the rows.',
      mistaken: (c) => new Set(c.map(nearest)).size / (c[0]?.length ?? 1),
    },
    {
      message: 'You return the count: divide by the number of units.',
      mistaken: (c) => new Set(c.map(nearest)).size,
    },
    {
      message:
        'You look for the nearest unit of each feature: look for the nearest feature of each unit, a row.',
      mistaken: (c) => new Set(transposed(c).map(nearest)).size / c.length,
    },
    {
      message: 'You count the different *similarities*: count the different features, that is their indices.',
      mistaken: (c) => new Set(c.map((row) => Math.max(...row))).size / c.length,
    },
    {
      message: 'You take the least similar feature: take the most similar one.',
      mistaken: (c) => new Set(c.map((row) => row.indexOf(Math.min(...row)))).size / c.length,
    },
    {
      message:
        'You count only units whose feature no other unit has: a feature with several units counts once.',
      mistaken: (c) => {
        const all = c.map(nearest);
        return all.filter((one) => all.indexOf(one) === all.lastIndexOf(one)).length / c.length;
      },
    },
    {
      message: 'You return the mean similarity: count how many different features there are.',
      mistaken: (c) => sum(c.map((row) => Math.max(...row))) / c.length,
    },
  ],
};

type Detected = [fires: boolean[], present: boolean[]];

const counts = ([fires, present]: Detected) => ({
  all: fires.length,
  fires: fires.filter(Boolean).length,
  present: present.filter(Boolean).length,
  both: fires.filter((one, row) => one && present[row]).length,
  agree: fires.filter((one, row) => one === present[row]).length,
});
const detections = (random: Random, count: number): Detected => {
  const drawn = Array.from({ length: count }, () => random.uniform());
  // Two right, one false alarm and two missed at least, so that no two of the mistakes agree.
  return [
    [true, true, true, false, false, ...drawn.map((value) => value < 0.3)],
    [true, true, false, true, true, ...drawn.map((value) => value < 0.15 || value > 0.7)],
  ];
};

/**
 * `(fires, present) => number`: a unit as a detector of its feature, the harmonic mean of precision and recall.
 *
 * @example exercises.f1.definition([true, true, false], [true, false, false]) // → 0.6667; precision 1/2, recall 1
 */
export const f1: Exercise<Detected, number> = {
  name: 'f1',
  asks: '2 · precision · recall / (precision + recall) of the unit as a detector of its feature, and 0 if it is never right',
  definition: (...args) => {
    const { fires, present, both } = counts(args);
    return both === 0 ? 0 : (2 * both) / (fires + present);
  },
  inputs: (random): Input<Detected>[] => [
    {
      kind: 'ordinary',
      args: [
        [true, true, false, false, true],
        [true, false, true, true, true],
      ],
    },
    { kind: 'ordinary', args: detections(random, 20) },
    { kind: 'ordinary', args: detections(random, 31) },
    {
      kind: 'edge',
      args: [
        [true, true, true, true, false],
        [true, false, false, false, true],
      ],
    },
    {
      kind: 'edge',
      args: [
        [false, false, false],
        [true, false, true],
      ],
    },
    {
      kind: 'edge',
      args: [
        [true, false, true],
        [false, true, false],
      ],
    },
  ],
  misconceptions: [
    {
      message:
        'You return the precision alone, which does not see the rows that the unit misses: F1 is the harmonic mean of precision and recall.',
      mistaken: (...args) => {
        const { fires, both } = counts(args);
        return both === 0 ? 0 : both / fires;
      },
    },
    {
      message:
        'You return the recall alone, which is 1 for a unit that always fires: F1 is the harmonic mean of precision and recall.',
      mistaken: (...args) => {
        const { present, both } = counts(args);
        return both === 0 ? 0 : both / present;
      },
    },
    {
      message: 'You take the ordinary mean of the two: the harmonic mean is 2pr/(p + r).',
      mistaken: (...args) => {
        const { fires, present, both } = counts(args);
        return both === 0 ? 0 : (both / fires + both / present) / 2;
      },
    },
    {
      message: 'The factor 2 is missing: a perfect detector has an F1 of 1.',
      mistaken: (...args) => {
        const { fires, present, both } = counts(args);
        return both === 0 ? 0 : both / (fires + present);
      },
    },
    {
      message:
        'You count the rows on which both agree, the accuracy: F1 does not count rows where both are silent, or a dead unit would be a good detector of a rare feature.',
      mistaken: (...args) => {
        const { all, agree } = counts(args);
        return agree / all;
      },
    },
    {
      message: 'A unit that is never right has an F1 of 0: you divide 0 by 0 there.',
      mistaken: (...args) => {
        const { fires, present, both } = counts(args);
        const [precision, recall] = [both / fires, both / present];
        return (2 * precision * recall) / (precision + recall);
      },
    },
    {
      message: 'You return the product of precision and recall: divide it by their sum, times 2.',
      mistaken: (...args) => {
        const { fires, present, both } = counts(args);
        return both === 0 ? 0 : both ** 2 / (fires * present);
      },
    },
    {
      message:
        'You divide what is right by all rows on which either of the two is on: that is the Jaccard index.',
      mistaken: (...args) => {
        const { fires, present, both } = counts(args);
        return both === 0 ? 0 : both / (fires + present - both);
      },
    },
  ],
};
