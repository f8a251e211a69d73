import type { Colorscale } from './plotly';
import type { Rgba } from './png';

/** The colour between images. */
export const TRANSPARENT: Rgba = [0, 0, 0, 0];

/** So many colours at even distances along a scale, its ends included. */
export function shades(colorscale: Colorscale, count: number): Rgba[] {
  return Array.from({ length: count }, (_, level) => colorAt(colorscale, level / (count - 1)));
}

/** The scale's colour at a position in [0, 1], mixed from its two neighbours. */
function colorAt(colorscale: Colorscale, position: number): Rgba {
  const after = Math.max(
    1,
    colorscale.findIndex(([stop]) => stop >= position),
  );
  const [startStop, startColor] = colorscale[after - 1] as Colorscale[number];
  const [endStop, endColor] = colorscale[after] as Colorscale[number];
  const fraction = (position - startStop) / (endStop - startStop);
  const mix = (channel: number) => {
    const start = Number.parseInt(startColor.slice(1 + 2 * channel, 3 + 2 * channel), 16);
    const end = Number.parseInt(endColor.slice(1 + 2 * channel, 3 + 2 * channel), 16);
    return Math.round(start + fraction * (end - start));
  };
  return [mix(0), mix(1), mix(2), 255];
}
