import { requireText } from './arguments';
import type { History } from './history';

const newest = new Map<string, { current: History; before: History | undefined }>();

/**
 * Remembers a training under a name, and returns the one that was there before: so that a cell that is run again can show
 * what its new settings changed. Calling it again with the same training changes nothing.
 *
 * @param name What the training is about; each figure that compares runs has its own.
 * @returns The training before this one; `undefined` the first time.
 *
 * @example lossCurves(history, { previous: previousRun('l1', history) })
 */
export function previousRun(name: string, history: History): History | undefined {
  requireText('name', name);
  const known = newest.get(name);
  if (known?.current === history) return known.before;
  newest.set(name, { current: history, before: known?.current });
  return known?.current;
}
