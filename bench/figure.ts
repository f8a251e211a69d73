import type { Result } from './table';

const WIDTH = 760;
const LABEL = 130;
const BAR = 16;
const GAP = 5;
const TITLE = 34;

/** The results as bars of time, Sparselab's coloured, as an SVG for the README. */
export function figure(results: readonly Result[]): string {
  const parts: string[] = [];
  let y = 8;
  for (const { work, unit, contenders } of results) {
    const longest = Math.max(...contenders.map(({ max }) => max));
    parts.push(
      text(0, y + 14, `${work}`, 'font-weight="600"'),
      text(WIDTH, y + 14, `seconds, ${unit}`, 'text-anchor="end" fill="#777"'),
    );
    y += TITLE - 10;
    for (const { name, median, min, max } of contenders) {
      const scale = (WIDTH - LABEL - 60) / longest;
      const colour = ['sparselab', 'wasm', 'wasm, 2 threads'].includes(name)
        ? '#2a6fb0'
        : name === 'floor'
          ? '#ddd'
          : '#aaa';
      const middle = y + BAR / 2;
      parts.push(
        text(LABEL - 8, y + 12, label(name), 'text-anchor="end"'),
        `<rect x="${LABEL}" y="${y}" width="${(median * scale).toFixed(1)}" height="${BAR}" fill="${colour}"/>`,
        `<path d="M${(LABEL + min * scale).toFixed(1)} ${middle}H${(LABEL + max * scale).toFixed(1)}" stroke="#333"/>`,
        text(LABEL + Math.max(max, median) * scale + 6, y + 12, median.toPrecision(3), 'fill="#333"'),
      );
      y += BAR + GAP;
    }
    y += 14;
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" width="${WIDTH}" height="${y}" role="img" font-family="system-ui, sans-serif" font-size="12">`,
    '<title>Seconds of Sparselab and of its peers at the same work, in one run</title>',
    '<rect width="100%" height="100%" fill="white"/>',
    ...parts,
    '</svg>\n',
  ].join('\n');
}

const label = (name: string) =>
  ({ floor: 'its products alone', sparselab: 'Sparselab', float32: 'in float32' })[name] ?? name;

const text = (x: number, y: number, content: string, attributes = '') =>
  `<text x="${x.toFixed(1)}" y="${y}" ${attributes}>${content.replace(/&/g, '&amp;').replace(/</g, '&lt;')}</text>`;
