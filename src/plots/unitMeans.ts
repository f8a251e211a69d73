import { requireFinite, requireNumber } from '../numbers/arguments';
import { number, type OptionsOf, optional, readOptions, string } from '../numbers/options';
import type { Figure } from './figure';
import type { ScatterTrace } from './plotly';
import { rounded } from './plotRows';
import { isNumbers, type OneOrNamed, toSeries } from './series';
import { axis, axisScale, chart } from './theme';

const unitMeansOptions = {
  /** ρ, drawn as a line: the activity that a penalty aims at. */
  target: optional(number()),
  /** The axis of the means; units whose mean is 0 are missing on a `log` one. Default: `linear`. */
  yScale: optional(axisScale, 'linear'),
  title: optional(string, 'Mean activation of each unit'),
};

/** How {@link unitMeans} draws. @interface */
export type UnitMeansOptions = OptionsOf<typeof unitMeansOptions>;

/**
 * The mean activation ρ̂ⱼ of every hidden unit, the busiest first: a flat line is work evenly shared, a tail at 0 dead units.
 *
 * @param means One number per unit (`meanActivation(h)`, `history.last.meanActivation`), or several such lists by name.
 * @throws RangeError if there is no unit or a number is not finite.
 *
 * @example String(unitMeans([0.1, 0.05, 0], { target: 0.05 })) // → 'Figure: Mean activation of each unit – 3 units, sorted; averaged over the examples'
 */
export function unitMeans(means: OneOrNamed<ArrayLike<number>>, options: UnitMeansOptions = {}): Figure {
  const { target, yScale, title } = readOptions('unitMeans', options, unitMeansOptions);
  const log = yScale === 'log';
  if (log && target !== undefined) requireNumber('target', target, { above: 0 });
  const series = toSeries('means', means, isNumbers);
  const units = Math.max(...series.map(({ value }) => value.length));
  const data = series.map(({ name, value, color }): ScatterTrace => {
    if (value.length === 0) throw new RangeError(`${name || 'means'} must hold at least one unit; got 0`);
    requireFinite(name || 'means', value);
    const order = Array.from(value, (mean, unit) => ({ mean, unit })).sort((a, b) => b.mean - a.mean);
    return {
      type: 'scatter',
      mode: 'lines+markers',
      name: name || 'mean activation',
      x: order.map((_, rank) => rank + 1),
      y: order.map(({ mean }) => (log && mean <= 0 ? null : rounded(mean))),
      text: order.map(({ unit }) => `unit ${unit}`),
      line: { color, width: 1 },
      marker: { color, size: 5 },
      hovertemplate: '%{text}<br>mean %{y}<extra></extra>',
    };
  });
  if (target !== undefined) {
    data.push({
      type: 'scatter',
      mode: 'lines',
      name: `target ρ = ${rounded(target)}`,
      x: [1, units],
      y: [target, target],
      line: { color: '#000000', width: 1.5, dash: 'dash' },
      hoverinfo: 'skip',
    });
  }
  return chart({
    title,
    subtitle: `${units} units, sorted; averaged over the examples`,
    data,
    layout: {
      showlegend: data.length > 1,
      xaxis: axis('hidden unit, by rank', { showgrid: false }),
      yaxis: axis('mean activation ρ̂', log ? { type: 'log' } : { rangemode: 'tozero' }),
    },
  });
}
