import { refuseUnknownOptions, requireInteger, show } from '../arguments';
import { Dataset } from '../datasets/dataset';
import type { Figure } from './figure';
import { type ImageShape, imageTiles, requireImageShape } from './imageTiles';
import { extent, firstRows, type PlotRows, rounded, rowAt } from './plotRows';
import { GREY } from './theme';

/** How {@link reconstructionPairs} draws. */
export interface ReconstructionPairsOptions {
  /** Height and width of an image; a Dataset knows its own. */
  imageShape?: ImageShape;
  /** Draw at most so many pairs, the first ones. 10 unless told. */
  count?: number;
  title?: string;
}

/**
 * Inputs above, what the model makes of them below. The pointer shows each pair's mean squared error.
 *
 * @param x Inputs, one image a row.
 * @param reconstruction x̂, of the same shape.
 * @throws RangeError if the shapes differ, a value is not finite or the rows are not images of that shape.
 */
export function reconstructionPairs(
  x: PlotRows,
  reconstruction: PlotRows,
  options: ReconstructionPairsOptions = {},
): Figure {
  refuseUnknownOptions('reconstructionPairs', options, ['imageShape', 'count', 'title']);
  const limit = requireInteger('count', options.count ?? 10, { min: 1 });
  const inputs = firstRows('x', x, limit);
  const outputs = firstRows('reconstruction', reconstruction, limit);
  const [count, pixels] = inputs.shown.shape;
  if (outputs.total !== inputs.total || outputs.shown.shape[1] !== pixels) {
    throw new RangeError(
      `reconstruction must have the shape of x, ${show([inputs.total, pixels])}; ` +
        `got ${show([outputs.total, outputs.shown.shape[1]])}`,
    );
  }
  const dataset = x instanceof Dataset ? x : undefined;
  const values = new Float32Array(2 * count * pixels);
  values.set(inputs.shown.values);
  values.set(outputs.shown.values, count * pixels);
  const [low, high] = extent(inputs.shown.values);
  const [black, white] = low >= 0 && high <= 1 ? [0, 1] : [low, high];

  return imageTiles({
    title: options.title ?? 'Inputs and reconstructions',
    subtitle: `x above, x̂ below; ${rounded(black, 3)} black, ${rounded(white, 3)} white`,
    images: { values, shape: [2 * count, pixels] },
    imageShape: requireImageShape(options.imageShape ?? dataset?.imageShape, pixels),
    columns: count,
    range: () => [black, white],
    colorscale: GREY,
    hover: (image) => {
      const pair = image % count;
      const error = meanSquaredDifference(rowAt(inputs.shown, pair), rowAt(outputs.shown, pair));
      return `example ${pair}<br>MSE ${rounded(error, 3)}`;
    },
    rowNames: ['x', 'x̂'],
  });
}

function meanSquaredDifference(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, index) => sum + (value - (b[index] as number)) ** 2, 0) / a.length;
}
