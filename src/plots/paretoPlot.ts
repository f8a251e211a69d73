import { requireFinite, requireObject } from '../numbers/arguments';
import { number, type OptionsOf, optional, readOptions, string, value } from '../numbers/options';
import type { Figure } from './figure';
import { type LabelledPoint, type PlacedLabel, placeLabels } from './placeLabels';
import type { ScatterTrace } from './plotly';
import { extent, rounded } from './plotRows';
import { isList, type OneOrNamed, toSeries } from './series';
import { settingLabel } from './settingLabel';
import { axis, axisScale, chart, colorOf } from './theme';

/** One training of a sweep. */
export interface SweepPoint {
  /** λ or β. */
  readonly strength: number;
  /** Mean number of active units for an example. */
  readonly l0: number;
  /** Mean squared error, averaged over inputs and examples. */
  readonly mse: number;
  /** Label next to the point; no label if it is empty. Default: its strength. */
  readonly label?: string;
}

const paretoPlotOptions = {
  /** The axis of the error. Default: `linear`. */
  yScale: optional(axisScale, 'linear'),
  /** Name of a point's strength. Default: λ. */
  strengthName: optional(string, 'λ'),
  /** The largest L0 that may be chosen, drawn as a line. */
  bound: optional(number({ min: 0 })),
  /**
   * Points to mark, by name, such as the choice of a rule. Each is drawn as an open sign around its point, one
   * around the other where several mark the same; name and place in this list give a sign its look, whatever it marks.
   */
  marks: optional(value<Readonly<Record<string, SweepPoint>>>(), {}),
  title: optional(string),
};

/** How {@link paretoPlot} draws. @interface */
export type ParetoPlotOptions = OptionsOf<typeof paretoPlotOptions>;

/**
 * The cost of sparsity: reconstruction error against the number of active units, one point per strength. Down and to the left is
 * better; a front below another is the better penalty. Points that look like one share a label; where there is no room for
 * any, hovering tells.
 *
 * @param points The trainings of a sweep, or several sweeps by name: `{ L1: …, KL: … }`.
 * @throws RangeError if there is no point, a number is not finite, or `bound` is negative.
 *
 * @example
 * const points = [{ strength: 0.1, l0: 3, mse: 0.2 }, { strength: 1, l0: 1, mse: 0.4 }];
 * String(paretoPlot(points, { bound: 2 })) // → 'Figure: Reconstruction against sparsity – labelled with λ; lower left is better'
 */
export function paretoPlot(
  points: OneOrNamed<readonly SweepPoint[]>,
  options: ParetoPlotOptions = {},
): Figure {
  const read = readOptions('paretoPlot', options, paretoPlotOptions);
  const { strengthName, bound, marks } = read;
  const log = read.yScale === 'log';
  const series = toSeries('points', points, isList).map(({ name, value, color }) => {
    if (value.length === 0) throw new RangeError(`${name || 'points'} must hold at least one point; got 0`);
    requireFinite(
      name || 'points',
      value.flatMap(({ strength, l0, mse }) => [strength, l0, mse]),
    );
    return { name, color, inOrder: [...value].sort((a, b) => a.strength - b.strength) };
  });
  const labels = placeLabels(
    inPlot(
      series.map(({ inOrder }) => inOrder),
      log,
    ),
  );
  const data = series.map(({ name, color, inOrder }, index): ScatterTrace => {
    const placed = labels[index] as PlacedLabel[];
    return {
      type: 'scatter',
      mode: 'lines+markers+text',
      name,
      x: inOrder.map(({ l0 }) => rounded(l0)),
      y: inOrder.map(({ mse }) => rounded(mse)),
      text: placed.map(({ text }) => text),
      textposition: placed.map(({ position }) => position),
      customdata: inOrder.map(({ strength }) => settingLabel(strength)),
      cliponaxis: false,
      line: { color, width: 1.5 },
      marker: { color, size: 8, symbol: ['circle', 'diamond', 'square', 'x'][index % 4] as string },
      hovertemplate: `${strengthName} = %{customdata}<br>L0 %{x}<br>MSE %{y}<extra>${name}</extra>`,
    };
  });
  for (const [index, [name, mark]] of Object.entries(marks).entries()) {
    requireObject(`marks.${name}`, mark, 'a point of a sweep');
    const { strength, l0, mse } = mark;
    requireFinite(`marks.${name}`, [strength, l0, mse]);
    data.push({
      type: 'scatter',
      mode: 'markers',
      name,
      x: [rounded(l0)],
      y: [rounded(mse)],
      cliponaxis: false,
      marker: {
        color: colorOf(series.length + index),
        size: 11 + 3 * index,
        symbol: MARKS[index % MARKS.length] as string,
        line: { width: 2 },
      },
      hoverinfo: 'skip',
    });
  }
  if (bound !== undefined) {
    const [low, high] = extent(series.flatMap(({ inOrder }) => inOrder.map(({ mse }) => mse)));
    data.push({
      type: 'scatter',
      mode: 'lines',
      name: `at most ${rounded(bound)} active`,
      x: [bound, bound],
      y: [log ? low : 0, rounded(high)],
      line: { color: '#000000', width: 1.5, dash: 'dash' },
      hoverinfo: 'skip',
    });
  }
  return chart({
    title: read.title ?? 'Reconstruction against sparsity',
    subtitle: `labelled with ${strengthName}; lower left is better`,
    data,
    layout: {
      // More names than this leave no room for the figure; hovering tells them.
      showlegend: data.length > 1 && series.length <= MOST_NAMED,
      xaxis: axis('L0: active units per example', { rangemode: 'tozero' }),
      yaxis: axis('mean squared error', log ? { type: 'log' } : { rangemode: 'tozero' }),
    },
  });
}

/** Series that a legend lists at most. */
const MOST_NAMED = 12;

/** Open signs, so that what lies below is seen. */
const MARKS = ['circle-open', 'diamond-open', 'square-open', 'hexagon-open'] as const;

/**
 * The points as fractions of the plot's width and height, with their labels: both axes begin at 0, or the error's is
 * logarithmic.
 */
function inPlot(series: readonly (readonly SweepPoint[])[], log: boolean): LabelledPoint[][] {
  const height = (mse: number) => (log ? Math.log(Math.max(mse, Number.MIN_VALUE)) : mse);
  const all = series.flat();
  const widest = Math.max(...all.map(({ l0 }) => l0)) || 1;
  const [low, high] = extent([...all.map(({ mse }) => height(mse)), ...(log ? [] : [0])]);
  return series.map((points) =>
    points.map(({ strength, l0, mse, label }) => ({
      // Plotly leaves a twentieth free beyond the outermost points.
      x: (0.95 * l0) / widest,
      y: high === low ? 0.5 : 0.05 + (0.9 * (height(mse) - low)) / (high - low),
      text: label ?? settingLabel(strength),
    })),
  );
}
