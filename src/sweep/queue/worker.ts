import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { DelayedError, type Job, UnrecoverableError, Worker } from 'bullmq';
import { LimitExceededError, TrialProcess } from '../process/trialProcess';
import { resultToJson, type TrialResult } from '../trial';
import { askRedis, lastingConnection, type QueueAddress } from './connection';
import { type JobProgress, parseJob, QUEUE_NAME, type TrialJob } from './job';

/** How long a worker may be silent before its trials go to another one. */
const LOCK_MILLISECONDS = 10_000;
/** A worker that just refused a trial lets others go first. */
const REFUSED_MILLISECONDS = 1000;
const PROGRESS_MILLISECONDS = 2000;
/** How long a worker that leaves waits for Redis to hear it. */
const GOODBYE_MILLISECONDS = 2000;
/** So many workers may be lost while they have one and the same trial, before it counts as failed. */
const MOST_LOST = 10;

/** A worker that serves a queue. */
export interface QueueWorker {
  /** What computes in its processes. */
  readonly engine: string;
  /**
   * Leaves the queue: takes no more trials, finishes those it has if they end in time, and hands back the others.
   *
   * @param seconds How long it may finish.
   */
  leave(seconds: number): Promise<void>;
}

/**
 * Joins a queue and runs trials in processes of its own, until told to leave.
 *
 * @param say Is told what the worker does, a line at a time; never a password.
 * @throws QueueError if the queue cannot be reached.
 * @throws ProcessDiedError if no process that runs trials can be started.
 */
export async function serveQueue(
  address: QueueAddress,
  processes: number,
  say: (line: string) => void,
): Promise<QueueWorker> {
  await askRedis(address, (redis) => redis.ping());
  const idle: TrialProcess[] = [];
  const busy = new Set<TrialProcess>();
  // Redis takes no spaces in the name of a connection, by which workers are counted.
  const name = `${hostname()}-${process.pid}`;
  const first = await TrialProcess.start(processes);
  idle.push(first);
  let leaving = false;

  const serve = async (job: Job<TrialJob>, token?: string): Promise<unknown> => {
    const { trial, limits } = readJob(job);
    const label = `trial ${(job.id as string).slice(0, 12)}`;
    const started = performance.now();
    const trialProcess = idle.pop() ?? (await TrialProcess.start(processes));
    busy.add(trialProcess);
    let result: TrialResult | undefined;
    let failure: { reason: string; refused: boolean } | undefined;
    let told = performance.now();
    try {
      await trialProcess.run([trial], limits, {
        onProgress(_, share) {
          if (performance.now() - told < PROGRESS_MILLISECONDS) return;
          told = performance.now();
          // Only for whoever watches: a trial does not fail because nobody could be told.
          job.updateProgress({ worker: name, share } satisfies JobProgress).catch(() => {});
        },
        onResult(_, given) {
          result = given;
        },
        onFailure(_, reason, refused) {
          failure = { reason, refused };
        },
      });
      idle.push(trialProcess);
    } catch (error) {
      if (leaving) return handBack(job, token, 0);
      say(`${label}: ${(error as Error).message}`);
      if (error instanceof LimitExceededError) throw new UnrecoverableError(error.message);
      throw error;
    } finally {
      busy.delete(trialProcess);
    }
    if (failure?.refused) {
      say(`${label} refused: ${failure.reason}`);
      await job.updateProgress({ worker: name, refused: failure.reason } satisfies JobProgress);
      await sleep(leaving ? 0 : REFUSED_MILLISECONDS);
      return handBack(job, token, REFUSED_MILLISECONDS / 5);
    }
    if (failure || !result) {
      const reason = failure?.reason ?? 'it gave no result';
      say(`${label} failed: ${reason}`);
      throw new UnrecoverableError(reason);
    }
    say(`${label} done in ${((performance.now() - started) / 1000).toFixed(1)} s`);
    return resultToJson(result);
  };

  const worker = new Worker<TrialJob>(QUEUE_NAME, serve, {
    connection: lastingConnection(address),
    name,
    concurrency: processes,
    lockDuration: LOCK_MILLISECONDS,
    stalledInterval: LOCK_MILLISECONDS / 2,
    maxStalledCount: MOST_LOST,
  });
  let lastError = '';
  worker.on('error', (error) => {
    const reason = error.message || error.name;
    // A lost connection is tried again several times a second.
    if (reason !== lastError) say(`queue ${address.shown}: ${reason}`);
    lastError = reason;
  });
  worker.on('ready', () => {
    if (lastError !== '') say(`queue ${address.shown}: connected again`);
    lastError = '';
  });
  worker.on('stalled', (id) => say(`trial ${id.slice(0, 12)}: its worker was lost, it runs again`));
  await worker.waitUntilReady();

  return {
    engine: first.engine,
    async leave(seconds) {
      const timer = setTimeout(() => {
        leaving = true;
        for (const trialProcess of busy) trialProcess.kill();
      }, seconds * 1000);
      // Without Redis it cannot say good-bye: its trials go to others once it has been silent for long enough.
      const patience = sleep(seconds * 1000 + GOODBYE_MILLISECONDS, undefined, { ref: false });
      await Promise.race([worker.close(), patience]);
      clearTimeout(timer);
      await Promise.all([...idle, ...busy].map((trialProcess) => trialProcess.end()));
    },
  };
}

/** @throws UnrecoverableError if the job is no trial: it fails for good. */
function readJob(job: Job<TrialJob>): TrialJob {
  try {
    return parseJob(job.id, job.data);
  } catch (error) {
    throw new UnrecoverableError(`malformed: ${(error as Error).message}`);
  }
}

/** Puts a job back on the queue; throwing is how BullMQ is told that it is settled. */
async function handBack(job: Job<TrialJob>, token: string | undefined, milliseconds: number): Promise<never> {
  await job.moveToDelayed(Date.now() + milliseconds, token);
  throw new DelayedError();
}
