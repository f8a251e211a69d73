import { type Dataset, isDataset } from '../datasets/dataset';
import { requireArray, requireFinite, show } from '../numbers/arguments';
import { checked, integer, type OptionsOf, optional, readOptions, string, value } from '../numbers/options';
import type { Figure } from './figure';
import { type ImageShape, imageTiles, requireImageShape } from './imageTiles';
import { extent, firstRows, type PlotRows, rounded, shownOf } from './plotRows';
import { GREY } from './theme';

const imageGridOptions = {
  /** Height and width of an image. Default: the Dataset's, or a square. */
  imageShape: optional(value<ImageShape>()),
  /** Draw at most this many, the first ones. Default: 40. */
  count: optional(integer({ min: 1 }), 40),
  /** Images side by side. Default: at most 10. */
  columns: optional(integer({ min: 1 })),
  /** Labels above the images; `[]` for none. Default: a Dataset's labels. */
  captions: optional(value<readonly string[]>()),
  /** The values drawn black and white. Default: [0, 1], or the data's extent where it lies outside. */
  range: optional(checked<readonly [black: number, white: number]>(requireRange)),
  title: optional(string),
};

/** How {@link imageGrid} draws. @interface */
export type ImageGridOptions = OptionsOf<typeof imageGridOptions>;

/**
 * Images side by side, in grey.
 *
 * @param images One image per row.
 * @throws RangeError if an option is out of its range, a value is not finite or the rows are not images of that shape.
 *
 * @example String(imageGrid(loadDigits().take(20), { columns: 5 })) // → 'Figure: digits – 20 images; 0 black, 1 white'
 */
export function imageGrid(images: PlotRows, options: ImageGridOptions = {}): Figure {
  const read = readOptions('imageGrid', options, imageGridOptions);
  const dataset = isDataset(images) ? images : undefined;
  const { shown, total } = firstRows('images', images, read.count);
  const [count, pixels] = shown.shape;
  const imageShape = requireImageShape(read.imageShape ?? dataset?.imageShape, pixels);
  const captions = read.captions ?? (dataset && captionsOf(dataset, count)) ?? [];
  const [black, white] = read.range ?? greyRange(shown.values);
  return imageTiles({
    title: read.title ?? dataset?.name ?? 'Images',
    subtitle: `${shownOf(count, total, 'image')}; ${rounded(black, 3)} black, ${rounded(white, 3)} white`,
    images: shown,
    imageShape,
    columns: Math.min(read.columns ?? 10, count),
    range: () => [black, white],
    colorscale: GREY,
    hover: (image) => [`image ${image}`, captions[image]].filter(Boolean).join('<br>'),
    captions: captions.length > 0 ? captions : undefined,
  });
}

function requireRange(name: string, range: readonly [black: number, white: number]): void {
  if (requireArray(name, range, '[black, white]').length !== 2)
    throw new RangeError(`${name} must be [black, white]; got ${show(range)}`);
  requireFinite(name, range);
}

function captionsOf({ labels, classNames }: Dataset, count: number): string[] | undefined {
  return labels && Array.from(labels.subarray(0, count), (label) => classNames?.[label] ?? String(label));
}

/** The values that are drawn black and white, where any values are possible. */
export function greyRange(values: Float32Array): readonly [number, number] {
  const [low, high] = extent(values);
  return low >= 0 && high <= 1 ? [0, 1] : [low, high];
}
