/**
 * Globals of a Web Worker that Node's types do not have. TypeScript's own `webworker` would bring all names of a worker into
 * code that also runs under Node.
 *
 * @module
 */

/** A message event, as far as it is read here. */
interface Posted {
  readonly data: unknown;
}

/** A promise that was rejected and that nobody has handled. */
interface Unhandled {
  readonly reason: unknown;
  preventDefault(): void;
}

/** The global object of a worker. */
interface WorkerScope {
  readonly location: { readonly href: string };
  onmessage: ((event: Posted) => void) | null;
  postMessage(message: unknown, transfer?: readonly unknown[]): void;
  importScripts(address: string): void;
  addEventListener(type: 'unhandledrejection', listener: (event: Unhandled) => void): void;
  close(): void;
}

/** This worker. */
export const scope = globalThis as unknown as WorkerScope;

/** The address of a file of the site, next to the worker's script. */
export function besideWorker(name: string): string {
  return new URL(name, scope.location.href).href;
}
