import { refuseUnknownOptions, requireInteger } from '../arguments';
import type { Figure } from './figure';
import type { BarTrace } from './plotly';
import { extent, type PlotRows, rounded, rowsOf } from './plotRows';
import { type OneOrNamed, type Series, toSeries } from './series';
import { axis, chart } from './theme';

/** How {@link activationHistogram} draws. */
export interface ActivationHistogramOptions {
  /** Bins between the smallest and the largest activation. 60 unless told. */
  bins?: number;
  /** Count on a logarithmic axis: a sparse code's few large activations vanish on a linear one. True unless told. */
  log?: boolean;
  title?: string;
}

/**
 * How often each strength of activation occurs. Exact zeros are counted apart, in a hatched bar of their own at 0,
 * and their share stands in the legend: an L1 penalty makes exact zeros, others only small values.
 *
 * @param activations h, `[examples, hiddenDim]`, or several by name: `{ dense: h0, sparse: h1 }`.
 * @throws RangeError if a value is not finite or `bins` is not a positive integer.
 */
export function activationHistogram(
  activations: OneOrNamed<PlotRows>,
  options: ActivationHistogramOptions = {},
): Figure {
  refuseUnknownOptions('activationHistogram', options, ['bins', 'log', 'title']);
  const bins = requireInteger('bins', options.bins ?? 60, { min: 1, max: 1000 });
  const { log = true } = options;
  const series = toSeries('activations', activations, isRows).map(({ name, value, color }) => ({
    name,
    color,
    value: rowsOf(name || 'activations', value).values,
  }));
  const extents = series.map(({ value }) => extent(value));
  const low = Math.min(0, ...extents.map(([smallest]) => smallest));
  const high = Math.max(...extents.map(([, largest]) => largest), low === 0 ? Number.MIN_VALUE : 0);
  const width = (high - low) / bins;
  return chart({
    title: options.title ?? 'How strongly units fire',
    subtitle: 'counts over all examples and units; hatched: exactly 0',
    data: series.flatMap((one) => histogram(one, low, width, bins)),
    layout: {
      barmode: 'overlay',
      bargap: 0,
      showlegend: true,
      xaxis: axis('activation h', { zeroline: true }),
      yaxis: axis('count', log ? { type: 'log' } : { rangemode: 'tozero' }),
    },
  });
}

function histogram(
  { name, value, color }: Series<Float32Array>,
  low: number,
  width: number,
  bins: number,
): BarTrace[] {
  const counts = new Array<number>(bins).fill(0);
  let zeros = 0;
  for (const activation of value) {
    if (activation === 0) {
      zeros++;
      continue;
    }
    const bin = Math.min(bins - 1, Math.floor((activation - low) / width));
    counts[bin] = (counts[bin] as number) + 1;
  }
  const share = `${((100 * zeros) / value.length).toFixed(1)} % exactly 0`;
  const filled = [...counts.entries()].filter(([, count]) => count > 0);
  return [
    {
      type: 'bar',
      name: name || 'not 0',
      legendgroup: name,
      x: filled.map(([bin]) => rounded(low + (bin + 0.5) * width)),
      y: filled.map(([, count]) => count),
      width: rounded(width),
      marker: { color },
      opacity: 0.6,
      hovertemplate: '%{y} activations near %{x}<extra></extra>',
    },
    {
      type: 'bar',
      name: share,
      legendgroup: name,
      x: [0],
      y: [zeros === 0 ? null : zeros],
      width: rounded(0.8 * width),
      marker: { color, pattern: { shape: '/', fgcolor: '#ffffff', size: 4 } },
      hovertemplate: `%{y} activations, ${share}<extra></extra>`,
    },
  ];
}

/** Several come in a plain object; one is an array or has a shape (a tensor, a matrix) or a dimension (a Dataset). */
function isRows(given: OneOrNamed<PlotRows>): given is PlotRows {
  return Array.isArray(given) || 'shape' in given || 'dim' in given;
}
