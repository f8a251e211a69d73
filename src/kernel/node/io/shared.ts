/**
 * Messages between the two threads of the kernel.
 *
 * The main thread compiles and runs cells and may be busy for minutes. The I/O thread owns the sockets, so that
 * output streams, the heart beats and a stop is heard while a cell computes.
 *
 * @module
 */

import { LEAVE, type StopLevel } from '../../core/compiler/stopChecks';
import { FAREWELL_MS } from '../../core/runtime/runner';
import type { Connection } from '../wire/connection';
import type { JsonObject, Message, OutgoingMessage, ParentHeader } from '../wire/message';

/** The sockets that carry messages. */
export type Channel = 'shell' | 'control' | 'stdin' | 'iopub';

/** From the I/O thread to the main thread. */
export type ToMain =
  | { readonly kind: 'message'; readonly channel: Exclude<Channel, 'iopub'>; readonly message: Message }
  /** The user stops what is running; {@link SharedState.acknowledge} tells how. */
  | { readonly kind: 'interrupt' }
  | { readonly kind: 'shutdown' };

/** From the main thread to the I/O thread. */
export type ToIo =
  | { readonly kind: 'send'; readonly channel: Channel; readonly message: OutgoingMessage }
  /** Text for stdout or stderr: apart from `send`, because neighbouring pieces are sent as one message. */
  | {
      readonly kind: 'stream';
      readonly name: 'stdout' | 'stderr';
      readonly text: string;
      readonly parentHeader: ParentHeader;
    }
  | { readonly kind: 'interrupt' }
  /** The main thread runs what does not pause and waits to be ended; see `termination.ts`. */
  | { readonly kind: 'terminate' }
  /** Everything sent so far goes out, the sockets close, the thread ends. */
  | { readonly kind: 'close' };

/** Input of the I/O thread. */
export interface IoThreadData {
  readonly connection: Connection;
  readonly session: string;
  readonly memory: SharedArrayBuffer;
}

/** The content of a stream message. */
export interface StreamContent extends JsonObject {
  readonly name: 'stdout' | 'stderr';
  readonly text: string;
}

const PENDING = 0;
const SHIELDED = 1;
const BACKLOG = 2;
const CLOSED = 3;
const TERMINATION = 4;
const STOP_LEVEL = 5;
const LEFT = 6;
const FAREWELL = 7;
const CELLS = 8;

/** Values of {@link PENDING}. */
const NONE = 0;
const ASKED = 1;
const FORCED = 2;

/** How many messages may wait for the I/O thread before the main thread pauses: bounds the memory of a flood. */
const BACKLOG_LIMIT = 5000;

/** How long the main thread waits to be ended before it goes on; the next attempt follows soon. */
const TERMINATION_MS = 1000;

/** Taken before a cell can replace them, as libraries that test timers do. */
const { now } = Date;
const ticks = performance.now.bind(performance);

/** Milliseconds that both threads count alike; never 0. */
function clock(): number {
  return (now() & 0x3fffffff) | 1;
}

function since(time: number): number {
  return (clock() - time) & 0x3fffffff;
}

/** A few numbers that both threads read and write without waiting for each other's event loop. */
export class SharedState {
  readonly #cells: Int32Array;
  /** The flag that loops and functions of cells read: a {@link StopLevel} at its first place. */
  readonly stopFlag: Int32Array;

  constructor(readonly memory = new SharedArrayBuffer(CELLS * Int32Array.BYTES_PER_ELEMENT)) {
    this.#cells = new Int32Array(memory);
    this.stopFlag = this.#cells.subarray(STOP_LEVEL, STOP_LEVEL + 1);
  }

  /** I/O thread: there is a stop that the main thread has to hear. */
  demand(): void {
    Atomics.compareExchange(this.#cells, PENDING, NONE, ASKED);
    this.#raise(LEAVE.loops);
  }

  /**
   * Main thread: a loop or function of a cell is about to be left, because of the stop that is pending. Those that follow, such as
   * in a `finally`, run for {@link FAREWELL_MS}; then {@link SharedState.insist} has each left again and again, so that no
   * `catch` around a loop keeps it going.
   */
  leave(): void {
    if (Atomics.compareExchange(this.#cells, LEFT, 0, clock()) === 0) this.#run();
  }

  /** Main thread: whether code that was left still has a moment to end by itself. */
  get isLeaving(): boolean {
    const left = Atomics.load(this.#cells, LEFT);
    return left !== 0 && since(left) < 2 * FAREWELL_MS;
  }

  /** I/O thread: to be called now and then while a stop is pending. */
  insist(level: StopLevel): void {
    const left = Atomics.load(this.#cells, LEFT);
    if (left === 0 || since(left) >= FAREWELL_MS) this.#raise(level);
  }

  /** Has code be left, unless it runs inside {@link SharedState.shield}: that would tear it apart. */
  #raise(level: StopLevel): void {
    if (!this.isShielded) Atomics.store(this.#cells, STOP_LEVEL, level);
  }

  #run(): void {
    Atomics.store(this.#cells, STOP_LEVEL, LEAVE.nothing);
  }

  /**
   * Main thread: what runs is going to be ended from outside, as soon as `ask` has told the I/O thread; waits for that.
   *
   * It spins, for the microseconds that the order takes. The interrupted code may itself be inside `Atomics.wait`, and V8 has
   * one place per thread to note a waiting caller: a second `Atomics.wait` on top of the first aborts the process.
   */
  awaitTermination(ask: () => void): void {
    Atomics.store(this.#cells, PENDING, FORCED);
    Atomics.store(this.#cells, TERMINATION, 0);
    ask();
    const deadline = ticks() + TERMINATION_MS;
    while (Atomics.load(this.#cells, TERMINATION) === 0 && ticks() < deadline);
  }

  /** I/O thread: the order to end what the main thread runs has been given. */
  terminationOrdered(): void {
    Atomics.store(this.#cells, TERMINATION, 1);
  }

  /** Whether the main thread has still to hear of a stop. */
  get isPending(): boolean {
    return Atomics.load(this.#cells, PENDING) !== NONE;
  }

  /**
   * Main thread: takes the stop that is pending.
   *
   * @returns `forced` if what ran was ended from outside; `none` if all stops have been taken before
   */
  acknowledge(): 'none' | 'asked' | 'forced' {
    if (this.isPending) Atomics.store(this.#cells, FAREWELL, clock());
    const pending = Atomics.exchange(this.#cells, PENDING, NONE);
    this.#run();
    Atomics.store(this.#cells, LEFT, 0);
    return pending === NONE ? 'none' : pending === ASKED ? 'asked' : 'forced';
  }

  /** Main thread: what a stop has reached has ended, or is left to itself. */
  endFarewell(): void {
    Atomics.store(this.#cells, FAREWELL, 0);
  }

  /** I/O thread: whether code that a stop has reached, such as a `finally` behind an `await`, still runs. */
  get isFarewell(): boolean {
    return Atomics.load(this.#cells, FAREWELL) !== 0;
  }

  /** I/O thread: whether code that a stop leaves has run for twice its time and has not paused, which would have been noted. */
  get overstays(): boolean {
    const begun = Atomics.load(this.#cells, FAREWELL);
    return begun !== 0 && since(begun) >= 2 * FAREWELL_MS;
  }

  /**
   * Main thread: runs code that must not be torn apart by a stop, such as the compiler, whose state outlives
   * the cell. Keep it short: a stop waits for its end. Functions of cells that it calls are not left either.
   */
  shield<T>(work: () => T): T {
    Atomics.add(this.#cells, SHIELDED, 1);
    this.#run();
    try {
      return work();
    } finally {
      Atomics.sub(this.#cells, SHIELDED, 1);
      if (this.isPending) this.insist(LEAVE.loops);
    }
  }

  /** Main thread: whether it is inside {@link SharedState.shield}. */
  get isShielded(): boolean {
    return Atomics.load(this.#cells, SHIELDED) > 0;
  }

  /**
   * Main thread: waits a moment if the I/O thread is far behind, then hands a message over and counts it.
   *
   * Neither a stop in the middle nor a message that cannot be handed over leaves behind one that is counted and never
   * taken: enough of these would make every message wait for good.
   */
  handOver(post: () => void): void {
    const backlog = Atomics.load(this.#cells, BACKLOG);
    if (backlog >= BACKLOG_LIMIT) Atomics.wait(this.#cells, BACKLOG, backlog, 100);
    post();
    Atomics.add(this.#cells, BACKLOG, 1);
  }

  /** I/O thread: a message handed over has been taken. */
  taken(): void {
    Atomics.sub(this.#cells, BACKLOG, 1);
    Atomics.notify(this.#cells, BACKLOG);
  }

  /** I/O thread: everything has been sent and the sockets are closed. */
  closed(): void {
    Atomics.store(this.#cells, CLOSED, 1);
    Atomics.notify(this.#cells, CLOSED);
  }

  /** Main thread: blocks until {@link SharedState.closed}, at most `milliseconds`. */
  waitUntilClosed(milliseconds: number): void {
    Atomics.wait(this.#cells, CLOSED, 0, milliseconds);
  }
}
