/**
 * The system that the core runs on, as the core sees it. The entry provides it: `node/main.ts` for Node. Nothing in this
 * folder imports a module of Node or uses a global of its own.
 *
 * @module
 */

/** A store that follows code through each await, timer and callback. */
export interface Context<T> {
  /** The context that the running code was started with. */
  current(): T | undefined;
  /** Runs `work`, and all that it starts, with `value`. */
  run<R>(value: T, work: () => R): R;
}

/** How a value becomes text; the options of Node's `util.inspect`. */
export interface InspectOptions {
  readonly depth?: number;
  readonly customInspect?: boolean;
  readonly maxStringLength?: number;
}

/** A timer that {@link Platform.clearTimeout} takes. */
export type Timer = object | number;

/**
 * One system. The functions are taken when the kernel starts: code of a cell may replace the globals, as libraries that
 * test timers do.
 */
export interface Platform {
  /** Calls `callback` in a turn of the event loop of its own, after what waits already. */
  setImmediate(callback: () => void): void;
  setTimeout(callback: () => void, milliseconds: number): Timer;
  clearTimeout(timer: Timer | undefined): void;
  createContext<T>(): Context<T>;
  inspect(value: unknown, options?: InspectOptions): string;
  randomId(): string;
  /** Writes a line to the kernel's own log. */
  log(line: string): void;
  /** Ends the kernel, after the messages that were sent. */
  exit(): void;
}
