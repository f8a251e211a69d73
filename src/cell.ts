/**
 * What the running notebook cell offers to library code. Our kernel sets it for each cell; elsewhere (stock
 * tslab, a script, a test) it is missing and everything works without it.
 *
 * @module
 */

/** Representations of one value by MIME type; whoever shows it picks the richest it knows. */
export type MimeBundle = Record<string, unknown>;

/** The running cell, as the kernel describes it under `Symbol.for('sparselab.cell')`. */
export interface Cell {
  /** Aborted when the user stops this cell. */
  readonly signal: AbortSignal;
  /** Shows a bundle below the cell; with `update` it replaces what was shown under the same `displayId`. */
  display(bundle: MimeBundle, options?: { displayId?: string; update?: boolean }): void;
}

const CELL = Symbol.for('sparselab.cell');

/** The running cell, or `undefined` outside our kernel. */
export function runningCell(): Cell | undefined {
  return (globalThis as { [CELL]?: Cell })[CELL];
}
