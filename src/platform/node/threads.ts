import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Threads } from '../platform';

export const threads: Threads = {
  // The number that TensorFlow goes by, which the processes of a sweep are given.
  count: Number(process.env.TF_NUM_INTEROP_THREADS) || availableParallelism(),
  start(source) {
    const listen = "require('node:worker_threads').parentPort.on('message', (message) => receive(message));";
    const worker = new Worker(`${source}\n${listen}`, { eval: true, env: {}, execArgv: [] });
    worker.unref();
    // The threads that work with it see in the shared memory that it has failed.
    worker.on('error', () => {});
    return {
      post: (message) => worker.postMessage(message),
      end: () => void worker.terminate(),
    };
  },
};
