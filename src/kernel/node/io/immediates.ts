/**
 * Fixes Node's queue of immediates when code inside one of them is ended from outside.
 *
 * Node runs immediates in batches and keeps account in a `finally`, which ended code does not run. Without this the rest of
 * the batch would never run, and Node would find the ended one again and again: the event loop would not turn any more.
 *
 * @module
 */

import { executionAsyncResource } from 'node:async_hooks';

/** Node's undocumented fields of an immediate (lib/internal/timers.js of Node 20 to 24). */
type QueuedImmediate = Omit<NodeJS.Immediate, '_onImmediate'> & {
  _idleNext: QueuedImmediate | null;
  _idlePrev: QueuedImmediate | null;
  _destroyed: boolean;
  _onImmediate: ((...args: unknown[]) => void) | null;
  _argv?: unknown[] | undefined;
};

const nothing = () => {};
const { constructor: Immediate } = setImmediate(nothing);

/** To be called on top of the code that will be ended. */
export function mendImmediates(): void {
  const ended = executionAsyncResource();
  if (ended.constructor !== Immediate) return;
  const immediate = ended as unknown as QueuedImmediate;
  for (const follower of followersOf(immediate)) queueAgain(follower);
  // Node goes on with the ended one, unless it was the first of its batch.
  if (immediate._idlePrev !== null) makeHarmless(immediate);
}

/** Those of the same batch that have not run yet. */
function followersOf({ _idleNext }: QueuedImmediate): QueuedImmediate[] {
  const followers: QueuedImmediate[] = [];
  for (let next = _idleNext; next; next = next._idleNext) followers.push(next);
  return followers.filter((follower) => !follower._destroyed);
}

/** Takes an immediate out of its batch and into the next one, where it keeps its owner. */
function queueAgain(immediate: QueuedImmediate): void {
  const { _onImmediate, _argv = [] } = immediate;
  const again = setImmediate(() => _onImmediate?.(..._argv));
  if (!immediate.hasRef()) again.unref();
  for (const key of Object.getOwnPropertySymbols(immediate)) {
    // The asynchronous context is a property, too; its identity and whether it is referenced are its own.
    if (!/async_id|refed/.test(key.description ?? '')) Reflect.set(again, key, Reflect.get(immediate, key));
  }
  clearImmediate(immediate as NodeJS.Immediate);
}

/** Lets Node meet an immediate again that it has run. */
function makeHarmless(immediate: QueuedImmediate): void {
  immediate._destroyed = false;
  immediate._onImmediate = nothing;
  immediate._argv = undefined;
  // It will be counted off once more. Immediates that compensate for this are counted, and then removed from the queue.
  const [before, counted, after] = [nothing, nothing, nothing].map((each) =>
    setImmediate(each),
  ) as unknown as [QueuedImmediate, QueuedImmediate, QueuedImmediate];
  counted.unref();
  before._idleNext = after;
  after._idlePrev = before;
}
