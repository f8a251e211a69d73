import { requireFinite, requireInteger, show } from '../numbers/arguments';
import { type ComplexPicture, fourierTransform, frequencyAt } from '../numbers/fourier';

/** The result of {@link orientationSelectivity} for a picture. */
export interface Orientation {
  /** From 0 (no direction stands out) to 1 (waves of a single direction). */
  readonly selectivity: number;
  /** The direction of its edges and bars in degrees, anticlockwise from horizontal: in [0, 180). */
  readonly angle: number;
}

/** Smaller pictures are padded to this, which samples their spectrum finely enough for any direction. */
const LEAST_SPECTRUM = 32;

/**
 * How clearly a picture, such as a unit's weights, shows edges or bars of one direction.
 *
 * A picture is a sum of waves, each with a direction θ and a power P. As a wave turned by 180° is the same wave, directions
 * are averaged at twice their angle:
 *
 *     selectivity = |Σ P exp(2iθ)| / Σ P        the sums over all waves but the constant one
 *
 * One minus the circular variance of the spectrum. With 8 × 8 pixels, stripes and Gabor's filters reach 0.8 to 0.9, an edge
 * 0.6; a round blob and a checkerboard have 0, noise 0.14 on average and in 99 of 100 cases less than 0.34. "Oriented", as we
 * say, is a unit of 0.5 or more. The picture's mean is subtracted and it is set in zeros up to a power of two.
 *
 * Reference: Mardia, "Statistics of directional data", 1972; as a measure of neurons' tuning: Ringach, Shapley and Hawken,
 * "Orientation selectivity in macaque V1", 2002.
 *
 * @param picture Its pixels, line after line.
 * @param imageShape Its height and width.
 * @throws RangeError if the shape does not have that many pixels, or a pixel is NaN or infinite.
 *
 * @example
 * const stripes = Array.from({ length: 64 }, (_, i) => Math.sin((i % 8) * Math.PI / 2)); // upright stripes
 * orientationSelectivity(stripes, [8, 8]) // → { selectivity: 0.84, angle: 90 }
 */
export function orientationSelectivity(
  picture: ArrayLike<number>,
  imageShape: readonly [height: number, width: number],
): Orientation {
  if (typeof picture?.length !== 'number')
    throw new TypeError(`picture must be an array of pixels; got ${show(picture)}`);
  if (!Array.isArray(imageShape))
    throw new TypeError(`imageShape must be [height, width]; got ${show(imageShape)}`);
  const [height, width] = imageShape;
  requireInteger('imageShape[0]', height, { min: 2 });
  requireInteger('imageShape[1]', width, { min: 2 });
  if (height * width !== picture.length) {
    throw new RangeError(
      `imageShape must have the picture's ${picture.length} pixels; got ${height} × ${width} = ${height * width}`,
    );
  }
  requireFinite('picture', picture, width);
  const size = Math.max(LEAST_SPECTRUM, 2 ** Math.ceil(Math.log2(2 * Math.max(height, width))));
  const { real, imaginary } = spectrum(picture, imageShape, size);
  let [total, cosines, sines] = [0, 0, 0];
  for (let v = 0; v < size; v++) {
    for (let u = 0; u < size; u++) {
      // The highest frequency is its own negative, so it would count in one of two directions.
      if ((u === 0 && v === 0) || u === size / 2 || v === size / 2) continue;
      const index = v * size + u;
      const power = (real[index] as number) ** 2 + (imaginary[index] as number) ** 2;
      // Lines are counted downwards, angles upwards.
      const direction = Math.atan2(-frequencyAt(v, size), frequencyAt(u, size));
      total += power;
      cosines += power * Math.cos(2 * direction);
      sines += power * Math.sin(2 * direction);
    }
  }
  if (total === 0) return { selectivity: 0, angle: 0 };
  const waves = (Math.atan2(sines, cosines) * 90) / Math.PI;
  // Edges run at right angles to the waves they are made of.
  return { selectivity: Math.hypot(cosines, sines) / total, angle: (waves + 90 + 180) % 180 };
}

/** The Fourier transform of the picture without its mean, set in zeros. */
function spectrum(
  picture: ArrayLike<number>,
  [height, width]: readonly [height: number, width: number],
  size: number,
): ComplexPicture {
  let mean = 0;
  for (let i = 0; i < picture.length; i++) mean += (picture[i] as number) / picture.length;
  const padded = { real: new Float64Array(size ** 2), imaginary: new Float64Array(size ** 2) };
  for (let line = 0; line < height; line++) {
    for (let column = 0; column < width; column++) {
      padded.real[line * size + column] = (picture[line * width + column] as number) - mean;
    }
  }
  fourierTransform(padded, size);
  return padded;
}
