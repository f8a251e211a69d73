import { integer, type OptionsOf, optional, readOptions, string } from '../numbers/options';
import { percent } from '../numbers/shown';
import { type Matrix, rowAt } from '../numbers/values';
import type { Figure } from './figure';
import { type Panel, panels } from './panels';
import { extent, firstRows, isRows, type PlotRows, rounded, shownOf } from './plotRows';
import { type OneOrNamed, toSeries } from './series';
import { axis, chart, colorOf, DIVERGING, SEQUENTIAL } from './theme';

const codeMatricesOptions = {
  /** Draw at most this many examples, the first ones. Default: 48. */
  count: optional(integer({ min: 1 }), 48),
  title: optional(string, 'Which entries of a code are active'),
};

/** How {@link codeMatrices} draws. @interface */
export type CodeMatricesOptions = OptionsOf<typeof codeMatricesOptions>;

/** Where the parts of one code lie in its place: the matrix, right of it a number per example, below it one per unit. */
const MATRIX = { width: 0.8, height: 0.74 } as const;
/** The space between two codes, and above one for two lines, as a part of its place. */
const GAP = { side: 0.08, above: 0.18 } as const;

/**
 * Codes as matrices next to each other, examples × units, darker the harder a unit fires. The line at the right of each counts
 * the active units per example, the line below it the active examples per unit: both show along which axis a code is sparse.
 *
 * @param codes h, `[examples, hiddenDim]`, or several by name: `{ TopK: h0, 'winner-take-all': h1 }`. They share one scale.
 * @throws RangeError if a value is not finite, codes differ in their shape, or `count` is not a positive integer.
 *
 * @example String(codeMatrices({ a: [[0, 2]], b: [[1, 1]] })) // → 'Figure: Which entries of a code are active – 1 example; right: units per example, below: examples per unit'
 */
export function codeMatrices(codes: OneOrNamed<PlotRows>, options: CodeMatricesOptions = {}): Figure {
  const { count, title } = readOptions('codeMatrices', options, codeMatricesOptions);
  const series = toSeries('codes', codes, isRows).map(({ name, value }) => ({
    name,
    ...firstRows(name || 'codes', value, count),
  }));
  const [first] = series as [(typeof series)[number]];
  const [rows, units] = first.shown.shape;
  for (const { name, shown } of series) {
    if (shown.shape[0] !== rows || shown.shape[1] !== units) {
      throw new RangeError(
        `codes must have one shape, [${rows}, ${units}] as ${first.name}; ${name} has [${shown.shape}]`,
      );
    }
  }
  const extents = series.map(({ shown }) => extent(shown.values));
  const scale = [
    Math.min(0, ...extents.map(([low]) => low)),
    Math.max(...extents.map(([, high]) => high)),
  ] as const;
  const counted = series.map(({ name, shown }) => ({ name, shown, ...countsOf(shown) }));
  const most = {
    perExample: Math.max(1, ...counted.flatMap(({ perExample }) => perExample)),
    perUnit: Math.max(1, ...counted.flatMap(({ perUnit }) => perUnit)),
  };
  // Three fit side by side, four make a square.
  const columns = series.length === 3 ? 3 : Math.min(2, series.length);
  const lines = Math.ceil(series.length / columns);
  const width = (1 - (columns - 1) * GAP.side) / columns;
  const height = (1 - GAP.above) / lines;
  const parts = counted.flatMap((code, index): Panel[] => {
    const left = (index % columns) * (width + GAP.side);
    const top = 1 - (Math.floor(index / columns) + GAP.above) / lines;
    const right = left + MATRIX.width * width;
    const bottom = top - MATRIX.height * height;
    const active = code.perUnit.reduce((sum, each) => sum + each, 0) / (rows * units);
    // Two lines: three side by side are narrow.
    const caption = `${code.name ? `<b>${code.name}</b><br>` : ''}${percent(active, 1)} active`;
    return [
      { figure: matrixOf(code.shown, scale), x: [left, right], y: [bottom, top], caption },
      {
        figure: lineOf(code.perExample, [...code.perExample.keys()], {
          x: [0, most.perExample],
          y: [rows - 0.5, -0.5],
          hover: 'example %{y}: %{x} active units',
        }),
        x: [right + 0.02 * width, left + width],
        y: [bottom, top],
        caption: '',
      },
      {
        figure: lineOf([...code.perUnit.keys()], code.perUnit, {
          x: [-0.5, units - 0.5],
          y: [0, most.perUnit],
          hover: 'unit %{x}: active for %{y} examples',
        }),
        x: [left, right],
        y: [top - height + 0.06 * height, bottom - 0.05 * height],
        caption: '',
      },
    ];
  });
  const subtitle = `${shownOf(rows, first.total, 'example')}; right: units per example, below: examples per unit`;
  return panels(title, subtitle, 60 + 340 * lines, parts);
}

/** How many entries of each row and of each column are not exactly 0. */
function countsOf(code: Matrix): { perExample: number[]; perUnit: number[] } {
  const [rows, units] = code.shape;
  const perExample = new Array<number>(rows).fill(0);
  const perUnit = new Array<number>(units).fill(0);
  for (let row = 0; row < rows; row++) {
    rowAt(code, row).forEach((value, unit) => {
      if (value === 0) return;
      perExample[row] = (perExample[row] as number) + 1;
      perUnit[unit] = (perUnit[unit] as number) + 1;
    });
  }
  return { perExample, perUnit };
}

function matrixOf(code: Matrix, [low, high]: readonly [number, number]): Figure {
  const [rows, units] = code.shape;
  const end = rounded(Math.max(-low, high), 3) || 1;
  return chart({
    title: '',
    data: [
      {
        type: 'heatmap',
        z: Array.from({ length: rows }, (_, row) =>
          Array.from(rowAt(code, row), (value) => rounded(value, 3)),
        ),
        coloraxis: 'coloraxis',
        hovertemplate: 'example %{y}<br>unit %{x}<br>activation %{z}<extra></extra>',
      },
    ],
    layout: {
      xaxis: {
        showgrid: false,
        zeroline: false,
        tickmode: 'array',
        tickvals: [],
        range: [-0.5, units - 0.5],
      },
      yaxis: { showgrid: false, zeroline: false, tickmode: 'array', tickvals: [], range: [rows - 0.5, -0.5] },
      coloraxis: {
        colorscale: low < 0 ? DIVERGING : SEQUENTIAL,
        cmin: low < 0 ? -end : 0,
        cmax: end,
      },
    },
  });
}

interface LineLook {
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
  readonly hover: string;
}

function lineOf(x: readonly number[], y: readonly number[], look: LineLook): Figure {
  // From 0 the axis goes a little beyond the largest count; the other axis is the matrix's own.
  const along = ([low, high]: readonly [number, number]) =>
    low === 0
      ? axis('', {
          range: [0, 1.08 * high],
          tickmode: 'array',
          tickvals: [0, high],
          ticktext: ['0', String(high)],
        })
      : axis('', { range: [low, high], showgrid: false, tickmode: 'array', tickvals: [] });
  return chart({
    title: '',
    data: [
      {
        type: 'scatter',
        mode: 'lines',
        x,
        y,
        line: { color: colorOf(1), width: 1.5 },
        hovertemplate: `${look.hover}<extra></extra>`,
      },
    ],
    layout: { xaxis: along(look.x), yaxis: along(look.y) },
  });
}
