/**
 * The listeners that tf's WebAssembly adds to the process: Emscripten has each error that nobody handles thrown again
 * from inside `uncaughtException`, which ends any process, also one that has listeners of its own to live on.
 *
 * @module
 */

/** The events that Emscripten listens to, each with the mark of its listener. */
const LISTENERS: Readonly<Record<string, RegExp>> = {
  uncaughtException: /\bExitStatus\b/,
  unhandledRejection: /^function\s*\((\w+)\)\s*\{\s*throw \1;?\s*\}$/,
};

/**
 * Loads an Emscripten module.
 *
 * @param load compiles it, which takes a moment; listeners that other code adds meanwhile stay
 */
export async function withoutItsListeners<T>(load: () => Promise<T>): Promise<T> {
  const before = new Map(
    Object.keys(LISTENERS).map((event) => [event, new Set(process.rawListeners(event))]),
  );
  try {
    return await load();
  } finally {
    for (const [event, mark] of Object.entries(LISTENERS)) {
      for (const listener of process.rawListeners(event)) {
        const isNew = before.get(event)?.has(listener) === false;
        if (isNew && mark.test(String(listener))) process.removeListener(event, listener as () => void);
      }
    }
  }
}
