import { refuseUnknownOptions } from '../arguments';
import type { Figure } from './figure';
import type { ScatterTrace } from './plotly';
import { requireFinite, rounded } from './plotRows';
import { type OneOrNamed, toSeries } from './series';
import { axis, chart } from './theme';

/** One training of a sweep. */
export interface SweepPoint {
  /** λ or β. */
  readonly strength: number;
  /** Mean number of active units for an example. */
  readonly l0: number;
  /** Mean squared error, averaged over inputs and examples. */
  readonly mse: number;
}

/** How {@link sweepFront} draws. */
export interface SweepFrontOptions {
  /** A logarithmic axis for the error. False unless told. */
  log?: boolean;
  /** What a point's strength is called. λ unless told. */
  strengthName?: string;
  title?: string;
}

/**
 * What sparsity costs: reconstruction error against the number of active units, a point a strength. Down and to the left is
 * better; a front below another is the better penalty.
 *
 * @param points The trainings of a sweep, or several sweeps by name: `{ L1: …, KL: … }`.
 * @throws RangeError if there is no point or a number is not finite.
 */
export function sweepFront(
  points: OneOrNamed<readonly SweepPoint[]>,
  options: SweepFrontOptions = {},
): Figure {
  refuseUnknownOptions('sweepFront', options, ['log', 'strengthName', 'title']);
  const { strengthName = 'λ', log = false } = options;
  const series = toSeries('points', points, isList);
  const data = series.map(({ name, value, color }, index): ScatterTrace => {
    if (value.length === 0) throw new RangeError(`${name || 'points'} must hold at least one point; got 0`);
    requireFinite(
      name || 'points',
      value.flatMap(({ strength, l0, mse }) => [strength, l0, mse]),
    );
    const inOrder = [...value].sort((a, b) => a.strength - b.strength);
    return {
      type: 'scatter',
      mode: 'lines+markers+text',
      name,
      x: inOrder.map(({ l0 }) => rounded(l0)),
      y: inOrder.map(({ mse }) => rounded(mse)),
      text: inOrder.map(({ strength }) => `${rounded(strength, 3)}`),
      textposition: 'top center',
      cliponaxis: false,
      line: { color, width: 1.5 },
      marker: { color, size: 8, symbol: ['circle', 'diamond', 'square', 'x'][index % 4] as string },
      hovertemplate: `${strengthName} = %{text}<br>L0 %{x}<br>MSE %{y}<extra>${name}</extra>`,
    };
  });
  return chart({
    title: options.title ?? 'Reconstruction against sparsity',
    subtitle: `labelled with ${strengthName}; lower left is better`,
    data,
    layout: {
      showlegend: series.length > 1,
      xaxis: axis('L0: active units an example', { rangemode: 'tozero' }),
      yaxis: axis('mean squared error', log ? { type: 'log' } : { rangemode: 'tozero' }),
    },
  });
}

function isList(given: OneOrNamed<readonly SweepPoint[]>): given is readonly SweepPoint[] {
  return Array.isArray(given);
}
