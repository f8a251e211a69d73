/**
 * A thread that ends its process when the process that started it is gone, or when it uses too much memory: the main
 * thread may be deep in native code or in an endless loop, and cannot be asked.
 *
 * @module
 */
import { writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { MEMORY_EXCEEDED } from './messages';

const LOOK_MILLISECONDS = 50;

const { parent } = workerData as { parent: number };
let limit: number | undefined;

parentPort?.on('message', (megabytes: number | undefined) => {
  limit = megabytes;
});

setInterval(() => {
  if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL');
  if (limit === undefined) return;
  const used = process.memoryUsage.rss() / 1e6;
  if (used <= limit) return;
  writeSync(2, `\n${MEMORY_EXCEEDED} ${Math.round(used)} of ${limit} MB\n`);
  process.kill(process.pid, 'SIGKILL');
}, LOOK_MILLISECONDS);
