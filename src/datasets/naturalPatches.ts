import { platform } from '#platform';
import {
  type ComplexPicture,
  fourierTransform,
  frequencyAt,
  inverseFourierTransform,
} from '../numbers/fourier';
import { boolean, integer, type OptionsOf, optional, readOptions } from '../numbers/options';
import { Random } from '../numbers/random';
import { Dataset } from './dataset';
import { parseIdx } from './idx';
import { byCommand, readVerified } from './verifiedFile';

const file = {
  path: platform.projectFile('datasets/natural-pictures/pictures-idx3-ubyte.gz'),
  sha256: '4e9bf2665ea86534571f4131a6b3191d518c075cd036f99ddd4e426834de8a30',
  gzipped: true,
  size: 16 + 7 * 256 * 256,
  remedy: byCommand('git checkout -- datasets/natural-pictures'),
};

const PROVENANCE = {
  source: 'scikit-image 0.26.0: astronaut, brick, camera, chelsea, coffee, grass, gravel; grey, 256 × 256',
  licence: 'public domain (astronaut, NASA); CC0 1.0 (the others)',
} as const;

let pictures: Dataset | undefined;

/**
 * Seven photographs of 256 × 256 pixels, 0 (black) to 1 (white): what {@link loadNaturalPatches} cuts its patches from.
 * Their labels are their names.
 *
 * @throws Error if the file is missing or was altered, with the command that restores it
 *
 * @example loadNaturalPictures().imageShape // → [256, 256]
 */
export function loadNaturalPictures(): Dataset {
  pictures ??= readPictures();
  return pictures;
}

function readPictures(): Dataset {
  const { shape, values } = parseIdx(readVerified(file), file.path);
  // The checksum vouches for the shape.
  const [count, height, width] = shape as [number, number, number];
  return new Dataset({
    name: 'natural pictures',
    values,
    count,
    dim: height * width,
    scale: 1 / 255,
    labels: Uint8Array.from({ length: count }, (_, picture) => picture),
    classNames: ['astronaut', 'brick', 'camera', 'chelsea', 'coffee', 'grass', 'gravel'],
    imageShape: [height, width],
    ...PROVENANCE,
  });
}

/** How {@link loadNaturalPatches} cuts its patches, for {@link readOptions}. */
export const naturalPatchesOptions = {
  /** How many. Default: 10000, as in UFLDL. */
  count: optional(integer({ min: 1 }), 10_000),
  /** A patch's height and width. Default: 8. */
  size: optional(integer({ min: 2, max: 64 }), 8),
  /** Chooses pictures and places. Default: 0. */
  seed: optional(integer({ min: 0 }), 0),
  /** Whether the pictures are whitened first, as UFLDL's were. Default: `true`. */
  whiten: optional(boolean, true),
};

/** How {@link loadNaturalPatches} cuts its patches. @interface */
export type NaturalPatchesOptions = OptionsOf<typeof naturalPatchesOptions>;

/**
 * Patches cut from photographs at random places: what UFLDL's sparse autoencoder learns edges from.
 *
 * The pictures are whitened: neighbouring pixels of a photograph are nearly equal, coarse waves therefore a thousand times
 * stronger than fine ones, and a model would spend itself on those. Then, as UFLDL's `sampleIMAGES` does: from each patch
 * its mean is subtracted, everything beyond ±3 standard deviations (of all pixels of all patches) is cut to that, and
 * [−3σ, 3σ] becomes [0.1, 0.9], where a sigmoid output can reach it.
 *
 * Reference: Ng, Ngiam, Foo, Mai and Suen, UFLDL, "Exercise: Sparse Autoencoder"; the filter is that of Olshausen and Field,
 * "Sparse coding with an overcomplete basis set", 1997.
 *
 * @throws RangeError if an option is out of its range
 * @throws Error if the file is missing or was altered, with the command that restores it
 *
 * @example
 * loadNaturalPatches({ count: 10_000, size: 8, seed: 1 }) // 10,000 rows of 64 numbers in [0.1, 0.9], mean 0.5
 */
export function loadNaturalPatches(options: NaturalPatchesOptions = {}): Dataset {
  const { count, size, seed, whiten } = readOptions('loadNaturalPatches', options, naturalPatchesOptions);

  const { count: pictureCount, imageShape } = loadNaturalPictures();
  const [height, width] = imageShape as readonly [number, number];
  const sources = whiten
    ? whitenedPictures()
    : Array.from({ length: pictureCount }, (_, row) => pictureAt(row));
  const random = new Random(seed);
  const dim = size ** 2;
  const values = new Float32Array(count * dim);
  for (let patch = 0; patch < count; patch++) {
    const source = sources[random.integer(pictureCount)] as Float32Array;
    const top = random.integer(height - size + 1);
    const left = random.integer(width - size + 1);
    for (let line = 0; line < size; line++) {
      const start = (top + line) * width + left;
      values.set(source.subarray(start, start + size), patch * dim + line * size);
    }
  }
  normalize(values, dim);
  return new Dataset({
    name: 'natural patches',
    values,
    count,
    dim,
    imageShape: [size, size],
    ...PROVENANCE,
  });
}

/** The limit of UFLDL's normalisation, in standard deviations, and its new value. */
const CUT = 3;
const [DARKEST, BRIGHTEST] = [0.1, 0.9];

/** UFLDL's `normalizeData`, in place. */
function normalize(values: Float32Array, dim: number): void {
  for (let start = 0; start < values.length; start += dim) {
    const patch = values.subarray(start, start + dim);
    const mean = patch.reduce((sum, value) => sum + value, 0) / dim;
    for (let i = 0; i < dim; i++) patch[i] = (patch[i] as number) - mean;
  }
  // Each patch has mean 0, and so have all together.
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
  const limit = CUT * deviation || 1;
  for (let i = 0; i < values.length; i++) {
    const position = Math.min(1, Math.max(-1, (values[i] as number) / limit));
    values[i] = (DARKEST + BRIGHTEST) / 2 + (position * (BRIGHTEST - DARKEST)) / 2;
  }
}

const pictureAt = (row: number): Float32Array => loadNaturalPictures().gather([row]);

let whitened: Float32Array[] | undefined;

function whitenedPictures(): Float32Array[] {
  const { count, imageShape } = loadNaturalPictures();
  whitened ??= Array.from({ length: count }, (_, row) =>
    whitenedPicture(pictureAt(row), imageShape?.[0] as number),
  );
  return whitened;
}

/** Beyond this frequency, in cycles a pixel, there is mostly noise: Olshausen and Field's 200 cycles over 512 pixels. */
const CUTOFF = 200 / 512;

/**
 * The picture with its waves made about equally strong: photographs' fall as 1/f, so each is multiplied by
 *
 *     R(f) = f · exp(−(f / cutoff)⁴)
 *
 * and the whole brought to a standard deviation of 1, so that no picture outweighs another.
 */
function whitenedPicture(pixels: Float32Array, size: number): Float32Array {
  const picture: ComplexPicture = {
    real: Float64Array.from(pixels),
    imaginary: new Float64Array(pixels.length),
  };
  fourierTransform(picture, size);
  for (let v = 0; v < size; v++) {
    for (let u = 0; u < size; u++) {
      const frequency = Math.hypot(frequencyAt(v, size), frequencyAt(u, size));
      const response = frequency * Math.exp(-((frequency / CUTOFF) ** 4));
      const index = v * size + u;
      picture.real[index] = (picture.real[index] as number) * response;
      picture.imaginary[index] = (picture.imaginary[index] as number) * response;
    }
  }
  inverseFourierTransform(picture, size);
  // The filter has removed the mean.
  const deviation = Math.sqrt(picture.real.reduce((sum, value) => sum + value * value, 0) / pixels.length);
  return Float32Array.from(picture.real, (value) => value / deviation);
}
