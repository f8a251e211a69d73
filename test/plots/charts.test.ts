import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  activationHeatmap,
  activationHistogram,
  lossCurves,
  paretoPlot,
  penaltyCurve,
  Random,
  tf,
  unitMeans,
} from 'sparselab';
import { storedBytes, traces } from './support';

const h = [
  [0, 2, 0],
  [0, 1, 0.5],
];

describe('activationHeatmap', () => {
  it('draws one example per row and one unit per column, and states the fraction of exact zeros', () => {
    const figure = activationHeatmap(h);
    assert.deepEqual(traces(figure, 'heatmap')[0]?.z, h);
    // 3 of 6
    assert.match(figure.layout.title?.subtitle?.text ?? '', /^2 examples; 50\.0 % exactly 0$/);
    assert.deepEqual([figure.layout.coloraxis?.cmin, figure.layout.coloraxis?.cmax], [0, 2]);
  });

  it('centres its colours on 0 where activations are negative', () => {
    const { coloraxis } = activationHeatmap([[-3, 1]]).layout;
    assert.deepEqual([coloraxis?.cmin, coloraxis?.cmax], [-3, 3]);
  });

  it('draws the first 100 examples, fewer of a very wide code, and says so', () => {
    const wide = tf.zeros<tf.Rank.R2>([200, 1000]);
    const figure = activationHeatmap(wide);
    wide.dispose();
    assert.equal(traces(figure, 'heatmap')[0]?.z.length, 25_000 / 1000);
    assert.match(figure.layout.title?.subtitle?.text ?? '', /^the first 25 of 200 examples; 100\.0 %/);
    assert.equal(traces(activationHeatmap(h, { count: 1 }), 'heatmap')[0]?.z.length, 1);
  });

  it('refuses what is not finite', () => {
    assert.throws(
      () => activationHeatmap([[1, Number.NaN]]),
      /activations must be finite; got NaN in row 0, column 1$/,
    );
  });
});

describe('activationHistogram', () => {
  it('counts every activation once, exact zeros in a bar of their own', () => {
    const [bars, zeros] = traces(activationHistogram(h, { bins: 4 }), 'bar');
    // Bins of 0.5 from 0 to 2: 0.5 in the second, 1 in the third, 2 in the last.
    assert.deepEqual(bars?.x, [0.75, 1.25, 1.75]);
    assert.deepEqual(bars?.y, [1, 1, 1]);
    assert.deepEqual(zeros?.y, [3]);
    assert.deepEqual(zeros?.text, ['50.0 %']);
    assert.ok((zeros?.x[0] ?? 0) < 0, 'next to the others, not among them');
  });

  it('does not take a tiny activation for a zero', () => {
    const [bars, zeros] = traces(activationHistogram([[1e-20, -1e-20, 1]]), 'bar');
    assert.equal(
      bars?.y.reduce<number>((sum, count) => sum + (count ?? 0), 0),
      3,
    );
    assert.deepEqual(zeros?.y, [null]);
  });

  it('compares several codes on the same bins', () => {
    const figure = activationHistogram({ dense: [[1, 2]], sparse: tf.tensor2d([[0, 4]]) }, { bins: 4 });
    const [dense, , sparse] = traces(figure, 'bar');
    assert.deepEqual([dense?.name, dense?.x], ['dense', [1.5, 2.5]]);
    assert.deepEqual([sparse?.name, sparse?.x], ['sparse', [3.5]]);
    assert.equal(figure.layout.showlegend, true);
  });

  it('draws a code that is all zeros', () => {
    const [bars, zeros] = traces(activationHistogram([[0, 0]]), 'bar');
    assert.deepEqual([bars?.y, zeros?.y], [[], [2]]);
  });

  it('refuses nothing at all, and no bins', () => {
    assert.throws(() => activationHistogram({}), /activations must hold something to draw; got nothing$/);
    assert.throws(() => activationHistogram(h, { bins: 0 }), /bins must be in \[1, 1000\]; got 0$/);
  });
});

describe('unitMeans', () => {
  it('sorts units from the busiest to the dead, and keeps their numbers', () => {
    const figure = unitMeans([0.1, 0, 0.3], { target: 0.05 });
    const [means, target] = traces(figure, 'scatter');
    assert.deepEqual(means?.y, [0.3, 0.1, 0]);
    assert.deepEqual(means?.text, ['unit 2', 'unit 0', 'unit 1']);
    assert.deepEqual([target?.y, target?.name], [[0.05, 0.05], 'target ρ = 0.05']);
  });

  it('leaves a gap where a logarithm does not exist', () => {
    assert.deepEqual(traces(unitMeans(Float32Array.of(0, 0.5), { yScale: 'log' }), 'scatter')[0]?.y, [
      0.5,
      null,
    ]);
  });

  it('refuses an empty list and numbers that are not finite', () => {
    assert.throws(() => unitMeans([]), /means must hold at least one unit; got 0$/);
    assert.throws(() => unitMeans({ after: [Number.NaN] }), /after must be finite; got NaN at position 0$/);
  });
});

/** A run whose penalty weighs twice as much at the end as at the start. */
function run(steps: number, strength = 0.5) {
  const rows = Array.from({ length: steps }, (_, step) => {
    const [reconstruction, penalty] = [1 / (1 + step), 1 + step / (steps - 1 || 1)];
    return { step, epoch: step / 10, reconstruction, penalty, total: reconstruction + strength * penalty };
  });
  return { penaltyName: 'L1', strength, rows };
}

describe('lossCurves', () => {
  it('draws the terms as they weigh in the total, so that they add up to it', () => {
    const [total, reconstruction, penalty] = traces(lossCurves(run(3)), 'scatter');
    assert.deepEqual(
      [total?.name, reconstruction?.name, penalty?.name],
      ['total', 'reconstruction', 'strength × penalty'],
    );
    assert.deepEqual(penalty?.y, [0.5 * 1, 0.5 * 1.5, 0.5 * 2]);
    assert.deepEqual(total?.y, [1 + 0.5, 0.5 + 0.75, 1.333]);
    assert.deepEqual(total?.x, [0, 0.1, 0.2]);
  });

  it('draws one curve where one term is all there is, and calls it by its name', () => {
    const curves = traces(lossCurves(run(3, 0)), 'scatter');
    assert.deepEqual(
      curves.map(({ name, line }) => [name, line?.dash]),
      [['reconstruction', 'solid']],
    );
    assert.deepEqual(curves[0]?.y, [1, 0.5, 0.3333]);
    const faint = traces(lossCurves(run(3), { previous: run(3, 0) }), 'scatter')[0];
    assert.deepEqual([faint?.name, faint?.showlegend], ['previous: no penalty', true]);
  });

  it('shows weight decay where there is one: what the other terms leave of the total', () => {
    const decayed = run(2);
    const figure = lossCurves({
      ...decayed,
      rows: decayed.rows.map((row) => ({ ...row, total: row.total + 0.25 })),
    });
    const decay = traces(figure, 'scatter').find(({ name }) => name === 'weight decay');
    assert.deepEqual(decay?.y, [0.25, 0.25]);
  });

  it('gives several runs a colour and a legend entry each', () => {
    const figure = lossCurves([run(3), run(3, 0)], { names: ['a', 'b'] });
    const entries = traces(figure, 'scatter').filter(({ showlegend }) => showlegend);
    assert.deepEqual(
      entries.map(({ name }) => name),
      ['a', 'b'],
    );
    assert.notEqual(entries[0]?.line?.color, entries[1]?.line?.color);
  });

  it('draws a diverged run as far as it went', () => {
    const { rows, ...rest } = run(2);
    const broken = { step: 2, epoch: 1, reconstruction: Number.NaN, penalty: Infinity, total: Number.NaN };
    assert.deepEqual(traces(lossCurves({ ...rest, rows: [...rows, broken] }), 'scatter')[0]?.y, [
      1.5,
      1.5,
      null,
    ]);
  });

  it('ends where a running training is: in the mean over its newest batches since the last row', () => {
    const batch = (total: number) => ({ total, reconstruction: total - 0.25, penalty: 0.5 });
    // Two rows, 10 steps apart; ten steps per epoch.
    const { rows, ...rest } = run(11);
    const history = {
      ...rest,
      rows: [rows[0], rows[10]].flatMap((row) => row ?? []),
      state: { order: { examples: 95, batchSize: 10 } },
      status: 'running',
    };
    const before = Array.from({ length: 10 }, () => batch(9));
    const ends = (steps: object[], status = 'running') =>
      traces(lossCurves({ ...history, steps: steps as ReturnType<typeof batch>[], status }), 'scatter').map(
        ({ x, y }) => [x.length, x.at(-1), y.at(-1)],
      );
    // 12 steps are 1.2 epochs; (2 + 4) / 2 = 3 in all, 3 − 0.25 = 2.75 reconstruction, 0.5 × 0.5 penalty.
    assert.deepEqual(ends([...before, batch(2), batch(4)]), [
      [3, 1.2, 3],
      [3, 1.2, 2.75],
      [3, 1.2, 0.25],
    ]);
    // The newest 20 of 30.
    const many = [
      ...Array.from({ length: 10 }, () => batch(100)),
      ...Array.from({ length: 20 }, () => batch(1)),
    ];
    assert.deepEqual(ends([...before, ...many])[0], [3, 4, 1]);
    assert.deepEqual(ends(before)[0]?.[0], 2, 'nothing has come since the last row');
    assert.deepEqual(
      ends([...before, batch(2)], 'stopped')[0]?.[0],
      2,
      'a training that has ended has its rows',
    );
  });

  it('keeps 500 points of a long run, its first and its last among them', () => {
    const [total] = traces(lossCurves(run(20_001), { x: 'step' }), 'scatter');
    assert.deepEqual([total?.x.length, total?.x[0], total?.x.at(-1)], [500, 0, 20_000]);
    assert.ok(storedBytes(lossCurves([run(5000), run(5000), run(5000)])) < 200_000);
  });

  it('draws the previous run faintly behind, in the same colours, with one legend entry', () => {
    const figure = lossCurves(run(3), { previous: run(2) });
    const curves = traces(figure, 'scatter');
    const faint = curves.filter(({ opacity }) => opacity === 0.3);
    assert.deepEqual(curves.slice(0, faint.length), faint, 'drawn first, so behind');
    assert.equal(faint.length, curves.length / 2);
    assert.equal(faint[0]?.line?.color, curves[faint.length]?.line?.color);
    assert.equal(faint.filter(({ showlegend }) => showlegend).length, 1);
    assert.match(faint[0]?.name ?? '', /^previous: L1, strength/);
    assert.deepEqual(lossCurves(run(3), { previous: undefined }), lossCurves(run(3)));
    assert.throws(() => lossCurves([run(1), run(1)], { previous: run(1) }), {
      message: 'previous needs a single run; got 2 runs',
    });
  });

  it('refuses no run, an empty run and too few names', () => {
    assert.throws(() => lossCurves([]), /histories must hold at least one run; got 0$/);
    assert.throws(() => lossCurves(run(0)), /histories\[0\] must hold at least one row; got 0$/);
    assert.throws(
      () => lossCurves([run(1), run(1)], { names: ['a'] }),
      /names must have one name per run, 2 in all; got 1$/,
    );
    assert.throws(
      () => lossCurves(run(1), { x: 'time' as 'step' }),
      /x must be one of 'epoch', 'step'; got 'time'$/,
    );
  });
});

describe('paretoPlot', () => {
  const l1 = [
    { strength: 0.1, l0: 5, mse: 0.04 },
    { strength: 0.01, l0: 20, mse: 0.01 },
  ];

  it('joins the trainings of a sweep in the order of their strength', () => {
    const [front] = traces(paretoPlot(l1), 'scatter');
    assert.deepEqual(
      [front?.x, front?.y, front?.text],
      [
        [20, 5],
        [0.01, 0.04],
        ['0.01', '0.1'],
      ],
    );
  });

  it('compares sweeps by name', () => {
    const figure = paretoPlot({ L1: l1, KL: l1.slice(1) }, { strengthName: 'strength' });
    assert.deepEqual(
      figure.data.map(({ name }) => name),
      ['L1', 'KL'],
    );
    assert.match(figure.layout.title?.subtitle?.text ?? '', /labelled with strength/);
  });

  it('refuses an empty sweep and numbers that are not finite', () => {
    assert.throws(() => paretoPlot({ L1: [] }), /L1 must hold at least one point; got 0$/);
    assert.throws(
      () => paretoPlot([{ strength: 1, l0: 1, mse: Number.NaN }]),
      /points must be finite; got NaN/,
    );
  });
});

describe('penaltyCurve', () => {
  it('draws functions and, between their points, their slope', () => {
    const figure = penaltyCurve(
      { '|h|': Math.abs, 'h²': (value) => value ** 2 },
      { from: -1, to: 1, samples: 3 },
    );
    const [l1, pull, l2, fading] = traces(figure, 'scatter');
    assert.deepEqual(
      [l1?.x, l1?.y],
      [
        [-1, 0, 1],
        [1, 0, 1],
      ],
    );
    assert.deepEqual(
      [pull?.x, pull?.y],
      [
        [-0.5, 0.5],
        [-1, 1],
      ],
    );
    assert.deepEqual(l2?.y, [1, 0, 1]);
    // 2h at ±0.5
    assert.deepEqual(fading?.y, [2 * -0.5, 2 * 0.5]);
    assert.deepEqual([pull?.yaxis, pull?.showlegend], ['y2', false]);
  });

  it('has gaps where a function is not finite', () => {
    const figure = penaltyCurve({ log: Math.log }, { from: 0, to: 1, samples: 2, gradient: false });
    assert.deepEqual(
      traces(figure, 'scatter').map(({ y }) => y),
      [[null, 0]],
    );
  });

  it('refuses no curve and ends in the wrong order', () => {
    assert.throws(() => penaltyCurve({}), /curves must hold at least one function; got none$/);
    assert.throws(() => penaltyCurve({ a: Math.abs }, { from: 3 }), /to must be above 3; got 2$/);
  });
});

describe('every chart', () => {
  const random = new Random(0);
  const code = {
    values: Float32Array.from({ length: 1000 * 64 }, () => random.uniform()),
    shape: [1000, 64] as const,
  };
  const charts = {
    activationHeatmap: activationHeatmap(code),
    activationHistogram: activationHistogram(code),
    lossCurves: lossCurves(run(2000)),
    penaltyCurve: penaltyCurve({ '|h|': Math.abs }),
    paretoPlot: paretoPlot([{ strength: 1, l0: 1, mse: 1 }]),
    unitMeans: unitMeans(code.values.subarray(0, 64)),
  };
  for (const [name, figure] of Object.entries(charts)) {
    it(`${name} fits its page, names its axes and is small`, () => {
      const { layout } = figure;
      assert.equal(layout.autosize, true);
      assert.equal((layout as { width?: number }).width, undefined);
      assert.ok(layout.title?.text);
      assert.ok((layout.xaxis2 ?? layout.xaxis)?.title?.text);
      assert.ok(layout.yaxis?.title?.text);
      assert.ok(storedBytes(figure) < 200_000, `${storedBytes(figure)} bytes`);
    });
  }
});

describe('a logarithmic axis', () => {
  const scaleOf = (...means: number[]) => unitMeans(means, { yScale: 'log' }).layout.yaxis;

  it('is labelled at powers of ten, at every other one if they are many', () => {
    assert.deepEqual([scaleOf(0.001, 0.2, 0)?.dtick, scaleOf(1e-5, 1e5)?.dtick], [1, 2]);
  });

  it('is labelled at 1, 2 and 5 times those if it has fewer than three', () => {
    // From 0.1 of the lowest power of ten on, so that a reader who zooms out finds labels, too.
    const { tickvals, ticktext } = scaleOf(0.012, 0.7) ?? {};
    assert.deepEqual(tickvals?.slice(0, 6), [0.001, 0.002, 0.005, 0.01, 0.02, 0.05]);
    assert.deepEqual(ticktext?.slice(3), [
      '0.01',
      '0.02',
      '0.05',
      '0.1',
      '0.2',
      '0.5',
      '1',
      '2',
      '5',
      '10',
      '20',
      '50',
    ]);
  });

  it('keeps the even steps that Plotly finds on less than one power of ten', () => {
    const { tickvals, dtick } = scaleOf(0.018, 0.036) ?? {};
    assert.deepEqual([tickvals, dtick], [undefined, undefined]);
  });
});
