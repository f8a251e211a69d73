import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { orientationSelectivity, Random } from 'sparselab';

type Pixel = (x: number, y: number) => number;

const picture = (pixel: Pixel, size = 8): number[] =>
  Array.from({ length: size ** 2 }, (_, i) => pixel(i % size, Math.floor(i / size)));

const measure = (pixel: Pixel, size = 8) => orientationSelectivity(picture(pixel, size), [size, size]);

/** A Gabor filter whose stripes run at this angle. */
const gabor = (degrees: number): Pixel => {
  const angle = (degrees * Math.PI) / 180;
  return (x, y) => {
    const [right, up] = [x - 3.5, 3.5 - y];
    const across = right * Math.sin(angle) - up * Math.cos(angle);
    return Math.exp(-(right ** 2 + up ** 2) / 8) * Math.sin(1.5 * across);
  };
};

describe('orientationSelectivity', () => {
  it('is high for stripes, bars, edges and Gabor filters', () => {
    assert.ok(measure((x) => Math.sin((x * Math.PI) / 2)).selectivity > 0.8, 'stripes');
    assert.ok(measure((x) => (x === 3 || x === 4 ? 1 : 0)).selectivity > 0.75, 'a bar');
    assert.ok(measure((x) => (x < 4 ? -1 : 1)).selectivity > 0.55, 'an edge');
    assert.ok(measure(gabor(30)).selectivity > 0.8, 'a Gabor filter');
  });

  it('is low for what has no direction: a blob, a checkerboard, a corner, an even grey', () => {
    assert.ok(measure((x, y) => Math.exp(-((x - 3.5) ** 2 + (y - 3.5) ** 2) / 4)).selectivity < 1e-9);
    assert.ok(measure((x, y) => (x + y) % 2).selectivity < 1e-9);
    assert.ok(measure((x, y) => (x < 4 && y < 4 ? 1 : 0)).selectivity < 0.2);
    assert.equal(measure(() => 7).selectivity, 0);
  });

  it('is low for noise: 0.14 on average, below 0.34 in 99 of 100 cases, never 0.5', () => {
    const random = new Random(3);
    const values = Array.from({ length: 1000 }, () => measure(() => random.normal()).selectivity).sort(
      (a, b) => a - b,
    );
    const mean = values.reduce((sum, value) => sum + value, 0) / 1000;
    assert.ok(Math.abs(mean - 0.14) < 0.01, `mean ${mean}`);
    assert.ok(Math.abs((values[990] as number) - 0.34) < 0.04, `99 % ${values[990]}`);
    assert.ok((values[999] as number) < 0.5);
  });

  it('finds the angle, anticlockwise from horizontal', () => {
    for (const degrees of [0, 20, 45, 90, 120, 165]) {
      const { angle } = measure(gabor(degrees));
      const distance = Math.abs(((angle - degrees + 270) % 180) - 90);
      assert.ok(distance < 3, `${degrees}: ${angle}`);
    }
  });

  it('does not change with sign, contrast or brightness', () => {
    const { selectivity } = measure(gabor(30));
    assert.ok(Math.abs(measure((x, y) => 5 - 100 * gabor(30)(x, y)).selectivity - selectivity) < 1e-9);
  });

  it('measures pictures of any size and shape', () => {
    assert.ok(measure((x) => Math.sin(x / 2), 28).selectivity > 0.8);
    const wide = Array.from({ length: 5 * 12 }, (_, i) => Math.sin(i % 12));
    assert.ok(orientationSelectivity(wide, [5, 12]).selectivity > 0.6);
  });

  it('refuses a shape with another number of pixels', () => {
    assert.throws(() => orientationSelectivity([1, 2, 3], [2, 2]), {
      message: "imageShape must have the picture's 3 pixels; got 2 × 2 = 4",
    });
  });
});
