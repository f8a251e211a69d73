import { isDataset } from '../datasets/dataset';
import { isModel } from '../model/architecture';
import type { SparseAutoencoder } from '../model/autoencoder';
import { show } from '../numbers/arguments';
import { integer, type OptionsOf, optional, readOptions, string, value } from '../numbers/options';
import { type Matrix, rowAt } from '../numbers/values';
import type { Figure } from './figure';
import { type ImageShape, imageTiles, requireImageShape } from './imageTiles';
import { extent, firstRows, isRows, type PlotRows, rounded } from './plotRows';
import { type OneOrNamed, toSeries } from './series';
import { GREY } from './theme';

const reconstructionPairsOptions = {
  /** Height and width of an image. Default: the Dataset's, or a square. */
  imageShape: optional(value<ImageShape>()),
  /** Draw at most this many pairs, the first ones. Default: 10. */
  count: optional(integer({ min: 1 }), 10),
  title: optional(string, 'Inputs and reconstructions'),
};

/** How {@link reconstructionPairs} draws. @interface */
export type ReconstructionPairsOptions = OptionsOf<typeof reconstructionPairsOptions>;

/**
 * Inputs above, a model's reconstructions below; those of several models are below each other, by name. The
 * pointer shows the mean squared error of each.
 *
 * @param x Inputs, one image per row.
 * @param reconstruction A model, or x̂ of the shape of x; or several by name: `{ dense: model0, sparse: model1 }`.
 * @throws RangeError if the shapes differ, a value is not finite or the rows are not images of that shape.
 *
 * @example reconstructionPairs(mnist.test.take(8), model)
 */
export function reconstructionPairs(
  x: PlotRows,
  reconstruction: OneOrNamed<SparseAutoencoder | PlotRows>,
  options: ReconstructionPairsOptions = {},
): Figure {
  const read = readOptions('reconstructionPairs', options, reconstructionPairsOptions);
  const limit = read.count;
  const { shown: inputs, total } = firstRows('x', x, limit);
  const [count, pixels] = inputs.shape;
  const models = toSeries('reconstruction', reconstruction, isModelOrRows).map(({ name, value }) => {
    const what = name || 'reconstruction';
    if (isModel(value)) return { name: name || 'x̂', outputs: value.forward(inputs).reconstruction };
    const outputs = firstRows(what, value, limit);
    if (outputs.total !== total || outputs.shown.shape[1] !== pixels) {
      throw new RangeError(
        `${what} must have the shape of x, ${show([total, pixels])}; got ${show([outputs.total, outputs.shown.shape[1]])}`,
      );
    }
    return { name: name || 'x̂', outputs: outputs.shown };
  });
  const dataset = isDataset(x) ? x : undefined;
  const values = new Float32Array((1 + models.length) * count * pixels);
  values.set(inputs.values);
  for (const [row, { outputs }] of models.entries()) values.set(outputs.values, (row + 1) * count * pixels);
  const images: Matrix = { values, shape: [(1 + models.length) * count, pixels] };
  const [low, high] = extent(inputs.values);
  const [black, white] = low >= 0 && high <= 1 ? [0, 1] : [low, high];
  const below = models.length > 1 ? 'reconstructions' : 'x̂';

  return imageTiles({
    title: read.title,
    subtitle: `x above, ${below} below; ${rounded(black, 3)} black, ${rounded(white, 3)} white`,
    images,
    imageShape: requireImageShape(read.imageShape ?? dataset?.imageShape, pixels),
    columns: count,
    range: () => [black, white],
    colorscale: GREY,
    hover: (image) => {
      const example = image % count;
      if (image < count) return `example ${example}`;
      const error = meanSquaredDifference(rowAt(inputs, example), rowAt(images, image));
      return `example ${example}<br>MSE ${rounded(error, 3)}`;
    },
    rowNames: ['x', ...models.map(({ name }) => name)],
  });
}

function isModelOrRows(
  given: OneOrNamed<SparseAutoencoder | PlotRows>,
): given is SparseAutoencoder | PlotRows {
  return isModel(given) || isRows(given as OneOrNamed<PlotRows>);
}

function meanSquaredDifference(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, index) => sum + (value - (b[index] as number)) ** 2, 0) / a.length;
}
