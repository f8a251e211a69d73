/**
 * A cell that runs or has run: the request that its output belongs to, and whether it has been stopped.
 *
 * @module
 */

import type { Context } from '../platform';
import type { JsonObject, Message } from '../protocol/message';
import { type MimeBundle, validBundle } from './bundle';
import type { Comm, CommAcceptor, CommExtras } from './comm';

/** How Node shows an object that has a method of this name. */
const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/** The output area below a cell in the front end. */
export interface CellOutput {
  publish(type: string, content: JsonObject, metadata?: JsonObject): void;
  stream(name: 'stdout' | 'stderr', text: string): void;
}

/** Services of the front end for a cell, besides an output area. */
export interface CellServices {
  openComm(cell: Cell, target: string, data?: JsonObject, extras?: CommExtras): Comm;
  acceptComms(cell: Cell, target: string, listener: CommAcceptor): void;
  ask(cell: Cell, prompt: string, password: boolean): Promise<string>;
  shield<T>(work: () => T): T;
  /** Throws if a stop has been asked for of which no message could be heard, because code runs that does not pause. */
  look(): void;
}

/** Thrown where a stopped cell awaits; the reason of its {@link AbortSignal}. */
export class KeyboardInterrupt extends Error {
  override readonly name = 'KeyboardInterrupt';
  readonly #isStop = true;

  /** Whether something that was thrown is a stop; asks nothing of it. */
  static is(thrown: unknown): thrown is KeyboardInterrupt {
    return typeof thrown === 'object' && thrown !== null && #isStop in thrown && thrown.#isStop;
  }

  constructor() {
    super('the cell was stopped');
    // Where the kernel heard of the stop says nothing.
    this.stack = `${this.name}: ${this.message}`;
  }
}

/** Callbacks for when a cell is run again, by the cell's id. */
const left = new Map<unknown, (() => void)[]>();

/** One execution of a cell, or of a callback that it has left behind. */
export class Cell {
  readonly #controller = new AbortController();
  /** Texts to page through that the reply carries. */
  readonly pages: string[] = [];

  /**
   * @param label its name in tracebacks, for example `In[3]`
   * @param source its code
   * @param request the message that it runs for
   * @param id the same each time it is run, where the front end tells it
   */
  constructor(
    readonly label: string,
    readonly source: string,
    readonly request: Message,
    readonly output: CellOutput,
    readonly services: CellServices,
    readonly id: unknown = request.metadata.cellId,
  ) {}

  /** The part of this cell that runs because of a later message; it prints to the same place and is stopped by itself. */
  callback(request: Message): Cell {
    return new Cell(this.label, this.source, request, this.output, this.services, this.id);
  }

  /** Has `end` called once this cell is run again, before it runs. Never where the front end does not name its cells. */
  onRerun(end: () => void): void {
    if (this.id === undefined) return;
    const endings = left.get(this.id);
    if (endings) endings.push(end);
    else left.set(this.id, [end]);
  }

  /** Ends what earlier runs of this cell have left. */
  endEarlierRuns(): void {
    const endings = left.get(this.id) ?? [];
    left.delete(this.id);
    for (const end of endings) end();
  }

  /** A short text: timers and other resources of Node show the cell they belong to. */
  [INSPECT](): string {
    return `[${this.label}]`;
  }

  /** Aborted when the cell is stopped, with a {@link KeyboardInterrupt} as reason. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** For library code that does not pause for long. @throws KeyboardInterrupt if the cell has been stopped meanwhile */
  throwIfStopped(): void {
    this.services.look();
    this.signal.throwIfAborted();
  }

  /** Stops the cell. */
  interrupt(): void {
    this.#controller.abort(new KeyboardInterrupt());
  }

  /** Removes what the cell has shown so far; with `wait`, only when the next output is there. */
  clearOutput(wait = false): void {
    this.output.publish('clear_output', { wait });
  }

  /** Opens a comm to a target of the front end. */
  openComm(target: string, data?: JsonObject, extras?: CommExtras): Comm {
    return this.services.openComm(this, target, data, extras);
  }

  /** Has `listener` called with each comm that the front end opens to `target`, instead of the one before. */
  acceptComms(target: string, listener: CommAcceptor): void {
    this.services.acceptComms(this, target, listener);
  }

  /**
   * Asks the user for a line of text.
   *
   * @throws StdinNotImplementedError if there is nobody to ask
   */
  input(prompt = '', { password = false }: { password?: boolean } = {}): Promise<string> {
    return this.services.ask(this, prompt, password);
  }

  /**
   * Runs code of a library that must not be torn apart by a stop: the stop is heard when it has returned. For code
   * that looks at the {@link signal} itself, and soon.
   */
  shield<T>(work: () => T): T {
    return this.services.shield(work);
  }

  /**
   * Shows a bundle below the cell.
   *
   * @param options with `update`, it replaces everything shown under the same `displayId`
   * @throws TypeError if an update names no `displayId`, or the bundle cannot be shown; see {@link validBundle}
   */
  display(
    bundle: MimeBundle,
    { displayId, update = false }: { displayId?: string; update?: boolean } = {},
  ): void {
    if (update && displayId === undefined)
      throw new TypeError('displayId must be given for an update; got undefined');
    if (displayId !== undefined && typeof displayId !== 'string')
      throw new TypeError(`displayId must be a string; got ${typeof displayId}`);
    const { data, notes } = validBundle(bundle, 'display needs');
    for (const note of notes) this.output.stream('stderr', note);
    this.output.publish(update ? 'update_display_data' : 'display_data', {
      data,
      metadata: {},
      transient: displayId === undefined ? {} : { display_id: displayId },
    });
  }
}

/** Which cell the code that runs belongs to, through every await, timer and callback. */
export class Cells {
  #last: Cell | undefined;

  constructor(readonly context: Context<Cell>) {}

  /** The cell that the running code belongs to, else the last one started; `undefined` before the first. */
  get current(): Cell | undefined {
    return this.context.current() ?? this.#last;
  }

  /** Runs code as part of a cell. */
  run<T>(cell: Cell, work: () => T): T {
    this.#last = cell;
    return this.context.run(cell, work);
  }
}
