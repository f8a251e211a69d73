/**
 * Places of a web page: none but the page's own process.
 *
 * @module
 */
import type { Executor, Limits } from './executor';

/** @throws Error always. */
export function workerProcesses(_count: number, _limits?: Limits): Executor {
  throw new Error('workers must not be given in a browser: trials run in the page, one after another');
}

/** @throws Error always. */
export async function onQueue(_url: string | true, _limits?: Limits): Promise<Executor> {
  throw new Error('queue must not be given in a browser: a page cannot reach Redis');
}
