/**
 * The running notebook cell, for library code. Our kernel sets it for each cell; elsewhere (stock
 * tslab, a script, a test) it is missing and everything works without it.
 *
 * @module
 */

/** Representations of one value by MIME type; the front end shows the richest that it knows. */
export type MimeBundle = Record<string, unknown>;

/** The method by which a notebook kernel asks a value how to show itself; the convention is Deno's. */
export const DISPLAY: unique symbol = Symbol.for('Jupyter.display') as typeof DISPLAY;

/** The method by which Node asks a value for its text, in `console.log` as well. */
export const INSPECT: unique symbol = Symbol.for('nodejs.util.inspect.custom') as typeof INSPECT;

/** A message through a comm. */
export interface CommMessage {
  readonly data: Record<string, unknown>;
}

/** A two-way channel to an object in the page, such as a slider. */
export interface Comm {
  readonly id: string;
  send(data: Record<string, unknown>): void;
  close(): void;
  onMessage(listener: (message: CommMessage) => unknown): void;
}

/** The running cell, as the kernel describes it under `Symbol.for('sparselab.cell')`. */
export interface Cell {
  /**
   * Its name, such as `In[3]`; another each time it is run. Code that it leaves behind, such as a slider's callback, has the
   * same.
   */
  readonly label: string;
  /** The same each time it is run, where the page tells it. */
  readonly id: unknown;
  /** Aborted when the user stops this cell. */
  readonly signal: AbortSignal;
  /** For code that does not pause for long: throws if the user has stopped this cell meanwhile. */
  throwIfStopped(): void;
  /**
   * Calls `end` once this cell is run again, before it runs: for parts that the page no longer shows then. Never where the page
   * does not name its cells.
   */
  onRerun(end: () => void): void;
  /** Shows a bundle below the cell; with `update` it replaces what was shown under the same `displayId`. */
  display(bundle: MimeBundle, options?: { displayId?: string; update?: boolean }): void;
  /** Opens a comm to a target that the page has. */
  openComm(
    target: string,
    data: Record<string, unknown>,
    extras: { metadata: Record<string, unknown> },
  ): Comm;
  /** Has `listener` called with each comm that the page opens to `target`. */
  acceptComms(target: string, listener: (comm: Comm) => unknown): void;
  /** Runs code that a stop must not interrupt: the stop takes effect when it has returned. */
  shield<T>(work: () => T): T;
  /** Asks the user for a line of text. */
  input(prompt: string, options: { password?: boolean }): Promise<string>;
}

const CELL = Symbol.for('sparselab.cell');

/** The running cell, or `undefined` outside our kernel. */
export function runningCell(): Cell | undefined {
  return (globalThis as { [CELL]?: Cell })[CELL];
}

/**
 * Runs code that must not be torn apart. A notebook's stop ends code that does not pause wherever it is, without its
 * `finally`; here it waits until `work` has returned. So `work` must be short, and look at the cell's signal after it.
 */
export function shielded<T>(work: () => T): T {
  const cell = runningCell();
  return cell ? cell.shield(work) : work();
}

/** A signal that is aborted when the running cell is stopped, or when `signal` is. `undefined` if there is neither. */
export function stopSignal(signal: AbortSignal): AbortSignal;
export function stopSignal(signal?: AbortSignal): AbortSignal | undefined;
export function stopSignal(signal?: AbortSignal): AbortSignal | undefined {
  const stop = runningCell()?.signal;
  return signal && stop ? either(signal, stop) : (signal ?? stop);
}

function either(...signals: readonly AbortSignal[]): AbortSignal {
  // Node 20.0 to 20.2 have none.
  if ('any' in AbortSignal) return AbortSignal.any([...signals]);
  const controller = new AbortController();
  for (const signal of signals) {
    const abort = () => controller.abort(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true, signal: controller.signal });
  }
  return controller.signal;
}
