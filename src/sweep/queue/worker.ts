import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Job, UnrecoverableError, WaitingError, Worker } from 'bullmq';
import { LimitExceededError, TrialProcess } from '../process/trialProcess';
import { resultToJson, type TrialResult } from '../trial';
import { lastingConnection, type QueueAddress } from './connection';
import { isRefusal, type JobProgress, parseJob, type Refusal, type TrialJob } from './job';
import { TrialQueue } from './trialQueue';

/** How long a worker may be silent before its trials go to another one. */
const LOCK_MILLISECONDS = 10_000;
/** A worker that refuses a trial again lets others go first. */
const REFUSED_MILLISECONDS = 1000;
const PROGRESS_MILLISECONDS = 2000;
/** How long a worker that leaves waits for Redis to hear it. */
const GOODBYE_MILLISECONDS = 2000;
/**
 * BullMQ's error when a trial has gone to another worker, because this one was silent for too long, or when the trial is gone.
 */
const LOST_TRIAL = /could not renew lock|Missing lock|Missing key|Lock mismatch|is not in the active state/;
/** A trial's id, in an error of BullMQ. */
const TRIAL_ID = /\b[0-9a-f]{64}\b/;
/** So many answers are kept for trials that may come again. */
const MOST_ANSWERS = 1000;
/** Why a trial is not run that Redis has dropped. */
const VANISHED = 'it is no longer on the queue';
/** So many workers may be lost while they have one and the same trial, before it counts as failed. */
const MOST_LOST = 10;

/** A worker that serves a queue. */
export interface QueueWorker {
  /** The engine of its processes. */
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
  const queue = await TrialQueue.open(address);
  const idle: TrialProcess[] = [];
  /** The running trials, by id. */
  const busy = new Map<string, TrialProcess>();
  /** Trials that this worker had, and has no more. */
  const lost = new Set<string>();
  /** Answers that Redis has not taken yet, or never took as it had dropped the trial: it is answered when it comes again. */
  const answers = new Map<string, unknown>();
  /** Why it refused trials, by their ids. */
  const refusals = new Map<string, string>();
  // Redis takes no spaces in the name of a connection, by which workers are counted.
  const name = `${hostname()}-${process.pid}`;
  const first = await TrialProcess.start(processes);
  idle.push(first);
  let leaving = false;

  const serve = async (job: Job<TrialJob>, token?: string): Promise<unknown> => {
    const id = job.id as string;
    // Redis has dropped what it held. A sweep that waits for it sees that, too, and puts it there again.
    if (!(job.timestamp > 0)) {
      say(`${label(id)}: ${VANISHED}`);
      throw new UnrecoverableError(VANISHED);
    }
    const { trial, limits } = readJob(job);
    if (answers.has(id)) return answers.get(id);
    const trialProcess = idle.pop() ?? (await TrialProcess.start(processes));
    busy.set(id, trialProcess);
    lost.delete(id);
    let result: TrialResult | undefined;
    let failure: { reason: string; refused: boolean } | undefined;
    let told = performance.now();
    try {
      await trialProcess.run([trial], limits, {
        onProgress(_, fraction) {
          if (performance.now() - told < PROGRESS_MILLISECONDS) return;
          told = performance.now();
          // Only for information: a trial does not fail because a message could not be sent.
          job.updateProgress({ fraction } satisfies JobProgress).catch(() => {});
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
      if (leaving) return handBack(job, token);
      if (!lost.has(id)) say(`${label(id)}: ${(error as Error).message}`);
      if (error instanceof LimitExceededError) throw new UnrecoverableError(error.message);
      throw error;
    } finally {
      busy.delete(id);
    }
    if (failure?.refused) {
      const { reason } = failure;
      if (refusals.get(id) !== reason) say(`${label(id)} refused: ${reason}`);
      // It was put on the queue again: others go first.
      if (refusals.has(id) && !leaving) await sleep(REFUSED_MILLISECONDS);
      refusals.set(id, reason);
      return { refused: reason, worker: name } satisfies Refusal;
    }
    if (failure || !result) {
      const reason = failure?.reason ?? 'it gave no result';
      say(`${label(id)} failed: ${reason}`);
      throw new UnrecoverableError(reason);
    }
    const answer = resultToJson(result);
    answers.set(id, answer);
    for (const oldest of [...answers.keys()].slice(0, -MOST_ANSWERS)) answers.delete(oldest);
    return answer;
  };

  const worker = new Worker<TrialJob>(queue.jobs.name, serve, {
    connection: { ...lastingConnection(address), skipVersionCheck: queue.warning !== undefined },
    name,
    concurrency: processes,
    lockDuration: LOCK_MILLISECONDS,
    stalledInterval: LOCK_MILLISECONDS / 2,
    maxStalledCount: MOST_LOST,
  });
  let lastError = '';
  worker.on('error', (error) => {
    const [what] = LOST_TRIAL.exec(error.message) ?? [];
    const [id] = TRIAL_ID.exec(error.message) ?? [];
    if (what !== undefined && id !== undefined) {
      const isDropped = what === 'Missing key' || queue.warning !== undefined;
      const reason = isDropped ? VANISHED : 'another worker has it, as this one was silent for too long';
      if (!lost.has(id)) say(`${label(id)}: ${reason}`);
      lost.add(id);
      // A Redis that drops keys may have dropped this trial's lock: nobody else need have it, and its answer is kept.
      if (queue.warning === undefined) busy.get(id)?.kill();
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
  // Only for a sweep that comes back for it: if Redis is gone just now, nothing important is lost.
  const keep = (id: string) => void queue.keep([id]).catch(() => {});
  worker.on('completed', ({ id = '', processedOn = Number.NaN, finishedOn = Number.NaN }, answer) => {
    keep(id);
    answers.delete(id);
    if (!isRefusal(answer)) say(`${label(id)} done in ${((finishedOn - processedOn) / 1000).toFixed(1)} s`);
  });
  worker.on('failed', (job) => {
    if (job?.id !== undefined) keep(job.id);
  });
  worker.on('stalled', (id) => say(`${label(id)}: its worker was lost, it runs again`));
  await worker.waitUntilReady();
  if (queue.warning !== undefined) say(`Note: ${queue.warning}`);
  for (const { code, waiting } of await queue.otherVersions()) {
    const version = code === '' ? 'an earlier version' : `code ${code}`;
    if (waiting > 0)
      say(`Note: trials of ${version} wait here (${waiting}); only workers of that version run them`);
  }

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
      queue.close();
      await Promise.all([...idle, ...busy.values()].map((trialProcess) => trialProcess.end()));
    },
  };
}

const label = (id: string) => `trial ${id.slice(0, 12)}`;

/** @throws UnrecoverableError if the job is not a trial: it fails for good. */
function readJob(job: Job<TrialJob>): TrialJob {
  try {
    return parseJob(job.id, job.data);
  } catch (error) {
    throw new UnrecoverableError(`malformed: ${(error as Error).message}`);
  }
}

/** Puts a job back on the queue; throwing is how BullMQ is told that it is settled. */
async function handBack(job: Job<TrialJob>, token: string | undefined): Promise<never> {
  await job.moveToWait(token);
  throw new WaitingError();
}
