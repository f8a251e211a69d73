import { requireHistory } from '../model/history';
import { requireNumber } from '../numbers/arguments';
import { integer, number, type OptionsOf, optional, readOptions, string } from '../numbers/options';
import type { Figure } from './figure';
import type { Cell, ScatterTrace } from './plotly';
import { rounded, shownOf } from './plotRows';
import { axis, axisScale, chart, colorOf } from './theme';

/** The part of a History that {@link meanActivationCurves} reads. */
export interface ActivationHistory {
  readonly rows: readonly { readonly epoch: number; readonly meanActivation: Float32Array }[];
}

const meanActivationCurvesOptions = {
  /** ρ, drawn as a dashed line: the activity that a penalty aims at. */
  target: optional(number()),
  /** The axis of the means; units whose mean is 0 are missing on a `log` one. Default: `linear`. */
  yScale: optional(axisScale, 'linear'),
  /** Draw at most this many units, evenly chosen. Default: 100. */
  count: optional(integer({ min: 1 }), 100),
  title: optional(string, 'Mean activation of each unit during training'),
};

/** How {@link meanActivationCurves} draws. @interface */
export type MeanActivationCurvesOptions = OptionsOf<typeof meanActivationCurvesOptions>;

/** Points that a curve of one unit keeps. */
const MOST_POINTS = 60;

/**
 * The mean activation ρ̂ⱼ of every unit during training, a thin line each, with their median drawn thick: whether the units
 * gather at the target, some die or some never come down.
 *
 * @param history What `train` returns, or has recorded so far.
 * @throws RangeError if nothing has been recorded or an option is out of its range.
 *
 * @example meanActivationCurves(history, { target: 0.05 })
 */
export function meanActivationCurves(
  history: ActivationHistory,
  options: MeanActivationCurvesOptions = {},
): Figure {
  const read = readOptions('meanActivationCurves', options, meanActivationCurvesOptions);
  const { target, title } = read;
  const log = read.yScale === 'log';
  if (log && target !== undefined) requireNumber('target', target, { above: 0 });
  requireHistory('history', history);
  if (history.rows.length === 0) throw new RangeError('history must hold at least one row; got 0');
  const rows = evenly(history.rows, MOST_POINTS);
  const epochs = rows.map(({ epoch }) => rounded(epoch));
  const total = rows[0]?.meanActivation.length as number;
  const units = evenly(
    Array.from({ length: total }, (_, unit) => unit),
    read.count,
  );
  const drawable = (mean: number): Cell => (log && mean <= 0 ? null : rounded(mean, 3));

  const data: ScatterTrace[] = [
    {
      type: 'scatter',
      mode: 'lines',
      name: 'each unit',
      // One trace with gaps: a trace for each unit would make the page slow.
      x: units.flatMap(() => [...epochs, null]),
      y: units.flatMap((unit) => [...rows.map((row) => drawable(row.meanActivation[unit] as number)), null]),
      text: units.flatMap((unit) => new Array<string>(epochs.length + 1).fill(`unit ${unit}`)),
      line: { color: colorOf(0), width: 1 },
      opacity: 0.35,
      hovertemplate: '%{text}<br>mean %{y}<extra></extra>',
    },
    {
      type: 'scatter',
      mode: 'lines',
      name: 'median',
      x: epochs,
      y: rows.map(({ meanActivation }) => drawable(median(meanActivation))),
      line: { color: colorOf(1), width: 2.5 },
      hovertemplate: 'median %{y}<extra></extra>',
    },
  ];
  if (target !== undefined) {
    data.push({
      type: 'scatter',
      mode: 'lines',
      name: `target ρ = ${rounded(target)}`,
      x: [epochs[0] as number, epochs.at(-1) as number],
      y: [target, target],
      line: { color: '#000000', width: 1.5, dash: 'dash' },
      hoverinfo: 'skip',
    });
  }
  return chart({
    title,
    subtitle:
      units.length < total
        ? `${units.length} of ${total} units, evenly chosen`
        : shownOf(total, total, 'unit'),
    data,
    layout: {
      showlegend: true,
      xaxis: axis('epoch', { rangemode: 'tozero' }),
      yaxis: axis('mean activation ρ̂', log ? { type: 'log' } : { rangemode: 'tozero' }),
    },
  });
}

/** At most so many of the items, at even distances, the first and the last among them. */
function evenly<T>(items: readonly T[], count: number): readonly T[] {
  if (items.length <= count) return items;
  if (count === 1) return items.slice(0, 1);
  return Array.from(
    { length: count },
    (_, index) => items[Math.round((index * (items.length - 1)) / (count - 1))] as T,
  );
}

function median(values: Float32Array): number {
  const sorted = values.slice().sort();
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] as number) + (sorted[Math.ceil(middle)] as number)) / 2;
}
