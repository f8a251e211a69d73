import { requireFinite } from '../numbers/arguments';
import { mean } from '../numbers/arithmetic';
import { type OptionsOf, optional, readOptions, string, value } from '../numbers/options';
import type { Figure } from './figure';
import type { ScatterTrace } from './plotly';
import { extent, rounded } from './plotRows';
import { isList, type OneOrNamed, toSeries } from './series';
import { settingLabel } from './settingLabel';
import { axis, axisScale, chart, LETTER, PLOT } from './theme';

/** One trial: the value of a setting, and the measured number. */
export type CurvePoint = readonly [setting: number, measured: number];

const sweepCurveOptions = {
  /** The axis of the setting. Default: `log` if all its values are above 0. */
  xScale: optional(axisScale),
  /** The axis of the measured number. Default: `linear`. */
  yScale: optional(axisScale, 'linear'),
  /** Name of the setting. Default: λ. */
  xLabel: optional(string, 'λ'),
  /** Name of the measured quantity. Default: `measured`. */
  yLabel: optional(string, 'measured'),
  /** Levels to compare with, by name, such as the accuracy of raw pixels. */
  levels: optional(value<Readonly<Record<string, number>>>(), {}),
  title: optional(string),
};

/** How {@link sweepCurve} draws. @interface */
export type SweepCurveOptions = OptionsOf<typeof sweepCurveOptions>;

/**
 * The effect of one setting: a measured number against its values. A dot is a trial, so that you see how far seeds differ; the
 * line joins the means of the trials with one value. Where the line's steps are no larger than the spread of the dots, the
 * setting has no effect that these trials could show.
 *
 * @param points One pair per trial, as `table.values('lambda', 'mse')` gives them, or several such lists by name.
 * @throws RangeError if there is no trial, a number is not finite, or a logarithmic axis meets a number that is not above 0.
 *
 * @example String(sweepCurve([[0.1, 5], [1, 3]], { yLabel: 'L0' })) // → 'Figure: What λ does – a dot is a trial, the line joins their means'
 */
export function sweepCurve(
  points: OneOrNamed<readonly CurvePoint[]>,
  options: SweepCurveOptions = {},
): Figure {
  const read = readOptions('sweepCurve', options, sweepCurveOptions);
  const { xLabel, yLabel, levels } = read;
  const logY = read.yScale === 'log';
  const series = toSeries('points', points, isList);
  for (const { name, value } of series) {
    if (value.length === 0) throw new RangeError(`${name || 'points'} must hold at least one trial; got 0`);
    requireFinite(name || 'points', value.flat());
  }
  const all = series.flatMap(({ value }) => value);
  const [low, high] = extent(all.map(([x]) => x));
  const logX = read.xScale ? read.xScale === 'log' : low > 0;
  const [lowest] = extent(all.map(([, y]) => y));
  if (logX && low <= 0) throw new RangeError(`settings must be above 0 on a logarithmic axis; got ${low}`);
  if (logY && lowest <= 0)
    throw new RangeError(`points must be above 0 on a logarithmic axis; got ${lowest}`);

  const data = series.flatMap(({ name, value, color }): ScatterTrace[] => {
    const means = meansBySetting(value);
    return [
      {
        type: 'scatter',
        mode: 'markers',
        name: `${name} trials`,
        legendgroup: name,
        showlegend: false,
        x: value.map(([x]) => x),
        y: value.map(([, y]) => rounded(y)),
        opacity: 0.5,
        marker: { color, size: 6 },
        hovertemplate: `${xLabel} = %{x}<br>${yLabel} %{y}<extra>${name}</extra>`,
      },
      {
        type: 'scatter',
        mode: 'lines',
        name: name || 'mean over seeds',
        legendgroup: name,
        x: means.map(([x]) => x),
        y: means.map(([, y]) => rounded(y)),
        line: { color, width: 2 },
        hovertemplate: `${xLabel} = %{x}<br>mean %{y}<extra>${name}</extra>`,
      },
    ];
  });
  const dashes = ['dash', 'dot', 'dashdot'] as const;
  for (const [index, [name, level]] of Object.entries(levels).entries()) {
    requireFinite(`levels.${name}`, [level]);
    data.push({
      type: 'scatter',
      mode: 'lines',
      name,
      x: [low, high],
      y: [level, level],
      line: { color: '#57606a', width: 1.5, dash: dashes[index % dashes.length] as (typeof dashes)[number] },
      hoverinfo: 'skip',
    });
  }
  const settings = [...new Set(all.map(([x]) => x))].sort((a, b) => a - b);
  return chart({
    title: read.title ?? `What ${xLabel} does`,
    subtitle: 'a dot is a trial, the line joins their means',
    data,
    layout: {
      showlegend: data.length > 2,
      xaxis: axis(xLabel, {
        ...(logX ? { type: 'log' } : {}),
        ...(haveRoom(settings, logX)
          ? { tickmode: 'array', tickvals: settings, ticktext: settings.map(settingLabel) }
          : {}),
      }),
      yaxis: axis(yLabel, logY ? { type: 'log' } : {}),
    },
  });
}

/** Whether the labels of all settings fit below an axis, side by side. */
function haveRoom(settings: readonly number[], log: boolean): boolean {
  const at = settings.map((value) => (log ? Math.log(value) : value));
  const span = (at.at(-1) as number) - (at[0] as number);
  const letters = settings.map((value) => settingLabel(value).length);
  return at.slice(1).every((place, index) => {
    const needed = LETTER.width * (1 + ((letters[index] as number) + (letters[index + 1] as number)) / 2);
    return (PLOT.width * (place - (at[index] as number))) / span >= needed;
  });
}

/** The mean of each setting's trials, by ascending setting. */
function meansBySetting(points: readonly CurvePoint[]): CurvePoint[] {
  const groups = new Map<number, number[]>();
  for (const [x, y] of points) groups.set(x, [...(groups.get(x) ?? []), y]);
  return [...groups].map(([x, ys]): CurvePoint => [x, mean(ys)]).sort(([a], [b]) => a - b);
}
