/**
 * A test in one process, the functions that it tests in another: what student code does to its own process cannot
 * reach the test, to which it is only the values that come back. The classroom's grader starts both sides
 * (src/classroom/kernel_run.py) and carries the lines between them.
 *
 * @module
 */
import { Session } from './session';

/** Where a session finds the first function, which looks up the names that are lent. */
const LOOK_UP = 0;

/**
 * Lets the other process use what has a name here, until it says that it is done.
 *
 * @param session The number that both sides are told.
 * @param names A function a name that returns what has it, now, and throws where nothing has.
 */
export function lend(session: number, names: Readonly<Record<string, () => unknown>>): Promise<void> {
  const side = new Session(session);
  side.lend((name) => {
    try {
      return names[String(name)]?.();
    } catch {
      return undefined;
    }
  });
  return side.serve();
}

/** The values that the other process lends under these names: copies of values, and functions that are called there. */
export function borrow(session: number, names: readonly string[]): Record<string, unknown> {
  const lookUp = new Session(session).borrow(LOOK_UP);
  return Object.fromEntries(names.map((name) => [name, lookUp(name)]));
}
