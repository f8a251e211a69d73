import type { Figure } from './figure';
import type { Annotation, Axis, PlotlyLayout, PlotlyTrace } from './plotly';
import { chart } from './theme';

/** A figure's place in a larger one: from and to, as fractions of the width and, from below, of the height. */
export interface Panel {
  readonly figure: Figure;
  readonly x: readonly [left: number, right: number];
  readonly y: readonly [bottom: number, top: number];
  /** Title above it. */
  readonly caption: string;
}

/**
 * Several figures in one. Each keeps its traces, axes and annotations; titles, legends and colour bars are left out, and the
 * panels share what a layout has only once.
 */
export function panels(title: string, subtitle: string, height: number, parts: readonly Panel[]): Figure {
  const axes: Record<string, Axis> = {};
  const data: PlotlyTrace[] = [];
  const annotations: Annotation[] = [];
  for (const [index, { figure, x, y, caption }] of parts.entries()) {
    const suffix = index === 0 ? '' : String(index + 1);
    const [xName, yName] = [`x${suffix}` as 'x', `y${suffix}` as 'y'];
    const { xaxis = {}, yaxis = {} } = figure.layout;
    axes[`xaxis${suffix}`] = { ...xaxis, domain: x, anchor: yName };
    axes[`yaxis${suffix}`] = {
      ...yaxis,
      domain: y,
      anchor: xName,
      ...(yaxis.scaleanchor && { scaleanchor: xName }),
    };
    data.push(...figure.data.map((trace) => ({ ...trace, xaxis: xName, yaxis: yName, showlegend: false })));
    for (const annotation of figure.layout.annotations ?? []) {
      annotations.push({ ...(annotation as Annotation), xref: xName, yref: yName });
    }
    annotations.push(captionAbove(caption, x[0], y[1]));
  }
  const layouts = parts.map(({ figure }) => figure.layout);
  return chart({ title, subtitle, data, layout: { ...shared(layouts), ...axes, annotations, height } });
}

/** Fields that a layout has only once: from the first figure that has them. */
function shared(layouts: readonly PlotlyLayout[]): PlotlyLayout {
  const first = <Key extends 'barmode' | 'bargap' | 'coloraxis'>(key: Key) =>
    layouts.find((layout) => layout[key] !== undefined)?.[key];
  const [barmode, bargap, coloraxis] = [first('barmode'), first('bargap'), first('coloraxis')];
  return {
    ...(barmode && { barmode }),
    ...(bargap !== undefined && { bargap }),
    // Pictures carry their colours themselves; the axis only serves the invisible cells that answer the pointer.
    ...(coloraxis && { coloraxis: { ...coloraxis, showscale: false } }),
  };
}

function captionAbove(text: string, x: number, y: number): Annotation {
  return {
    text,
    x,
    y,
    xref: 'paper',
    yref: 'paper',
    xanchor: 'left',
    yanchor: 'bottom',
    showarrow: false,
    font: { size: 12 },
  };
}
