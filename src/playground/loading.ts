/**
 * The library shows below the running cell how far a data set is on its way. In the playground the page stands in for the cell.
 *
 * @module
 */

const CELL = Symbol.for('sparselab.cell');

/**
 * Does work that may load a data set.
 *
 * @param show called with each new state of the bar as HTML, and with an empty string when there is none any more
 */
export function withBar<T>(show: (bar: string) => void, work: () => T): T {
  const global = globalThis as { [CELL]?: object };
  global[CELL] = {
    signal: new AbortController().signal,
    throwIfStopped: () => {},
    display: (bundle: Record<string, unknown>) => show(String(bundle['text/html'])),
  };
  try {
    return work();
  } finally {
    delete global[CELL];
  }
}
