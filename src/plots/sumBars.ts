import { requireFinite, requireObject } from '../numbers/arguments';
import { type OptionsOf, optional, readOptions, string } from '../numbers/options';
import type { Figure } from './figure';
import { rounded } from './plotRows';
import { axis, COLORS, chart } from './theme';

const sumBarsOptions = {
  /** Name of the sum. Default: `sum`. */
  total: optional(string, 'sum'),
  /** Name of the numbers. Default: nothing. */
  xLabel: optional(string, ''),
  title: optional(string, 'Parts of a sum'),
};

/** How {@link sumBars} draws. @interface */
export type SumBarsOptions = OptionsOf<typeof sumBarsOptions>;

/** Room for a bar with its label, and for title, axis and margins, in pixels. */
const BAR = 30;
const AROUND = 130;

/**
 * Numbers that add up, as bars: each begins where the one above it ends, and the last is the sum. Negative parts go back.
 *
 * @param parts The numbers by name, from top to bottom.
 * @throws RangeError if there is no part, or a number is not finite
 *
 * @example String(sumBars({ bias: 0.5, 'unit 3': 0.25 })) // → 'Figure: Parts of a sum – 2 parts add up to 0.75'
 */
export function sumBars(parts: Readonly<Record<string, number>>, options: SumBarsOptions = {}): Figure {
  const { total, xLabel, title } = readOptions('sumBars', options, sumBarsOptions);
  requireObject('parts', parts, 'numbers by name');
  const names = Object.keys(parts);
  const values = Object.values(parts);
  if (values.length === 0) throw new RangeError('parts must hold at least one number; got 0');
  requireFinite('parts', values);
  let sum = 0;
  const ends = values.map((value) => {
    sum += value;
    return sum;
  });
  const starts = [...values.map((value, i) => (ends[i] as number) - value), 0];
  const lengths = [...values, sum];
  return chart({
    title,
    subtitle: `${values.length} parts add up to ${rounded(sum, 3)}`,
    data: [
      {
        type: 'bar',
        orientation: 'h',
        // By number, not by name: two parts may be called alike once they are shortened.
        y: lengths.map((_, i) => i),
        x: lengths.map((length) => rounded(length)),
        base: starts.map((start) => rounded(start)),
        // A number that rounds to 0 has no sign.
        text: lengths.map((length) => length.toFixed(2).replace('-0.00', '0.00').replace('-', '−')),
        textposition: 'outside',
        constraintext: 'none',
        cliponaxis: false,
        marker: {
          color: lengths.map((length, i) =>
            i === values.length ? COLORS[6] : length < 0 ? COLORS[1] : COLORS[0],
          ),
        },
        hovertemplate: '%{x}<extra></extra>',
      },
    ],
    layout: {
      showlegend: false,
      height: AROUND + BAR * lengths.length,
      xaxis: axis(xLabel, { zeroline: true, rangemode: 'tozero' }),
      yaxis: axis('', {
        autorange: 'reversed',
        showgrid: false,
        tickmode: 'array',
        tickvals: lengths.map((_, i) => i),
        ticktext: [...names, total],
      }),
    },
  });
}
