/**
 * Exercises on choosing a penalty's strength.
 *
 * @module
 */
import type { Random } from '../../numbers/random';
import type { Exercise, Input } from '../verify';

/** The compared numbers of a training: its strength, how well it reconstructs, and how many units it uses per example. */
export interface SweepRun {
  readonly lambda: number;
  readonly mse: number;
  readonly l0: number;
}

const run = (lambda: number, mse: number, l0: number): SweepRun => ({ lambda, mse, l0 });

/**
 * `(from, to, count) => number[]`: strengths at equal ratios.
 *
 * @example exercises.strengths.definition(0.001, 0.1, 3) // → [0.001, 0.01, 0.1]
 */
export const strengths: Exercise<[from: number, to: number, count: number], number[]> = {
  name: 'strengths',
  asks: 'count numbers from `from` to `to`, both included, each the same factor larger than the one before',
  definition: (from, to, count) => geometric(from, to, count, count - 1),
  inputs: (random) => [
    { kind: 'ordinary', args: [1e-4, 1e-1, 4] },
    { kind: 'ordinary', args: [0.01 * (1 + random.uniform()), 3, 5] },
    { kind: 'ordinary', args: [1, 64, 7] },
    { kind: 'edge', args: [1e-5, 1, 2] },
    { kind: 'edge', args: [0.5, 0.5, 3] },
    { kind: 'edge', args: [1, 1e-3, 4] },
  ],
  misconceptions: [
    {
      message: 'Your steps are equal (linear): most of them then lie in the last decade. Use equal ratios.',
      mistaken: (from, to, count) =>
        Array.from({ length: count }, (_, i) => from + ((to - from) * i) / (count - 1)),
    },
    {
      message: 'The last strength is missing: count numbers have count − 1 ratios between them.',
      mistaken: (from, to, count) => geometric(from, to, count, count),
    },
    {
      message: 'Your list has one number too many.',
      mistaken: (from, to, count) => geometric(from, to, count + 1, count),
    },
    ...[
      (from: number, to: number, count: number) => geometric(from, to, count, count - 1).map(Math.log10),
      (from: number, to: number, count: number) => geometric(from, to, count, count - 1).map(Math.log),
    ].map((mistaken) => ({
      message: 'You return the exponents: raise them back to strengths.',
      mistaken,
    })),
    ...[
      (from: number, to: number, count: number) =>
        geometric(from, to, count, count - 1).map((value) => Math.exp(Math.log10(value))),
      (from: number, to: number, count: number) =>
        geometric(from, to, count, count - 1).map((value) => 10 ** Math.log(value)),
    ].map((mistaken) => ({
      message:
        'Your logarithm and power have different bases: Math.exp undoes Math.log, and 10 ** undoes Math.log10.',
      mistaken,
    })),
    {
      message: 'The first strength is missing: the list begins with `from`.',
      mistaken: (from, to, count) => geometric(from, to, count + 1, count).slice(1),
    },
    {
      message: 'Both ends are missing: the list begins with `from` and ends with `to`.',
      mistaken: (from, to, count) => geometric(from, to, count + 1, count + 1).slice(1),
    },
    {
      message:
        'Your loop multiplies until it passes `to`: a rounding error ends it one too soon, and downwards it does ' +
        'not begin. Count the steps instead.',
      mistaken: (from, to, count) => {
        const factor = (to / from) ** (1 / (count - 1));
        const passed: number[] = [];
        // Where the ends are equal it would go on for ever.
        for (let value = from; value <= to && passed.length < 2 * count; value *= factor) passed.push(value);
        return passed;
      },
    },
    {
      message: 'Each of your steps has the whole ratio to / from: count − 1 steps share it.',
      mistaken: (from, to, count) => geometric(from, to, count, 1),
    },
    {
      message: 'Your factor is always 10: it follows from the ends and the count.',
      mistaken: (from, _, count) => Array.from({ length: count }, (_, i) => from * 10 ** i),
    },
  ],
};

/**
 * `(runs) => SweepRun[]`: the runs that no other run beats in both.
 *
 * @example exercises.paretoFront.definition([{ lambda: 1, mse: 2, l0: 3 }, { lambda: 2, mse: 3, l0: 4 }]).length // → 1; the first beats the second
 */
export const paretoFront: Exercise<[runs: readonly SweepRun[]], SweepRun[]> = {
  name: 'paretoFront',
  asks: 'the runs for which no other is at least as good in mse and l0 and better in one, in the order they came',
  definition: (runs) => runs.filter((run) => !runs.some((other) => dominates(other, run))),
  inputs: (random) => [
    { kind: 'ordinary', args: [[run(1, 5, 10), run(2, 4, 20), run(3, 6, 12), run(4, 3, 30)]] },
    // The first two are beaten by later ones, the second by one with a larger λ.
    {
      kind: 'ordinary',
      args: [[run(6, 7, 22), run(1, 6, 12), run(2, 4, 20), run(3, 5, 10), run(4, 3, 30), run(5, 9, 40)]],
    },
    ...[6, 8].map((count): Input<[SweepRun[]]> => ({ kind: 'ordinary', args: [draw(random, count)] })),
    { kind: 'edge', args: [[run(1, 2, 3)]] },
    { kind: 'edge', args: [[]] },
    // Two are the same; the third is beaten at the same mse only, the last at the same l0 only.
    { kind: 'edge', args: [[run(1, 2, 3), run(2, 2, 3), run(3, 2, 4), run(4, 1, 6), run(5, 1.5, 6)]] },
  ],
  misconceptions: [
    {
      message: 'You keep only the run with the smallest mse: others may be worse there and sparser.',
      mistaken: (runs) => runs.filter(({ mse }) => mse === Math.min(...runs.map((other) => other.mse))),
    },
    {
      message:
        'Your answer keeps a run only if it is better than every other in something: a run stays unless it is beaten in both.',
      mistaken: (runs) => runs.filter((run) => runs.some((other) => dominates(run, other))),
    },
    {
      message: 'Your answer treats large values as good: smaller mse and smaller l0 are better.',
      mistaken: (runs) => runs.filter((run) => !runs.some((other) => dominates(run, other))),
    },
    {
      message: 'You return the dominated runs: keep the others.',
      mistaken: (runs) => runs.filter((run) => runs.some((other) => dominates(other, run))),
    },
    {
      message: 'Your answer treats a larger l0 as better: fewer active units are better.',
      mistaken: (runs) => {
        const flip = ({ lambda, mse, l0 }: SweepRun) => run(lambda, mse, -l0);
        return runs.filter((run) => !runs.some((other) => dominates(flip(other), flip(run))));
      },
    },
    {
      message: 'Your answer lets equal runs exclude each other: neither beats the other, so both stay.',
      mistaken: (runs) =>
        runs.filter(
          (run) => !runs.some((other) => other !== run && other.mse <= run.mse && other.l0 <= run.l0),
        ),
    },
    {
      message:
        'Your answer excludes a run only if it is worse in both: a run that ties in one and is worse in the other is beaten too.',
      mistaken: (runs) =>
        runs.filter((run) => !runs.some((other) => other.mse < run.mse && other.l0 < run.l0)),
    },
    {
      message: 'In your answer only a smaller mse beats a run: at the same mse a smaller l0 does, too.',
      mistaken: (runs) =>
        runs.filter((run) => !runs.some((other) => other.mse < run.mse && other.l0 <= run.l0)),
    },
    {
      message: 'In your answer only a smaller l0 beats a run: at the same l0 a smaller mse does, too.',
      mistaken: (runs) =>
        runs.filter((run) => !runs.some((other) => other.mse <= run.mse && other.l0 < run.l0)),
    },
    {
      message: 'Your answer excludes a run that is worse in one: a run must be beaten in both.',
      mistaken: (runs) =>
        runs.filter((run) => !runs.some((other) => other.mse < run.mse || other.l0 < run.l0)),
    },
    {
      message:
        'In your answer a run beats itself. It is as good as itself in both, so the better run must also be better in one of the two.',
      mistaken: (runs) =>
        runs.filter((run) => !runs.some((other) => other.mse <= run.mse && other.l0 <= run.l0)),
    },
    {
      message: 'You compare a run only with those before it: those after it can beat it, too.',
      mistaken: (runs) => runs.filter((run, i) => !runs.slice(0, i).some((other) => dominates(other, run))),
    },
    {
      message: 'You compare a run only with its neighbours: any other can beat it.',
      mistaken: (runs) =>
        runs.filter((run, i) => ![runs[i - 1], runs[i + 1]].some((other) => other && dominates(other, run))),
    },
    {
      message: 'You keep only the first of two equal runs: neither beats the other, so both stay.',
      mistaken: (runs) =>
        runs.filter(
          (run, i) =>
            !runs.some((other) => dominates(other, run)) &&
            !runs.slice(0, i).some((other) => other.mse === run.mse && other.l0 === run.l0),
        ),
    },
    {
      message: 'You compare λ as well: compare only mse and l0.',
      mistaken: (runs) =>
        runs.filter((run) => !runs.some((other) => dominates(other, run) && other.lambda <= run.lambda)),
    },
  ],
};

/** Every rule other than the smallest mse within a budget of 15 finds another run, and no two of these rules find the same. */
const temptations = [
  run(10, 4, 30), // the first
  run(8, 3, 20), // the smallest mse
  run(4, 6, 10), // the first within the budget
  run(5, 7, 14), // the closest to it
  run(3, 5, 11), // the right one
  run(1, 6.5, 9), // the smallest λ
  run(9, 6.6, 8), // the largest
  run(6, 8, 4), // the sparsest
  run(2, 9, 7), // the largest mse
  run(7, 7.5, 6), // the last
];

/**
 * `(runs, maxL0) => SweepRun | null`: the best reconstruction within a budget of active units.
 *
 * @example exercises.chooseRun.definition([{ lambda: 1, mse: 2, l0: 9 }], 8) // → null; no run is within the budget
 */
export const chooseRun: Exercise<[runs: readonly SweepRun[], maxL0: number], SweepRun | null> = {
  name: 'chooseRun',
  asks: 'the run with the smallest mse among those with l0 ≤ maxL0, or null if there is none',
  definition: (runs, maxL0) => smallest(runs.filter(({ l0 }) => l0 <= maxL0)),
  inputs: (random) => [
    { kind: 'ordinary', args: [[run(1, 3, 30), run(2, 4, 20), run(3, 5, 10), run(4, 9, 4)], 15] },
    { kind: 'ordinary', args: [[run(1, 3, 4), run(2, 4, 20)], 15] },
    { kind: 'ordinary', args: [temptations, 15] },
    ...[10, 18, 25].map(
      (maxL0): Input<[SweepRun[], number]> => ({
        kind: 'ordinary',
        args: [draw(random, 8).with(random.integer(8), run(3.5, 5, 3)), maxL0],
      }),
    ),
    { kind: 'edge', args: [[run(1, 3, 30), run(2, 4, 20)], 20] },
    { kind: 'edge', args: [[run(1, 3, 30), run(2, 4, 20)], 5] },
    { kind: 'edge', args: [[], 5] },
  ],
  misconceptions: [
    {
      message: 'Your answer ignores the budget: only runs with l0 ≤ maxL0 may be chosen.',
      mistaken: (runs) => smallest(runs),
    },
    {
      message: 'Your answer requires l0 below the budget: l0 = maxL0 is within it.',
      mistaken: (runs, maxL0) => smallest(runs.filter(({ l0 }) => l0 < maxL0)),
    },
    {
      message: 'You choose the sparsest run: within the budget, take the best reconstruction.',
      mistaken: (runs, maxL0) =>
        runs
          .filter(({ l0 }) => l0 <= maxL0)
          .reduce(
            best((a, b) => a.l0 < b.l0),
            null,
          ),
    },
    {
      message: 'You choose the run closest to the budget: take the smallest mse within it.',
      mistaken: (runs, maxL0) =>
        runs
          .filter(({ l0 }) => l0 <= maxL0)
          .reduce(
            best((a, b) => a.l0 > b.l0),
            null,
          ),
    },
    {
      message: 'You take the first run within the budget: look at all of them. (sort needs a.mse − b.mse.)',
      mistaken: (runs, maxL0) => runs.find(({ l0 }) => l0 <= maxL0) ?? null,
    },
    {
      message: 'You choose the largest mse: choose the smallest.',
      mistaken: (runs, maxL0) =>
        runs
          .filter(({ l0 }) => l0 <= maxL0)
          .reduce(
            best((a, b) => a.mse > b.mse),
            null,
          ),
    },
    {
      message: 'You choose among the runs above the budget: l0 ≤ maxL0, not ≥.',
      mistaken: (runs, maxL0) => smallest(runs.filter(({ l0 }) => l0 >= maxL0)),
    },
    {
      message: 'You choose a run even where none is within the budget: the answer is null then.',
      mistaken: (runs, maxL0) => smallest(runs.filter(({ l0 }) => l0 <= maxL0)) ?? smallest(runs),
    },
    {
      message: 'Your search starts with the first run, which may be above the budget: start with null.',
      mistaken: (runs, maxL0) => smallest(runs.filter(({ l0 }, i) => i === 0 || l0 <= maxL0)),
    },
    {
      message:
        'You compare the best of all runs with the budget: first keep the runs within it, then take the best.',
      mistaken: (runs, maxL0) => {
        const least = smallest(runs);
        return least !== null && least.l0 <= maxL0 ? least : null;
      },
    },
    {
      message: 'You take the last run within the budget: compare their mse.',
      mistaken: (runs, maxL0) => runs.findLast(({ l0 }) => l0 <= maxL0) ?? null,
    },
    ...[
      (a: SweepRun, b: SweepRun) => a.lambda < b.lambda,
      (a: SweepRun, b: SweepRun) => a.lambda > b.lambda,
    ].map((better) => ({
      message: 'Your answer decides by λ within the budget: take the smallest mse.',
      mistaken: (runs: readonly SweepRun[], maxL0: number) =>
        runs.filter(({ l0 }) => l0 <= maxL0).reduce(best(better), null),
    })),
  ],
};

/**
 * `(lambda, inputDim) => number`: the same strength for another reconstruction error.
 *
 * @example exercises.convertStrength.definition(0.001, 64) // → 0.032; 0.001 · 64 / 2
 */
export const convertStrength: Exercise<[lambda: number, inputDim: number], number> = {
  name: 'convertStrength',
  asks: 'λ · inputDim / 2: ½ Σ (x − x̂)² over the inputs is inputDim / 2 times their mean squared error',
  definition: (lambda, inputDim) => (lambda * inputDim) / 2,
  inputs: (random) => [
    { kind: 'ordinary', args: [0.001, 64] },
    { kind: 'ordinary', args: [random.uniform(), 784] },
    { kind: 'ordinary', args: [random.uniform(), 25] },
    { kind: 'edge', args: [0, 64] },
    { kind: 'edge', args: [0.3, 1] },
  ],
  misconceptions: [
    {
      message: 'The ½ of ½ Σ (x − x̂)² is missing.',
      mistaken: (lambda, inputDim) => lambda * inputDim,
    },
    {
      message: 'You divide: the summed error is larger, so the penalty must grow with it.',
      mistaken: (lambda, inputDim) => lambda / inputDim,
    },
    {
      message: 'You divide: the summed error is larger, so the penalty must grow with it.',
      mistaken: (lambda, inputDim) => (2 * lambda) / inputDim,
    },
    {
      message: 'The ½ is on the wrong side: multiply by inputDim / 2.',
      mistaken: (lambda, inputDim) => 2 * lambda * inputDim,
    },
    {
      message: 'You keep λ unchanged: with a larger error it would have almost no effect.',
      mistaken: (lambda) => lambda,
    },
    {
      message: 'You divide: the summed error is larger, so the penalty must grow with it.',
      mistaken: (lambda, inputDim) => lambda / (2 * inputDim),
    },
    {
      message: 'You consider only the ½: a sum over the inputs is inputDim times their mean.',
      mistaken: (lambda) => lambda / 2,
    },
    {
      message:
        'You consider only the ½, and on the wrong side: a sum over the inputs is inputDim times their mean.',
      mistaken: (lambda) => 2 * lambda,
    },
    ...[1, 1 / 2].map((fraction) => ({
      message: 'You square inputDim: a sum over the inputs is inputDim times their mean.',
      mistaken: (lambda: number, inputDim: number) => fraction * lambda * inputDim ** 2,
    })),
  ],
};

/** Runs in no order of any of their numbers. */
function draw(random: Random, count: number): SweepRun[] {
  const lambdas = Array.from(random.permutation(count));
  return lambdas.map((lambda) => run(lambda, 1 + 8 * random.uniform(), 4 + 26 * random.uniform()));
}

function dominates(a: SweepRun, b: SweepRun): boolean {
  return a.mse <= b.mse && a.l0 <= b.l0 && (a.mse < b.mse || a.l0 < b.l0);
}

const best =
  (better: (a: SweepRun, b: SweepRun) => boolean) => (found: SweepRun | null, candidate: SweepRun) =>
    found === null || better(candidate, found) ? candidate : found;

function smallest(runs: readonly SweepRun[]): SweepRun | null {
  return runs.reduce<SweepRun | null>(
    best((a, b) => a.mse < b.mse),
    null,
  );
}

function geometric(from: number, to: number, count: number, ratios: number): number[] {
  return Array.from({ length: count }, (_, i) => from * (to / from) ** (i / ratios));
}
