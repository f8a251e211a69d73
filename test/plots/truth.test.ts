import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  cosineHeatmap,
  dictionaryPlane,
  recovery,
  SparseAutoencoder,
  syntheticFeatures,
  topK,
} from 'sparselab';
import { stored, traces } from './support';

const plane = syntheticFeatures({
  count: 50,
  seed: 1,
  dictionary: [
    [1, 0],
    [0, 1],
  ],
});
const model = new SparseAutoencoder({ inputDim: 2, hiddenDim: 2, seed: 1 });

describe('cosineHeatmap', () => {
  it('draws a row per unit and a column per feature, partners on the diagonal', () => {
    const { matching, mcc } = recovery(model, plane);
    const figure = cosineHeatmap(model, plane);
    const z = traces(figure, 'heatmap')[0]?.z as number[][];
    const diagonal = [...matching].sort((a, b) => a.feature - b.feature).map(({ cosine }) => cosine);
    for (const [index, cosine] of diagonal.entries()) {
      assert.ok(Math.abs((z[index]?.[index] as number) - cosine) < 0.005);
    }
    assert.match(String(figure), new RegExp(`MCC ${Number(mcc.toPrecision(3))}$`));
    assert.deepEqual([figure.layout.coloraxis?.cmin, figure.layout.coloraxis?.cmax], [-1, 1]);
  });

  it('refuses data without known features', () => {
    assert.throws(
      () => cosineHeatmap(model, [[1, 0]] as never),
      /truth must be what syntheticFeatures returns/,
    );
  });
});

describe('dictionaryPlane', () => {
  it('draws each unit as a line from the origin to its decoder weights, a panel per model', () => {
    const figure = dictionaryPlane([model, model], plane);
    const units = traces(figure, 'scatter').filter(({ name }) => name?.startsWith('unit'));
    assert.equal(units.length, 4);
    const [x, y] = model.decoderWeights.values;
    assert.deepEqual(units[0]?.x[0], 0);
    assert.ok(Math.abs((units[0]?.x[1] as number) - (x as number)) < 0.001);
    assert.ok(Math.abs((units[0]?.y[1] as number) - (y as number)) < 0.001);
    assert.equal(units[2]?.xaxis, 'x2');
    assert.ok(stored(figure).layout.xaxis2);
  });

  it('keeps the heading of a panel as narrow as five panels side by side allow', () => {
    // Untrained, with one unit per row: some units never win.
    const dead = new SparseAutoencoder({ inputDim: 2, hiddenDim: 5, hiddenActivation: topK(1), seed: 1 });
    const models = Array.from({ length: 10 }, () => dead);
    const figure = dictionaryPlane(models, plane);
    const captions = (figure.layout.annotations ?? []).map(({ text }) => String(text));
    assert.equal(captions.length, 10);
    assert.match(captions[0] as string, /<br>\d dead$/);
    for (const line of captions.flatMap((caption) => caption.split('<br>'))) {
      assert.match(line, /^(MCC (0\.\d{1,2}|1)|\d dead)$/);
    }
  });

  it('refuses no model, and rows that are not points of the plane', () => {
    assert.throws(() => dictionaryPlane([], plane), /models must hold at least one; got 0$/);
    const wide = syntheticFeatures({ count: 5, seed: 1 });
    assert.throws(() => dictionaryPlane([model], wide), /truth must have rows of 2 numbers; got 32$/);
  });
});
