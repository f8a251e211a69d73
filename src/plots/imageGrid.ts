import { type Dataset, isDataset } from '../datasets/dataset';
import {
  refuseUnknownOptions,
  requireArray,
  requireFinite,
  requireInteger,
  show,
} from '../numbers/arguments';
import type { Figure } from './figure';
import { type ImageShape, imageTiles, requireImageShape } from './imageTiles';
import { extent, firstRows, type PlotRows, rounded, shownOf } from './plotRows';
import { GREY } from './theme';

/** How {@link imageGrid} draws. */
export interface ImageGridOptions {
  /** Height and width of an image. Default: the Dataset's, or a square. */
  imageShape?: ImageShape;
  /** Draw at most this many, the first ones. Default: 40. */
  count?: number;
  /** Images side by side. Default: at most 10. */
  columns?: number;
  /** What stands above each image; `[]` for nothing. Default: a Dataset's labels. */
  captions?: readonly string[];
  /** The values drawn black and white. Default: [0, 1], or the data's extent where it lies outside. */
  range?: readonly [black: number, white: number];
  title?: string;
}

/**
 * Images side by side, in grey.
 *
 * @param images One image per row.
 * @throws RangeError if an option is out of its range, a value is not finite or the rows are not images of that shape.
 */
export function imageGrid(images: PlotRows, options: ImageGridOptions = {}): Figure {
  refuseUnknownOptions('imageGrid', options, [
    'imageShape',
    'count',
    'columns',
    'captions',
    'range',
    'title',
  ]);
  const dataset = isDataset(images) ? images : undefined;
  const limit = requireInteger('count', options.count ?? 40, { min: 1 });
  const { shown, total } = firstRows('images', images, limit);
  const [count, pixels] = shown.shape;
  const imageShape = requireImageShape(options.imageShape ?? dataset?.imageShape, pixels);
  const columns = requireInteger('columns', options.columns ?? Math.min(10, count), { min: 1 });
  const captions = options.captions ?? (dataset && captionsOf(dataset, count)) ?? [];
  const { range = greyRange(shown.values) } = options;
  if (requireArray('range', range, '[black, white]').length !== 2)
    throw new RangeError(`range must be [black, white]; got ${show(range)}`);
  requireFinite('range', range);
  const [black, white] = range;
  return imageTiles({
    title: options.title ?? dataset?.name ?? 'Images',
    subtitle: `${shownOf(count, total, 'images')}; ${rounded(black, 3)} black, ${rounded(white, 3)} white`,
    images: shown,
    imageShape,
    columns: Math.min(columns, count),
    range: () => [black, white],
    colorscale: GREY,
    hover: (image) => [`image ${image}`, captions[image]].filter(Boolean).join('<br>'),
    captions: captions.length > 0 ? captions : undefined,
  });
}

function captionsOf({ labels, classNames }: Dataset, count: number): string[] | undefined {
  return labels && Array.from(labels.subarray(0, count), (label) => classNames?.[label] ?? String(label));
}

/** What is drawn black and white of values that may be anything. */
export function greyRange(values: Float32Array): readonly [number, number] {
  const [low, high] = extent(values);
  return low >= 0 && high <= 1 ? [0, 1] : [low, high];
}
