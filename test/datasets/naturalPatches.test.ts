import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Dataset, loadNaturalPatches, loadNaturalPictures } from 'sparselab';

const rowMeans = (data: Dataset): number[] =>
  Array.from({ length: data.count }, (_, row) => mean(data.gather([row])));

const mean = (values: Float32Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** The correlation of each pixel with the next but one to its right, over all patches. */
function correlationAcrossTwo({ values, count, dim, imageShape }: Dataset): number {
  const [, width] = imageShape as readonly [number, number];
  let [product, square] = [0, 0];
  for (let i = 0; i < count * dim; i++) {
    if (i % width >= width - 2) continue;
    const [left, right] = [(values[i] as number) - 0.5, (values[i + 2] as number) - 0.5];
    product += left * right;
    square += (left ** 2 + right ** 2) / 2;
  }
  return product / square;
}

describe('loadNaturalPictures', () => {
  it('has seven grey pictures of 256 × 256, named', () => {
    const pictures = loadNaturalPictures();
    assert.deepEqual([pictures.count, pictures.imageShape], [7, [256, 256]]);
    assert.equal(pictures.classNames?.[2], 'camera');
    assert.equal(loadNaturalPictures(), pictures);
  });
});

describe('loadNaturalPatches', () => {
  const patches = loadNaturalPatches({ count: 2000, seed: 1 });

  it('gives rows of size × size numbers in [0.1, 0.9]', () => {
    assert.deepEqual([patches.count, patches.dim, patches.imageShape], [2000, 64, [8, 8]]);
    const sorted = patches.values.slice().sort();
    assert.deepEqual([sorted[0], sorted.at(-1)], [Math.fround(0.1), Math.fround(0.9)]);
    assert.equal(loadNaturalPatches({ count: 3, size: 5 }).dim, 25);
  });

  it('subtracts each patch’s mean, which becomes 0.5', () => {
    // A patch with pixels beyond 3σ is cut after its mean was subtracted; the others keep it exactly.
    const means = rowMeans(patches).sort((a, b) => a - b);
    assert.ok(Math.abs((means[1000] as number) - 0.5) < 1e-6, `${means[1000]}`);
  });

  it('cuts at three standard deviations: the rest of the spread is a little below 0.4 / 3', () => {
    const deviation = Math.sqrt(mean(Float32Array.from(patches.values, (value) => (value - 0.5) ** 2)));
    assert.ok(deviation < 0.4 / 3 && deviation > 0.9 * (0.4 / 3), `${deviation}`);
  });

  it('whitens: pixels two apart no longer agree, as they do in the photographs', () => {
    const raw = loadNaturalPatches({ count: 2000, seed: 1, whiten: false });
    // 0.24 in the photographs once each patch's mean is gone; neighbours agree in both, which the filter's cut-off keeps.
    assert.ok(correlationAcrossTwo(raw) > 0.2, `${correlationAcrossTwo(raw)}`);
    assert.ok(Math.abs(correlationAcrossTwo(patches)) < 0.1, `${correlationAcrossTwo(patches)}`);
  });

  it('gives the same patches for the same seed, others for another', () => {
    const again = loadNaturalPatches({ count: 2000, seed: 1 });
    assert.deepEqual(again.values, patches.values);
    assert.notDeepEqual(loadNaturalPatches({ count: 2000, seed: 2 }).values, patches.values);
  });

  it('refuses options out of their range', () => {
    assert.throws(() => loadNaturalPatches({ count: 0 }), { message: 'count must be at least 1; got 0' });
    assert.throws(() => loadNaturalPatches({ size: 65 }), { message: 'size must be in [2, 64]; got 65' });
    assert.throws(() => loadNaturalPatches({ sise: 8 } as object), /has no option 'sise'/);
  });
});
