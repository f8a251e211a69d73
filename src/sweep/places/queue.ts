import { setTimeout as sleep } from 'node:timers/promises';
import { type Job, Queue, QueueEvents } from 'bullmq';
import { askRedis, lastingConnection, type QueueAddress, queueAddress } from '../queue/connection';
import { type JobProgress, QUEUE_NAME, type TrialJob } from '../queue/job';
import { QueueError } from '../queue/queueError';
import { parseResult } from '../trial';
import type { Limits, Place, PlaceListener, PlannedTrial } from './place';

/** So many of a sweep's trials are on the queue at a time; the rest waits here. */
const ON_QUEUE = 500;
/** How often jobs are looked after that should have been heard of: events are lost when Redis restarts. */
const LOOK_MILLISECONDS = 2000;
/** How long Redis keeps an answer, for a notebook that was killed and runs its sweep again. */
const KEPT_SECONDS = 7 * 24 * 3600;

const JOB_OPTIONS = {
  // A trial's own failure is final; what is tried again is a worker process that died.
  attempts: 3,
  backoff: { type: 'fixed', delay: 200 },
  removeOnComplete: { age: KEPT_SECONDS },
  removeOnFail: { age: KEPT_SECONDS },
} as const;

type TrialQueue = Queue<TrialJob>;

/**
 * Workers that serve a queue: BullMQ on Redis. The queue holds trials as data and their results; whoever runs the same
 * sweep again, or the same trial in another sweep, finds what is there already.
 */
export function onQueue(url: string | true, limits?: Limits): Place {
  const address = queueAddress(url);
  let closing = false;
  const connection = {
    ...lastingConnection(address),
    retryStrategy: (times: number) => (closing ? null : Math.min(200 * times, LOOK_MILLISECONDS)),
  };
  let queue: TrialQueue | undefined;
  let events: QueueEvents | undefined;

  return {
    async run(trials, listener) {
      if (!queue || !events) {
        await askRedis(address, (redis) => redis.ping());
        queue = new Queue(QUEUE_NAME, { connection });
        events = new QueueEvents(QUEUE_NAME, { connection, lastEventId: await newestEvent(address, queue) });
      }
      const lost = (error: Error) =>
        listener.onNotice(`the queue ${address.shown} was lost for a while: ${error.message || error.name}`);
      queue.on('error', lost);
      events.on('error', lost);
      try {
        await events.waitUntilReady();
        await new Run(queue, events, trials, listener, limits).end();
      } catch (error) {
        // Redis is there and refuses: its memory is full, say, or the user may not write.
        throw new QueueError(`queue ${address.shown} cannot be used: ${(error as Error).message}`);
      } finally {
        queue.off('error', lost);
        events.off('error', lost);
        // Once nobody listens, an error would end the process.
        queue.on('error', () => {});
        events.on('error', () => {});
      }
    },
    async close() {
      closing = true;
      // Without Redis there is nobody to say good-bye to, and its connections end at their next attempt.
      const closed = Promise.allSettled([events?.close(), queue?.close()]);
      await Promise.race([closed, sleep(LOOK_MILLISECONDS, undefined, { ref: false })]);
    },
  };
}

/** From where to listen: not from when the connection is up, which may be after the first trials were begun. */
async function newestEvent(address: QueueAddress, queue: TrialQueue): Promise<string> {
  const stream = queue.toKey('events');
  const [newest] = await askRedis(address, (redis) => redis.xrevrange(stream, '+', '-', 'COUNT', 1));
  return newest?.[0] ?? '0-0';
}

/** One round of trials: puts them on the queue, hears of them, and looks after those it does not hear of. */
class Run {
  readonly #queue: TrialQueue;
  readonly #listener: PlaceListener;
  readonly #limits: Limits | undefined;
  readonly #waiting: PlannedTrial[];
  readonly #onQueue = new Map<string, PlannedTrial>();
  readonly #refusals = new Map<string, Map<string, string>>();
  readonly #events: QueueEvents;
  #wake = () => {};

  constructor(
    queue: TrialQueue,
    events: QueueEvents,
    trials: readonly PlannedTrial[],
    listener: PlaceListener,
    limits: Limits | undefined,
  ) {
    this.#queue = queue;
    this.#events = events;
    this.#waiting = [...trials];
    this.#listener = listener;
    this.#limits = limits;
  }

  /** Resolves when every trial is settled, or nobody waits any more. */
  async end(): Promise<void> {
    const { signal } = this.#listener;
    const onCompleted = ({ jobId, returnvalue }: { jobId: string; returnvalue: unknown }) =>
      this.#complete(jobId, returnvalue);
    const onFailed = ({ jobId, failedReason }: { jobId: string; failedReason: string }) =>
      this.#fail(jobId, failedReason);
    const onActive = ({ jobId }: { jobId: string }) => {
      if (this.#onQueue.has(jobId)) this.#listener.onProgress(jobId, 0);
    };
    const onProgress = ({ jobId, data }: { jobId: string; data: unknown }) =>
      this.#hear(jobId, data as JobProgress);
    let onAbort = () => {};
    const aborted = new Promise<void>((resolve) => {
      onAbort = () => {
        this.#wake();
        resolve();
      };
    });
    this.#events.on('completed', onCompleted);
    this.#events.on('failed', onFailed);
    this.#events.on('active', onActive);
    this.#events.on('progress', onProgress);
    signal.addEventListener('abort', onAbort);
    try {
      let looked = performance.now();
      while (!signal.aborted && this.#waiting.length + this.#onQueue.size > 0) {
        // While Redis is gone its answers take as long as it does: a stop does not wait for them.
        await Promise.race([this.#fill(), aborted]);
        await this.#pause(LOOK_MILLISECONDS);
        if (performance.now() - looked > LOOK_MILLISECONDS) {
          await Promise.race([this.#look(), aborted]);
          looked = performance.now();
        }
      }
      if (signal.aborted) await this.#takeBack();
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#events.off('completed', onCompleted);
      this.#events.off('failed', onFailed);
      this.#events.off('active', onActive);
      this.#events.off('progress', onProgress);
    }
  }

  /** Puts trials on the queue, as many as there is room for. A trial that is there already is not put there twice. */
  async #fill(): Promise<void> {
    const room = ON_QUEUE - this.#onQueue.size;
    // A few at a time would cost a round trip each.
    if (this.#waiting.length === 0 || room < Math.min(ON_QUEUE / 4, this.#waiting.length)) return;
    const trials = this.#waiting.splice(0, room);
    for (const trial of trials) this.#onQueue.set(trial.id, trial);
    await this.#add(trials);
    // A job that was on the queue before gives no event any more: ask for it.
    await Promise.all(trials.map(({ id }) => this.#ask(id, 'again')));
  }

  async #add(trials: readonly PlannedTrial[]): Promise<void> {
    await this.#queue.addBulk(
      trials.map(({ id, spec }) => ({
        name: 'trial',
        data: { trial: spec, ...(this.#limits && { limits: this.#limits }) },
        opts: { ...JOB_OPTIONS, jobId: id },
      })),
    );
  }

  /** Asks for every trial that is on the queue, and whether somebody serves it. */
  async #look(): Promise<void> {
    if ((await this.#queue.getWorkersCount()) === 0) {
      this.#listener.onNotice('no worker serves the queue now: start one with npm run worker');
    }
    await Promise.all([...this.#onQueue.keys()].map((id) => this.#ask(id, 'final')));
  }

  /** @param failures Whether a failure of old is final, or the trial is to be tried again. */
  async #ask(id: string, failures: 'final' | 'again'): Promise<void> {
    const trial = this.#onQueue.get(id);
    if (!trial) return;
    const job = await this.#queue.getJob(id);
    // Settled by an event while this asked.
    if (!this.#onQueue.has(id)) return;
    if (!job) await this.#add([trial]);
    else if (job.finishedOn && job.failedReason === undefined) this.#complete(id, job.returnvalue);
    else if (job.finishedOn && failures === 'final') this.#fail(id, job.failedReason);
    else if (job.finishedOn) {
      // It stays if another sweep has put it there again meanwhile and a worker has begun it.
      await job.remove().catch(() => {});
      await this.#add([trial]);
    }
  }

  #complete(id: string, value: unknown): void {
    if (!this.#onQueue.delete(id)) return;
    try {
      this.#listener.onResult(id, parseResult(value));
    } catch (error) {
      this.#listener.onFailure(id, `a worker gave no result: ${(error as Error).message}`);
    }
    this.#settled();
  }

  #fail(id: string, reason: string): void {
    if (!this.#onQueue.delete(id)) return;
    this.#listener.onFailure(id, reason);
    this.#settled();
  }

  #settled(): void {
    if (this.#onQueue.size === 0 || this.#waiting.length > 0) this.#wake();
  }

  #hear(id: string, progress: JobProgress): void {
    if (!this.#onQueue.has(id)) return;
    if ('share' in progress) this.#listener.onProgress(id, progress.share);
    else {
      this.#refuse(id, progress.worker, progress.refused).catch((error: Error) =>
        this.#listener.onNotice(`the queue could not be asked for its workers: ${error.message}`),
      );
    }
  }

  /** A worker cannot run a trial and gave it back. Once each that is there now has, nobody is left to wait for. */
  async #refuse(id: string, worker: string, reason: string): Promise<void> {
    this.#listener.onNotice(`worker ${worker} refuses trials: ${reason}`);
    const refusals = this.#refusals.get(id) ?? new Map<string, string>();
    this.#refusals.set(id, refusals.set(worker, reason));
    // By their names, not how many they are: some that refused may have left, or have started anew.
    const others = (await this.#queue.getWorkers()).filter(
      ({ rawname = '' }) => ![...refusals.keys()].some((name) => rawname.endsWith(`:w:${name}`)),
    );
    // A Redis that does not tell its clients' names is believed that the one was all.
    if (others.some(({ rawname }) => rawname !== undefined)) return;
    await this.#remove(id);
    this.#fail(id, `every worker refuses it: ${[...new Set(refusals.values())].join('; ')}`);
  }

  /** Takes what no worker has begun from the queue. */
  async #takeBack(): Promise<void> {
    const removed = Promise.all([...this.#onQueue.keys()].map((id) => this.#remove(id)));
    // Without Redis there is nothing to take back, and nobody should wait for it.
    await Promise.race([removed, sleep(LOOK_MILLISECONDS, undefined, { ref: false })]);
  }

  async #remove(id: string): Promise<void> {
    const job: Job<TrialJob> | undefined = await this.#queue.getJob(id);
    // A job that a worker has begun cannot be removed: it ends, and its result waits on the queue.
    await job?.remove().catch(() => {});
  }

  async #pause(milliseconds: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
      if (this.#listener.signal.aborted || this.#onQueue.size === 0) this.#wake();
    });
    this.#wake = () => {};
  }
}
