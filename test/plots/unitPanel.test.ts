import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inflateSync } from 'node:zlib';
import {
  Dataset,
  loadDigits,
  type PictureSheet,
  Random,
  SparseAutoencoder,
  tf,
  topActivating,
  type UnitPanel,
  unitPanel,
  unitStatistics,
} from 'sparselab';

const UNITS = 'application/vnd.sparselab.units+json';
const digits = loadDigits().take(300);
const model = new SparseAutoencoder({ inputDim: 64, hiddenDim: 6, seed: 1 });
const panel = unitPanel(model, digits, { target: 0.05, count: 5 });

/** The panel's stored form in a notebook. */
function bundleOf(shown: UnitPanel): Record<string, unknown> {
  const show = shown[Symbol.for('Jupyter.display') as keyof UnitPanel] as unknown as () => object;
  return JSON.parse(JSON.stringify(show.call(shown))) as Record<string, unknown>;
}

/** Indices into the sheet's palette: picture `number`'s pixels, line after line. */
function pixelsOf({ src, columns, width, height }: PictureSheet, number: number): number[] {
  const png = Buffer.from(src.replace('data:image/png;base64,', ''), 'base64');
  const start = png.indexOf('IDAT');
  const lines = inflateSync(png.subarray(start + 4, start + 4 + png.readUInt32BE(start - 4)));
  const [left, top] = [(number % columns) * width, Math.floor(number / columns) * height];
  // A byte before each line says that nothing was done to it.
  const pixel = (index: number) =>
    lines[(top + Math.floor(index / width)) * (columns * width + 1) + 1 + left + (index % width)] as number;
  return Array.from({ length: width * height }, (_, index) => pixel(index));
}

/** A model with this many units whose weights are given: unit j has `weight(pixel, j)` and the bias `bias(j)`. */
function modelWith(
  hiddenDim: number,
  weight: (pixel: number, unit: number) => number,
  bias: (unit: number) => number,
): SparseAutoencoder {
  const made = new SparseAutoencoder({ inputDim: 64, hiddenDim, seed: 1 });
  made.encoderWeights.values.set(
    Float32Array.from({ length: 64 * hiddenDim }, (_, index) =>
      weight(Math.floor(index / hiddenDim), index % hiddenDim),
    ),
  );
  made.encoderBias.values.set(Float32Array.from({ length: hiddenDim }, (_, unit) => bias(unit)));
  return made;
}

describe('unitPanel', () => {
  it('says of each unit what unitStatistics says', () => {
    const expected = unitStatistics(model.encode(digits)).map(({ mean, max, activationFrequency }) =>
      [mean, max, activationFrequency].map((value) => Number(value.toPrecision(4))),
    );
    assert.deepEqual(
      panel.data.units.map(({ mean, max, activationFrequency }) => [mean, max, activationFrequency]),
      expected,
    );
    assert.deepEqual([panel.data.inputs, panel.data.target, panel.data.threshold], [300, 0.05, 0]);
  });

  it('has for each unit the inputs that excite it most, each picture once', () => {
    const h = model.encode(digits);
    const { units, pictures } = panel.data;
    const rowOf = new Map<number, number>();
    for (const [unit, { top }] of units.entries()) {
      const strongest = topActivating(h, unit, 5).filter(({ activation }) => activation > 0);
      assert.deepEqual(
        top.map(([, activation]) => activation),
        strongest.map(({ activation }) => Number(activation.toPrecision(3))),
      );
      for (const [place, [picture]] of top.entries()) {
        const { row } = strongest[place] as { row: number };
        assert.equal(rowOf.get(picture) ?? row, row);
        rowOf.set(picture, row);
      }
    }
    assert.equal(new Set(rowOf.values()).size, rowOf.size);
    assert.equal(panel.data.labels?.length, rowOf.size);
    for (const [picture, row] of rowOf) {
      assert.equal(panel.data.labels?.[picture], String(digits.labels?.[row]));
      // 63 shades from 0 to the digits' largest grey, 16.
      const expected = Array.from(digits.values.subarray(64 * row, 64 * (row + 1)), (grey) =>
        Math.round((62 * grey) / 16),
      );
      assert.deepEqual(pixelsOf(pictures as PictureSheet, picture), expected);
    }
  });

  it("draws a unit's weights from minus to plus its largest, 0 in the very middle", () => {
    const made = modelWith(
      3,
      (pixel, unit) => (pixel === unit ? -2 : pixel === 9 ? 1 : 0),
      () => 1,
    );
    const { weights, units } = unitPanel(made, digits).data;
    for (const unit of [0, 1, 2]) {
      const expected = Array.from({ length: 64 }, (_, pixel) =>
        pixel === unit ? 0 : pixel === 9 ? 46.5 : 31,
      );
      assert.deepEqual(
        pixelsOf(weights, unit),
        expected.map((shade) => Math.round(shade)),
      );
      assert.equal(units[unit]?.largestWeight, 2);
    }
  });

  it('knows the silent, the always-on and those on target', () => {
    // Units without weights: each is its bias.
    const biases = [-1, 0.05, 0.04, 3];
    const made = modelWith(
      4,
      () => 0,
      (unit) => biases[unit] as number,
    );
    // A unit that fires for every input is always on, whatever its mean.
    const states = unitPanel(made, digits, { target: 0.05 }).data.units.map(({ state }) => state);
    assert.deepEqual(states, ['silent', 'always on', 'always on', 'always on']);
    assert.deepEqual(unitPanel(made, digits).data.units[0]?.top, [], 'nothing excites it');

    // Inputs of which every tenth has its first pixel at 1: a unit that sees it has a tenth of its weight as its mean.
    const pixels = Float32Array.from({ length: 6400 }, (_, index) => (index % 640 === 0 ? 1 : 0));
    const data = new Dataset({ name: 'rare', values: pixels, count: 100, dim: 64, imageShape: [8, 8] });
    const seeing = modelWith(
      4,
      (pixel, unit) => (pixel === 0 ? ([0.2, 0.3, 0.9, 1.1][unit] as number) : 0),
      () => 0,
    );
    assert.deepEqual(
      unitPanel(seeing, data, { target: 0.05 }).data.units.map(({ mean, state }) => [mean, state]),
      [
        [0.02, 'other'],
        [0.03, 'on target'],
        [0.09, 'on target'],
        [0.11, 'other'],
      ],
    );
    assert.deepEqual(
      unitPanel(seeing, data).data.units.map(({ state }) => state),
      ['other', 'other', 'other', 'other'],
      'without a target nothing is on it',
    );
  });

  it('shows itself as a panel, as a figure of the means to pages that do not know it, and as a line', () => {
    const bundle = bundleOf(panel);
    assert.deepEqual(bundle[UNITS], JSON.parse(JSON.stringify(panel.data)));
    const figure = bundle['application/vnd.plotly.v1+json'] as { data: { y: number[] }[] };
    assert.deepEqual(
      figure.data[0]?.y,
      panel.data.units.map(({ mean }) => mean).sort((a, b) => b - a),
    );
    assert.match(
      bundle['text/plain'] as string,
      /^Unit panel: 6 units(, \d+ (silent|always on|on target))*$/,
    );
  });

  it('stays below 300 kB for 256 units and 784 pixels of noise, with smaller pictures', () => {
    const random = new Random(1);
    const values = Float32Array.from({ length: 784 * 300 }, () => random.uniform());
    const data = new Dataset({
      name: 'noise',
      values,
      count: 300,
      dim: 784,
      imageShape: [28, 28],
    });
    const wide = new SparseAutoencoder({ inputDim: 784, hiddenDim: 256, seed: 1 });
    const shown = unitPanel(wide, data);
    assert.ok(JSON.stringify(bundleOf(shown)).length < 300_000);
    assert.ok(shown.data.weights.width < 28 && shown.data.weights.width === shown.data.weights.height);
  });

  it('leaves no tensor behind', () => {
    const before = tf.memory().numTensors;
    unitPanel(model, digits);
    assert.equal(tf.memory().numTensors, before);
  });

  it('refuses rows that are not images, options out of range, and options that there are not', () => {
    assert.throws(() => unitPanel(model, digits, { imageShape: [4, 4] }), /imageShape must be .* 64 pixels/);
    assert.throws(() => unitPanel(model, digits, { target: 0 }), {
      message: 'target must be above 0; got 0',
    });
    assert.throws(() => unitPanel(model, digits, { count: 41 }), /count must be in \[1, 40\]; got 41/);
    assert.throws(
      () => unitPanel(model, digits, { rho: 0.05 } as object),
      /unitPanel has no option 'rho'; it has target, count, imageShape/,
    );
  });
});
