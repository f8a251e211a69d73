import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loadDigits, SparseAutoencoder, tf, topActivating, unitDashboard } from 'sparselab';
import { storedBytes, traces } from './support';

const digits = loadDigits().take(300);
const model = new SparseAutoencoder({ inputDim: 64, hiddenDim: 6, seed: 1 });

describe('unitDashboard', () => {
  const figure = unitDashboard(model, digits, 2);

  it('shows weights, inputs and histogram, each on axes of its own', () => {
    assert.deepEqual(
      traces(figure, 'image').map(({ xaxis, yaxis }) => [xaxis, yaxis]),
      [
        ['x', 'y'],
        ['x2', 'y2'],
      ],
    );
    assert.ok(traces(figure, 'bar').every(({ xaxis, yaxis }) => xaxis === 'x3' && yaxis === 'y3'));
    for (const name of ['xaxis', 'xaxis2', 'xaxis3'] as const) assert.ok(figure.layout[name]?.domain, name);
    assert.equal(figure.layout.yaxis2?.scaleanchor, 'x2', 'pictures keep their shape');
  });

  it('writes above each input how strongly it excites the unit, the strongest first', () => {
    const captions = (figure.layout.annotations ?? []).filter((annotation) => annotation.xref === 'x2');
    const strongest = topActivating(model.encode(digits), 2, 12);
    assert.deepEqual(
      captions.map(({ text }) => Number(text)),
      strongest.map(({ activation }) => Number(activation.toPrecision(2))),
    );
  });

  it('says the numbers of the unit', () => {
    assert.equal(figure.layout.title?.text, 'Unit 2 of 6');
    assert.match(
      figure.layout.title?.subtitle?.text ?? '',
      /^mean [\d.]+, largest [\d.]+; active [\d.]+ %; orientation 0\.\d\d$/,
    );
    const sigmoid = new SparseAutoencoder({ inputDim: 64, hiddenDim: 6, hiddenActivation: 'sigmoid' });
    assert.match(unitDashboard(sigmoid, digits, 0).toString(), /; above 0\.1 100\.0 %;/);
  });

  it('stays small in a notebook', () => {
    assert.ok(storedBytes(figure) < 20_000, `${storedBytes(figure)}`);
  });

  it('leaves no tensor behind', () => {
    const before = tf.memory().numTensors;
    unitDashboard(model, digits, 0);
    assert.equal(tf.memory().numTensors, before);
  });

  it('refuses a unit that there is not, and rows that are not images', () => {
    assert.throws(() => unitDashboard(model, digits, 6), { message: 'unit must be in [0, 5]; got 6' });
    assert.throws(
      () => unitDashboard(model, digits, 0, { imageShape: [4, 4] }),
      /imageShape must be .* 64 pixels/,
    );
  });
});
