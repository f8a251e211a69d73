import { runningCell } from '../page/cell';

/** Functions that are called with each new value. The cell that adds one owns it: once the cell is run again, it is gone. */
export class Listeners<T> {
  readonly #listeners = new Set<(value: T) => unknown>();

  /** @returns a function that removes it */
  add(listener: (value: T) => unknown): () => void {
    // A function of its own, so that one listener can be added twice.
    const called = (value: T) => listener(value);
    const remove = () => void this.#listeners.delete(called);
    this.#listeners.add(called);
    runningCell()?.onRerun(remove);
    return remove;
  }

  /** Calls all. @returns a promise of their results, if one of them returns a promise */
  tell(value: T): unknown {
    const results = [...this.#listeners].map((listener) => listener(value));
    return results.some((result) => result instanceof Promise) ? Promise.all(results) : undefined;
  }
}
