import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Memory outside JavaScript's heap, once what nobody needs is collected. */
export async function megabytes(): Promise<number> {
  setFlagsFromString('--expose-gc');
  for (let i = 0; i < 3; i++) {
    runInNewContext('gc')();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return (process.memoryUsage().external + process.memoryUsage().heapUsed) / 1e6;
}
