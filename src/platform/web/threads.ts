import type { Threads } from '../platform';

/** The names of a worker's scope that concern threads. */
interface WorkerScope {
  readonly crossOriginIsolated?: boolean;
  /** Only workers have it; a page's own thread must not wait for others. */
  readonly WorkerGlobalScope?: unknown;
  readonly navigator?: { readonly hardwareConcurrency?: number };
  readonly Worker: new (address: string) => { postMessage(message: unknown): void; terminate(): void };
}

const scope = globalThis as unknown as WorkerScope;

const isAllowed = scope.crossOriginIsolated === true && scope.WorkerGlobalScope !== undefined;

export const threads: Threads = {
  count: isAllowed ? (scope.navigator?.hardwareConcurrency ?? 1) : 1,
  start(source) {
    const text = `${source}\nonmessage = ({ data }) => receive(data);`;
    const address = URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
    const worker = new scope.Worker(address);
    return {
      post: (message) => worker.postMessage(message),
      end() {
        worker.terminate();
        URL.revokeObjectURL(address);
      },
    };
  },
};
