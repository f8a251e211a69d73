/**
 * Places of Node: what a sweep finds under `#executors`. A web page has `web.ts` instead.
 *
 * @module
 */
import type { Executor, Limits } from './executor';

export { workerProcesses } from './workers';

/** Workers that serve a queue: see `queue.ts`. */
export async function onQueue(url: string | true, limits?: Limits): Promise<Executor> {
  // Loading BullMQ takes longer than all of Sparselab: only who uses a queue waits for it.
  const { onQueue } = await import('./queue.js');
  return onQueue(url, limits);
}
