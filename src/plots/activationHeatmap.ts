import { integer, type OptionsOf, optional, readOptions, string } from '../numbers/options';
import { percent } from '../numbers/shown';
import { rowAt } from '../numbers/values';
import type { Figure } from './figure';
import { extent, firstRows, type PlotRows, rounded, shownOf } from './plotRows';
import { axis, chart, DIVERGING, SEQUENTIAL } from './theme';

const activationHeatmapOptions = {
  /** Draw at most this many examples, the first ones. Default: 100, fewer for very wide codes. */
  count: optional(integer({ min: 1 })),
  title: optional(string, 'Activations'),
};

/** How {@link activationHeatmap} draws. @interface */
export type ActivationHeatmapOptions = OptionsOf<typeof activationHeatmapOptions>;

/** Cells that keep a figure small, and that a screen can tell apart. */
const MOST_CELLS = 25_000;

/**
 * The code of one example per row: white where a unit is exactly 0, darker the harder it fires.
 *
 * @param activations h, `[examples, hiddenDim]`.
 * @throws RangeError if a value is not finite or `count` is not a positive integer.
 *
 * @example String(activationHeatmap([[0, 2], [1, 0]])) // → 'Figure: Activations – 2 examples; 50.0 % exactly 0'
 */
export function activationHeatmap(activations: PlotRows, options: ActivationHeatmapOptions = {}): Figure {
  const { count: limit, title } = readOptions('activationHeatmap', options, activationHeatmapOptions);
  const { shown: asked, total } = firstRows('activations', activations, limit ?? 100);
  const [askedCount, units] = asked.shape;
  const count = limit ? askedCount : Math.min(askedCount, Math.max(1, Math.floor(MOST_CELLS / units)));
  const z = Array.from({ length: count }, (_, row) =>
    Array.from(rowAt(asked, row), (value) => rounded(value, 3)),
  );
  const [low, high] = extent(asked.values);
  const end = rounded(Math.max(-low, high), 3) || 1;
  const zeros = z.flat().filter((value) => value === 0).length;
  return chart({
    title,
    subtitle: `${shownOf(count, total, 'example')}; ${percent(zeros / (count * units), 1)} exactly 0`,
    data: [
      {
        type: 'heatmap',
        z,
        coloraxis: 'coloraxis',
        hovertemplate: 'example %{y}<br>unit %{x}<br>activation %{z}<extra></extra>',
      },
    ],
    layout: {
      xaxis: axis('hidden unit', { showgrid: false }),
      yaxis: axis('example', { showgrid: false, autorange: 'reversed' }),
      coloraxis: {
        colorscale: low < 0 ? DIVERGING : SEQUENTIAL,
        cmin: low < 0 ? -end : 0,
        cmax: end,
        colorbar: { title: { text: 'activation', side: 'right' }, thickness: 12, outlinewidth: 0 },
      },
    },
  });
}
