import { requireFinite, requireInteger, show } from '../numbers/arguments';
import { integer, number, type OptionsOf, optional, readOptions, string } from '../numbers/options';
import type { Figure } from './figure';
import type { BarTrace, ScatterTrace } from './plotly';
import { extent, rounded } from './plotRows';
import { isNumbers } from './series';
import { axis, chart, colorOf } from './theme';

const thresholdWindowOptions = {
  /** θ. */
  threshold: number(),
  /** ε, the width of the window around θ, above 0. */
  bandwidth: number({ above: 0 }),
  /** The examples that one step sees, the first ones: they alone make the estimate. Default: all. */
  batch: optional(integer({ min: 1 })),
  /** Bins between the smallest and the largest pre-activation. Default: 60. */
  bins: optional(integer({ min: 1, max: 1000 }), 60),
  title: optional(string),
};

/** How {@link thresholdWindow} draws. @interface */
export type ThresholdWindowOptions = OptionsOf<typeof thresholdWindowOptions>;

/**
 * The examples that a JumpReLU's threshold learns from: the histogram of a unit's pre-activations, scaled to the area 1, with θ
 * and the window θ ± ε/2. When θ rises, the fraction of active examples falls at the rate of the histogram's height at θ. The
 * estimate of a step is the flat line across the window: how many of its examples lie inside, per example and unit of width,
 *
 *     count(|zᵢ − θ| < ε/2) / (m·ε)
 *
 * In a narrow window there is hardly ever an example, over a wide one the line is far from the height at θ. It is the gradient
 * that {@link l0Window} gives to −θ.
 *
 * @param z The pre-activations of one unit, one per example.
 * @throws TypeError if it is not an array of numbers; RangeError if there is none, one is not finite, or an option is out of its range.
 *
 * @example String(thresholdWindow([0, 1, 2, 3], { threshold: 1.5, bandwidth: 2 })) // → 'Figure: The window around a threshold – 2 of 4 examples in the window: an estimate of 0.25'
 */
export function thresholdWindow(z: ArrayLike<number>, options: ThresholdWindowOptions): Figure {
  const { threshold, bandwidth, batch, bins, title } = readOptions(
    'thresholdWindow',
    options,
    thresholdWindowOptions,
  );
  if (!isNumbers(z)) throw new TypeError(`z must be an array of numbers; got ${show(z)}`);
  if (z.length === 0) throw new RangeError('z must hold at least one pre-activation; got 0');
  requireFinite('z', z);
  const seen = batch === undefined ? z.length : requireInteger('batch', batch, { min: 1, max: z.length });

  const [smallest, largest] = extent(z);
  const [low, high] = [Math.min(smallest, threshold), Math.max(largest, threshold)];
  const width = (high - low || 1) / bins;
  const counts = new Array<number>(bins).fill(0);
  for (let example = 0; example < z.length; example++) {
    const bin = Math.min(bins - 1, Math.floor(((z[example] as number) - low) / width));
    counts[bin] = (counts[bin] as number) + 1;
  }
  const heights = counts.map((count) => count / (z.length * width));
  const centres = counts.map((_, bin) => low + (bin + 0.5) * width);

  const [left, right] = [threshold - bandwidth / 2, threshold + bandwidth / 2];
  let inside = 0;
  for (let example = 0; example < seen; example++) {
    if (Math.abs((z[example] as number) - threshold) < bandwidth / 2) inside++;
  }
  const estimate = inside / (seen * bandwidth);
  const top = 1.15 * Math.max(...heights);
  const bars = (name: string, color: string, keep: (centre: number) => boolean): BarTrace => {
    const kept = centres.map((_, bin) => bin).filter((bin) => keep(centres[bin] as number));
    return {
      type: 'bar',
      name,
      x: kept.map((bin) => rounded(centres[bin] as number)),
      y: kept.map((bin) => rounded(heights[bin] as number)),
      width: rounded(width),
      marker: { color },
      opacity: 0.6,
      hovertemplate: 'height %{y} near %{x}<extra></extra>',
    };
  };
  const upright = (name: string, x: number, look: ScatterTrace['line'], shown: boolean): ScatterTrace => ({
    type: 'scatter',
    mode: 'lines',
    name,
    legendgroup: name,
    showlegend: shown,
    x: [rounded(x, 6), rounded(x, 6)],
    y: [0, rounded(top)],
    line: { color: '#000000', ...look },
    hoverinfo: 'skip',
  });
  return chart({
    title: title ?? 'The window around a threshold',
    subtitle: `${inside} of ${seen.toLocaleString('en')} examples in the window: an estimate of ${rounded(estimate, 2)}`,
    data: [
      bars('silent', '#9aa3ad', (centre) => centre <= threshold),
      bars('active', colorOf(0), (centre) => centre > threshold),
      upright('θ', threshold, { width: 2 }, true),
      upright('window', left, { width: 1, dash: 'dot' }, true),
      upright('window', right, { width: 1, dash: 'dot' }, false),
      {
        type: 'scatter',
        mode: 'lines+markers',
        name: 'estimate',
        x: [rounded(Math.max(low, left), 6), rounded(Math.min(high, right), 6)],
        // A line above the figure is drawn at its upper edge.
        y: [rounded(Math.min(estimate, top)), rounded(Math.min(estimate, top))],
        cliponaxis: false,
        line: { color: colorOf(1), width: 3 },
        marker: { color: colorOf(1), size: 7, symbol: estimate > top ? 'triangle-up' : 'circle' },
        hovertemplate: `an estimate of ${rounded(estimate, 2)}<extra></extra>`,
      },
    ],
    layout: {
      barmode: 'overlay',
      bargap: 0,
      showlegend: true,
      xaxis: axis('pre-activation z', { range: [low - width, high + width] }),
      yaxis: axis('height', { range: [0, top] }),
    },
  });
}
