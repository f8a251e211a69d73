/**
 * The exercises of the lesson on known features: how many features have a unit, the best one-to-one matching, a unit as a
 * detector, a parent's unit that is silent where a child is there.
 *
 * @module
 */
import { f1 } from '../assignments/definitions/dictionary';
import { type Exercise, verify } from '../assignments/verify';
import { bestMatching } from '../features/matching';
import { mean, sum } from '../numbers/arithmetic';
import type { Verdict } from '../verdicts/verdict';

const distinct = (values: readonly number[]) => new Set(values).size;

const uniquenessExercise: Exercise<[nearest: number[]], number> = {
  name: 'Uniqueness',
  asks: 'the number of different features in the list, per unit',
  definition: (nearest) => distinct(nearest) / nearest.length,
  inputs: (random) => [
    { kind: 'ordinary', args: [[4, 0, 4, 2]] },
    { kind: 'ordinary', args: [[7, 7, 7, 1, 3]] },
    { kind: 'ordinary', args: [Array.from({ length: 12 }, () => Math.floor(9 * random.uniform()))] },
    { kind: 'edge', args: [[5]] },
    { kind: 'edge', args: [[0, 0, 0]] },
  ],
  misconceptions: [
    {
      message: 'You return a count: divide by the number of units.',
      mistaken: (nearest) => distinct(nearest),
    },
    {
      message: 'You return the fraction of *repetitions*: that is one minus uniqueness.',
      mistaken: (nearest) => 1 - distinct(nearest) / nearest.length,
    },
    {
      message:
        'You count only units that share their feature with no other: a feature that two units share counts once.',
      mistaken: (nearest) =>
        nearest.filter((feature) => nearest.filter((other) => other === feature).length === 1).length /
        nearest.length,
    },
    {
      message: 'You divide by the largest feature number: divide by the number of units.',
      mistaken: (nearest) => distinct(nearest) / (Math.max(...nearest) + 1),
    },
    {
      message: 'Feature 0 is missing in your count: it is a feature like the others.',
      mistaken: (nearest) => distinct(nearest.filter((feature) => feature > 0)) / nearest.length,
    },
    {
      message: 'You count units, not different features: that is always 1.',
      mistaken: () => 1,
    },
  ],
};

/**
 * Checks uniqueness, from the nearest feature of each unit.
 *
 * @example check.uniqueness((nearest) => new Set(nearest).size).passed // → false; it is not divided by the units
 */
export function uniqueness(answer: (nearest: number[]) => number): Verdict {
  return verify(uniquenessExercise, answer);
}

/** The best matching, of the values as they are. */
const matched = (cosines: number[][]) => {
  const shape = [cosines.length, cosines[0]?.length ?? 0] as const;
  return bestMatching({ values: Float32Array.from(cosines.flat()), shape }).map(
    ({ row, partner }) => cosines[row]?.[partner] as number,
  );
};

/** Row after row takes the best column that is left. */
const greedy = (cosines: number[][]) => {
  const taken = new Set<number>();
  return cosines.map((row) => {
    const best = row.reduce(
      (most, cosine, column) =>
        !taken.has(column) && Math.abs(cosine) > Math.abs(row[most] ?? 0) ? column : most,
      -1,
    );
    taken.add(best);
    return Math.abs(row[best] as number);
  });
};

/** The largest of all is a pair, then the largest of those whose unit and feature are both left, and so on. */
const largestFirst = (cosines: number[][]) => {
  const all = cosines.flatMap((row, unit) =>
    row.map((cosine, feature) => ({ unit, feature, size: Math.abs(cosine) })),
  );
  const [units, features] = [new Set<number>(), new Set<number>()];
  return all
    .sort((a, b) => b.size - a.size)
    .flatMap(({ unit, feature, size }) => {
      if (units.has(unit) || features.has(feature)) return [];
      units.add(unit);
      features.add(feature);
      return [size];
    });
};

const sizes = (cosines: number[][]) => cosines.map((row) => row.map(Math.abs));
const diagonal = (cosines: number[][]) => cosines.map((row, index) => Math.abs(row[index] as number));

const mccExercise: Exercise<[cosines: number[][]], number> = {
  name: 'The mean correlation coefficient',
  asks: 'the mean |cos| of the pairs, over the one-to-one matching of units and features for which it is largest',
  definition: (cosines) => mean(matched(cosines).map(Math.abs)),
  inputs: (random) => [
    {
      kind: 'ordinary',
      args: [
        [
          [0.9, 0.8, 0.1],
          [0.85, 0.2, 0.3],
          [0.1, 0.4, 0.6],
        ],
      ],
    },
    {
      kind: 'ordinary',
      args: [
        [
          [0.1, -0.9, 0.3],
          [-0.7, 0.8, 0.2],
          [0.2, 0.5, -0.4],
        ],
      ],
    },
    {
      kind: 'ordinary',
      args: [Array.from({ length: 3 }, () => Array.from({ length: 3 }, () => 2 * random.uniform() - 1))],
    },
    { kind: 'edge', args: [[[-0.5]]] },
    {
      kind: 'edge',
      args: [
        [
          [0, 1],
          [1, 0],
        ],
      ],
    },
  ],
  misconceptions: [
    {
      message:
        'Each unit takes its nearest feature in your answer, also one that another unit has taken: the matching must be one to one.',
      mistaken: (cosines) => mean(sizes(cosines).map((row) => Math.max(...row))),
    },
    {
      message:
        'Each feature takes its nearest unit in your answer, also one that is taken: the matching must be one to one.',
      mistaken: (cosines) =>
        mean((cosines[0] ?? []).map((_, i) => Math.max(...sizes(cosines).map((row) => row[i] as number)))),
    },
    {
      message:
        'Your units choose one after the other, and an early choice may spoil a later one: compare whole matchings.',
      mistaken: (cosines) => mean(greedy(cosines)),
    },
    {
      message:
        'You take the largest |cos| that is left, pair after pair, and the best pair may spoil two others: compare whole matchings.',
      mistaken: (cosines) => mean(largestFirst(cosines)),
    },
    {
      message:
        'You pair unit j with feature j: the order of units is arbitrary, so search for the best matching.',
      mistaken: (cosines) => mean(diagonal(cosines)),
    },
    {
      message: 'You average over all pairs: only matched pairs count.',
      mistaken: (cosines) => mean(sizes(cosines).flat()),
    },
    {
      message: 'The sign counts in your answer: a unit may point the other way, so take |cos|.',
      mistaken: (cosines) => {
        const permutations = orders(cosines.length);
        return Math.max(
          ...permutations.map((order) =>
            mean(cosines.map((row, unit) => row[order[unit] as number] as number)),
          ),
        );
      },
    },
    {
      message: 'You sum over the pairs: average.',
      mistaken: (cosines) => sum(matched(cosines).map(Math.abs)),
    },
  ],
};

/** All orders of 0 … n − 1. */
function orders(n: number): number[][] {
  if (n === 0) return [[]];
  return orders(n - 1).flatMap((order) =>
    Array.from({ length: n }, (_, place) => [...order.slice(0, place), n - 1, ...order.slice(place)]),
  );
}

/**
 * Checks the mean correlation coefficient of a square matrix of cosines, [units][features].
 *
 * @example check.mcc((cosines) => Math.max(...cosines.flat())).passed // → false; not the best pair, but all pairs
 */
export function mcc(answer: (cosines: number[][]) => number): Verdict {
  return verify(mccExercise, answer);
}

/**
 * Checks F1 of a unit as a detector of a feature; a number.
 *
 * @example check.detector((fires) => fires.filter(Boolean).length / fires.length).passed // → false
 */
export function detector(answer: (fires: boolean[], present: boolean[]) => number): Verdict {
  return verify({ ...f1, name: 'F1' }, answer);
}

type AbsorptionArguments = [fires: boolean[], parent: boolean[], child: boolean[]];

/** Among the rows where `given` holds, the fraction with the unit active. */
const share = (fires: boolean[], given: (row: number) => boolean) => {
  const rows = [...fires.keys()].filter(given);
  return rows.filter((row) => fires[row]).length / rows.length;
};

const absorptionExercise: Exercise<AbsorptionArguments, number> = {
  name: 'Absorption',
  asks: 'P(unit | parent and no child) − P(unit | parent and child)',
  definition: (fires, parent, child) =>
    share(fires, (row) => Boolean(parent[row]) && !child[row]) -
    share(fires, (row) => Boolean(parent[row]) && Boolean(child[row])),
  inputs: (random) => {
    const parent = Array.from({ length: 40 }, (_, row) => row % 5 < 3);
    const child = parent.map((one, row) => one && row % 3 === 0);
    const fires = parent.map((one, row) =>
      one ? !child[row] || random.uniform() < 0.3 : random.uniform() < 0.1,
    );
    return [
      {
        kind: 'ordinary',
        args: [
          [true, true, false, false, true, false],
          [true, true, true, true, true, false],
          [false, false, false, true, true, false],
        ],
      },
      { kind: 'ordinary', args: [fires, parent, child] },
      {
        kind: 'edge',
        args: [
          [true, false, false],
          [true, true, false],
          [false, true, false],
        ],
      },
      {
        kind: 'edge',
        args: [
          [true, true, true, false],
          [true, true, false, false],
          [false, true, false, false],
        ],
      },
    ];
  },
  misconceptions: [
    {
      message: 'The sign is swapped: absorption is positive where the unit is silent *with* the child.',
      mistaken: (fires, parent, child) =>
        share(fires, (row) => Boolean(parent[row]) && Boolean(child[row])) -
        share(fires, (row) => Boolean(parent[row]) && !child[row]),
    },
    {
      message:
        'Your rows without the child include rows without the parent, where the unit should be silent anyway: look only at rows with the parent.',
      mistaken: (fires, parent, child) =>
        share(fires, (row) => !child[row]) -
        share(fires, (row) => Boolean(parent[row]) && Boolean(child[row])),
    },
    {
      message:
        'You return only how often the unit is silent with the child: compare it with the rows without the child.',
      mistaken: (fires, parent, child) =>
        1 - share(fires, (row) => Boolean(parent[row]) && Boolean(child[row])),
    },
    {
      message:
        'You return only how often the unit fires without the child: subtract how often it does with the child.',
      mistaken: (fires, parent, child) => share(fires, (row) => Boolean(parent[row]) && !child[row]),
    },
    {
      message: 'You divide by the number of all rows: divide each count by the rows of its own kind.',
      mistaken: (fires, parent, child) => {
        const count = (holds: (row: number) => boolean) =>
          [...fires.keys()].filter((row) => fires[row] && holds(row)).length / fires.length;
        return (
          count((row) => Boolean(parent[row]) && !child[row]) -
          count((row) => Boolean(parent[row]) && Boolean(child[row]))
        );
      },
    },
    {
      message:
        'You divide by the rows with the parent: divide each count by the rows of its own kind, with or without the child.',
      mistaken: (fires, parent, child) => {
        const count = (holds: (row: number) => boolean) =>
          [...fires.keys()].filter((row) => fires[row] && holds(row)).length / parent.filter(Boolean).length;
        return (
          count((row) => Boolean(parent[row]) && !child[row]) -
          count((row) => Boolean(parent[row]) && Boolean(child[row]))
        );
      },
    },
    {
      message:
        'This is the recall of the unit, over all rows with the parent: compare the rows with and without the child.',
      mistaken: (fires, parent) => share(fires, (row) => Boolean(parent[row])),
    },
  ],
};

/**
 * Checks absorption of a parent's unit by a child; a number.
 *
 * @example check.absorbed(() => 0).passed // → false
 */
export function absorbed(answer: (fires: boolean[], parent: boolean[], child: boolean[]) => number): Verdict {
  return verify(absorptionExercise, answer);
}
