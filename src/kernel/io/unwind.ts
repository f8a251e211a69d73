/**
 * Keeps Node's record of asynchronous calls sound when the main thread's JavaScript is ended from outside.
 *
 * Node before 24 keeps a stack of asynchronous contexts. Code that is ended leaves its entries there, and Node
 * aborts the process when it finds them. So the stack is emptied just before. From Node 24 on there is no such
 * stack for promises; for timers the kernel is started with `--no-force-async-hooks-checks`.
 *
 * @module
 */

const UNWIND = Symbol.for('sparselab.kernel.unwind');

/** JavaScript that the I/O thread evaluates in the main thread, on top of what runs there. */
export const UNWIND_EXPRESSION = "globalThis[Symbol.for('sparselab.kernel.unwind')]?.()";

/** The part of Node's internals that empties the stack. */
interface AsyncWrapBinding {
  clearAsyncIdStack?(): void;
}

/** Main thread: makes {@link UNWIND_EXPRESSION} work. */
export function prepareUnwinding(): void {
  const { noDeprecation } = process as { noDeprecation?: boolean };
  // `process.binding` is deprecated and has no replacement; the warning would show up in every notebook server.
  Object.assign(process, { noDeprecation: true });
  try {
    const { binding } = process as unknown as { binding?(name: string): AsyncWrapBinding };
    const clear = binding?.('async_wrap').clearAsyncIdStack;
    if (clear !== undefined) Object.defineProperty(globalThis, UNWIND, { value: () => clear() });
  } catch {
    // Node 24 and later: no such binding, and no need of it.
  } finally {
    Object.assign(process, { noDeprecation });
  }
}
