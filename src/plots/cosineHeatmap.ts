import type { SyntheticFeatures } from '../datasets/syntheticFeatures';
import { matchingOf, requireComparable, similaritiesOf } from '../features/recovery';
import type { SparseAutoencoder } from '../model/autoencoder';
import { type OptionsOf, optional, readOptions, string } from '../numbers/options';
import { short } from '../numbers/shown';
import { rowAt } from '../numbers/values';
import type { Figure } from './figure';
import { axis, chart, DIVERGING } from './theme';

const cosineHeatmapOptions = {
  title: optional(string, 'Units and true features'),
};

/** How {@link cosineHeatmap} draws. @interface */
export type CosineHeatmapOptions = OptionsOf<typeof cosineHeatmapOptions>;

/** Up to this many cells each shows its number. */
const MOST_NUMBERS = 150;

/**
 * The cosine of the angle between each unit's decoder weights and each true feature: a row per unit, a column per feature.
 * Units are in the order of their partners in the best one-to-one matching, so a dictionary that is the true one is a red
 * diagonal on white. A row with two red cells is a unit that mixes two features.
 *
 * @throws TypeError if they are not a model and synthetic features; RangeError if their widths differ.
 *
 * @example
 * const truth = syntheticFeatures({ count: 1000, seed: 1 });
 * const figures = liveFigures(() => cosineHeatmap(model, truth));
 * await train(model, truth, { epochs: 20, penalty: l1(1e-3), onProgress: figures });
 */
export function cosineHeatmap(
  model: SparseAutoencoder,
  truth: SyntheticFeatures,
  options: CosineHeatmapOptions = {},
): Figure {
  const { title } = readOptions('cosineHeatmap', options, cosineHeatmapOptions);
  requireComparable(model, truth);
  const similarities = similaritiesOf(model, truth);
  const [units, features] = similarities.shape;
  const matching = matchingOf(similarities);
  const partner = new Map(matching.map(({ unit, feature }) => [unit, feature]));
  const order = Array.from({ length: units }, (_, unit) => unit).sort(
    (a, b) => (partner.get(a) ?? features) - (partner.get(b) ?? features) || a - b,
  );
  // Adding 0 makes −0 a 0.
  const z = order.map((unit) =>
    Array.from(rowAt(similarities, unit), (cosine) => Number(cosine.toFixed(2)) + 0),
  );
  const mcc = matching.reduce((sum, { cosine }) => sum + Math.abs(cosine), 0) / matching.length;
  const few = units * features <= MOST_NUMBERS;
  return chart({
    title,
    subtitle: `cosines of ${units} units and ${features} true features; MCC ${short(mcc)}`,
    data: [
      {
        type: 'heatmap',
        z,
        ...(few && {
          text: z.map((row) => row.map((cosine) => cosine.toFixed(2))),
          texttemplate: '%{text}' as const,
        }),
        coloraxis: 'coloraxis',
        hovertemplate: 'feature %{x}<br>row %{y}<br>cosine %{z}<extra></extra>',
      },
    ],
    layout: {
      xaxis: axis('true feature', { showgrid: false, ...(few && { dtick: 1 }) }),
      yaxis: axis(few ? 'unit' : 'unit, sorted by its feature', {
        showgrid: false,
        autorange: 'reversed',
        ...(few && {
          tickmode: 'array' as const,
          tickvals: order.map((_, row) => row),
          ticktext: order.map(String),
        }),
      }),
      coloraxis: {
        colorscale: DIVERGING,
        cmin: -1,
        cmax: 1,
        colorbar: { title: { text: 'cosine', side: 'right' }, thickness: 12, outlinewidth: 0 },
      },
    },
  });
}
