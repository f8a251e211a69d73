/**
 * A curve over the epochs, with that of the training before behind it; and bars.
 *
 * @module
 */

const SVG = 'http://www.w3.org/2000/svg';
const [WIDTH, HEIGHT] = [300, 90];

/** A point of a curve. */
export type Point = readonly [x: number, y: number];

/** More points than this are not seen. */
const MOST_POINTS = 300;

/** A curve in a place of the page. */
export class Curve {
  readonly #now: SVGPathElement;
  readonly #before: SVGPathElement;
  readonly #top: HTMLElement;
  readonly #format: (value: number) => string;
  #points: Point[] = [];
  #earlier: readonly Point[] = [];

  /** @param place an element with `svg` and, for the largest value, `.top` */
  constructor(place: HTMLElement, format: (value: number) => string) {
    const svg = place.querySelector('svg') as SVGSVGElement;
    svg.setAttribute('viewBox', `0 0 ${WIDTH} ${HEIGHT}`);
    svg.setAttribute('preserveAspectRatio', 'none');
    this.#before = path(svg, 'before');
    this.#now = path(svg, 'now');
    this.#top = place.querySelector('.top') as HTMLElement;
    this.#format = format;
  }

  /** A new training: the old one stays behind it. */
  begin(): void {
    if (this.#points.length > 1) this.#earlier = this.#points;
    this.#points = [];
    this.#now.setAttribute('d', '');
  }

  /** Adds points, and draws up to the epoch `end`. */
  add(points: readonly Point[], end: number): void {
    this.#points.push(...points.filter(([, y]) => Number.isFinite(y)));
    // Every second one goes, so that the curve keeps its form.
    if (this.#points.length > 2 * MOST_POINTS)
      this.#points = this.#points.filter((_, index) => index % 2 === 0);
    // Before the first step an error may be five times as large as ever after: nothing else would be seen.
    const most = this.#points.slice(1).reduce((top, [, y]) => Math.max(top, y), 0) || 1;
    const right = Math.max(end, this.#points.at(-1)?.[0] ?? 0) || 1;
    const draw = (all: readonly Point[]) =>
      all
        .filter(([x]) => x <= right)
        .map(([x, y], index) => {
          const height = HEIGHT - 2 - (HEIGHT - 4) * Math.min(1, y / most);
          return `${index === 0 ? 'M' : 'L'}${((WIDTH * x) / right).toFixed(1)} ${height.toFixed(1)}`;
        })
        .join('');
    this.#now.setAttribute('d', draw(this.#points));
    this.#before.setAttribute('d', draw(this.#earlier));
    this.#top.textContent = this.#format(most);
  }
}

/** Draws bars of these heights, the highest as high as the picture. */
export function drawBars(svg: SVGSVGElement, heights: ArrayLike<number>): void {
  svg.setAttribute('viewBox', `0 0 ${WIDTH} ${HEIGHT}`);
  svg.setAttribute('preserveAspectRatio', 'none');
  const shape = (svg.querySelector('path') as SVGPathElement | null) ?? path(svg, 'bars');
  const all = Array.from(heights);
  const most = Math.max(...all, 1e-9);
  const width = WIDTH / all.length;
  shape.setAttribute(
    'd',
    all
      .map(
        (value, index) =>
          `M${(index * width).toFixed(1)} ${HEIGHT}v${((-HEIGHT * value) / most).toFixed(1)}h${(width - 1).toFixed(1)}V${HEIGHT}z`,
      )
      .join(''),
  );
}

function path(svg: SVGSVGElement, name: string): SVGPathElement {
  const made = document.createElementNS(SVG, 'path');
  made.setAttribute('class', name);
  svg.append(made);
  return made;
}
