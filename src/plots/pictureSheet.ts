import { type Matrix, rowAt } from '../numbers/values';
import type { ImageShape } from './imageTiles';
import { shades } from './palette';
import type { Colorscale } from './plotly';
import { encodePng, pngAddress } from './png';

/** Many small pictures as one PNG file, line after line, from which a page cuts the one it needs. */
export interface PictureSheet {
  /** The file as a `data:` address. */
  readonly src: string;
  /** Pictures side by side. */
  readonly columns: number;
  /** Height and width of each in pixels. */
  readonly height: number;
  readonly width: number;
}

/** Shades that a picture is drawn in: odd, so that one of them is the exact middle. */
const SHADES = 63;

/** Default for the largest size of a sheet; a larger one is drawn with fewer pixels. */
const MOST_BYTES = 90_000;

/**
 * Draws images on one sheet, as large as fits: where it would take more than `mostBytes`, each image is shrunk to a half, a third, …
 *
 * @param images One image per row; at least one.
 * @param range What the scale's ends stand for in each image; values beyond are drawn as the ends.
 * @param mostBytes Default: 90 kB.
 */
export function pictureSheet(
  images: Matrix,
  imageShape: ImageShape,
  range: (image: number) => readonly [low: number, high: number],
  colorscale: Colorscale,
  mostBytes = MOST_BYTES,
): PictureSheet {
  const palette = shades(colorscale, SHADES);
  const columns = Math.ceil(Math.sqrt(images.shape[0]));
  const rows = Math.ceil(images.shape[0] / columns);
  for (let factor = 1; ; factor++) {
    const [height, width] = imageShape.map((side) => Math.ceil(side / factor)) as [number, number];
    const pixels = new Uint8Array(columns * width * rows * height);
    for (let image = 0; image < images.shape[0]; image++) {
      const [low, high] = range(image);
      const start = Math.floor(image / columns) * height * columns * width + (image % columns) * width;
      const small = shrunk(rowAt(images, image), imageShape, factor);
      for (let index = 0; index < small.length; index++) {
        const position = Math.min(1, Math.max(0, ((small[index] as number) - low) / (high - low || 1)));
        const place = start + Math.floor(index / width) * columns * width + (index % width);
        pixels[place] = Math.round(position * (SHADES - 1));
      }
    }
    const png = encodePng(pixels, columns * width, rows * height, palette);
    if (png.length > mostBytes && height * width > 1) continue;
    return { src: pngAddress(png), columns, height, width };
  }
}

/** The image with each square of `factor` × `factor` pixels, or what of it lies inside, averaged into one. */
function shrunk(image: Float32Array, [height, width]: ImageShape, factor: number): Float32Array {
  if (factor === 1) return image;
  const columns = Math.ceil(width / factor);
  const sums = new Float32Array(Math.ceil(height / factor) * columns);
  const counts = new Float32Array(sums.length);
  for (let index = 0; index < image.length; index++) {
    const line = Math.floor(index / width);
    const place = Math.floor(line / factor) * columns + Math.floor((index % width) / factor);
    sums[place] = (sums[place] as number) + (image[index] as number);
    counts[place] = (counts[place] as number) + 1;
  }
  return sums.map((sum, place) => sum / (counts[place] as number));
}
