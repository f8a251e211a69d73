import { requireArray, requireNumber } from '../numbers/arguments';
import { integer, number, type OptionsOf, optional, readOptions, string, value } from '../numbers/options';
import type { Figure } from './figure';
import type { ScatterTrace } from './plotly';
import { rounded } from './plotRows';
import { isNumbers, type OneOrNamed, toSeries } from './series';
import { axis, axisScale, chart, colorOf } from './theme';

const klCurveOptions = {
  /** Units to put on the curve of the first ρ, each at its ρ̂: one list (`meanActivation(h)`), or several by name. */
  means: optional(value<OneOrNamed<ArrayLike<number>>>()),
  /** The axis of ρ̂; `log` shows what happens below a small ρ. Default: `linear`. */
  xScale: optional(axisScale, 'linear'),
  /** Points per curve. Default: 200. */
  samples: optional(integer({ min: 2, max: 2000 }), 200),
  /** The divergence at the top of the plot, so that it holds still under a slider. By default all that is drawn fits. */
  top: optional(number({ above: 0 })),
  title: optional(string, 'What a mean activation costs'),
};

/** How {@link klCurve} draws. @interface */
export type KlCurveOptions = OptionsOf<typeof klCurveOptions>;

/** Where the curves end: they are infinite at 0 and 1. */
const [SMALLEST, LARGEST] = [0.001, 0.99];

/**
 * The divergence KL(ρ‖ρ̂) over ρ̂, one curve per target ρ: a valley whose bottom, 0, is at ρ. Units can be put on the curve; those
 * beyond its ends are drawn at its ends.
 *
 * @param targets One ρ in (0, 1), or several.
 * @throws RangeError if a ρ is outside (0, 1), a mean outside [0, 1], `top` is not above 0, or there is no ρ.
 *
 * @example klCurve([0.05, 0.2], { means: { untrained: meanActivation(h0), trained: meanActivation(h) } })
 */
export function klCurve(targets: number | readonly number[], options: KlCurveOptions = {}): Figure {
  const { means, xScale, samples, top, title } = readOptions('klCurve', options, klCurveOptions);
  const given = typeof targets === 'number' ? [targets] : targets;
  const rhos = requireArray('targets', given, 'a ρ or an array of them').map((rho, index) =>
    requireNumber(`targets[${index}]`, rho, { above: 0, below: 1 }),
  );
  const [first] = rhos;
  if (first === undefined) throw new RangeError('targets must hold at least one ρ; got none');
  const log = xScale === 'log';
  const units = means === undefined ? [] : toSeries('means', means, isNumbers);

  const curves = rhos.map((rho, index): ScatterTrace => {
    const x = [...places(samples, log), rho].sort((a, b) => a - b);
    return {
      type: 'scatter',
      mode: 'lines',
      name: `ρ = ${rounded(rho)}`,
      x: x.map((rhoHat) => rounded(rhoHat)),
      y: x.map((rhoHat) => rounded(divergence(rho, rhoHat))),
      line: { color: colorOf(index), width: 2 },
      hovertemplate: `KL(${rounded(rho)}‖%{x}) = %{y}<extra></extra>`,
    };
  });
  const dots = units.map(({ name, value }, index): ScatterTrace => {
    const shown = Array.from(value, (mean, unit) =>
      Math.min(LARGEST, Math.max(SMALLEST, requireNumber(`means[${unit}]`, mean, { min: 0, max: 1 }))),
    );
    return {
      type: 'scatter',
      mode: 'markers',
      name: name || 'units',
      x: shown.map((mean) => rounded(mean)),
      y: shown.map((mean) => rounded(divergence(first, mean))),
      text: shown.map((_, unit) => `unit ${unit}`),
      marker: {
        color: colorOf(rhos.length + index),
        size: 8,
        symbol: ['circle', 'diamond', 'square', 'x'][index % 4] as string,
      },
      hovertemplate: '%{text}<br>ρ̂ %{x}<br>costs %{y}<extra></extra>',
    };
  });
  return chart({
    title,
    subtitle:
      units.length > 0 ? 'one mark per unit, at its mean activation' : 'free at ρ, dear to both sides',
    data: [...curves, ...dots],
    layout: {
      showlegend: true,
      xaxis: axis('mean activation ρ̂', log ? { type: 'log', dtick: 1 } : { rangemode: 'tozero' }),
      yaxis: axis(
        'KL(ρ‖ρ̂)',
        top === undefined && dots.length === 0
          ? { rangemode: 'tozero' }
          : { range: upTo(top ?? 1.25 * dearest(dots)) },
      ),
    },
  });
}

const divergence = (rho: number, rhoHat: number) =>
  rho * Math.log(rho / rhoHat) + (1 - rho) * Math.log((1 - rho) / (1 - rhoHat));

/** The highest cost of a unit. */
const dearest = (dots: readonly ScatterTrace[]) => Math.max(...dots.flatMap(({ y }) => y.map(Number))) || 0.1;

/** From a little below zero, so that units at the bottom of the valley are seen whole. */
const upTo = (top: number): [low: number, high: number] => [-0.05 * top, top];

/** Places from one end of the curve to the other: at even ratios, or close to each other at the ends, where it is steep. */
function places(count: number, log: boolean): number[] {
  return Array.from({ length: count }, (_, index) => {
    const fraction = index / (count - 1);
    return log
      ? SMALLEST * (LARGEST / SMALLEST) ** fraction
      : SMALLEST + ((LARGEST - SMALLEST) * (1 - Math.cos(Math.PI * fraction))) / 2;
  });
}
