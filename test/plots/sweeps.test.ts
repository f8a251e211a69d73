import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { paretoPlot, sweepCurve, sweepMap } from 'sparselab';
import { type LabelledPoint, placeLabels } from 'sparselab/dist/plots/placeLabels';
import { traces } from './support';

const texts = (points: readonly LabelledPoint[]) => placeLabels([points])[0]?.map(({ text }) => text);

describe('placeLabels', () => {
  it('gives points that look like one a common label', () => {
    const points = [
      { x: 0.9, y: 0.2, text: '1e-6' },
      { x: 0.9, y: 0.201, text: '1e-5' },
      { x: 0.5, y: 0.4, text: '0.001' },
    ];
    assert.deepEqual(texts(points), ['1e-6 … 1e-5', '', '0.001']);
  });

  it('puts a label above its point, unless something is there', () => {
    const positionOf = (...points: LabelledPoint[]) => placeLabels([points])[0]?.[0]?.position;
    const point = { x: 0.5, y: 0.5, text: '0.0001' };
    assert.equal(positionOf(point), 'top center');
    // 14 of 260 pixels higher: where its label would stand.
    assert.notEqual(positionOf(point, { ...point, y: 0.5 + 14 / 260 }), 'top center');
  });

  it('says once what two lines would say of the same spot, and nothing for a point without words', () => {
    const end = { x: 0.9, y: 0.2, text: '0' };
    const [first, second] = placeLabels([
      [{ x: 0.1, y: 0.8, text: '0.01' }, end],
      [
        { x: 0.2, y: 0.8, text: '' },
        { ...end, x: 0.905 },
      ],
    ]);
    assert.deepEqual([first?.[1]?.text, second?.map(({ text }) => text)], ['0', ['', '']]);
    const [, other] = placeLabels([[end], [{ ...end, text: '0.1' }]]);
    assert.equal(other?.[0]?.text, '0.1');
  });

  it('gives every point a label or none, and leaves none out where there is room', () => {
    const point = fc.record({
      x: fc.double({ min: 0, max: 1, noNaN: true }),
      y: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(point, { minLength: 1, maxLength: 30 }), (points) => {
        const labels = texts(points.map(({ x, y }, index) => ({ x, y, text: `${index}` })));
        assert.equal(labels?.length, points.length);
        assert.ok(labels?.some((text) => text !== ''));
      }),
    );
  });
});

describe('paretoPlot', () => {
  const flat = [1e-6, 3.162e-6, 1e-5].map((strength, index) => ({
    strength,
    l0: 58 - 0.1 * index,
    mse: 0.0113 + 0.00001 * index,
  }));

  it('labels strengths that make no difference together, and tells each on hovering', () => {
    const [front] = traces(paretoPlot([...flat, { strength: 0.001, l0: 12, mse: 0.028 }]), 'scatter');
    assert.deepEqual(front?.text, ['1e-6 … 1e-5', '', '', '0.001']);
    assert.deepEqual(front?.customdata, ['1e-6', '3.16e-6', '1e-5', '0.001']);
    assert.equal(front?.textposition?.length, 4);
  });

  it('labels a point with words of its own where it has some, and still tells its strength on hovering', () => {
    const points = [
      { strength: 1e-6, l0: 58, mse: 0.0113, label: 'the best' },
      { strength: 0.001, l0: 12, mse: 0.028 },
    ];
    const [front] = traces(paretoPlot(points), 'scatter');
    assert.deepEqual(
      [front?.text, front?.customdata],
      [
        ['the best', '0.001'],
        ['1e-6', '0.001'],
      ],
    );
  });

  it('draws the bound of a choice as a line, from no error to the largest', () => {
    const [, line] = traces(paretoPlot(flat, { bound: 20 }), 'scatter');
    assert.deepEqual([line?.x, line?.y, line?.name], [[20, 20], [0, 0.01132], 'at most 20 active']);
    assert.throws(() => paretoPlot(flat, { bound: -1 }), /bound must be .*; got -1/);
  });

  it('marks points with signs that keep their look, whatever they mark, and that do not cover one another', () => {
    const [dense, , sparser] = flat;
    assert.ok(dense && sparser);
    const marked = (best: typeof dense, knee: typeof dense) =>
      traces(paretoPlot({ all: flat }, { marks: { best, knee } }), 'scatter').slice(1);
    const [best, knee] = marked(dense, dense);
    assert.deepEqual([best?.x, best?.y, best?.name, knee?.name], [[58], [0.0113], 'best', 'knee']);
    assert.ok(Number(best?.marker?.size) < Number(knee?.marker?.size));
    assert.match(`${best?.marker?.symbol} ${knee?.marker?.symbol}`, /-open .*-open/);
    const looks = (marks: typeof best) => ({ ...marks, x: [], y: [] });
    assert.deepEqual(marked(dense, sparser).map(looks), [best, knee].map(looks));
    assert.throws(
      () => paretoPlot(flat, { marks: { best: { ...dense, l0: Number.NaN } } }),
      /marks\.best must be finite; got NaN/,
    );
    const none = undefined as unknown as typeof dense;
    assert.throws(
      () => paretoPlot(flat, { marks: { best: none } }),
      /marks\.best must be a point of a sweep/,
    );
  });

  it('draws a sweep whose points are all the same', () => {
    const same = [1, 2].map((strength) => ({ strength, l0: 0, mse: 0.066 }));
    assert.deepEqual(traces(paretoPlot(same), 'scatter')[0]?.text, ['1 … 2', '']);
    assert.equal(paretoPlot(same, { yScale: 'log' }).data.length, 1);
  });
});

describe('sweepCurve', () => {
  const trials = [
    [0.1, 4],
    [0.01, 1],
    [0.1, 6],
  ] as const;

  it('draws a dot a trial, and joins the means of the trials with one value', () => {
    const [dots, means] = traces(sweepCurve(trials), 'scatter');
    assert.deepEqual(
      [dots?.x, dots?.y],
      [
        [0.1, 0.01, 0.1],
        [4, 1, 6],
      ],
    );
    assert.deepEqual(
      [means?.x, means?.y],
      [
        [0.01, 0.1],
        [1, (4 + 6) / 2],
      ],
    );
  });

  it('has a logarithmic axis for strengths, a linear one if 0 is among them', () => {
    assert.equal(sweepCurve(trials).layout.xaxis?.type, 'log');
    assert.equal(sweepCurve([[0, 1], ...trials]).layout.xaxis?.type, undefined);
    assert.deepEqual(sweepCurve(trials).layout.xaxis?.ticktext, ['0.01', '0.1']);
  });

  it('labels every setting, or powers of ten where their labels would not fit side by side', () => {
    const at = (...settings: number[]) => sweepCurve(settings.map((x) => [x, 1])).layout.xaxis;
    assert.deepEqual(at(0.0001, 0.001, 0.01)?.ticktext, ['0.0001', '0.001', '0.01']);
    assert.deepEqual(
      [at(0.0001, 0.0005, 0.0006, 0.01)?.ticktext, at(0.0001, 0.0005, 0.0006, 0.01)?.dtick],
      [undefined, 1],
    );
    assert.deepEqual(at(0.1)?.ticktext, ['0.1']);
  });

  it('compares sweeps by name, and with levels', () => {
    const figure = sweepCurve({ L1: trials, KL: trials.slice(1) }, { levels: { 'raw pixels': 3 } });
    const shown = traces(figure, 'scatter').filter(({ showlegend }) => showlegend !== false);
    assert.deepEqual(
      shown.map(({ name }) => name),
      ['L1', 'KL', 'raw pixels'],
    );
    assert.deepEqual(
      [shown[2]?.x, shown[2]?.y],
      [
        [0.01, 0.1],
        [3, 3],
      ],
    );
  });

  it('refuses nothing, numbers that are not finite, and zeros on a logarithmic axis', () => {
    assert.throws(() => sweepCurve([]), /points must hold at least one trial; got 0/);
    assert.throws(() => sweepCurve({ L1: [[1, Number.NaN]] }), /L1 must be finite; got NaN/);
    assert.throws(() => sweepCurve([[0, 1]], { xScale: 'log' }), /settings must be above 0 .* got 0/);
    assert.throws(() => sweepCurve([[1, 0]], { yScale: 'log' }), /points must be above 0 .* got 0/);
  });
});

describe('sweepMap', () => {
  it('has a cell for each pair of values, averaged over its trials, and a gap where there is none', () => {
    const figure = sweepMap([
      [0.1, 1, 4],
      [0.02, 1, 2],
      [0.1, 0.001, 5],
      [0.1, 1, 6],
    ]);
    const [map] = traces(figure, 'heatmap');
    // Columns 0.02, 0.1; rows 0.001, 1.
    assert.deepEqual(map?.z, [
      [null, 5],
      [2, (4 + 6) / 2],
    ]);
    assert.deepEqual(map?.text, [
      ['', '5'],
      ['2', '5'],
    ]);
    assert.deepEqual(figure.layout.xaxis?.ticktext, ['0.02', '0.1']);
    assert.deepEqual([figure.layout.coloraxis?.cmin, figure.layout.coloraxis?.cmax], [2, 5]);
  });

  it('refuses nothing, and numbers that are not finite', () => {
    assert.throws(() => sweepMap([]), /points must hold at least one trial; got 0/);
    assert.throws(() => sweepMap([[1, 2, Infinity]]), /points must be finite; got Infinity/);
  });
});
