/**
 * Keeps the process alive, whatever cells and packages do to it.
 *
 * Node ends a process for an error that nobody handles, for `process.exit()`, and for a signal that it sends to itself. A session
 * survives all three. Listeners are not enough for this: packages remove them, or add their own that throw. The kernel therefore
 * replaces the functions that Node calls by these names.
 *
 * @module
 */

import { constants } from 'node:os';

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

/** `process.exit()` in a cell, or a signal to itself: it ends the cell. */
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
const countListeners = process.listenerCount.bind(process);

/** The events that end a process if nobody listens. */
const FATAL: ReadonlySet<string | symbol> = new Set(['uncaughtException', 'unhandledRejection']);

/**
 * Survives errors that nobody handles.
 *
 * A cell may handle them itself, as any program may: what its listeners take is not reported. Errors that they throw are.
 *
 * @param report prints an error; it must not throw
 */
export function surviveErrors(report: (error: unknown) => void): void {
  const emit = internals.emit.bind(process);
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

/** From now on `process.exit`, `reallyExit`, `abort`, and `kill` of this process throw a {@link ProcessExit}. */
export function surviveExit(): void {
  const refuse = (name: string) => (code?: unknown) => {
    throw new ProcessExit(`process.${name}(${typeof code === 'number' ? code : ''})`);
  };
  const { kill } = process;
  const killOthers = (pid: number, signal: NodeJS.Signals | number = 'SIGTERM') => {
    const name = typeof signal === 'number' ? NAMES.get(signal) : signal;
    if (isOwn(pid) && isFatal(name)) throw new ProcessExit(`process.kill(process.pid, '${name}')`);
    return kill.call(process, pid, signal);
  };
  Object.assign(process, {
    exit: refuse('exit'),
    reallyExit: refuse('reallyExit'),
    abort: refuse('abort'),
    kill: killOthers,
  });
}

const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(constants.signals).map(([name, number]) => [number, name]),
);

/** The kernel itself, also as a part of its group of processes or of all processes. */
function isOwn(pid: number): boolean {
  return [process.pid, -process.pid, 0, -1].includes(Number(pid));
}

/** Signals that a process survives to which nobody listens: Node or the kernel handles them, or the system ignores them. */
const HARMLESS: ReadonlySet<string> = new Set([
  'SIGINT',
  'SIGPIPE',
  'SIGUSR1',
  'SIGCHLD',
  'SIGCONT',
  'SIGURG',
  'SIGWINCH',
]);
/** Signals to which nobody can listen. */
const UNHEARD: ReadonlySet<string> = new Set(['SIGKILL', 'SIGSTOP']);

/** Whether a signal ends or suspends the process; code of a cell may listen for it, as in any program. On Windows each ends it. */
function isFatal(signal: string | undefined): boolean {
  if (signal === undefined || !(signal in constants.signals)) return false;
  if (process.platform === 'win32' || UNHEARD.has(signal)) return true;
  // Where code has removed all listeners, Node's own is among them, by which it hears of others and takes the signal.
  return !HARMLESS.has(signal) && (countListeners(signal) === 0 || countListeners('newListener') === 0);
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
