import { Dataset, Random } from '../index';
import type { OwnPicture } from './messages';

/** The side of a piece, and how many are cut. */
const SIZE = 8;
const PIECES = 4000;

/**
 * Pieces of 8 × 8 cut from pictures at random places. From each its mean is subtracted, and all are divided by their common
 * standard deviation.
 *
 * @throws RangeError if a picture is smaller than a piece, or all are of one grey.
 */
export function ownPieces(pictures: readonly OwnPicture[]): Dataset {
  for (const { name, width, height } of pictures) {
    if (width < SIZE || height < SIZE)
      throw new RangeError(
        `${name} must have at least ${SIZE} × ${SIZE} pixels; it has ${width} × ${height}`,
      );
  }
  const random = new Random(1);
  const values = new Float32Array(PIECES * SIZE ** 2);
  for (let start = 0; start < values.length; start += SIZE ** 2) {
    const { pixels, width, height } = pictures[random.integer(pictures.length)] as OwnPicture;
    const corner = random.integer(height - SIZE + 1) * width + random.integer(width - SIZE + 1);
    const piece = values.subarray(start, start + SIZE ** 2);
    for (let line = 0; line < SIZE; line++)
      piece.set(pixels.subarray(corner + line * width, corner + line * width + SIZE), line * SIZE);
    const mean = piece.reduce((sum, value) => sum + value, 0) / piece.length;
    for (let i = 0; i < piece.length; i++) piece[i] = (piece[i] as number) - mean;
  }
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length);
  if (deviation < 1e-4) throw new RangeError('the pictures must show something; they are of one grey');
  return new Dataset({
    name: 'own pictures',
    values: values.map((value) => value / deviation),
    count: PIECES,
    dim: SIZE ** 2,
    imageShape: [SIZE, SIZE],
  });
}
