import { requireHistory } from '../model/history';
import { requireArray, requireObject } from '../numbers/arguments';
import { checked, type OptionsOf, oneOf, optional, readOptions, string, value } from '../numbers/options';
import type { Figure } from './figure';
import type { Cell, Line, ScatterTrace } from './plotly';
import { rounded } from './plotRows';
import { axis, axisScale, chart, colorOf } from './theme';

/** The part of a History that {@link lossCurves} reads. */
export interface LossHistory {
  readonly rows: readonly LossRow[];
  readonly penaltyName: string;
  readonly strength: number;
  /** `running` while there is more to come. */
  readonly status?: string;
  /** The terms of every step since the first row. */
  readonly steps?: readonly Omit<LossRow, 'step' | 'epoch'>[];
  /** The rows that tell how many steps an epoch has. */
  readonly state?: { readonly order: { readonly examples: number; readonly batchSize: number } } | undefined;
}

/** The loss at one step; `penalty` is unweighted. */
export interface LossRow {
  readonly step: number;
  readonly epoch: number;
  readonly total: number;
  readonly reconstruction: number;
  readonly penalty: number;
  readonly auxiliary?: number;
  /** Where it changes from step to step. */
  readonly strength?: number;
}

const lossCurvesOptions = {
  /** The axis of the loss; terms that are 0 are missing on a `log` one. Default: `linear`. */
  yScale: optional(axisScale, 'linear'),
  /** The quantity along the axis. Default: `epoch`. */
  x: optional(oneOf(['epoch', 'step']), 'epoch'),
  /** The runs' names. Default: penalty and strength. */
  names: optional(value<readonly string[]>()),
  /** An earlier run, drawn faintly behind a single one: see {@link swapPreviousRun}. */
  previous: optional(checked<LossHistory>(requireHistory)),
  title: optional(string, 'Loss by term'),
};

/** How {@link lossCurves} draws. @interface */
export type LossCurvesOptions = OptionsOf<typeof lossCurvesOptions>;

/** The penalty's part of the total. */
function weightedPenalty(row: LossRow, strength: number): number {
  return (row.strength ?? strength) * row.penalty;
}

/** The terms as they add up, each as it weighs in the total. */
const TERMS = [
  { name: 'total', dash: 'solid', of: (row: LossRow) => row.total },
  { name: 'reconstruction', dash: 'dash', of: (row: LossRow) => row.reconstruction },
  {
    name: 'strength × penalty',
    dash: 'dot',
    of: weightedPenalty,
  },
  {
    name: 'weight decay',
    dash: 'dashdot',
    of: (row: LossRow, strength: number) =>
      row.total - row.reconstruction - weightedPenalty(row, strength) - (row.auxiliary ?? 0),
  },
  { name: 'auxiliary', dash: 'longdash', of: (row: LossRow) => row.auxiliary ?? 0 },
] as const satisfies readonly {
  name: string;
  dash: Line['dash'];
  of: (row: LossRow, strength: number) => number;
}[];

/** The point of a training between two rows averages at most this many steps: one batch alone is noisy. */
const NEWEST_STEPS = 20;

/** Points a curve keeps: more than a screen is wide would only make notebooks large. */
const MOST_POINTS = 500;

/**
 * The loss during training, term by term, each weighted as it enters the total; if there is only one term, its curve is the
 * total as well. One run has a colour a term; of several runs each has its colour, and the terms differ in their dashes.
 * While a training runs, each curve ends where the training is: in the mean over its newest batches, until the next row.
 *
 * @throws RangeError if there is no run, a run has no row, `names` are not one per run, or several come with a `previous` one.
 *
 * @example
 * lossCurves(history, { yScale: 'log' })
 * lossCurves([history, other], { names: ['λ = 0.001', 'λ = 0.01'] })
 */
export function lossCurves(
  histories: LossHistory | readonly LossHistory[],
  options: LossCurvesOptions = {},
): Figure {
  const { x, previous, title, ...read } = readOptions('lossCurves', options, lossCurvesOptions);
  const log = read.yScale === 'log';
  requireObject('histories', histories, 'what train returns, or an array of them');
  const runs: readonly LossHistory[] = 'rows' in histories ? [histories] : histories;
  requireArray('histories', runs, 'what train returns, or an array of them');
  for (const [index, run] of runs.entries()) requireHistory(`histories[${index}]`, run);
  if (runs.length === 0) throw new RangeError('histories must hold at least one run; got 0');
  const names = read.names ?? runs.map(describe);
  if (names.length !== runs.length) {
    throw new RangeError(`names must have one name per run, ${runs.length} in all; got ${names.length}`);
  }

  const one = runs.length === 1;
  if (previous && !one) {
    throw new RangeError(`previous needs a single run; got ${runs.length} runs`);
  }
  const axes = { x, log };
  const data = runs.flatMap((run, index) => {
    const name = names[index] as string;
    return curves(`histories[${index}]`, run, axes, (term, leads) =>
      one
        ? { name: term, color: termColor(term) }
        : // Several runs have an entry each, not one for each of their terms.
          { name, color: colorOf(index), group: `run ${index}`, inLegend: leads },
    );
  });
  if (previous) {
    const name = `previous: ${describe(previous)}`;
    const faint = curves('previous', previous, axes, (term, leads) => ({
      name,
      color: termColor(term),
      group: 'previous',
      inLegend: leads,
      opacity: 0.3,
    }));
    data.unshift(...faint);
  }
  return chart({
    title,
    subtitle: one ? names[0] : 'solid total, dashed reconstruction, dotted penalty',
    data,
    layout: {
      showlegend: true,
      xaxis: axis(x, { rangemode: 'tozero' }),
      yaxis: axis('loss', log ? { type: 'log' } : { rangemode: 'tozero' }),
    },
  });
}

type Term = (typeof TERMS)[number]['name'];

/** How a term's curve looks. */
interface CurveStyle {
  readonly name: string;
  readonly color: string;
  readonly opacity?: number;
  /** Curves of one group have one entry in the legend. */
  readonly group?: string;
  readonly inLegend?: boolean;
}

/** A curve for each term that the run has. The first leads: it is all that is lowered. */
function curves(
  argument: string,
  run: LossHistory,
  { x, log }: { x: 'epoch' | 'step'; log: boolean },
  look: (term: Term, leads: boolean) => CurveStyle,
): ScatterTrace[] {
  if (run.rows.length === 0) throw new RangeError(`${argument} must hold at least one row; got 0`);
  const rows = [...thinned(run.rows), ...sinceLastRow(run)];
  const all = TERMS.map(({ name, dash, of }) => ({
    term: name,
    dash,
    values: rows.map((row) => of(row, run.strength)),
  }));
  const present = all.filter(({ term, values }) => term === 'total' || !isNegligible(values, rows));
  // The total of a single term would lie on top of it.
  const drawn = present.length === 2 ? present.slice(1) : present;
  return drawn.map(({ term, dash, values }, index): ScatterTrace => {
    const leads = index === 0;
    const { name, color, opacity, group, inLegend } = look(term, leads);
    return {
      type: 'scatter',
      mode: rows.length === 1 ? 'markers' : 'lines',
      name,
      ...(group === undefined ? {} : { legendgroup: group, showlegend: inLegend ?? true }),
      ...(opacity === undefined ? {} : { opacity }),
      x: rows.map((row) => rounded(row[x])),
      y: values.map((value) => drawable(value, log)),
      line: { color, width: leads ? 2.5 : 1.5, dash: leads ? 'solid' : dash },
      hovertemplate: `${term} %{y}<br>${x} %{x}<extra>${name === term ? '' : name}</extra>`,
    };
  });
}

const termColor = (term: Term): string => colorOf(TERMS.findIndex(({ name }) => name === term));

function describe({ penaltyName, strength }: LossHistory): string {
  return strength === 0 ? 'no penalty' : `${penaltyName}, strength ${rounded(strength)}`;
}

/** A term that a run does not have; the tolerance is that of a difference of float32 numbers. */
function isNegligible(values: readonly number[], rows: readonly LossRow[]): boolean {
  return values.every((value, index) => Math.abs(value) <= 1e-6 * Math.abs(rows[index]?.total ?? 0));
}

/** A diverged run's NaN and infinity are gaps, as is what a logarithm does not have. */
function drawable(value: number, log: boolean): Cell {
  return Number.isFinite(value) && !(log && value <= 0) ? rounded(value) : null;
}

/** Where a training that runs is since its newest row, if it has come further. */
function sinceLastRow({ rows, status, steps = [], state }: LossHistory): LossRow[] {
  const [first, last] = [rows[0], rows.at(-1)];
  if (status !== 'running' || !first || !last || !state) return [];
  const taken = steps.length - (last.step - first.step);
  if (taken <= 0) return [];
  const newest = steps.slice(-Math.min(taken, NEWEST_STEPS));
  const mean = (term: keyof (typeof newest)[number]) =>
    newest.reduce((sum, step) => sum + (step[term] ?? 0), 0) / newest.length;
  const { examples, batchSize } = state.order;
  const step = last.step + taken;
  const terms = {
    total: mean('total'),
    reconstruction: mean('reconstruction'),
    penalty: mean('penalty'),
    ...(last.auxiliary !== undefined && { auxiliary: mean('auxiliary') }),
    ...(last.strength !== undefined && { strength: mean('strength') }),
  };
  return [{ step, epoch: step / Math.ceil(examples / batchSize), ...terms }];
}

/** Evenly chosen rows, the first and the last among them. */
function thinned(rows: readonly LossRow[]): readonly LossRow[] {
  if (rows.length <= MOST_POINTS) return rows;
  return Array.from(
    { length: MOST_POINTS },
    (_, point) => rows[Math.round((point * (rows.length - 1)) / (MOST_POINTS - 1))] as LossRow,
  );
}
