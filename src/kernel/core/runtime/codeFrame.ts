/**
 * A few lines of code with a mark under the place in question.
 *
 * @module
 */

import type { Position } from '../compiler/diagnostics';
import { bold, dim, red } from './colours';

const LINES_AROUND = 2;
/** The visible length of a very long line, such as data. */
const LONGEST_LINE = 300;

/**
 * The lines around a place, numbered, the place underlined.
 *
 * @param end where the underline ends; only as far as the line of `start` goes
 * @returns nothing if `source` has no such line
 */
export function codeFrame(source: string, start: Position, end: Position = start): string[] {
  const lines = source.split('\n');
  if (lines[start.line - 1] === undefined) return [];
  const first = Math.max(1, start.line - LINES_AROUND);
  const last = Math.min(lines.length, start.line + LINES_AROUND);
  const width = String(last).length;
  const frame: string[] = [];
  for (let number = first; number <= last; number++) {
    // A place far out in a long line is shown with some text before and after it.
    const from = Math.max(0, (number === start.line ? start.column : 0) - LONGEST_LINE / 2);
    const whole = lines[number - 1] ?? '';
    const text = whole.length > LONGEST_LINE ? whole.slice(from, from + LONGEST_LINE) : whole;
    const shift = whole.length > LONGEST_LINE ? from : 0;
    const gutter = `${String(number).padStart(width)} | `;
    if (number !== start.line) {
      frame.push(dim(`  ${gutter}${text}`));
      continue;
    }
    const column = start.column - shift;
    const stop = end.line > start.line ? text.length + 1 : end.column - shift;
    const length = Math.max(1, Math.min(stop, text.length + 1) - column);
    // Tabs are kept, so that the mark is under its place however wide the reader's tabs are.
    const indent = text.slice(0, column - 1).replace(/[^\t]/g, ' ');
    frame.push(`${red('>')} ${dim(gutter)}${bold(text)}`);
    frame.push(`  ${dim(`${' '.repeat(width)} | `)}${indent}${red('^'.repeat(length))}`);
  }
  return frame;
}
