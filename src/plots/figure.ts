import { DISPLAY, INSPECT, type MimeBundle } from '../page/cell';
import type { PlotlyConfig, PlotlyLayout, PlotlyTrace } from './plotly';

/** The MIME type of a Plotly figure as JSON. */
export const PLOTLY_MIME = 'application/vnd.plotly.v1+json';

/**
 * A Plotly figure: plain data, no script. Make it a cell's last expression and the cell shows it; whatever page
 * shows it brings plotly.js along.
 */
export class Figure {
  readonly data: readonly PlotlyTrace[];
  readonly layout: PlotlyLayout;
  readonly config: PlotlyConfig;

  constructor(
    data: readonly PlotlyTrace[],
    layout: PlotlyLayout,
    config: PlotlyConfig = { responsive: true, displaylogo: false },
  ) {
    this.data = data;
    this.layout = layout;
    this.config = config;
  }

  /** The title and the subtitle, as a line of text. */
  toString(): string {
    const { title } = this.layout;
    const words = [title?.text, title?.subtitle?.text].filter((text) => text !== undefined);
    return `Figure: ${words.join(' – ') || 'untitled'}`;
  }

  /** Where a kernel only prints values it prints that line, not the whole figure. */
  [INSPECT](): string {
    return this.toString();
  }

  /** The display in a notebook: the figure as JSON, and a line of text where no figure can be drawn. */
  [DISPLAY](): MimeBundle {
    const { data, layout, config } = this;
    return { [PLOTLY_MIME]: { data, layout, config }, 'text/plain': this.toString() };
  }
}
