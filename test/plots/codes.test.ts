import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { codeMatrices, thresholdWindow } from 'sparselab';
import { traces } from './support';

describe('codeMatrices', () => {
  const rows = [
    [3, 0, 0],
    [2, 1, 0],
  ];
  const columns = [
    [0, 1, 0],
    [4, 0, 0],
  ];

  it('draws each code with its active units per example and its active examples per unit', () => {
    const figure = codeMatrices({ rows, columns });
    assert.deepEqual(
      traces(figure, 'heatmap').map(({ z }) => z),
      [rows, columns],
    );
    const lines = traces(figure, 'scatter');
    assert.deepEqual(
      [lines[0], lines[2]].map((line) => line?.x),
      [
        [1, 2],
        [1, 1],
      ],
    );
    assert.deepEqual(
      [lines[1], lines[3]].map((line) => line?.y),
      [
        [2, 1, 0],
        [1, 1, 0],
      ],
    );
  });

  it('gives all codes one scale of colours, and says what fraction of each is active', () => {
    const figure = codeMatrices({ rows, columns });
    assert.deepEqual([figure.layout.coloraxis?.cmin, figure.layout.coloraxis?.cmax], [0, 4]);
    const captions = (figure.layout.annotations ?? []).map(({ text }) => text).filter(Boolean);
    // 3 and 2 of 6
    assert.deepEqual(captions, ['<b>rows</b><br>50.0 % active', '<b>columns</b><br>33.3 % active']);
  });

  it('draws the first examples alone if asked', () => {
    const [matrix] = traces(codeMatrices(rows, { count: 1 }), 'heatmap');
    assert.deepEqual(matrix?.z, [rows[0]]);
  });

  it('refuses codes of several shapes', () => {
    assert.throws(
      () => codeMatrices({ rows, other: [[1, 2]] }),
      /codes must have one shape, \[2, 3\] as rows; other has \[1,2\]$/,
    );
  });
});

describe('thresholdWindow', () => {
  const z = [0, 1, 2, 3, 4];
  const estimateOf = (figure: ReturnType<typeof thresholdWindow>) =>
    traces(figure, 'scatter').find(({ name }) => name === 'estimate');

  it('has an area of 1, silent examples on the left of θ and active ones on the right', () => {
    const bars = traces(thresholdWindow(z, { threshold: 1.5, bandwidth: 1, bins: 4 }), 'bar');
    // Four bins of width 1; the last has two of the five examples.
    assert.deepEqual(
      bars.map(({ name, x, y }) => [name, x, y]),
      [
        ['silent', [0.5, 1.5], [0.2, 0.2]],
        ['active', [2.5, 3.5], [0.2, 0.4]],
      ],
    );
  });

  it('draws the estimate of a step across the window: examples inside, per example and unit of width', () => {
    // 1 and 2 lie within 1.5 ± 1: 2 / (5 · 2)
    const all = estimateOf(thresholdWindow(z, { threshold: 1.5, bandwidth: 2, bins: 4 }));
    assert.deepEqual(
      [all?.x, all?.y],
      [
        [0.5, 2.5],
        [0.2, 0.2],
      ],
    );
    // Of the first two only 1 does: 1 / (2 · 2)
    const batch = estimateOf(thresholdWindow(z, { threshold: 1.5, bandwidth: 2, bins: 4, batch: 2 }));
    assert.deepEqual(batch?.y, [0.25, 0.25]);
  });

  it('draws an estimate that is above the figure at its upper edge, with its size in words', () => {
    // 2 / (5 · 0.02) = 20 around a θ at which two examples lie
    const figure = thresholdWindow([0, 1, 1, 3, 4], { threshold: 1, bandwidth: 0.02, bins: 4 });
    assert.equal(estimateOf(figure)?.marker?.symbol, 'triangle-up');
    assert.match(figure.layout.title?.subtitle?.text ?? '', /^2 of 5 examples .* an estimate of 20$/);
  });

  it('refuses no example, a window without width, and a batch larger than the examples', () => {
    assert.throws(() => thresholdWindow([], { threshold: 0, bandwidth: 1 }), /z must hold at least one/);
    assert.throws(
      () => thresholdWindow(undefined as never, { threshold: 0, bandwidth: 1 }),
      /z must be an array of numbers; got undefined/,
    );
    assert.throws(
      () => thresholdWindow(z, { threshold: 0, bandwidth: 0 }),
      /bandwidth must be above 0; got 0/,
    );
    assert.throws(
      () => thresholdWindow(z, { threshold: 0, bandwidth: 1, batch: 6 }),
      /batch must be in \[1, 5\]; got 6/,
    );
  });
});
