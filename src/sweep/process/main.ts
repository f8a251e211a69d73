/**
 * A process that runs trials for another one. It has no state: it may be killed at any moment, and ends by itself when
 * the process that started it is gone.
 *
 * @module
 */
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { backendReady } from '../../engine';
import { TrialRefusedError } from '../refusal';
import { runTrials } from '../runTrials';
import { resultToJson } from '../trial';
import type { Answer, RunMessage } from './messages';

const PROGRESS_MILLISECONDS = 500;

const send = (answer: Answer) => process.send?.(answer);

const guard = new Worker(join(__dirname, 'guard.js'), { workerData: { parent: process.ppid } });
guard.unref();

// Ctrl-C reaches every process of a terminal; whether to stop is for the one that started this.
process.on('SIGINT', () => {});
process.on('disconnect', () => process.exit());
process.on('message', async ({ specs, megabytes }: RunMessage) => {
  guard.postMessage(megabytes);
  let reported = 0;
  await runTrials(specs, {
    onProgress(index, fraction) {
      if (performance.now() - reported < PROGRESS_MILLISECONDS) return;
      reported = performance.now();
      send({ type: 'progress', index, fraction });
    },
    onResult: (index, result) => send({ type: 'result', index, result: resultToJson(result) }),
    onFailure: (index, error) =>
      send({ type: 'failure', index, reason: error.message, refused: error instanceof TrialRefusedError }),
  });
  send({ type: 'finished' });
});

backendReady().then(
  ({ description }) => send({ type: 'ready', engine: description }),
  (error: Error) => {
    console.error(error.message);
    process.exit(1);
  },
);
