import { isModel } from '../model/architecture';
import type { SparseAutoencoder } from '../model/autoencoder';
import { requireInteger, show } from '../numbers/arguments';
import {
  boolean,
  integer,
  type OptionsOf,
  oneOf,
  optional,
  readOptions,
  string,
  value,
} from '../numbers/options';
import { type Matrix, rowAt, transposed } from '../numbers/values';
import type { Figure } from './figure';
import { type ImageShape, imageTiles, requireImageShape } from './imageTiles';
import { extent, type PlotRows, rounded, rowsOf } from './plotRows';
import { DIVERGING } from './theme';

const weightImagesOptions = {
  /** Height and width of an input image. Default: a square. */
  imageShape: optional(value<ImageShape>()),
  /** Which units, in this order. Default: all, at most the first 200. */
  units: optional(value<ArrayLike<number>>()),
  /** Units side by side. Default: at most 16. */
  columns: optional(integer({ min: 1 })),
  /** Scale every unit by its own largest weight: shows the pattern of faint units, hides that they are faint. Default: `false`. */
  normalize: optional(boolean, false),
  /** Whether a unit's weights are a row or a column; told by the shape unless the matrix is square. */
  unitsAre: optional(oneOf(['rows', 'columns'])),
  title: optional(string, 'Weights of the hidden units'),
};

/** How {@link weightImages} draws. @interface */
export type WeightImagesOptions = OptionsOf<typeof weightImagesOptions>;

/** More pictures than this are too small to see, and too large for a notebook. */
const MOST_UNITS = 200;

/**
 * The weights of each hidden unit as a picture of the inputs it responds to: red counts for it, blue against it, white
 * not at all. Zero is the exact middle of the colours.
 *
 * @param weights A model, for its `encoderWeights`; or weights, `[inputDim, hiddenDim]` or `[hiddenDim, inputDim]`.
 * @throws RangeError if neither axis has an image's pixels, both have and `unitsAre` does not tell, or a value is not finite.
 *
 * @example String(weightImages(new SparseAutoencoder({ inputDim: 4, hiddenDim: 8 }))) // → 'Figure: Weights of the hidden units – 8 units; white is 0'
 */
export function weightImages(
  weights: SparseAutoencoder | PlotRows,
  options: WeightImagesOptions = {},
): Figure {
  const { imageShape, normalize, title, ...read } = readOptions('weightImages', options, weightImagesOptions);
  const all = isModel(weights)
    ? transposed(weights.encoderWeights)
    : unitsAsRows(rowsOf('weights', weights), imageShape, read.unitsAre);
  const [total, pixels] = all.shape;
  const units = Array.from(read.units ?? { length: Math.min(MOST_UNITS, total) }, (unit: unknown, index) =>
    requireInteger(`units[${index}]`, read.units ? unit : index, { min: 0, max: total - 1 }),
  );
  if (units.length === 0) throw new RangeError('units must name at least one unit; got none');
  const columns = read.columns ?? Math.min(16, Math.ceil(Math.sqrt(2 * units.length)));

  const images: Matrix = { values: new Float32Array(units.length * pixels), shape: [units.length, pixels] };
  for (const [image, unit] of units.entries()) images.values.set(rowAt(all, unit), image * pixels);
  const largest = units.map((_, image) => largestMagnitude(rowAt(images, image)));
  const limit = Math.max(...largest);

  const count = units.length < total ? `${units.length} of ${total}` : `${total}`;
  return imageTiles({
    title,
    subtitle: `${count} units${normalize ? ', each scaled by its own largest weight' : ''}; white is 0`,
    images,
    imageShape: requireImageShape(imageShape, pixels),
    columns: Math.min(columns, units.length),
    range: (image) => {
      const end = (normalize ? (largest[image] as number) : limit) || 1;
      return [-end, end];
    },
    colorscale: DIVERGING,
    // White pictures need an edge.
    background: '#8c959f',
    hover: (image) => `unit ${units[image]}<br>largest |weight| ${rounded(largest[image] as number, 3)}`,
    colorbar: normalize
      ? { title: 'weight / largest', range: [-1, 1] }
      : { title: 'weight', range: [-rounded(limit, 3), rounded(limit, 3)] },
  });
}

function unitsAsRows(
  weights: Matrix,
  imageShape: ImageShape | undefined,
  unitsAre: 'rows' | 'columns' | undefined,
): Matrix {
  const [rows, columns] = weights.shape;
  const pixels = imageShape ? imageShape[0] * imageShape[1] : squareAxis(weights);
  if (rows !== pixels && columns !== pixels) {
    throw new RangeError(
      `weights must have an axis of ${imageShape ? `${imageShape.join(' × ')} = ` : ''}${pixels} numbers, one per pixel; got shape ${show([rows, columns])}`,
    );
  }
  if (rows === columns && unitsAre === undefined) {
    throw new RangeError(`unitsAre must be 'rows' or 'columns' for square weights; got none`);
  }
  const asRows = unitsAre ? unitsAre === 'rows' : columns === pixels;
  return asRows ? weights : transposed(weights);
}

/** The length of the axis that holds pixels of square images. @throws RangeError if none can, or both. */
function squareAxis({ shape }: Matrix): number {
  const squares = [...new Set(shape)].filter((length) => Number.isInteger(Math.sqrt(length)));
  if (squares.length === 1) return squares[0] as number;
  throw new RangeError(
    `imageShape must be given, or a model instead of weights: in shape ${show(shape)} ` +
      `${squares.length === 0 ? 'neither axis' : 'either axis'} can be a square image's; got none`,
  );
}

function largestMagnitude(values: Float32Array): number {
  const [low, high] = extent(values);
  return Math.max(-low, high);
}
