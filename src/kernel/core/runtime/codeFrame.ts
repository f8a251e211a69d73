/**
 * A few lines of code with a mark under the place in question.
 *
 * @module
 */

import type { Position } from '../compiler/diagnostics';
import { bold, dim, red } from './colours';

const LINES_AROUND = 2;

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
    const text = lines[number - 1] ?? '';
    const gutter = `${String(number).padStart(width)} | `;
    if (number !== start.line) {
      frame.push(dim(`  ${gutter}${text}`));
      continue;
    }
    const stop = end.line > start.line ? text.length + 1 : end.column;
    const length = Math.max(1, Math.min(stop, text.length + 1) - start.column);
    // Tabs are kept, so that the mark stands under its place however wide the reader's tabs are.
    const indent = text.slice(0, start.column - 1).replace(/[^\t]/g, ' ');
    frame.push(`${red('>')} ${dim(gutter)}${bold(text)}`);
    frame.push(`  ${dim(`${' '.repeat(width)} | `)}${indent}${red('^'.repeat(length))}`);
  }
  return frame;
}
