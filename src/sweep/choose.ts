/**
 * Rules that choose one trial of a sweep, each with its reason in words.
 *
 * @module
 */
import { requireNumber, requireObject, requireText } from '../numbers/arguments';
import { type OptionsOf, oneOf, readOptions, text } from '../numbers/options';
import { short as shortened } from '../numbers/shown';
import { allBut, groupRows, meanOf, type SweepRow } from './row';

/** The trial that a rule chose. */
export interface Choice {
  readonly row: SweepRow;
  /** Why, in a sentence. */
  readonly reason: string;
}

/** Chooses among trials that have results. @throws RangeError if none qualifies. */
export type Rule = (rows: readonly SweepRow[]) => Choice;

const goalOptions = {
  metric: text,
  direction: oneOf(['min', 'max']),
};

/** A metric, and whether small or large values are better. @interface */
export type Goal = OptionsOf<typeof goalOptions>;

/**
 * The best trial among those whose other metrics stay within bounds: for example the best probe with at most 20 active units.
 *
 * @param bounds The largest value that each named metric may have.
 *
 * @example trials.choose(bestWithin({ metric: 'mse', direction: 'min' }, { l0: 20 })).reason
 * // 'mse 0.0112 is the lowest of the 5 trials (of 9) with l0 ≤ 20'
 */
export function bestWithin(goal: Goal, bounds: Readonly<Record<string, number>>): Rule {
  readOptions('goal', goal, goalOptions);
  requireObject('bounds', bounds, 'the largest values by metric');
  for (const [metric, bound] of Object.entries(bounds)) requireNumber(`bounds.${metric}`, bound);
  return (rows) => {
    const within = measured(rows, goal.metric).filter(({ metrics }) =>
      // A missing metric or NaN is not within any bound.
      Object.entries(bounds).every(([metric, bound]) => (metrics[metric] ?? Number.NaN) <= bound),
    );
    const limits = Object.entries(bounds).map(([metric, bound]) => `${metric} ≤ ${bound}`);
    const condition = limits.length === 0 ? '' : ` with ${limits.join(' and ')}`;
    const row = best(within, goal);
    if (!row) throw new RangeError(`no trial (of ${rows.length}) has ${goal.metric}${condition}`);
    return {
      row,
      reason: `${goal.metric} ${short(row.metrics[goal.metric])} is the ${superlative(goal)} of the ${within.length} trials (of ${rows.length})${condition}`,
    };
  };
}

/**
 * The knee of the Pareto front of two metrics that should both be small: the trial furthest below the straight line between
 * the front's two ends, both metrics scaled to 0 … 1. Beyond it, one metric gets worse faster than the other better.
 *
 * Satopää, Albrecht, Irwin and Raghavan, "Finding a 'kneedle' in a haystack", 2011.
 *
 * @param x Such as `l0`.
 * @param y Such as `mse`.
 *
 * @example trials.choose(paretoKnee('l0', 'mse')).row.settings
 */
export function paretoKnee(x: string, y: string): Rule {
  requireText('x', x);
  requireText('y', y);
  return (rows) => {
    const front = paretoFront(measured(measured(rows, x), y), x, y);
    const [first, last] = [front[0], front.at(-1)];
    if (!first || !last) throw new RangeError(`no trial (of ${rows.length}) has both ${x} and ${y}`);
    const scaled = (row: SweepRow, metric: string) => {
      const [a, b] = [first.metrics[metric] as number, last.metrics[metric] as number];
      return a === b ? 0 : ((row.metrics[metric] as number) - Math.min(a, b)) / Math.abs(a - b);
    };
    // The line runs from (0, 1) to (1, 0); below it is 1 − x − y > 0.
    const depth = (row: SweepRow) => 1 - scaled(row, x) - scaled(row, y);
    const row = front.reduce((deepest, candidate) =>
      depth(candidate) > depth(deepest) ? candidate : deepest,
    );
    return {
      row,
      reason: `${x} ${short(row.metrics[x])} and ${y} ${short(row.metrics[y])} is the knee of the Pareto front of ${front.length} trials (of ${rows.length})`,
    };
  };
}

/**
 * The one-standard-error rule: of the settings whose mean metric is within one standard error of the best mean, those
 * with the smallest `simplest` metric, l0 say; means and errors over the trials that differ in the seed alone. So a
 * difference that another seed might undo does not pay for a denser code. Among the rows of the chosen setting, the one with
 * the best metric.
 *
 * Breiman, Friedman, Olshen and Stone, "Classification and regression trees", 1984, section 3.4.3.
 *
 * @param simplest The metric that should be small among the settings that are as good.
 *
 * @example trials.choose(oneStandardError({ metric: 'mse', direction: 'min' }, 'l0')).row.settings
 */
export function oneStandardError(goal: Goal, simplest: string): Rule {
  readOptions('goal', goal, goalOptions);
  requireText('simplest', simplest);
  return (rows) => {
    const measuredRows = measured(measured(rows, goal.metric), simplest);
    const groups = groupRows(measuredRows, allBut('seed')).map((members) => ({
      members,
      mean: meanOf(members, goal.metric),
      simplicity: meanOf(members, simplest),
    }));
    const sign = goal.direction === 'min' ? 1 : -1;
    const [top] = [...groups].sort((a, b) => sign * (a.mean - b.mean));
    if (!top) throw new RangeError(`no trial (of ${rows.length}) has both ${goal.metric} and ${simplest}`);
    if (top.members.length < 2) {
      throw new RangeError('the one-standard-error rule needs at least 2 seeds of each setting; got 1');
    }
    const error = standardError(top.members, goal.metric);
    const asGood = groups.filter(({ mean }) => sign * (mean - top.mean) <= error);
    const chosen = asGood.reduce((a, b) => (b.simplicity < a.simplicity ? b : a));
    return {
      row: best(chosen.members, goal) as SweepRow,
      reason:
        `mean ${goal.metric} ${short(chosen.mean)} is within one standard error (${short(error)}) of the best, ${short(top.mean)}, ` +
        `and its mean ${simplest}, ${short(chosen.simplicity)}, is the lowest of the ${asGood.length} settings that are`,
    };
  };
}

/** The trials that no other beats in both metrics, by ascending `x`. */
function paretoFront(rows: readonly SweepRow[], x: string, y: string): SweepRow[] {
  const value = (row: SweepRow, metric: string) => row.metrics[metric] as number;
  const sorted = [...rows].sort((a, b) => value(a, x) - value(b, x) || value(a, y) - value(b, y));
  let lowest = Infinity;
  return sorted.filter((row) => {
    if (value(row, y) >= lowest) return false;
    lowest = value(row, y);
    return true;
  });
}

function measured(rows: readonly SweepRow[], metric: string): SweepRow[] {
  return rows.filter(({ metrics }) => Number.isFinite(metrics[metric]));
}

function best(rows: readonly SweepRow[], { metric, direction }: Goal): SweepRow | undefined {
  const sign = direction === 'min' ? 1 : -1;
  const value = (row: SweepRow) => sign * (row.metrics[metric] as number);
  return rows.length === 0 ? undefined : rows.reduce((a, b) => (value(b) < value(a) ? b : a));
}

/** The standard deviation (n − 1 in its denominator) over √n. */
function standardError(rows: readonly SweepRow[], metric: string): number {
  const centre = meanOf(rows, metric);
  const squares = rows.reduce((sum, { metrics }) => sum + ((metrics[metric] as number) - centre) ** 2, 0);
  return Math.sqrt(squares / (rows.length - 1) / rows.length);
}

const superlative = ({ direction }: Goal) => (direction === 'min' ? 'lowest' : 'highest');

const short = (value: number | undefined) => shortened(value as number, 4);
