import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Figure, kl, l1, loadDigits, lossDiagram, SparseAutoencoder } from 'sparselab';
import { pictureOf, storedBytes } from './support';

/** x → h = relu(x·[[1, −1]]) → x̂ = h·[[0.5], [2]], with zero biases. */
function handMade(): SparseAutoencoder {
  const model = new SparseAutoencoder({ inputDim: 1, hiddenDim: 2 });
  model.setParameters({
    encoderWeights: { values: Float32Array.of(1, -1), shape: [1, 2] },
    encoderBias: { values: Float32Array.of(0, 0), shape: [2] },
    decoderWeights: { values: Float32Array.of(0.5, 2), shape: [2, 1] },
    decoderBias: { values: Float32Array.of(0), shape: [1] },
  });
  return model;
}
const x = { values: Float32Array.of(2, -1), shape: [2, 1] as const };
// h = [[2, 0], [0, 1]], x̂ = [1, 2]: the error is (1² + 3²) / 2 = 5, Σ|h| on average (2 + 1) / 2 = 1.5.

const words = (figure: Figure) => (figure.layout.annotations ?? []).map(({ text }) => text).filter(Boolean);

describe('lossDiagram', () => {
  it('writes each term of the loss where it arises, and how they meet in the total', () => {
    assert.deepEqual(words(lossDiagram(handMade(), x, { penalty: l1(0.1) })), [
      'x',
      'h: 1 of 2 active',
      'x̂',
      'encoder',
      'decoder',
      'penalty L1 = 1.5',
      'error = 5',
      '<b>total = 5.15</b>',
      '= 5 + 0.1 × 1.5',
    ]);
  });

  it('says where there is no penalty', () => {
    const text = words(lossDiagram(handMade(), x));
    assert.ok(text.includes('no penalty'));
    assert.ok(text.includes('<b>total = 5</b>'));
  });

  it('draws the first row: its input, the strengths of its units, its reconstruction', () => {
    const model = new SparseAutoencoder({ inputDim: 4, hiddenDim: 1 });
    model.setParameters({
      encoderWeights: { values: Float32Array.of(1, 1, 1, 1), shape: [4, 1] },
      encoderBias: { values: Float32Array.of(0), shape: [1] },
      decoderWeights: { values: Float32Array.of(0, 0, 0, 1), shape: [1, 4] },
      decoderBias: { values: Float32Array.of(0, 0, 0, 0), shape: [4] },
    });
    const picture = pictureOf(lossDiagram(model, { values: Float32Array.of(1, 0, 0, 0), shape: [1, 4] }));
    const [black, white, strongest] = [
      [0, 0, 0, 255],
      [255, 255, 255, 255],
      [0x08, 0x30, 0x6b, 255],
    ];
    const third = (picture.width - picture.height) / 2; // from box to box
    assert.deepEqual([picture.at(5, 5), picture.at(100, 100)], [white, black]);
    assert.deepEqual(picture.at(third + 50, 50), strongest);
    assert.deepEqual([picture.at(2 * third + 5, 5), picture.at(2 * third + 100, 100)], [black, white]);
  });

  it('takes little room in a notebook', () => {
    const digits = loadDigits();
    const model = new SparseAutoencoder({ inputDim: 64, hiddenDim: 100 });
    assert.ok(storedBytes(lossDiagram(model, digits.take(100), { penalty: l1(0.1) })) < 20_000);
  });

  it('refuses what does not fit the model', () => {
    assert.throws(() => lossDiagram(handMade(), { values: new Float32Array(3), shape: [1, 3] }), /1 columns/);
    assert.throws(() => lossDiagram(handMade(), x, { penalty: kl({ beta: 1, rho: 0.1 }) }), /use 'sigmoid'/);
    assert.throws(() => lossDiagram(handMade(), x, { imageShape: [2, 2] }), /1 pixels; got \[2, 2\]/);
  });
});
