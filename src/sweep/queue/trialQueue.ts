/**
 * The queue of this version of the code, for sweeps and workers: what both do with it.
 *
 * @module
 */
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { codeVersion } from '../runTrials';
import { askRedis, inspectQueue, lastingConnection, type QueueAddress } from './connection';
import { KEPT_SECONDS, QUEUE_FAMILY, queueName, type TrialJob } from './job';

/** A Redis set of the names of all queues that sweeps and workers have used. */
const KNOWN_QUEUES = 'sparselab:queues';
/** How often the queue's own keys have their time renewed. */
const RENEW_MILLISECONDS = 60_000;
/** BullMQ's keys that would stay for good. Not `stalled-check`: that it is gone is how a queue knows that it is time for one. */
const LASTING_KEYS = ['wait', 'prioritized', 'completed', 'failed', 'events', 'meta', 'id', 'pc'];
/** Nobody listens to BullMQ's events here. */
const EVENTS_KEPT = 100;

/** Another version's queue on the same Redis. */
export interface OtherVersion {
  /** The first digits of its code's hash; empty for versions that had one queue for all. */
  readonly code: string;
  /** Trials that wait. */
  readonly waiting: number;
  readonly workers: number;
}

/** The queue on which sweeps and workers of this version of the code meet. */
export class TrialQueue {
  /** Notices for people about its Redis. */
  readonly warning: string | undefined;
  readonly redis: Redis;
  readonly jobs: Queue<TrialJob>;
  #renewed = -Infinity;

  private constructor(address: QueueAddress, warning: string | undefined) {
    this.warning = warning;
    this.redis = new Redis(lastingConnection(address));
    // Once nobody listens, an error would end the process.
    this.redis.on('error', () => {});
    this.jobs = new Queue(queueName(codeVersion), {
      connection: this.redis,
      streams: { events: { maxLen: EVENTS_KEPT } },
      // It looks at the version, and prints to the console what `warning` says better.
      skipVersionCheck: warning !== undefined,
    });
    this.jobs.on('error', () => {});
  }

  /** @throws QueueError if the queue cannot be used. */
  static async open(address: QueueAddress): Promise<TrialQueue> {
    const { warning } = await inspectQueue(address);
    await askRedis(address, (redis) => redis.sadd(KNOWN_QUEUES, queueName(codeVersion)));
    return new TrialQueue(address, warning);
  }

  /**
   * Makes Redis keep jobs, and the queue's data for them, for the promised time from now on. By its own clock: those of other
   * machines may be wrong.
   */
  async keep(ids: readonly string[]): Promise<void> {
    const keys = ids.map((id) => this.jobs.toKey(id));
    if (performance.now() - this.#renewed > RENEW_MILLISECONDS) {
      keys.push(...LASTING_KEYS.map((key) => this.jobs.toKey(key)));
      this.#renewed = performance.now();
    }
    await Promise.all(keys.map((key) => this.redis.expire(key, KEPT_SECONDS)));
  }

  /** Queues of other versions where somebody waits or serves. */
  async otherVersions(): Promise<OtherVersion[]> {
    const names = new Set([QUEUE_FAMILY, ...(await this.redis.smembers(KNOWN_QUEUES))]);
    names.delete(this.jobs.name);
    const versions = [...names].map(async (name): Promise<OtherVersion> => {
      const jobs = new Queue(name, { connection: this.redis, skipMetasUpdate: true, skipVersionCheck: true });
      jobs.on('error', () => {});
      const waiting = await jobs.getJobCountByTypes('wait', 'prioritized', 'delayed');
      const workers = await jobs.getWorkersCount();
      if (waiting + workers === 0) await this.redis.srem(KNOWN_QUEUES, name);
      return { code: name.slice(QUEUE_FAMILY.length + 1), waiting, workers };
    });
    return (await Promise.all(versions)).filter(({ waiting, workers }) => waiting + workers > 0);
  }

  /** Leaves. Without Redis there is nobody to say good-bye to. */
  close(): void {
    this.redis.disconnect();
  }
}
