import { requireFunction, requireNumber, requireObject } from '../numbers/arguments';
import { boolean, integer, number, type OptionsOf, optional, readOptions, string } from '../numbers/options';
import type { Figure } from './figure';
import type { Cell, ScatterTrace } from './plotly';
import { rounded } from './plotRows';
import { axis, chart, colorOf } from './theme';

const penaltyCurveOptions = {
  /** The curve's ends. Default: −2 and 2. */
  from: optional(number(), -2),
  to: optional(number(), 2),
  /** Points per curve, ends included. Default: 201, so that 0 is one of them. */
  samples: optional(integer({ min: 2, max: 2000 }), 201),
  /** Draw the slope below. Default: `true`. */
  gradient: optional(boolean, true),
  /** The quantity along the axis. Default: `activation h`. */
  xLabel: optional(string, 'activation h'),
  /** The quantity of the vertical axis. Default: `penalty`. */
  yLabel: optional(string, 'penalty'),
  title: optional(string),
};

/** How {@link penaltyCurve} draws. @interface */
export type PenaltyCurveOptions = OptionsOf<typeof penaltyCurveOptions>;

/**
 * Penalties of one number as curves, and below them their slope: the force with which a penalty pulls. L1 pulls as hard on
 * a small activation as on a large one, L2 ever more faintly.
 *
 * The slope is the difference quotient between neighbouring points, drawn halfway between them.
 *
 * @param curves Functions by name: `{ '|h|': Math.abs, 'h²': (h) => h ** 2 }`. Where one is not finite its curve has a gap.
 * @throws RangeError if there is no curve or an option is out of its range.
 *
 * @example String(penaltyCurve({ '|h|': Math.abs, 'h²': (h) => h ** 2 })) // → 'Figure: Penalties and their pull – above the penalty, below its slope'
 */
export function penaltyCurve(
  curves: Readonly<Record<string, (h: number) => number>>,
  options: PenaltyCurveOptions = {},
): Figure {
  const read = readOptions('penaltyCurve', options, penaltyCurveOptions);
  const { from, to, samples, gradient, xLabel, yLabel } = read;
  requireNumber('to', to, { above: from });
  requireObject('curves', curves, 'functions by name');
  const entries = Object.entries(curves);
  for (const [name, curve] of entries) requireFunction(`curves.${name}`, curve);
  if (entries.length === 0) throw new RangeError('curves must hold at least one function; got none');

  const x = Array.from({ length: samples }, (_, index) =>
    rounded(from + ((to - from) * index) / (samples - 1), 8),
  );
  const between = x.slice(1).map((right, index) => rounded((right + (x[index] as number)) / 2, 8));
  const data = entries.flatMap(([name, curve], index): ScatterTrace[] => {
    const values = x.map((h) => curve(h));
    const slopes = between.map(
      (_, left) =>
        ((values[left + 1] as number) - (values[left] as number)) /
        ((x[left + 1] as number) - (x[left] as number)),
    );
    const line = { color: colorOf(index), width: 2, dash: DASHES[index % DASHES.length] as 'solid' };
    const value: ScatterTrace = {
      type: 'scatter',
      mode: 'lines',
      name,
      legendgroup: name,
      x,
      y: values.map(drawable),
      line,
      hovertemplate: `${name} = %{y}<extra></extra>`,
    };
    if (!gradient) return [value];
    const slope: ScatterTrace = {
      ...value,
      x: between,
      y: slopes.map(drawable),
      xaxis: 'x2',
      yaxis: 'y2',
      showlegend: false,
      hovertemplate: `slope of ${name} = %{y}<extra></extra>`,
    };
    return [value, slope];
  });
  const zero = { zeroline: true };
  return chart({
    title: read.title ?? (gradient ? 'Penalties and their pull' : 'Penalties'),
    subtitle: gradient ? 'above the penalty, below its slope' : undefined,
    data,
    layout: gradient
      ? {
          height: 460,
          showlegend: true,
          xaxis: axis('', { ...zero, anchor: 'y' }),
          yaxis: axis(yLabel, { ...zero, domain: [0.55, 1] }),
          xaxis2: axis(xLabel, { ...zero, anchor: 'y2', matches: 'x' }),
          yaxis2: axis('slope', { ...zero, domain: [0, 0.45], anchor: 'x2' }),
        }
      : { showlegend: true, xaxis: axis(xLabel, zero), yaxis: axis(yLabel, zero) },
  });
}

const DASHES = ['solid', 'dash', 'dot', 'dashdot'] as const;

function drawable(value: number): Cell {
  return Number.isFinite(value) ? rounded(value) : null;
}
