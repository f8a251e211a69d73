/**
 * Keeps the process alive, whatever cells and packages do to it.
 *
 * Node ends a process for an error that nobody handles, and for `process.exit()`. A session survives both. Listeners
 * are not enough for this: packages remove them, or add their own that throw. The kernel therefore stands in
 * front of the functions that Node calls by these names.
 *
 * @module
 */

/**
 * Adds a listener of a signal that no code can remove. Without one, the signal ends the process; and one that is added
 * again later would keep other threads from hearing it.
 */
export function listenForGood(signal: NodeJS.Signals, listener: () => void): void {
  process.on(signal, listener);
  const { removeListener } = process;
  const keeping = (event: string | symbol, each: (...args: unknown[]) => void) =>
    each === listener ? process : removeListener.call(process, event, each);
  // `removeAllListeners` calls it, too.
  Object.assign(process, { removeListener: keeping, off: keeping });
}

/** `process.exit()` in a cell: it ends the cell. */
export class ProcessExit extends Error {
  override readonly name = 'ProcessExit';

  constructor(call: string) {
    super(`${call} ends the cell, not the session; to end the session, shut the kernel down`);
  }
}

/** The parts of `process` that Node calls by name, and whose types do not fit all uses or are missing. */
interface Internals {
  emit(event: string | symbol, ...args: unknown[]): boolean;
  reallyExit(code?: number): never;
}

const internals = process as unknown as Internals;
const exit = process.exit.bind(process);
const reallyExit = internals.reallyExit.bind(process);

/** The events that end a process if nobody listens. */
const FATAL: ReadonlySet<string | symbol> = new Set(['uncaughtException', 'unhandledRejection']);

/**
 * Survives errors that nobody handles.
 *
 * A cell may handle them itself, as any program may: what its listeners take is not reported. What they throw is.
 *
 * @param report prints an error; it must not throw
 */
export function surviveErrors(report: (error: unknown) => void): void {
  const emit = internals.emit.bind(process);
  const countListeners = process.listenerCount.bind(process);
  const reportBoth = (error: unknown, another: unknown) => {
    report(error);
    if (another !== error) report(another);
  };

  const guarded =
    (below: Internals['emit']): Internals['emit'] =>
    (event, ...args) => {
      if (!FATAL.has(event)) return below.call(process, event, ...args);
      try {
        if (countListeners(event) > 0) below.call(process, event, ...args);
        else report(args[0]);
      } catch (another) {
        reportBoth(args[0], another);
      }
      return true;
    };
  let current = guarded(emit);
  // Packages put a function of their own in its place, which calls the one before; cells may put anything there.
  Object.defineProperty(process, 'emit', {
    get: () => current,
    set: (value: unknown) => {
      current = guarded(typeof value === 'function' ? (value as Internals['emit']) : emit);
    },
    enumerable: true,
  });

  // A callback that takes errors is called past `emit`.
  const capture = process.setUncaughtExceptionCaptureCallback.bind(process);
  process.setUncaughtExceptionCaptureCallback = (callback) => {
    if (typeof callback !== 'function') return capture(callback);
    capture((error) => {
      try {
        callback(error);
      } catch (another) {
        reportBoth(error, another);
      }
    });
  };
}

/** From now on `process.exit`, `reallyExit` and `abort` throw a {@link ProcessExit}. */
export function surviveExit(): void {
  const refuse = (name: string) => (code?: unknown) => {
    throw new ProcessExit(`process.${name}(${typeof code === 'number' ? code : ''})`);
  };
  Object.assign(process, { exit: refuse('exit'), reallyExit: refuse('reallyExit'), abort: refuse('abort') });
}

/** Ends the process; for the kernel alone. */
export function leave(code: number): never {
  internals.reallyExit = reallyExit;
  try {
    return exit(code);
  } finally {
    // A listener of `exit` has thrown.
    reallyExit(code);
  }
}
