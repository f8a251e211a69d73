/**
 * Places of Node: what a sweep finds under `#places`. A web page has `web.ts` instead.
 *
 * @module
 */
import type { Limits, Place } from './place';

export { workerProcesses } from './workers';

/** Workers that serve a queue: see `queue.ts`. */
export async function onQueue(url: string | true, limits?: Limits): Promise<Place> {
  // Loading BullMQ takes longer than all of Sparselab: only who uses a queue waits for it.
  const { onQueue } = await import('./queue.js');
  return onQueue(url, limits);
}
