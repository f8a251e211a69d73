import { integer, type OptionsOf, optional, readOptions, string } from '../numbers/options';
import type { Figure } from './figure';
import type { Axis, BarTrace } from './plotly';
import { extent, isRows, type PlotRows, rounded, rowsOf } from './plotRows';
import { type OneOrNamed, type Series, toSeries } from './series';
import { axis, axisScale, chart } from './theme';

const activationHistogramOptions = {
  /** Bins between the smallest and the largest activation. Default: 60. */
  bins: optional(integer({ min: 1, max: 1000 }), 60),
  /** The axis of the counts. Default: `log`; a sparse code's few large activations vanish on a linear one. */
  yScale: optional(axisScale, 'log'),
  title: optional(string, 'How strongly units fire'),
};

/** How {@link activationHistogram} draws. @interface */
export type ActivationHistogramOptions = OptionsOf<typeof activationHistogramOptions>;

/** How wide the bar of exact zeros is, and its distance to the next, as fractions of all bins together. */
const ZERO_BAR = 0.07;
const ZERO_STEP = 0.11;

/**
 * How often each strength of activation occurs. Exact zeros are counted apart, in hatched bars at the left with their
 * fraction above them: an L1 penalty makes exact zeros, others only small values.
 *
 * @param activations h, `[examples, hiddenDim]`, or several by name: `{ dense: h0, sparse: h1 }`.
 * @throws RangeError if a value is not finite or `bins` is not a positive integer.
 *
 * @example String(activationHistogram({ dense: [[1, 2]], sparse: [[0, 3]] })) // → 'Figure: How strongly units fire – all examples and units; hatched: exactly 0'
 */
export function activationHistogram(
  activations: OneOrNamed<PlotRows>,
  options: ActivationHistogramOptions = {},
): Figure {
  const { bins, yScale, title } = readOptions('activationHistogram', options, activationHistogramOptions);
  const series = toSeries('activations', activations, isRows).map(({ name, value, color }) => ({
    name,
    color,
    value: rowsOf(name || 'activations', value).values,
  }));
  const extents = series.map(({ value }) => extent(value));
  const low = Math.min(0, ...extents.map(([smallest]) => smallest));
  const high = Math.max(0, ...extents.map(([, largest]) => largest));
  // Where every activation is 0 any width will do.
  const scale: BinScale = { low, span: high - low || 1, bins };
  return chart({
    title,
    subtitle: 'all examples and units; hatched: exactly 0',
    data: series.flatMap((one, index) => [nonzeroBars(one, scale), zeroBar(one, index, scale)]),
    layout: {
      barmode: 'overlay',
      bargap: 0,
      showlegend: series.length > 1,
      xaxis: axis('activation h', { zeroline: true, ...ticksBesideZeros(scale, series.length) }),
      yaxis: axis('count', yScale === 'log' ? { type: 'log', dtick: 1 } : { rangemode: 'tozero' }),
    },
  });
}

/** Ticks for the bins, and one that names the bars of exact zeros: they are not at the number below them. */
function ticksBesideZeros({ low, span }: BinScale, bars: number): Axis {
  const high = low + span;
  const step = roundStep(span / 6);
  const first = Math.ceil(low / step);
  const tickvals = Array.from({ length: Math.floor(high / step) - first + 1 }, (_, tick) =>
    rounded((first + tick) * step),
  );
  const middle = low - ((bars + 1) / 2) * ZERO_STEP * span;
  return {
    range: [low - (bars + 1) * ZERO_STEP * span, high],
    tickangle: 0,
    tickmode: 'array',
    tickvals: [rounded(middle), ...tickvals],
    ticktext: ['= 0', ...tickvals.map(String)],
  };
}

/** The smallest of 1, 2, 5, 10, 20 … (and 0.5, 0.2, 0.1 …) that is not below `step`. */
function roundStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step));
  return power * ([1, 2, 5].find((factor) => factor * power >= step) ?? 10);
}

interface BinScale {
  readonly low: number;
  readonly span: number;
  readonly bins: number;
}

function nonzeroBars({ name, value, color }: Series<Float32Array>, { low, span, bins }: BinScale): BarTrace {
  const width = span / bins;
  const counts = new Array<number>(bins).fill(0);
  for (const activation of value) {
    if (activation === 0) continue;
    const bin = Math.min(bins - 1, Math.floor((activation - low) / width));
    counts[bin] = (counts[bin] as number) + 1;
  }
  const filled = [...counts.entries()].filter(([, count]) => count > 0);
  return {
    type: 'bar',
    name,
    legendgroup: name,
    x: filled.map(([bin]) => rounded(low + (bin + 0.5) * width)),
    y: filled.map(([, count]) => count),
    width: rounded(width),
    marker: { color },
    opacity: 0.6,
    hovertemplate: '%{y} activations near %{x}<extra></extra>',
  };
}

function zeroBar(
  { name, value, color }: Series<Float32Array>,
  index: number,
  { low, span }: BinScale,
): BarTrace {
  const zeros = value.reduce((count, activation) => (activation === 0 ? count + 1 : count), 0);
  const fraction = `${((100 * zeros) / value.length).toFixed(1)} %`;
  return {
    type: 'bar',
    name,
    legendgroup: name,
    showlegend: false,
    x: [rounded(low - (index + 1) * ZERO_STEP * span)],
    y: [zeros === 0 ? null : zeros],
    text: [fraction],
    textposition: 'outside',
    constraintext: 'none',
    textfont: { size: 11 },
    width: rounded(ZERO_BAR * span),
    marker: { color, pattern: { shape: '/', fillmode: 'overlay', fgcolor: '#ffffff', size: 5 } },
    hovertemplate: `%{y} activations exactly 0: ${fraction}<extra></extra>`,
  };
}
