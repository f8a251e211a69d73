import { decode as decodeJpeg } from 'jpeg-js';
import { requireArray, requireInteger, requireText, show } from '../numbers/arguments';
import { fileKind } from '../numbers/fileKind';
import { boolean, type OptionsOf, optional, readOptions, value } from '../numbers/options';
import { Dataset } from './dataset';
import { listOwnFiles, readOwnFile } from './ownFile';

/** How {@link loadImages} reads pictures, for {@link readOptions}. */
const imagesOptions = {
  /**
   * The height and width of all examples. A picture of another shape is cut to its middle, then each pixel is the mean of what it
   * covers. Default: all pictures must have the same size, and nothing is changed.
   */
  size: optional(value<readonly [height: number, width: number]>()),
  /** Whether black becomes 1 and white 0, as ink is in MNIST. Default: `false`. */
  invert: optional(boolean, false),
};

/** How {@link loadImages} reads pictures. @interface */
export type ImagesOptions = OptionsOf<typeof imagesOptions>;

/** A picture's grey values, 0 (black) to 255 (white), line after line. */
interface Picture {
  readonly height: number;
  readonly width: number;
  readonly values: Float64Array;
}

const PICTURE = /\.(png|jpe?g)$/i;

/** Hidden files, and the folder in which macOS packs what it has noted about pictures, under the pictures' names. */
const HIDDEN = /(^|\/)(\.|__MACOSX\/)/;

/** A label is stored as one byte. */
const MOST_CLASSES = 256;

/**
 * Pictures of your own, PNG or JPEG, as grey values from 0 (black) to 1 (white).
 *
 * They are next to the notebook. In a browser, drop them into the file browser on the left. Colours become
 * 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601), and transparent pixels become white. Pictures in folders of the folder have the
 * folder's name as their class.
 *
 * @param source a folder, or a list of files, from the notebook's folder
 * @throws Error if there is no picture, or one cannot be read
 * @throws RangeError naming two pictures of different sizes, unless `size` makes them equal
 * @example
 * const pictures = await loadImages('pictures', { size: [28, 28], invert: true });
 */
export async function loadImages(
  source: string | readonly string[],
  options: ImagesOptions = {},
): Promise<Dataset> {
  const { size, invert } = readOptions('loadImages', options, imagesOptions);
  if (size !== undefined) requireSize(size);
  const paths = typeof source === 'string' ? await picturesIn(source) : requirePaths(source);
  const pictures: Picture[] = [];
  for (const path of paths) pictures.push(await readPicture(path));
  const [first] = pictures as [Picture];
  const [height, width] = size ?? [first.height, first.width];
  const values = new Uint8Array(pictures.length * height * width);
  for (const [index, picture] of pictures.entries()) {
    if (!size && (picture.height !== height || picture.width !== width)) {
      throw new RangeError(
        `pictures must all be ${height} × ${width}, as ${paths[0]} is, unless size is given; ` +
          `${paths[index]} is ${picture.height} × ${picture.width}`,
      );
    }
    const grey = resized(picture, height, width);
    for (const [pixel, value] of grey.entries()) {
      const rounded = Math.round(value);
      values[index * grey.length + pixel] = invert ? 255 - rounded : rounded;
    }
  }
  return new Dataset({
    name: typeof source === 'string' ? source : 'pictures',
    values,
    count: pictures.length,
    dim: height * width,
    scale: 1 / 255,
    imageShape: [height, width],
    ...(typeof source === 'string' && classesOf(source, paths)),
  });
}

function requireSize(size: readonly [number, number]): void {
  requireArray('size', size, '[height, width]');
  requireInteger('size[0]', size[0], { min: 1, max: 4096 });
  requireInteger('size[1]', size[1], { min: 1, max: 4096 });
}

function requirePaths(source: readonly string[]): readonly string[] {
  const paths = Array.from(requireArray('source', source, 'a folder or an array of files'));
  if (paths.length === 0) throw new RangeError('source must hold at least one file; got none');
  for (const [index, path] of paths.entries()) requireText(`source[${index}]`, path);
  return paths;
}

async function picturesIn(folder: string): Promise<readonly string[]> {
  requireText('source', folder);
  const names = await listOwnFiles(folder);
  const paths = names
    .filter((name) => PICTURE.test(name) && !HIDDEN.test(name))
    .map((name) => `${folder}/${name}`);
  if (paths.length === 0) {
    throw new Error(`${show(folder)} must hold pictures, .png or .jpg; got ${names.length} other files`);
  }
  return paths;
}

/** Labels by the folders of pictures, if they are in folders. */
function classesOf(folder: string, paths: readonly string[]) {
  const names = paths.map((path) =>
    path
      .slice(folder.length + 1)
      .split('/')
      .slice(0, -1)
      .join('/')
      // Letters that look the same are the same, whatever system wrote the folder's name.
      .normalize('NFC'),
  );
  const classNames = [...new Set(names)].sort();
  if (classNames.includes('')) return {};
  if (classNames.length > MOST_CLASSES)
    throw new RangeError(`source must have at most ${MOST_CLASSES} folders; got ${classNames.length}`);
  return { classNames, labels: Uint8Array.from(names, (name) => classNames.indexOf(name)) };
}

async function readPicture(path: string): Promise<Picture> {
  const bytes = await readOwnFile(path);
  const isPng = bytes[0] === 0x89 && bytes[1] === 0x50;
  const isJpeg = bytes[0] === 0xff && bytes[1] === 0xd8;
  if (!isPng && !isJpeg) {
    throw new Error(
      `${path} must be a PNG or a JPEG; ${fileKind(bytes) ?? 'its first bytes are of neither'}`,
    );
  }
  try {
    return isPng ? await readPng(bytes) : readJpeg(bytes);
  } catch (cause) {
    // A decoder that looks for a byte beyond the last one.
    const reason = cause instanceof RangeError ? 'it was cut short' : (cause as Error).message;
    throw new Error(`${path} must be a whole picture; got: ${reason}`, { cause });
  }
}

function readJpeg(bytes: Uint8Array): Picture {
  const { height, width, data } = decodeJpeg(bytes, { useTArray: true, formatAsRGBA: false });
  return greyOf(height, width, data, 3, 255);
}

async function readPng(bytes: Uint8Array): Promise<Picture> {
  // A module of the newer kind, which Node before 20.19 does not load otherwise.
  const { convertIndexedToRgb, decode } = await import('fast-png');
  const png = decode(bytes, { checkCrc: true });
  const { height, width, depth, channels, palette } = png;
  if (palette) return greyOf(height, width, convertIndexedToRgb(png), palette[0]?.length ?? 3, 255);
  const data = depth < 8 ? unpacked(png.data as Uint8Array, height, width, depth) : png.data;
  return greyOf(height, width, data, channels, 2 ** depth - 1);
}

/** The samples of a picture of one channel, several of which share a byte; each line starts with a byte of its own. */
function unpacked(data: Uint8Array, height: number, width: number, depth: number): Uint8Array {
  const lineBytes = Math.ceil((width * depth) / 8);
  return Uint8Array.from({ length: height * width }, (_, pixel) => {
    const bit = (pixel % width) * depth;
    const byte = data[Math.floor(pixel / width) * lineBytes + (bit >> 3)] as number;
    return (byte >> (8 - depth - (bit & 7))) & (2 ** depth - 1);
  });
}

/** Grey values from samples of `white` at most: grey, grey and alpha, RGB, or RGB and alpha. */
function greyOf(
  height: number,
  width: number,
  data: ArrayLike<number>,
  channels: number,
  white: number,
): Picture {
  const values = new Float64Array(height * width);
  const sample = (pixel: number, channel: number) => (data[pixel * channels + channel] as number) / white;
  for (let pixel = 0; pixel < values.length; pixel++) {
    const grey =
      channels < 3
        ? sample(pixel, 0)
        : 0.299 * sample(pixel, 0) + 0.587 * sample(pixel, 1) + 0.114 * sample(pixel, 2);
    const alpha = channels % 2 === 0 ? sample(pixel, channels - 1) : 1;
    values[pixel] = 255 * (grey * alpha + 1 - alpha);
  }
  return { height, width, values };
}

/** The middle of a picture in another size. Each pixel is the mean of the area that it covers. */
function resized(picture: Picture, height: number, width: number): Float64Array {
  if (picture.height === height && picture.width === width) return picture.values;
  // How many of the picture's pixels one of the new ones is wide.
  const step = Math.min(picture.height / height, picture.width / width);
  const rows = shares(picture.height, height, step);
  const columns = shares(picture.width, width, step);
  const values = new Float64Array(height * width);
  for (const [y, row] of rows.entries()) {
    for (const [x, column] of columns.entries()) {
      let sum = 0;
      for (const [line, part] of row) {
        for (const [place, share] of column)
          sum += part * share * (picture.values[line * picture.width + place] as number);
      }
      values[y * width + x] = sum;
    }
  }
  return values;
}

/** For each of `count` new pixels along an axis: the old ones that it covers, and the shares that each has in it. */
function shares(extent: number, count: number, step: number): [index: number, share: number][][] {
  const start = (extent - count * step) / 2;
  return Array.from({ length: count }, (_, pixel) => {
    const from = start + pixel * step;
    const to = from + step;
    const covered: [number, number][] = [];
    for (let index = Math.floor(from); index < Math.min(Math.ceil(to), extent); index++) {
      const overlap = Math.min(to, index + 1) - Math.max(from, index);
      if (overlap > 0) covered.push([index, overlap / step]);
    }
    return covered;
  });
}
