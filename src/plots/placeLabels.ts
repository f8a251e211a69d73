import type { LabelPosition } from './plotly';
import { LETTER, PLOT } from './theme';

/** A point that wants a label, from (0, 0) at the plot's lower left to (1, 1) at its upper right. */
export interface LabelledPoint {
  readonly x: number;
  readonly y: number;
  readonly text: string;
}

/** A label and its place; an empty text where there was no room, or where a neighbour's label speaks for the point. */
export interface PlacedLabel {
  readonly text: string;
  readonly position: LabelPosition;
}

/** The distance of a label from its point, in pixels. */
const OFFSET = 6;
/** Points nearer than this look like one. */
const ONE_SPOT = 9;
/** Penalties of a place that lies on another label, on a point, on a line; and of the n-th choice. */
const COST = { label: 100, outside: 100, point: 20, line: 5, choice: 0.1 } as const;

/** The places by preference: how far the label's box lies from the point, in its own sizes. */
const PLACES: readonly (readonly [LabelPosition, dx: number, dy: number])[] = [
  ['top center', 0, 1],
  ['top right', 1, 1],
  ['middle right', 1, 0],
  ['top left', -1, 1],
  ['bottom center', 0, -1],
  ['bottom left', -1, -1],
  ['bottom right', 1, -1],
  ['middle left', -1, 0],
];

interface Spot {
  readonly x: number;
  readonly y: number;
}

/** A rectangle by its middle. */
interface Box extends Spot {
  readonly width: number;
  readonly height: number;
}

/**
 * Finds places for the labels of some lines of points, so that they cover neither each other nor points nor, if there is
 * another way, a line. Points of a line that look like one get one label: `first … last`; of points of several lines on one
 * spot that would say the same, the first says it.
 *
 * @param lines The points of each line, in the order in which they are joined.
 * @returns A label for each point.
 */
export function placeLabels(lines: readonly (readonly LabelledPoint[])[]): PlacedLabel[][] {
  const spots = lines.map((line) => line.map(({ x, y }) => ({ x: x * PLOT.width, y: y * PLOT.height })));
  const segments = spots.flatMap((line) =>
    line.slice(1).map((end, index) => [line[index] as Spot, end] as const),
  );
  const taken: Box[] = [];
  const said: (Spot & { readonly text: string })[] = [];
  return lines.map((line, which) => {
    const here = spots[which] as Spot[];
    const labels = line.map((): PlacedLabel => ({ text: '', position: 'top center' }));
    for (const [first, last] of crowds(here)) {
      const [from, to] = [line[first]?.text as string, line[last]?.text as string];
      const text = from === to ? from : `${from} … ${to}`;
      const spot = here[first] as Spot;
      if (text === '' || said.some((one) => one.text === text && distance(one, spot) <= ONE_SPOT)) continue;
      const others = spots.flat().filter((other) => distance(spot, other) > ONE_SPOT);
      const costed = PLACES.map(([position, dx, dy], choice) => {
        const box = boxAt(spot, text, dx, dy);
        const cost =
          COST.choice * choice +
          COST.label * taken.filter((label) => overlap(label, box)).length +
          COST.outside * (isInside(box) ? 0 : 1) +
          COST.point * others.filter(({ x, y }) => overlap({ x, y, width: 8, height: 8 }, box)).length +
          COST.line * segments.filter(([a, b]) => crosses(a, b, box)).length;
        return { position, box, cost };
      });
      const best = costed.reduce((a, b) => (b.cost < a.cost ? b : a));
      if (best.cost >= COST.label) continue;
      taken.push(best.box);
      said.push({ ...spot, text });
      labels[first] = { text, position: best.position };
    }
    return labels;
  });
}

/** Runs of neighbours that all lie on the spot of the first of them, as pairs of its first and last place. */
function crowds(spots: readonly Spot[]): [first: number, last: number][] {
  const runs: [number, number][] = [];
  spots.forEach((spot, index) => {
    const run = runs.at(-1);
    if (run && distance(spots[run[0]] as Spot, spot) <= ONE_SPOT) run[1] = index;
    else runs.push([index, index]);
  });
  return runs;
}

function boxAt({ x, y }: Spot, text: string, dx: number, dy: number): Box {
  const width = LETTER.width * text.length;
  return {
    x: x + dx * (width / 2 + OFFSET),
    y: y + dy * (LETTER.height / 2 + OFFSET),
    width,
    height: LETTER.height,
  };
}

const distance = (a: Spot, b: Spot) => Math.hypot(a.x - b.x, a.y - b.y);

const overlap = (a: Box, b: Box) =>
  Math.abs(a.x - b.x) < (a.width + b.width) / 2 && Math.abs(a.y - b.y) < (a.height + b.height) / 2;

/** Labels may stick out by half of the margins, but not cover an axis's numbers. */
const isInside = ({ x, y, width }: Box) =>
  x - width / 2 > 0 && x + width / 2 < PLOT.width && y > 0 && y < PLOT.height;

/** Whether the line from a to b runs through the box, looked at in steps of a few pixels. */
function crosses(a: Spot, b: Spot, box: Box): boolean {
  const steps = Math.max(1, Math.ceil(distance(a, b) / 4));
  return Array.from({ length: steps + 1 }, (_, step) => step / steps).some((t) =>
    overlap({ x: a.x + t * (b.x - a.x), y: a.y + t * (b.y - a.y), width: 0, height: 0 }, box),
  );
}
