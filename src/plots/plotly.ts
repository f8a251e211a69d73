/**
 * The part of Plotly's figure format that our figures use. The types in plotly.js-dist describe all of it, for a page;
 * a notebook's compiler would read them again for every cell.
 *
 * Reference: https://plotly.com/javascript/reference/
 *
 * @module
 */

/** A number, or a gap in the drawing. */
export type Cell = number | null;

/** The side of a label next to its point, as Plotly calls it. */
export type LabelPosition =
  | 'top center'
  | 'bottom center'
  | 'middle right'
  | 'middle left'
  | 'top right'
  | 'top left'
  | 'bottom right'
  | 'bottom left';

/** Colours along a scale, from 0 to 1. */
export type Colorscale = readonly (readonly [position: number, color: string])[];

export interface Text {
  readonly text: string;
  readonly font?: Font;
  readonly side?: 'top' | 'right';
}

export interface Font {
  readonly family?: string;
  readonly size?: number;
  readonly color?: string;
}

export interface Line {
  readonly color?: string;
  readonly width?: number;
  readonly dash?: 'solid' | 'dash' | 'dot' | 'dashdot' | 'longdash';
}

export interface Colorbar {
  readonly title?: Text;
  readonly thickness?: number;
  readonly outlinewidth?: number;
}

/** An axis as traces and annotations name it: `x` is the layout's `xaxis`, `x2` its `xaxis2`. */
export type XAxisName = 'x' | `x${number}`;
export type YAxisName = 'y' | `y${number}`;

interface TraceBase {
  readonly name?: string;
  readonly showlegend?: boolean;
  readonly legendgroup?: string;
  readonly opacity?: number;
  readonly hovertemplate?: string;
  readonly hoverinfo?: 'skip';
  readonly xaxis?: XAxisName;
  readonly yaxis?: YAxisName;
}

/** Points, joined by a line or not. */
export interface ScatterTrace extends TraceBase {
  readonly type: 'scatter';
  readonly mode: 'lines' | 'markers' | 'lines+markers' | 'lines+markers+text';
  readonly x: readonly Cell[];
  readonly y: readonly Cell[];
  readonly text?: readonly string[];
  readonly textposition?: readonly LabelPosition[];
  /** Additional text of a hover template. */
  readonly customdata?: readonly string[];
  /** Whether the plot's edge cuts points and their labels. */
  readonly cliponaxis?: boolean;
  readonly line?: Line;
  readonly marker?: {
    readonly color?: string;
    readonly size?: number;
    readonly symbol?: string;
    readonly line?: Line;
  };
  readonly connectgaps?: boolean;
}

/** Upright bars. */
export interface BarTrace extends TraceBase {
  readonly type: 'bar';
  /** `h` for bars that lie. */
  readonly orientation?: 'h';
  readonly x: readonly Cell[];
  readonly y: readonly Cell[];
  /** Where each begins. Default: 0. */
  readonly base?: readonly number[];
  readonly text?: readonly string[];
  readonly textposition?: 'outside';
  readonly textfont?: Font;
  /** `none` lets a label be wider than its bar. */
  readonly constraintext?: 'none';
  /** Whether the plot's edge cuts bars and their labels. */
  readonly cliponaxis?: boolean;
  readonly width?: number;
  readonly marker?: {
    readonly color?: string | readonly string[];
    readonly pattern?: {
      readonly shape: '/';
      readonly fillmode: 'overlay';
      readonly fgcolor: string;
      readonly size: number;
    };
  };
}

/** A matrix as coloured cells. */
export interface HeatmapTrace extends TraceBase {
  readonly type: 'heatmap';
  readonly z: readonly (readonly Cell[])[];
  readonly x0?: number;
  readonly dx?: number;
  readonly y0?: number;
  readonly dy?: number;
  readonly text?: readonly (readonly string[])[];
  /** Values of the cells. */
  readonly texttemplate?: '%{text}';
  readonly coloraxis?: 'coloraxis';
}

/** A picture, one pixel per unit of the axes. */
export interface ImageTrace extends TraceBase {
  readonly type: 'image';
  /** A PNG as a `data:` address. */
  readonly source: string;
}

export type PlotlyTrace = ScatterTrace | BarTrace | HeatmapTrace | ImageTrace;

export interface Axis {
  readonly title?: Text;
  readonly type?: 'linear' | 'log';
  readonly range?: readonly [number, number];
  readonly autorange?: boolean | 'reversed';
  readonly rangemode?: 'tozero';
  readonly visible?: boolean;
  readonly showgrid?: boolean;
  readonly gridcolor?: string;
  readonly zeroline?: boolean;
  readonly zerolinecolor?: string;
  readonly automargin?: boolean;
  readonly fixedrange?: boolean;
  readonly constrain?: 'domain';
  readonly scaleanchor?: XAxisName;
  readonly tickmode?: 'array';
  readonly tickvals?: readonly number[];
  readonly ticktext?: readonly string[];
  readonly tickangle?: number;
  readonly ticks?: '' | 'outside';
  readonly dtick?: number | string;
  readonly exponentformat?: 'power';
  readonly domain?: readonly [number, number];
  readonly anchor?: XAxisName | YAxisName;
  readonly matches?: 'x';
}

export interface Annotation extends Text {
  readonly x: number;
  readonly y: number;
  readonly xref?: XAxisName | 'paper';
  readonly yref?: YAxisName | 'paper';
  readonly xanchor?: 'left' | 'center' | 'right';
  readonly yanchor?: 'top' | 'middle' | 'bottom';
  readonly showarrow: false;
}

/** An arrow from (ax, ay) to (x, y), in the axes' own numbers. */
export interface Arrow {
  readonly x: number;
  readonly y: number;
  readonly ax: number;
  readonly ay: number;
  readonly xref: 'x';
  readonly yref: 'y';
  readonly axref: 'x';
  readonly ayref: 'y';
  readonly text: '';
  readonly showarrow: true;
  readonly arrowhead: 2;
  readonly arrowwidth: number;
  readonly arrowcolor: string;
}

export interface LineShape {
  readonly type: 'line';
  readonly xref?: 'x' | 'paper';
  readonly yref?: 'y' | 'paper';
  readonly x0: number;
  readonly x1: number;
  readonly y0: number;
  readonly y1: number;
  readonly line: Line;
}

export interface PlotlyLayout {
  readonly title?: Text & {
    readonly subtitle?: Text;
    readonly x?: number;
    readonly xanchor?: 'left';
    readonly xref?: 'container';
    readonly y?: number;
    readonly yanchor?: 'top';
    readonly yref?: 'container';
    readonly pad?: { readonly l?: number; readonly t?: number };
  };
  readonly font?: Font;
  readonly autosize?: boolean;
  readonly height?: number;
  readonly margin?: { readonly l?: number; readonly r?: number; readonly t?: number; readonly b?: number };
  readonly paper_bgcolor?: string;
  readonly plot_bgcolor?: string;
  readonly colorway?: readonly string[];
  readonly hovermode?: 'closest' | 'x unified';
  readonly showlegend?: boolean;
  readonly legend?: {
    readonly orientation?: 'h';
    readonly x?: number;
    readonly y?: number;
    readonly xanchor?: 'left';
    readonly yanchor?: 'top' | 'bottom';
    readonly yref?: 'container' | 'paper';
  };
  readonly barmode?: 'overlay';
  readonly bargap?: number;
  readonly xaxis?: Axis;
  readonly yaxis?: Axis;
  readonly [further: `${'x' | 'y'}axis${number}`]: Axis;
  readonly coloraxis?: {
    readonly colorscale: Colorscale;
    readonly cmin: number;
    readonly cmax: number;
    readonly showscale?: boolean;
    readonly colorbar?: Colorbar;
  };
  readonly annotations?: readonly (Annotation | Arrow)[];
  readonly shapes?: readonly LineShape[];
  /** While it stays the same, a redraw keeps the reader's zoom. */
  readonly uirevision?: string;
}

export interface PlotlyConfig {
  readonly responsive?: boolean;
  readonly displaylogo?: boolean;
}
