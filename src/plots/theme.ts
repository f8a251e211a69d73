import { oneOf } from '../numbers/options';
import { Figure } from './figure';
import type { Axis, Cell, Colorscale, PlotlyLayout, PlotlyTrace } from './plotly';
import { extent } from './plotRows';
import { settingLabel } from './settingLabel';

/**
 * Colours that stay apart for colour-blind eyes, the most distinct first.
 *
 * Reference: Okabe and Ito, "Color universal design", 2008 (their yellow is too pale for lines on white).
 */
export const COLORS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000'] as const;

/** The colour of the n-th series; they repeat after the seventh. */
export function colorOf(series: number): string {
  return COLORS[series % COLORS.length] as string;
}

const INK = '#24292f';
const QUIET_INK = '#57606a';
const GRID = '#e4e7eb';
const ZERO_LINE = '#9aa3ad';

/** Texts and data of a chart; the theme adds fonts, colours and margins. */
export interface Chart {
  readonly title: string;
  readonly subtitle?: string | undefined;
  readonly data: readonly PlotlyTrace[];
  readonly layout: PlotlyLayout;
}

/**
 * A figure in the one look that all of ours share: it fills the available width, down to a phone's, and has a white background
 * so that it looks the same on a dark page.
 */
export function chart({ title, subtitle, data, layout }: Chart): Figure {
  const { xaxis, yaxis } = layout;
  return new Figure(data, {
    title: {
      text: title,
      font: { size: 16 },
      ...(subtitle === undefined
        ? {}
        : { subtitle: { text: subtitle, font: { size: 12, color: QUIET_INK } } }),
      x: 0,
      xanchor: 'left',
      xref: 'container',
      y: 1,
      yanchor: 'top',
      yref: 'container',
      pad: { l: 12, t: 14 },
    },
    font: { family: 'system-ui, -apple-system, "Segoe UI", Roboto, sans-serif', size: 12, color: INK },
    autosize: true,
    height: 380,
    margin: { l: 56, r: 16, t: subtitle === undefined ? 48 : 68, b: 48 },
    paper_bgcolor: '#ffffff',
    plot_bgcolor: '#ffffff',
    legend: { orientation: 'h', x: 0, xanchor: 'left', y: 0, yanchor: 'bottom', yref: 'container' },
    hovermode: 'closest',
    uirevision: title,
    ...layout,
    ...(xaxis && { xaxis: withLogTicks(xaxis, drawnAlong(data, 'x')) }),
    ...(yaxis && { yaxis: withLogTicks(yaxis, drawnAlong(data, 'y')) }),
  });
}

/** All numbers that are drawn along an axis. */
function drawnAlong(data: readonly PlotlyTrace[], axis: 'x' | 'y'): Cell[] {
  return data.flatMap((trace) => (trace.type === 'scatter' || trace.type === 'bar' ? trace[axis] : []));
}

/** How an axis counts. */
export type AxisScale = 'linear' | 'log';

/** Reads an option that says how an axis counts. */
export const axisScale = oneOf<AxisScale>(['linear', 'log']);

/** An axis with a title, a quiet grid and room for its labels. */
export function axis(title: string, more: Axis = {}): Axis {
  return {
    title: { text: title },
    automargin: true,
    zeroline: false,
    ...(more.showgrid === false ? {} : { gridcolor: GRID }),
    ...(more.zeroline ? { zerolinecolor: ZERO_LINE } : {}),
    ...(more.type === 'log' ? { exponentformat: 'power' } : {}),
    ...more,
  };
}

/** A plot on a notebook's page, and a letter at the charts' font size, in pixels. A wider page has more room than reckoned. */
export const PLOT = { width: 600, height: 260 } as const;
export const LETTER = { width: 7, height: 14 } as const;

/** More powers of ten than this along an axis crowd. */
const MOST_POWERS = 6;

/**
 * A logarithmic axis that does not say otherwise is labelled at powers of ten; with fewer than three of them, at 1, 2 and 5
 * times those. Plotly by itself writes a small digit at each of the nine steps between. Where its own steps are even, on
 * less than one power of ten, they stay.
 */
function withLogTicks(along: Axis, drawn: readonly Cell[]): Axis {
  const values = drawn.filter((value): value is number => value !== null && value > 0);
  if (along.type !== 'log' || along.tickmode || along.dtick || values.length === 0) return along;
  const [low, high] = extent(values).map(Math.log10) as [number, number];
  // Together with its margins, the axis then is shorter than one power of ten.
  if (high - low < 0.8) return along;
  const powers = Math.floor(high) - Math.ceil(low) + 1;
  if (powers >= 3) return { ...along, dtick: Math.ceil(powers / MOST_POWERS) };
  const lowest = Math.floor(low) - 1;
  const steps = [0, 1, 2, 3, 4].flatMap((more) =>
    [1, 2, 5].map((digit) => Number(`${digit}e${lowest + more}`)),
  );
  return { ...along, tickmode: 'array', tickvals: steps, ticktext: steps.map(settingLabel) };
}

/** Black to white, for pictures. */
export const GREY: Colorscale = [
  [0, '#000000'],
  [1, '#ffffff'],
];

/** White to dark blue: nothing is white. For what cannot be negative. */
export const SEQUENTIAL: Colorscale = [
  [0, '#ffffff'],
  [0.15, '#d3e3f3'],
  [0.4, '#7fb3d8'],
  [0.7, '#2576b3'],
  [1, '#08306b'],
];

/** Blue through white to red, for numbers with a sign. Reference: ColorBrewer's RdBu, safe for colour-blind eyes. */
export const DIVERGING: Colorscale = [
  [0, '#2166ac'],
  [0.25, '#92c5de'],
  [0.5, '#ffffff'],
  [0.75, '#f4a582'],
  [1, '#b2182b'],
];
