import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  type ComplexPicture,
  fourierTransform,
  frequencyAt,
  inverseFourierTransform,
} from 'sparselab/dist/numbers/fourier';

const picture = (size: number, pixel: (row: number, column: number) => number): ComplexPicture => ({
  real: Float64Array.from({ length: size ** 2 }, (_, i) => pixel(Math.floor(i / size), i % size)),
  imaginary: new Float64Array(size ** 2),
});

/** The sum of the definition, term by term. */
function directly({ real }: ComplexPicture, size: number, v: number, u: number): [number, number] {
  let [re, im] = [0, 0];
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const angle = (-2 * Math.PI * (v * row + u * column)) / size;
      re += (real[row * size + column] as number) * Math.cos(angle);
      im += (real[row * size + column] as number) * Math.sin(angle);
    }
  }
  return [re, im];
}

describe('fourierTransform', () => {
  it('is the sum of its definition', () => {
    const size = 8;
    const original = picture(size, (row, column) => Math.sin(3 * row + column ** 2));
    const transformed = picture(size, (row, column) => Math.sin(3 * row + column ** 2));
    fourierTransform(transformed, size);
    for (const [v, u] of [
      [0, 0],
      [1, 0],
      [0, 3],
      [5, 7],
    ] as const) {
      const [re, im] = directly(original, size, v, u);
      assert.ok(Math.abs((transformed.real[v * size + u] as number) - re) < 1e-12 * size ** 2);
      assert.ok(Math.abs((transformed.imaginary[v * size + u] as number) - im) < 1e-12 * size ** 2);
    }
  });

  it('comes back through its inverse, for any picture', () => {
    const pixels = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 16, maxLength: 16 });
    fc.assert(
      fc.property(pixels, (values) => {
        const there = { real: Float64Array.from(values), imaginary: new Float64Array(16) };
        fourierTransform(there, 4);
        inverseFourierTransform(there, 4);
        values.forEach((value, i) => {
          assert.ok(Math.abs((there.real[i] as number) - value) < 1e-14);
        });
      }),
    );
  });

  it('keeps the energy, size² times (Parseval)', () => {
    const energy = ({ real, imaginary }: ComplexPicture) =>
      [...real, ...imaginary].reduce((sum, value) => sum + value ** 2, 0);
    const one = picture(16, (row, column) => Math.cos(row * column));
    const before = energy(one);
    fourierTransform(one, 16);
    assert.ok(Math.abs(energy(one) / before - 16 ** 2) < 1e-9);
  });

  it('counts frequencies in cycles a pixel, the upper half negative', () => {
    assert.deepEqual(
      [0, 1, 4, 7].map((index) => frequencyAt(index, 8)),
      [0, 1 / 8, -4 / 8, -1 / 8],
    );
  });

  it('refuses a size that is not a power of two', () => {
    assert.throws(
      () =>
        fourierTransform(
          picture(6, () => 0),
          6,
        ),
      {
        message: 'size must be a power of two; got 6',
      },
    );
  });
});
