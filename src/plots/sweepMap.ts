import { requireArray, requireFinite } from '../numbers/arguments';
import { mean } from '../numbers/arithmetic';
import { type OptionsOf, optional, readOptions, string } from '../numbers/options';
import type { Figure } from './figure';
import { extent, rounded } from './plotRows';
import { settingLabel } from './settingLabel';
import { axis, chart, SEQUENTIAL } from './theme';

/** One trial: the values of two settings, and the measured number. */
export type MapPoint = readonly [x: number, y: number, measured: number];

const sweepMapOptions = {
  /** Name of the first setting. Default: ρ. */
  xLabel: optional(string, 'ρ'),
  /** Name of the second setting. Default: β. */
  yLabel: optional(string, 'β'),
  /** Name of the measured quantity. Default: `measured`. */
  valueLabel: optional(string, 'measured'),
  title: optional(string),
};

/** How {@link sweepMap} draws. @interface */
export type SweepMapOptions = OptionsOf<typeof sweepMapOptions>;

/**
 * The joint effect of two settings: a cell for each pair of values, darker the larger the measured number, averaged over the
 * trials of that pair. A row of one colour: there the first setting does nothing; a column of one colour: there the second.
 *
 * @param points Three numbers per trial, as `table.values('rho', 'beta', 'mse')` gives them.
 * @throws RangeError if there is no trial or a number is not finite.
 *
 * @example String(sweepMap([[0.1, 1, 5], [0.2, 1, 3]], { valueLabel: 'L0' })) // → 'Figure: L0 by ρ and β – a cell is a pair of values; darker is more'
 */
export function sweepMap(points: readonly MapPoint[], options: SweepMapOptions = {}): Figure {
  const { xLabel, yLabel, valueLabel, title } = readOptions('sweepMap', options, sweepMapOptions);
  requireArray('points', points, 'an array of three numbers per trial');
  if (points.length === 0) throw new RangeError('points must hold at least one trial; got 0');
  requireFinite('points', points.flat());
  const [xs, ys] = [distinct(points.map(([x]) => x)), distinct(points.map(([, y]) => y))];
  const z = ys.map((y) =>
    xs.map((x) => {
      const values = points.filter(([px, py]) => px === x && py === y).map(([, , value]) => value);
      return values.length === 0 ? null : rounded(mean(values), 3);
    }),
  );
  const [low, high] = extent(z.flat().filter((value) => value !== null));
  return chart({
    title: title ?? capitalized(`${valueLabel} by ${xLabel} and ${yLabel}`),
    subtitle: 'a cell is a pair of values; darker is more',
    data: [
      {
        type: 'heatmap',
        z,
        text: z.map((row) => row.map((value) => (value === null ? '' : `${value}`))),
        texttemplate: '%{text}',
        coloraxis: 'coloraxis',
        hovertemplate: `${xLabel} %{x}<br>${yLabel} %{y}<br>${valueLabel} %{z}<extra></extra>`,
      },
    ],
    layout: {
      xaxis: axis(xLabel, { showgrid: false, ...ticksAt(xs) }),
      yaxis: axis(yLabel, { showgrid: false, ...ticksAt(ys) }),
      coloraxis: {
        colorscale: SEQUENTIAL,
        cmin: low,
        cmax: high === low ? low + 1 : high,
        colorbar: { title: { text: valueLabel, side: 'right' }, thickness: 12, outlinewidth: 0 },
      },
    },
  });
}

const capitalized = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** Values are columns at even distances, as far apart as strengths tried at even ratios. */
const ticksAt = (values: readonly number[]) => ({
  tickmode: 'array' as const,
  tickvals: values.map((_, index) => index),
  ticktext: values.map(settingLabel),
});

const distinct = (values: readonly number[]) => [...new Set(values)].sort((a, b) => a - b);
