/**
 * Exercises on finding the fault of a training in its records.
 *
 * @module
 */
import type { Random } from '../../numbers/random';
import type { Exercise, Input } from '../verify';

/**
 * `(h) => number[]`: the units that are silent for the whole sample.
 *
 * @example exercises.deadUnits.definition([[0, 1, 0], [0, 0, 0]]) // → [0, 2]
 */
export const deadUnits: Exercise<[h: number[][]], number[]> = {
  name: 'deadUnits',
  asks: 'the numbers of the units that are exactly 0 for every example, in rising order',
  definition: (h) => unitsWhere(h, (values) => values.every((value) => value === 0)),
  inputs: (random) => [
    {
      kind: 'ordinary',
      args: [
        [
          [0, 2, 0, 1, 0],
          [0, 0, 0, 3, 1],
          [0, 0, 0, 2, 2],
          // An example for which no unit fires.
          [0, 0, 0, 0, 0],
          [0, 0, 0, 0, 4],
          [0, 0, 0, 5, 0],
        ],
      ],
    },
    ...[5, 8].map((units): Input<[number[][]]> => ({ kind: 'ordinary', args: [sparse(random, 3, units)] })),
    { kind: 'edge', args: [[[0, 0]]] },
    {
      kind: 'edge',
      args: [
        [
          [1, -1, 1e-9, 0, -2, -1],
          [1, 1, 0, 0, -1, 0],
        ],
      ],
    },
    { kind: 'edge', args: [[[1, 2, 3]]] },
  ],
  misconceptions: [
    {
      message:
        'Your answer counts a unit as dead after one silent example: it must be silent for all of them.',
      mistaken: (h) => unitsWhere(h, (values) => values.some((value) => value === 0)),
    },
    {
      message: 'Your answer counts a unit with mean 0 as dead: −1 and 1 cancel, yet the unit works.',
      mistaken: (h) => unitsWhere(h, (values) => values.reduce((sum, value) => sum + value, 0) === 0),
    },
    {
      message: 'Your answer treats small activations as zero: 1e-9 still has a gradient.',
      mistaken: (h) => unitsWhere(h, (values) => values.every((value) => Math.abs(value) < 1e-6)),
    },
    {
      message: 'You return the silent examples: units are the columns.',
      mistaken: (h) => indices(h.length).filter((row) => h[row]?.every((value) => value === 0)),
    },
    {
      message: 'You return the living units: return the dead ones.',
      mistaken: (h) => unitsWhere(h, (values) => values.some((value) => value !== 0)),
    },
    {
      message: 'You look at the first example only: look at all of them.',
      mistaken: (h) => unitsWhere(h, ([first]) => first === 0),
    },
    {
      message: 'Your answer treats negative activations as zero: only exactly 0 counts.',
      mistaken: (h) => unitsWhere(h, (values) => values.every((value) => value <= 0)),
    },
    {
      message:
        'Your answer counts a unit as dead if its largest activation is 0: it must be exactly 0 for every example.',
      mistaken: (h) => unitsWhere(h, (values) => Math.max(...values) === 0),
    },
    {
      message: 'You count units from 1: the first is number 0.',
      mistaken: (h) =>
        unitsWhere(h, (values) => values.every((value) => value === 0)).map((unit) => unit + 1),
    },
    {
      message: 'You look at the last example only: does the loop overwrite the answer?',
      mistaken: (h) => unitsWhere(h, (values) => values.at(-1) === 0),
    },
    {
      message:
        'Your answer counts a unit as dead if it is silent for most examples: it must be silent for all of them.',
      mistaken: (h) =>
        unitsWhere(h, (values) => values.filter((value) => value === 0).length > values.length / 2),
    },
  ],
};

const isTooLarge = (losses: readonly number[], loss: number) => loss > 10 * at(losses, 0);
const isBad = (losses: readonly number[], loss: number) => !Number.isFinite(loss) || isTooLarge(losses, loss);
const badStep = (losses: readonly number[]) => losses.findIndex((loss) => isBad(losses, loss));

/**
 * `(losses) => number`: where a training diverges.
 *
 * @example exercises.firstBadStep.definition([1, 0.5, 20, 0.4]) // → 2; 20 is more than 10 times 1
 */
export const firstBadStep: Exercise<[losses: number[]], number> = {
  name: 'firstBadStep',
  asks: 'the first step whose loss is NaN, infinite or more than 10 times the first loss; −1 if there is none',
  definition: badStep,
  inputs: (random) => {
    const falling = Array.from({ length: 5 }, (_, i) => 1 / (i + 1 + random.uniform()));
    return [
      { kind: 'ordinary', args: [[1, 0.8, 0.6, 0.5]] },
      { kind: 'ordinary', args: [[...falling, 50, 60]] },
      { kind: 'ordinary', args: [[1, 3, 9, 27, 81]] },
      { kind: 'ordinary', args: [[2, 1, Number.NaN, Number.NaN]] },
      { kind: 'ordinary', args: [[4, Number.POSITIVE_INFINITY]] },
      { kind: 'ordinary', args: [[8, 15, 9]] },
      // A rise that stays below the first loss, and one above it.
      { kind: 'ordinary', args: [[2, 1, 1.5, 3, 25]] },
      { kind: 'edge', args: [[Number.NaN, 1]] },
      { kind: 'edge', args: [[1, 10, 5]] },
      // Ten times the smallest so far, and ten times the first only before a NaN.
      { kind: 'edge', args: [[5, 1, 20, 8]] },
      { kind: 'edge', args: [[1, 50, Number.NaN]] },
      { kind: 'edge', args: [[1, Number.NaN, 50]] },
      { kind: 'edge', args: [[Number.POSITIVE_INFINITY, 1]] },
      // As good as a loss can be.
      { kind: 'edge', args: [[1, 0, 0.5]] },
      { kind: 'edge', args: [[]] },
    ];
  },
  misconceptions: [
    ...[
      (losses: readonly number[]) => losses.findIndex((loss) => isTooLarge(losses, loss)),
      (losses: readonly number[]) =>
        losses.findIndex((loss) => loss === Number.POSITIVE_INFINITY || isTooLarge(losses, loss)),
    ].map((mistaken) => ({
      message:
        'Your answer does not find NaN: every comparison with NaN is false, also NaN === NaN. Use Number.isNaN or Number.isFinite.',
      mistaken,
    })),
    {
      message:
        'Your answer counts any rise as bad: losses of single batches go up and down. Only more than 10 times the first is bad.',
      mistaken: (losses) =>
        losses.findIndex((loss, i) => !Number.isFinite(loss) || (i > 0 && loss > at(losses, i - 1))),
    },
    {
      message: 'Your answer finds only NaN and infinity: more than 10 times the first loss is bad too.',
      mistaken: (losses) => losses.findIndex((loss) => !Number.isFinite(loss)),
    },
    {
      message: 'You compare the loss with the previous one: compare it with the first.',
      mistaken: (losses) =>
        losses.findIndex((loss, i) => !Number.isFinite(loss) || (i > 0 && loss > 10 * at(losses, i - 1))),
    },
    {
      message: 'Your answer counts exactly 10 times as bad: it must be more than 10 times.',
      mistaken: (losses) => losses.findIndex((loss) => !Number.isFinite(loss) || loss >= 10 * at(losses, 0)),
    },
    {
      message: 'You return the last bad step: return the first.',
      mistaken: (losses) => {
        const bad = losses.map((loss) => isBad(losses, loss));
        return bad.lastIndexOf(true);
      },
    },
    {
      message: 'You count steps from 1: the first step is number 0.',
      mistaken: (losses) => {
        const first = badStep(losses);
        return first < 0 ? first : first + 1;
      },
    },
    {
      message: 'Your answer leaves out step 0: the first loss can be NaN or infinite itself.',
      mistaken: (losses) => losses.findIndex((loss, i) => i > 0 && isBad(losses, loss)),
    },
    {
      message: 'Your answer counts every loss above the first as bad: only more than 10 times the first is.',
      mistaken: (losses) => losses.findIndex((loss) => !Number.isFinite(loss) || loss > at(losses, 0)),
    },
    {
      message: 'Your bound is 10: it must be 10 times the first loss.',
      mistaken: (losses) => losses.findIndex((loss) => !Number.isFinite(loss) || loss > 10),
    },
    ...[
      (losses: readonly number[]) =>
        losses.findIndex((loss) => !loss || loss === Number.POSITIVE_INFINITY || isTooLarge(losses, loss)),
      (losses: readonly number[]) => losses.findIndex((loss) => !loss || isTooLarge(losses, loss)),
    ].map((mistaken) => ({
      message: 'Your answer counts a loss of 0 as bad: !loss is true for NaN and for 0. Use Number.isFinite.',
      mistaken,
    })),
    {
      message: 'Your answer accepts an infinite first loss: ∞ > 10 · ∞ is false. Use Number.isFinite.',
      mistaken: (losses) => losses.findIndex((loss) => Number.isNaN(loss) || isTooLarge(losses, loss)),
    },
    ...[
      (losses: readonly number[]) => {
        const large = losses.findIndex((loss) => isTooLarge(losses, loss));
        return large >= 0 ? large : losses.findIndex((loss) => !Number.isFinite(loss));
      },
      (losses: readonly number[]) => {
        const odd = losses.findIndex((loss) => !Number.isFinite(loss));
        return odd >= 0 ? odd : losses.findIndex((loss) => isTooLarge(losses, loss));
      },
    ].map((mistaken) => ({
      message:
        'You look for one kind of bad step only where the other is absent: return the first bad step of either kind.',
      mistaken,
    })),
    {
      message: 'Your answer requires a loss that is not finite and too large: either is bad.',
      mistaken: (losses) => losses.findIndex((loss) => !Number.isFinite(loss) && isTooLarge(losses, loss)),
    },
    {
      message: 'You return the loss: return its step.',
      mistaken: (losses) => losses.find((loss) => isBad(losses, loss)) ?? -1,
    },
    {
      message: 'Where there is no bad step the answer is −1.',
      mistaken: (losses) => {
        const first = badStep(losses);
        return first < 0 ? losses.length : first;
      },
    },
  ],
};

/** Input of a diagnosis. */
export interface RunSummary {
  readonly firstLoss: number;
  readonly lastLoss: number;
  /** Mean number of active units per example. */
  readonly l0: number;
  readonly hiddenDim: number;
  /** Fraction of units that are silent for the whole sample. */
  readonly deadFraction: number;
}

/** How a run may be. */
export type RunState = 'diverged' | 'collapsed' | 'not learning' | 'dense' | 'healthy';

/**
 * `(run) => RunState`: what is wrong with a run, the gravest first.
 *
 * @example exercises.diagnose.definition({ firstLoss: 1, lastLoss: 0.95, l0: 3, hiddenDim: 8, deadFraction: 0 }) // → 'not learning'
 */
export const diagnose: Exercise<[run: RunSummary], RunState> = {
  name: 'diagnose',
  asks: 'the first that holds of diverged, collapsed, not learning, dense, else healthy',
  definition: (run) => diagnosis(run),
  inputs: (random) => {
    const good = {
      firstLoss: 1,
      lastLoss: 0.2 + 0.1 * random.uniform(),
      l0: 6,
      hiddenDim: 32,
      deadFraction: 0.1,
    };
    const of = (kind: 'ordinary' | 'edge', change: Partial<RunSummary>): Input<[RunSummary]> => ({
      kind,
      args: [{ ...good, ...change }],
    });
    return [
      of('ordinary', {}),
      of('ordinary', { lastLoss: 5 }),
      of('ordinary', { deadFraction: 0.97, l0: 0.5 }),
      of('ordinary', { lastLoss: 0.95 }),
      of('ordinary', { l0: 30 }),
      // Other losses and another width.
      of('ordinary', { firstLoss: 0.08, lastLoss: 0.02, l0: 20, hiddenDim: 64 }),
      of('ordinary', { firstLoss: 0.08, lastLoss: 0.079 }),
      of('ordinary', { firstLoss: 0.08, lastLoss: 0.4 }),
      of('edge', { lastLoss: Number.NaN }),
      of('edge', { lastLoss: Number.NaN, deadFraction: 1, l0: 0 }),
      of('edge', { lastLoss: Number.POSITIVE_INFINITY }),
      of('edge', { deadFraction: 1, l0: 0, lastLoss: 0.95 }),
      of('edge', { deadFraction: 0.9, l0: 2 }),
      of('edge', { deadFraction: 0.85, l0: 3 }),
      of('edge', { lastLoss: 1 }),
      // Exactly 0.9 times the first, also in code with last / first or 1 - last / first: not so with 1 and 0.9.
      of('edge', { firstLoss: 9, lastLoss: 0.9 * 9 }),
      of('edge', { l0: 16 }),
      of('edge', { l0: 17 }),
      of('edge', { l0: 31, lastLoss: 0.93 }),
      of('edge', { l0: 31, lastLoss: 5 }),
    ];
  },
  misconceptions: [
    {
      message:
        'Your answer calls NaN healthy: NaN > 1 is false, and so is NaN <= 1. Test with Number.isFinite.',
      mistaken: (run) =>
        run.lastLoss > run.firstLoss ? 'diverged' : diagnosis({ ...run, lastLoss: run.lastLoss || 0 }),
    },
    {
      message: 'You compare l0 with a fraction: l0 counts units, so divide it by hiddenDim.',
      mistaken: (run) => diagnosis({ ...run, hiddenDim: 1 }),
    },
    ...[
      (run: RunSummary) => (run.lastLoss > 1 ? 'diverged' : run.lastLoss > 0.9 ? 'not learning' : undefined),
      (run: RunSummary) =>
        run.lastLoss > run.firstLoss ? 'diverged' : run.lastLoss > 0.9 ? 'not learning' : undefined,
      (run: RunSummary) =>
        run.lastLoss > 1 ? 'diverged' : run.lastLoss > 0.9 * run.firstLoss ? 'not learning' : undefined,
    ].map((byLoss) => ({
      message: 'You compare a loss with a fixed number: the first loss is not always 1.',
      mistaken: (run: RunSummary): RunState => {
        const state = byLoss(run);
        if (!Number.isFinite(run.lastLoss) || state === 'diverged') return 'diverged';
        if (run.deadFraction >= 0.9) return 'collapsed';
        return state ?? (run.l0 > run.hiddenDim / 2 ? 'dense' : 'healthy');
      },
    })),
    {
      message: 'You compare l0 with a fixed number: half of hiddenDim is not always 16.',
      mistaken: (run) => diagnosis({ ...run, hiddenDim: 32 }),
    },
    {
      message: 'You read deadFraction as a percentage: it is a fraction from 0 to 1.',
      mistaken: (run) => diagnosis({ ...run, deadFraction: run.deadFraction / 100 }),
    },
    {
      message: 'Your answer says "collapsed" too early: 0.9 of the units must be dead.',
      mistaken: (run) => diagnosis({ ...run, deadFraction: run.deadFraction > 0.5 ? 1 : 0 }),
    },
    {
      message:
        'Your answer tests "collapsed" before "diverged": a run whose loss is NaN has diverged, whatever its units do.',
      mistaken: (run) => (run.deadFraction >= 0.9 ? 'collapsed' : diagnosis(run)),
    },
    {
      message:
        'Your answer tests "not learning" before "diverged": a loss that has grown is also more than 0.9 of the first.',
      mistaken: (run) => (run.lastLoss > 0.9 * run.firstLoss ? 'not learning' : diagnosis(run)),
    },
    {
      message:
        'Your answer tests "dense" before everything else: keep the order of the list and return the first that holds.',
      mistaken: (run) => (run.l0 > run.hiddenDim / 2 ? 'dense' : diagnosis(run)),
    },
    {
      message: 'You return the last condition that holds: return the first.',
      mistaken: (run) => {
        if (run.l0 > run.hiddenDim / 2) return 'dense';
        if (run.lastLoss > 0.9 * run.firstLoss) return 'not learning';
        return run.deadFraction >= 0.9 ? 'collapsed' : diagnosis(run);
      },
    },
    {
      message: 'Your answer calls an unchanged loss "diverged": the loss must be larger than the first.',
      mistaken: (run) => (run.lastLoss === run.firstLoss ? 'diverged' : diagnosis(run)),
    },
    {
      message: 'Your answer says "not learning" at exactly 0.9 times the first loss: it must be more.',
      mistaken: (run) => (run.lastLoss === 0.9 * run.firstLoss ? 'not learning' : diagnosis(run)),
    },
    {
      message:
        'Your answer tests "not learning" before "collapsed": dead units are the cause, the loss is only the symptom.',
      mistaken: (run) => {
        const learned = diagnosis({ ...run, deadFraction: 0 });
        return learned === 'diverged' || learned === 'not learning' ? learned : diagnosis(run);
      },
    },
    {
      message: 'Your answer tests "dense" before "not learning".',
      mistaken: (run) => {
        const other = diagnosis(run);
        return other === 'not learning' && run.l0 > run.hiddenDim / 2 ? 'dense' : other;
      },
    },
    {
      message: 'Your answer requires more than 0.9 dead units: 0.9 itself is enough.',
      mistaken: (run) => diagnosis({ ...run, deadFraction: run.deadFraction === 0.9 ? 0 : run.deadFraction }),
    },
    {
      message: 'Your answer calls half of the units dense: it must be more than half.',
      mistaken: (run) =>
        diagnosis(run) === 'healthy' && run.l0 === run.hiddenDim / 2 ? 'dense' : diagnosis(run),
    },
    {
      message: 'Your answer is always the same.',
      mistaken: () => 'healthy',
    },
  ],
};

const at = (values: readonly number[], index: number) => values[index] as number;
const indices = (length: number) => Array.from({ length }, (_, index) => index);

function unitsWhere(h: number[][], holds: (values: number[]) => boolean): number[] {
  return indices(h[0]?.length ?? 0).filter((unit) => holds(h.map((row) => at(row, unit))));
}

function diagnosis({ firstLoss, lastLoss, l0, hiddenDim, deadFraction }: RunSummary): RunState {
  if (!Number.isFinite(lastLoss) || lastLoss > firstLoss) return 'diverged';
  if (deadFraction >= 0.9) return 'collapsed';
  if (lastLoss > 0.9 * firstLoss) return 'not learning';
  return l0 > hiddenDim / 2 ? 'dense' : 'healthy';
}

/** Relu codes with two dead units; each of the others fires for at least one example, not always the first. */
function sparse(random: Random, rows: number, units: number): number[][] {
  const dead = new Set([0, units - 2]);
  const fires = indices(units).map((unit) => (unit === 1 ? rows - 1 : random.integer(rows)));
  return indices(rows).map((row) =>
    indices(units).map((unit) => {
      if (dead.has(unit) || (row !== fires[unit] && (unit === 1 || random.uniform() < 0.5))) return 0;
      return 0.1 + random.uniform();
    }),
  );
}
