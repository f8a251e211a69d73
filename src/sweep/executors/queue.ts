import { setTimeout as sleep } from 'node:timers/promises';
import { isPlainObject } from '../../provenance/canonicalJson';
import { queueAddress } from '../queue/connection';
import { isRefusal, type Refusal } from '../queue/job';
import { QueueError } from '../queue/queueError';
import { TrialQueue } from '../queue/trialQueue';
import { codeVersion } from '../runTrials';
import { parseResult } from '../trial';
import type { Executor, ExecutorListener, Limits, PlannedTrial } from './executor';

/** So many of a sweep's trials are on the queue at a time; the rest waits here. */
const ON_QUEUE = 500;
/** The queue is looked at this often while answers come, and less and less often while none do. */
const SHORTEST_PAUSE = 100;
const LONGEST_PAUSE = 500;
/** How long a sweep that is stopped waits for Redis. */
const GOODBYE_MILLISECONDS = 2000;

const JOB_OPTIONS = {
  // A trial's own failure is final; only a trial whose worker process died is tried again. At once: BullMQ's delays are times
  // by the clock of one machine that others read by theirs, as are its ages of finished jobs.
  attempts: 3,
  removeOnComplete: false,
  removeOnFail: false,
} as const;

/**
 * Workers that serve a queue: BullMQ on Redis. The queue holds trials as data and their results; the same sweep, run again, and
 * other sweeps with the same trials find the results that are there already.
 */
export function onQueue(url: string | true, limits?: Limits): Executor {
  const address = queueAddress(url);
  let queue: TrialQueue | undefined;
  return {
    async run(trials, listener) {
      queue ??= await TrialQueue.open(address);
      if (queue.warning !== undefined) listener.onNotice(queue.warning);
      const lost = (error: Error) =>
        listener.onNotice(`the queue ${address.shown} was lost for a while: ${error.message || error.name}`);
      queue.redis.on('error', lost);
      try {
        await new Run(queue, trials, listener, limits).end();
      } catch (error) {
        // Redis is there and refuses: its memory is full, say, or the user may not write.
        throw new QueueError(`queue ${address.shown} cannot be used: ${(error as Error).message}`);
      } finally {
        queue.redis.off('error', lost);
      }
    },
    async close() {
      queue?.close();
    },
  };
}

/** The state of a trial on the queue. */
type JobState =
  /** It is not there, or was dropped: what a worker writes on a job that is gone has no time of its addition. */
  | { readonly is: 'absent' }
  | { readonly is: 'waiting' }
  | { readonly is: 'running'; readonly fraction: number }
  | { readonly is: 'answered'; readonly answer: unknown }
  | { readonly is: 'failed'; readonly reason: string };

/** One round of trials: puts them on the queue, and looks after them until each is settled. */
class Run {
  readonly #queue: TrialQueue;
  readonly #listener: ExecutorListener;
  readonly #limits: Limits | undefined;
  readonly #waiting: PlannedTrial[];
  readonly #onQueue = new Map<string, PlannedTrial>();
  /** By trial: the workers that refuse it, and why. */
  readonly #refusals = new Map<string, Map<string, string>>();

  constructor(
    queue: TrialQueue,
    trials: readonly PlannedTrial[],
    listener: ExecutorListener,
    limits: Limits | undefined,
  ) {
    this.#queue = queue;
    this.#waiting = [...trials];
    this.#listener = listener;
    this.#limits = limits;
  }

  /** Resolves when every trial is settled, or nobody waits any more. */
  async end(): Promise<void> {
    const { signal } = this.#listener;
    let onAbort = () => {};
    const aborted = new Promise<number>((resolve) => {
      onAbort = () => resolve(0);
      signal.addEventListener('abort', onAbort);
    });
    let pause = SHORTEST_PAUSE;
    try {
      while (!signal.aborted) {
        // While Redis is gone its answers take as long as it does: a stop does not wait for them.
        const settled = await Promise.race([this.#step(pause === LONGEST_PAUSE), aborted]);
        if (this.#waiting.length + this.#onQueue.size === 0) return;
        pause = settled > 0 ? SHORTEST_PAUSE : Math.min(2 * pause, LONGEST_PAUSE);
        await sleep(pause, undefined, { signal }).catch(() => {});
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
    await Promise.race([this.#takeBack(), sleep(GOODBYE_MILLISECONDS, undefined, { ref: false })]);
  }

  /**
   * Puts trials on the queue, and looks at those that are there.
   *
   * @param thorough Looks whether there are workers, too, and whether the queue still knows what is to run.
   * @returns How many trials are settled by it.
   */
  async #step(thorough: boolean): Promise<number> {
    const before = this.#waiting.length + this.#onQueue.size;
    await this.#fill();
    const known = [...this.#onQueue.values()];
    const listed = thorough ? await this.#countListed() : undefined;
    const refused: [PlannedTrial, Refusal][] = [];
    const dropped: PlannedTrial[] = [];
    for (const [trial, state] of await this.#statesOf(known)) {
      if (state.is === 'running') this.#listener.onProgress(trial.id, state.fraction);
      else if (state.is === 'failed') this.#fail(trial.id, state.reason);
      else if (state.is === 'absent') dropped.push(trial);
      else if (state.is === 'answered' && isRefusal(state.answer)) refused.push([trial, state.answer]);
      else if (state.is === 'answered') this.#complete(trial.id, state.answer);
    }
    // Nothing waited or ran, and then these were not finished: Redis has dropped the lists that held them.
    const forgotten = listed === 0 ? known.filter(({ id }) => this.#onQueue.has(id)) : dropped;
    if (forgotten.length > 0) await this.#putAgain(forgotten);
    if (refused.length > 0) await this.#refuse(refused);
    return before - this.#waiting.length - this.#onQueue.size;
  }

  /** Puts trials on the queue, as many as there is room for. A trial that is there already is not put there twice. */
  async #fill(): Promise<void> {
    const room = ON_QUEUE - this.#onQueue.size;
    // A few at a time would cost a round trip each.
    if (this.#waiting.length === 0 || room < Math.min(ON_QUEUE / 4, this.#waiting.length)) return;
    const trials = this.#waiting.splice(0, room);
    for (const trial of trials) this.#onQueue.set(trial.id, trial);
    const states = await this.#statesOf(trials);
    const absent = states.filter(([, { is }]) => is === 'absent').map(([trial]) => trial);
    // Trials that failed or were refused in an earlier sweep are tried again.
    const old = states.filter(
      ([, state]) => state.is === 'failed' || (state.is === 'answered' && isRefusal(state.answer)),
    );
    await this.#putAgain([...absent, ...old.map(([trial]) => trial)]);
  }

  /** Puts trials on the queue that are not there, or are not to be there as they are. */
  async #putAgain(trials: readonly PlannedTrial[]): Promise<void> {
    const { jobs, redis } = this.#queue;
    try {
      // It stays if another sweep has put it there again meanwhile and a worker has begun it.
      await Promise.all(trials.map(({ id }) => jobs.remove(id)));
      await jobs.addBulk(
        trials.map(({ id, spec }) => ({
          name: 'trial',
          data: { trial: spec, ...(this.#limits && { limits: this.#limits }) },
          opts: { ...JOB_OPTIONS, jobId: id },
        })),
      );
      await this.#queue.keep(trials.map(({ id }) => id));
    } catch (error) {
      // Where Redis was lost in the middle of it, or has no room just now, the next look finds which are absent.
      if (isFull(error))
        this.#listener.onNotice('the Redis of the queue is full: trials wait until it has room');
      else if (redis.status === 'ready') throw error;
    }
  }

  async #statesOf(trials: readonly PlannedTrial[]): Promise<[PlannedTrial, JobState][]> {
    return Promise.all(trials.map(async (trial) => [trial, await this.#stateOf(trial.id)]));
  }

  async #stateOf(id: string): Promise<JobState> {
    const { jobs, redis } = this.#queue;
    const [added, begun, finished, answer, reason, progress] = await redis.hmget(
      jobs.toKey(id),
      'timestamp',
      'processedOn',
      'finishedOn',
      'returnvalue',
      'failedReason',
      'progress',
    );
    if (!added) return { is: 'absent' };
    if (finished && answer) return { is: 'answered', answer: parsed(answer) };
    if (finished) return { is: 'failed', reason: reason ?? 'it failed without a reason' };
    if (!begun) return { is: 'waiting' };
    const told = parsed(progress ?? '');
    return {
      is: 'running',
      fraction: isPlainObject(told) && typeof told.fraction === 'number' ? told.fraction : 0,
    };
  }

  /** The number of trials of all sweeps that wait or run. Says so if there is no worker. */
  async #countListed(): Promise<number> {
    const { jobs } = this.#queue;
    if ((await jobs.getWorkersCount()) === 0) {
      const others = (await this.#queue.otherVersions()).filter(({ workers }) => workers > 0);
      const elsewhere = others.map(({ code }) => code || 'an earlier version').join(', ');
      this.#listener.onNotice(
        'no worker serves the queue now: start one with npm run worker' +
          (elsewhere &&
            ` (those that are there have other code: ${elsewhere}; this is ${codeVersion.slice(0, 12)})`),
      );
    }
    return await jobs.getJobCountByTypes('wait', 'prioritized', 'delayed', 'active');
  }

  #complete(id: string, answer: unknown): void {
    this.#onQueue.delete(id);
    try {
      this.#listener.onResult(id, parseResult(answer));
    } catch (error) {
      this.#listener.onFailure(id, `a worker gave no result: ${(error as Error).message}`);
    }
  }

  #fail(id: string, reason: string): void {
    this.#onQueue.delete(id);
    this.#listener.onFailure(id, reason);
  }

  /** Workers could not run these trials. Once each worker that is there now could not, nobody is left to wait for. */
  async #refuse(refused: readonly [PlannedTrial, Refusal][]): Promise<void> {
    const present = await this.#queue.jobs.getWorkers();
    const again: PlannedTrial[] = [];
    for (const [trial, { worker, refused: reason }] of refused) {
      this.#listener.onNotice(`worker ${worker} refuses trials: ${reason}`);
      const refusals = this.#refusals.get(trial.id) ?? new Map<string, string>();
      this.#refusals.set(trial.id, refusals.set(worker, reason));
      // By their names, not how many they are: some that refused may have left, or have restarted. A Redis that does
      // not tell its clients' names is believed that the one was all.
      const hasOthers = present.some(
        ({ rawname }) =>
          rawname !== undefined && ![...refusals.keys()].some((name) => rawname.endsWith(`:w:${name}`)),
      );
      if (hasOthers) again.push(trial);
      else this.#fail(trial.id, `every worker refuses it: ${[...new Set(refusals.values())].join('; ')}`);
    }
    if (again.length > 0) await this.#putAgain(again);
  }

  /**
   * Takes what no worker has begun from the queue. A trial that a worker has begun runs to its end, and its result waits on the
   * queue.
   */
  async #takeBack(): Promise<void> {
    const states = await this.#statesOf([...this.#onQueue.values()]);
    const unbegun = states.filter(([, { is }]) => is === 'waiting');
    await Promise.all(unbegun.map(([{ id }]) => this.#queue.jobs.remove(id)));
  }
}

/** Whether Redis took nothing because its memory is full. */
const isFull = (error: unknown) => /\bOOM\b/.test((error as Error).message);

/** The value in a string from Redis, which anybody may have written; `undefined` if it is not JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
