import type { History, HistoryRow } from '../model/history';
import { requireText } from '../numbers/arguments';

const newest = new Map<string, { current: History; before: History | undefined }>();

/**
 * Remembers a training under a name, and returns the one that was there before: so that a cell that is run again can show
 * what its new settings changed. The same training changes nothing, not even one that was stopped and begun again: two curves
 * on top of each other compare nothing.
 *
 * @param name What the training is about; each figure that compares runs has its own.
 * @returns The other training before this one; `undefined` the first time.
 *
 * @example lossCurves(history, { previous: swapPreviousRun('l1', history) })
 */
export function swapPreviousRun(name: string, history: History): History | undefined {
  requireText('name', name);
  const known = newest.get(name);
  const before = known && areSame(known.current, history) ? known.before : known?.current;
  newest.set(name, { current: history, before });
  return before;
}

/** Whether two histories are of one training, as far as both go: a seed gives the same numbers each time. */
function areSame(one: History, other: History): boolean {
  if (one === other) return true;
  const both = Math.min(one.rows.length, other.rows.length);
  return (
    both > 0 &&
    one.penaltyName === other.penaltyName &&
    one.strength === other.strength &&
    one.rows.slice(0, both).every((row, index) => agree(row, other.rows[index] as HistoryRow))
  );
}

function agree(one: HistoryRow, other: HistoryRow): boolean {
  return one.step === other.step && Object.is(one.total, other.total);
}
