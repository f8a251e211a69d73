/**
 * Ends JavaScript that neither pauses nor has a loop of a cell's: the main thread's half. The other half is in `interrupter.ts`.
 *
 * The I/O thread has {@link TERMINATE_EXPRESSION} evaluated in the main thread; the inspector does that on top of
 * whatever runs there. So it is decided here, where nothing can change meanwhile, whether there is something to
 * end: a stop that has not been heard, and code of the user on the call stack. If so, this thread waits until the
 * I/O thread has told the inspector to terminate, which happens when the evaluation is over and before the
 * user's code goes on. V8 then ends everything on the call stack; no `catch` and no `finally` sees it.
 *
 * An order given without this hand-shake could come too late: it would then end the next thing to run, be it the
 * delivery of a request.
 *
 * @module
 */

import { resolve, sep } from 'node:path';
import { mendImmediates } from './immediates';
import type { Io } from './io';

const TERMINATE = Symbol.for('sparselab.kernel.terminate');

/** JavaScript that the I/O thread evaluates in the main thread. */
export const TERMINATE_EXPRESSION = "globalThis[Symbol.for('sparselab.kernel.terminate')]?.()";

const KERNEL_FOLDER = resolve(__dirname, '..', '..') + sep;

/** Main thread: makes {@link TERMINATE_EXPRESSION} work. */
export function allowTermination(io: Io): void {
  const clearAsyncStack = findClearAsyncStack();
  const value = () => {
    const { isLeaving, isPending, isShielded } = io.state;
    if (!isPending || isShielded || isLeaving || !isUserCodeRunning()) return;
    mendImmediates();
    clearAsyncStack?.();
    io.terminate();
  };
  Object.defineProperty(globalThis, TERMINATE, { value });
}

/** Whether a cell, or a package that it called, is on the call stack: Node and the kernel itself are left alone. */
function isUserCodeRunning(): boolean {
  const { prepareStackTrace, stackTraceLimit } = Error;
  try {
    Reflect.set(Error, 'stackTraceLimit', Number.POSITIVE_INFINITY);
    const areOfUser = (_: Error, sites: readonly NodeJS.CallSite[]) => sites.map(isOfUser);
    Reflect.set(Error, 'prepareStackTrace', areOfUser);
    // The result of `prepareStackTrace` replaces the text.
    const answers: unknown = new Error().stack;
    // Code of a cell has frozen `Error`: most likely it is what runs.
    return Array.isArray(answers) ? answers.includes(true) : true;
  } finally {
    Reflect.set(Error, 'prepareStackTrace', prepareStackTrace);
    Reflect.set(Error, 'stackTraceLimit', stackTraceLimit);
  }
}

/** Code that `new Function` or `eval` has made has no file. */
function isOfUser(site: NodeJS.CallSite): boolean {
  const file = site.getFileName();
  return file ? !file.startsWith('node:') && !file.startsWith(KERNEL_FOLDER) : site.isEval();
}

/** The part of Node's internals that empties its stack of asynchronous contexts. */
interface AsyncWrapBinding {
  clearAsyncIdStack?(): void;
}

/**
 * Node before 24 keeps a stack of asynchronous contexts. Code that is ended leaves its entries there, and Node
 * aborts the process when it finds them; so the stack is emptied first. From Node 24 on promises have no such
 * stack, and for timers the kernel is started with `--no-force-async-hooks-checks`.
 */
function findClearAsyncStack(): (() => void) | undefined {
  const { noDeprecation } = process as { noDeprecation?: boolean };
  // `process.binding` is deprecated without a replacement; the warning would be in every server's log.
  Object.assign(process, { noDeprecation: true });
  try {
    const { binding } = process as unknown as { binding?(name: string): AsyncWrapBinding };
    const clear = binding?.('async_wrap').clearAsyncIdStack;
    return clear && (() => clear());
  } catch {
    return undefined;
  } finally {
    Object.assign(process, { noDeprecation });
  }
}
