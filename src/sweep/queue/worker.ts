import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { DelayedError, type Job, UnrecoverableError, Worker } from 'bullmq';
import { LimitExceededError, TrialProcess } from '../process/trialProcess';
import { resultToJson, type TrialResult } from '../trial';
import { askRedis, lastingConnection, type QueueAddress } from './connection';
import { type JobProgress, parseJob, QUEUE_NAME, type TrialJob } from './job';

/** How long a worker may be silent before its trials go to another one. */
const LOCK_MILLISECONDS = 10_000;
/** A worker that refuses a trial again lets others go first. */
const REFUSED_MILLISECONDS = 1000;
/** Refused trials come after all others (whose priority is 0): they may be of a notebook that is gone, and refused for ever. */
const REFUSED_PRIORITY = 1;
const PROGRESS_MILLISECONDS = 2000;
/** How long a worker that leaves waits for Redis to hear it. */
const GOODBYE_MILLISECONDS = 2000;
/** What BullMQ says when a trial has gone to another worker, because this one was not heard of for too long. */
const LOST_LOCK = /(?:could not renew lock|Missing lock|Missing key|Lock mismatch) for job ([0-9a-f]{64})/;
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
  /** What runs now, by the trial's id. */
  const busy = new Map<string, TrialProcess>();
  /** Trials that this worker had, and has no more. */
  const lost = new Set<string>();
  /** Why it refused trials, by their ids. */
  const refusals = new Map<string, string>();
  // Redis takes no spaces in the name of a connection, by which workers are counted.
  const name = `${hostname()}-${process.pid}`;
  const first = await TrialProcess.start(processes);
  idle.push(first);
  let leaving = false;

  const serve = async (job: Job<TrialJob>, token?: string): Promise<unknown> => {
    const { trial, limits } = readJob(job);
    const id = job.id as string;
    const trialProcess = idle.pop() ?? (await TrialProcess.start(processes));
    busy.set(id, trialProcess);
    lost.delete(id);
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
      if (!lost.has(id)) say(`${label(id)}: ${(error as Error).message}`);
      if (error instanceof LimitExceededError) throw new UnrecoverableError(error.message);
      throw error;
    } finally {
      busy.delete(id);
    }
    if (failure?.refused) {
      if (refusals.get(id) !== failure.reason) say(`${label(id)} refused: ${failure.reason}`);
      await job.updateProgress({ worker: name, refused: failure.reason } satisfies JobProgress);
      await job.changePriority({ priority: REFUSED_PRIORITY });
      if (refusals.has(id) && !leaving) await sleep(REFUSED_MILLISECONDS);
      refusals.set(id, failure.reason);
      return handBack(job, token, REFUSED_MILLISECONDS / 5);
    }
    if (failure || !result) {
      const reason = failure?.reason ?? 'it gave no result';
      say(`${label(id)} failed: ${reason}`);
      throw new UnrecoverableError(reason);
    }
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
    const [, id] = LOST_LOCK.exec(error.message) ?? [];
    if (id !== undefined) {
      if (!lost.has(id)) say(`${label(id)}: another worker has it, as this one was silent for too long`);
      lost.add(id);
      busy.get(id)?.kill();
      return;
    }
    const reason = error.message || error.name;
    // A lost connection is tried again several times a second.
    if (reason !== lastError) say(`queue ${address.shown}: ${reason}`);
    lastError = reason;
  });
  worker.on('ready', () => {
    if (lastError !== '') say(`queue ${address.shown}: connected again`);
    lastError = '';
  });
  worker.on('completed', ({ id = '', processedOn = Number.NaN, finishedOn = Number.NaN }) =>
    say(`${label(id)} done in ${((finishedOn - processedOn) / 1000).toFixed(1)} s`),
  );
  worker.on('stalled', (id) => say(`${label(id)}: its worker was lost, it runs again`));
  await worker.waitUntilReady();

  return {
    engine: first.engine,
    async leave(seconds) {
      const timer = setTimeout(() => {
        leaving = true;
        for (const trialProcess of busy.values()) trialProcess.kill();
      }, seconds * 1000);
      // Without Redis it cannot say good-bye: its trials go to others once it has been silent for long enough.
      const patience = sleep(seconds * 1000 + GOODBYE_MILLISECONDS, undefined, { ref: false });
      await Promise.race([worker.close(), patience]);
      clearTimeout(timer);
      await Promise.all([...idle, ...busy.values()].map((trialProcess) => trialProcess.end()));
    },
  };
}

const label = (id: string) => `trial ${id.slice(0, 12)}`;

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
