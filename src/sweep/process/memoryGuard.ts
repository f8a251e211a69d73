/**
 * A thread that ends its process when it uses too much memory: the main thread may be deep in native code, and cannot
 * be asked.
 *
 * @module
 */
import { writeSync } from 'node:fs';
import { workerData } from 'node:worker_threads';
import { MEMORY_EXCEEDED } from './messages';

const { megabytes } = workerData as { megabytes: number };

setInterval(() => {
  const used = process.memoryUsage.rss() / 1e6;
  if (used <= megabytes) return;
  writeSync(2, `\n${MEMORY_EXCEEDED} ${Math.round(used)} of ${megabytes} MB\n`);
  process.kill(process.pid, 'SIGKILL');
}, 50);
