/**
 * Looks after `console`, which all cells share.
 *
 * @module
 */

import type { Cells } from '../core/runtime/cell';

/** Node's keys for the indentation of open groups: the second name since version 24. */
const INDENTATION = ['kGroupIndent', 'kGroupIndentationString'];

/**
 * Makes `console.clear` clear the output of the cell.
 *
 * @returns closes groups that a cell has left open, by an error or otherwise: they are no business of the next one
 */
export function lookAfterConsole(cells: Cells): () => void {
  const { console } = globalThis;
  const { groupEnd } = console;
  console.clear = () => cells.current?.clearOutput();
  const symbol = Object.getOwnPropertySymbols(console).find(({ description = '' }) =>
    INDENTATION.includes(description),
  );
  return () => {
    // It ends the innermost group, and cannot do so for ever.
    for (let left = 1000; left > 0 && symbol && Reflect.get(console, symbol) !== ''; left--)
      groupEnd.call(console);
  };
}
