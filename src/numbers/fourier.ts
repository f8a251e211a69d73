/**
 * The discrete Fourier transform of square pictures: which waves a picture is made of.
 *
 * @module
 */
import { show } from './arguments';

/** Complex numbers, a picture line after line: real and imaginary parts apart. */
export interface ComplexPicture {
  readonly real: Float64Array;
  readonly imaginary: Float64Array;
}

/**
 * The Fourier transform in place, without a factor:
 *
 *     X[v, u] = Σ x[row, column] · exp(−2πi (v·row + u·column) / size)
 *
 * With real and imaginary parts swapped on the way in and out it is its own inverse, size² times too large.
 *
 * Cooley and Tukey, "An algorithm for the machine calculation of complex Fourier series", 1965.
 *
 * @param size The picture's height and width: a power of two.
 * @throws RangeError if it is another number.
 */
export function fourierTransform({ real, imaginary }: ComplexPicture, size: number): void {
  if (!Number.isInteger(Math.log2(size))) {
    throw new RangeError(`size must be a power of two; got ${show(size)}`);
  }
  for (let line = 0; line < size; line++) transformLine(real, imaginary, line * size, 1, size);
  for (let column = 0; column < size; column++) transformLine(real, imaginary, column, size, size);
}

/** The inverse of {@link fourierTransform}, in place. */
export function inverseFourierTransform({ real, imaginary }: ComplexPicture, size: number): void {
  fourierTransform({ real: imaginary, imaginary: real }, size);
  for (const part of [real, imaginary]) {
    for (let i = 0; i < part.length; i++) part[i] = (part[i] as number) / size ** 2;
  }
}

/** The frequency at position `index` of a transform, in cycles per pixel: from −0.5 up to below 0.5. */
export function frequencyAt(index: number, size: number): number {
  return (index < size / 2 ? index : index - size) / size;
}

/** Transforms `size` numbers, `stride` apart from `start` on: reorder by reversed bits, then merge ever longer pieces. */
function transformLine(
  real: Float64Array,
  imaginary: Float64Array,
  start: number,
  stride: number,
  size: number,
): void {
  const at = (index: number) => start + index * stride;
  for (let index = 1, reversed = 0; index < size; index++) {
    let bit = size >> 1;
    for (; reversed & bit; bit >>= 1) reversed ^= bit;
    reversed ^= bit;
    if (index < reversed) {
      swap(real, at(index), at(reversed));
      swap(imaginary, at(index), at(reversed));
    }
  }
  for (let half = 1; half < size; half *= 2) {
    for (let k = 0; k < half; k++) {
      const angle = (-Math.PI * k) / half;
      const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
      for (let even = at(k); even < at(size); even += 2 * half * stride) {
        const odd = even + half * stride;
        const [re, im] = [real[odd] as number, imaginary[odd] as number];
        const [turnedRe, turnedIm] = [re * cosine - im * sine, re * sine + im * cosine];
        real[odd] = (real[even] as number) - turnedRe;
        imaginary[odd] = (imaginary[even] as number) - turnedIm;
        real[even] = (real[even] as number) + turnedRe;
        imaginary[even] = (imaginary[even] as number) + turnedIm;
      }
    }
  }
}

function swap(values: Float64Array, a: number, b: number): void {
  const kept = values[a] as number;
  values[a] = values[b] as number;
  values[b] = kept;
}
