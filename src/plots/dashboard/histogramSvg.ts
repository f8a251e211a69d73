import type { UnitReading } from '../../features/readUnit';
import { short } from '../../numbers/shown';
import { extent } from '../plotRows';
import { COLORS } from '../theme';

const BINS = 50;
const [WIDTH, HEIGHT, LEFT, BOTTOM, TOP] = [360, 150, 44, 18, 6];

/** The number of values in each of several bins of one width, from the smallest value to the largest. */
export function countInBins(
  values: Float32Array,
  [low, high]: readonly [number, number],
  bins: number,
): number[] {
  const counts = new Array<number>(bins).fill(0);
  for (const value of values) {
    const bin = Math.min(bins - 1, Math.floor(((value - low) / (high - low || 1)) * bins));
    counts[bin] = (counts[bin] as number) + 1;
  }
  return counts;
}

/** The activations of the examples for which a unit fires, as an SVG with a logarithmic axis of counts. */
export function histogramSvg({ unit, activations, firing }: UnitReading): string {
  const range = extent(activations);
  const [low, high] = [Math.min(0, range[0]), Math.max(0, range[1])];
  const counts = countInBins(activations, [low, high], BINS);
  const powers = Math.max(1, Math.ceil(Math.log10(Math.max(...counts) + 1)));
  const y = (count: number) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - Math.log10(count) / powers);
  // Half a step below 1, so that a single example can be seen.
  const base = HEIGHT - BOTTOM + 5;
  const step = (WIDTH - LEFT) / BINS;
  const at = (bin: number) => short(low + ((high - low) * bin) / BINS, 2);
  const bars = counts.flatMap((count, bin) => {
    if (count === 0) return [];
    const [x, top] = [(LEFT + bin * step).toFixed(1), y(count)];
    const bar = `<rect x="${x}" y="${top.toFixed(1)}" width="${(step - 1).toFixed(1)}" height="${(base - top).toFixed(1)}">`;
    return [`${bar}<title>${count} from ${at(bin)} to ${at(bin + 1)}</title></rect>`];
  });
  const lines = Array.from({ length: powers + 1 }, (_, power) => {
    const height = y(10 ** power).toFixed(1);
    return (
      `<path d="M${LEFT} ${height}H${WIDTH}" stroke="#e4e7eb"/>` +
      `<text x="${LEFT - 4}" y="${height}" text-anchor="end" dominant-baseline="middle">${(10 ** power).toLocaleString('en')}</text>`
    );
  });
  const ticks = [0, BINS / 2, BINS].map((bin) => {
    const anchor = bin === BINS ? 'end' : bin === 0 ? 'start' : 'middle';
    return `<text x="${LEFT + bin * step}" y="${HEIGHT + 4}" text-anchor="${anchor}">${at(bin)}</text>`;
  });
  const alt =
    `Histogram of the ${firing.toLocaleString('en')} activations of unit ${unit}, from ${short(range[0])} to ` +
    `${short(range[1])}; most lie near ${short(low + ((high - low) * (counts.indexOf(Math.max(...counts)) + 0.5)) / BINS, 2)}`;
  return (
    `<svg role="img" aria-label="${alt}" viewBox="0 0 ${WIDTH} ${HEIGHT + 8}" font-size="11" fill="#57606a">` +
    `${lines.join('')}<g fill="${COLORS[0]}">${bars.join('')}</g>${ticks.join('')}</svg>`
  );
}
