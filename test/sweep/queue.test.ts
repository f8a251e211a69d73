import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import {
  fromModule,
  QueueError,
  type SweepOptions,
  type SweepProgress,
  type SweepTable,
  sweep,
} from 'sparselab';
import { askRedis, queueAddress } from 'sparselab/dist/sweep/queue/connection';
import { queueName } from 'sparselab/dist/sweep/queue/job';
import { codeVersion } from 'sparselab/dist/sweep/runTrials';
import { TestRedis } from '../support/redis';
import { temporaryFolder } from '../support/temporary';
import { TestWorker } from './support/queueWorker';

const own = (name: string, parameters = {}) => fromModule('test/sweep/support/own.cjs', name, parameters);
const digits: SweepOptions = {
  data: { name: 'digits', take: 200 },
  model: { hiddenDim: 8 },
  penalty: 'l1',
  train: { epochs: 2, batchSize: 50 },
};
/** The queue of this version of the code. */
const QUEUE_NAME = queueName(codeVersion);
const space = { lambda: [1e-3, 1e-1], seed: [1, 2] };

/** A trial's gate: trials of the trainer `gate` wait until it is opened. */
class Gate {
  readonly #file = join(temporaryFolder(), 'gate');
  readonly trainer = own('gate', { file: this.#file });

  open(): void {
    writeFileSync(this.#file, '');
  }
}

/** A sweep of gated trials that goes on, and what it says of itself. */
class RunningSweep {
  readonly gate = new Gate();
  readonly done: Promise<SweepTable>;
  readonly #controller = new AbortController();
  #progress: SweepProgress | undefined;

  constructor(queue: string, trials = 1) {
    this.done = sweep(
      { x: Array.from({ length: trials }, (_, x) => x) },
      {
        trainer: this.gate.trainer,
        queue,
        signal: this.#controller.signal,
        onProgress: (progress) => {
          this.#progress = progress;
        },
      },
    );
  }

  /** Waits until a worker has begun a trial. */
  async begins(): Promise<void> {
    await until(() => (this.#progress?.running ?? 0) > 0);
  }

  /** Waits for a notice. */
  async says(pattern: RegExp): Promise<void> {
    await until(() => this.#progress?.notices.some((notice) => pattern.test(notice)) ?? false);
  }

  stop(): void {
    this.#controller.abort();
  }

  /** Opens the gate, and sees that each trial has its result. */
  async passes(): Promise<SweepTable> {
    this.gate.open();
    const table = await this.done;
    assert.deepEqual(
      table.rows.map(({ metrics }) => metrics.passed),
      table.rows.map((_, x) => x),
    );
    return table;
  }
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 10));
}

describe('a sweep on a queue', () => {
  let redis: TestRedis;
  let worker: TestWorker;
  const workers: TestWorker[] = [];
  const startWorker = async (options?: { args?: string[]; env?: Record<string, string> }) => {
    const started = await TestWorker.start(redis.url, options);
    workers.push(started);
    return started;
  };
  before(async () => {
    redis = await TestRedis.start();
    worker = await startWorker();
  });
  after(async () => {
    for (const started of workers) await started.kill();
    await redis.dispose();
  });

  it('gives the same rows, order and numbers as this process', async () => {
    const [here, there] = [await sweep(space, digits), await sweep(space, { ...digits, queue: redis.url })];
    assert.deepEqual(
      there.rows.map(({ id, settings, metrics, status }) => ({ id, settings, metrics, status })),
      here.rows.map(({ id, settings, metrics, status }) => ({ id, settings, metrics, status })),
    );
  });

  it('reports a failure with its settings, and goes on', async () => {
    const { rows } = await sweep({ x: [1, 13, 3] }, { trainer: own('parabola'), queue: redis.url });
    assert.deepEqual(
      rows.map(({ status, error, metrics }) => [status, error, metrics.loss]),
      [
        ['finished', undefined, 4],
        ['failed', '13 brings bad luck', undefined],
        ['finished', undefined, 0],
      ],
    );
  });

  it('finds on the queue what was finished while nobody waited', async () => {
    const log = join(temporaryFolder(), 'log');
    const options = { trainer: own('parabola', { log }), queue: redis.url };
    const first = await sweep({ x: [5, 6] }, options);
    const second = await sweep({ x: [5, 6, 7] }, options);
    assert.deepEqual(second.rows.slice(0, 2), first.rows);
    assert.equal(readFileSync(log, 'utf8').trim().split('\n').length, 3);
  });

  it('runs a trial once for two sweeps that want it at the same time', async () => {
    const log = join(temporaryFolder(), 'log');
    const options = { trainer: own('parabola', { log }), queue: redis.url };
    const xs = Array.from({ length: 20 }, (_, x) => x + 20);
    const tables = await Promise.all([sweep({ x: xs }, options), sweep({ x: xs }, options)]);
    assert.deepEqual(tables[0]?.rows, tables[1]?.rows);
    assert.equal(readFileSync(log, 'utf8').trim().split('\n').length, 20);
  });

  it('tries a failed trial again, also where another sweep does so at the same moment', async () => {
    const options = { trainer: own('parabola', { try: 1 }), queue: redis.url };
    const [row] = (await sweep({ x: [13] }, options)).rows;
    // As if a worker had begun it, for the other sweep.
    const lock = `bull:${QUEUE_NAME}:${row?.id}:lock`;
    await askRedis(queueAddress(redis.url), (client) => client.set(lock, 'token of a worker'));
    const { rows } = await sweep({ x: [13, 4] }, options);
    assert.deepEqual(
      rows.map(({ status, error }) => [status, error]),
      [
        ['failed', '13 brings bad luck'],
        ['finished', undefined],
      ],
    );
  });

  it('ends a trial that uses more than its limits', async () => {
    const options = { queue: redis.url, limits: { seconds: 1, megabytes: 1500 } };
    const slow = await sweep({ milliseconds: [60_000] }, { trainer: own('sleeper'), ...options });
    assert.equal(slow.rows[0]?.error, 'it took longer than its limit of 1 s');
  });

  it('runs a trial again that lost its process', async () => {
    const marker = join(temporaryFolder(), 'marker');
    const { rows } = await sweep({ x: [0] }, { trainer: own('killer', { marker }), queue: redis.url });
    assert.equal(rows[0]?.metrics.loss, 0);
  });

  it('refuses a job that is not a trial, and one that was altered', async () => {
    const queue = openQueue(redis.url);
    const altered = await queue.add('trial', { trial: { format: 'other' } }, { jobId: 'altered' });
    await until(() => altered.isFailed());
    const { failedReason } = (await queue.getJob('altered')) ?? {};
    await queue.close();
    assert.equal(failedReason, 'malformed: trial.format must be \'sparselab trial 1\'; got "other"');
  });

  it('takes what nobody has begun back from the queue when it is stopped', async () => {
    const running = new RunningSweep(redis.url, 4);
    await running.begins();
    running.stop();
    const table = await running.done;
    running.gate.open();
    assert.equal(table.status, 'stopped');
    assert.ok(table.rows.every(({ status }) => status === 'missing'));
    const queue = openQueue(redis.url);
    assert.equal(await queue.getWaitingCount(), 0);
    await queue.close();
  });

  it('puts trials again that Redis has dropped: all of it, the trials, or the list in which they stand', async () => {
    const client = new Redis(redis.url);
    const dropped = async (pattern: string) => client.del(await client.keys(pattern));
    for (const pattern of ['*', `bull:${QUEUE_NAME}:${'?'.repeat(64)}`, `bull:${QUEUE_NAME}:wait`]) {
      const running = new RunningSweep(redis.url, 3);
      await running.begins();
      assert.ok((await dropped(pattern)) > 0, pattern);
      const { rows, status } = await running.passes();
      assert.ok(rows.every(({ status, error }) => status === 'finished' && error === undefined));
      assert.equal(status, 'finished');
    }
    client.disconnect();
  });

  it('says once that its Redis may drop trials, on either side', async () => {
    const policy = (name: string) =>
      askRedis(queueAddress(redis.url), (client) => client.config('SET', 'maxmemory-policy', name));
    await policy('allkeys-lru');
    const { notices, rows } = await sweep({ x: [50, 51] }, { trainer: own('parabola'), queue: redis.url });
    assert.equal(rows[1]?.metrics.loss, 48 ** 2);
    assert.deepEqual(
      notices.map((notice) => /may drop trials .*maxmemory-policy allkeys-lru.* noeviction/.test(notice)),
      [true],
    );
    const warned = await startWorker();
    await warned.leave();
    assert.equal(warned.output.split('maxmemory-policy allkeys-lru').length, 2, warned.output);
    assert.doesNotMatch(warned.output, /IMPORTANT/);
    await policy('noeviction');
  });

  it('waits while its Redis, which drops nothing, is full, and says so', async () => {
    const client = new Redis(redis.url);
    const running = new RunningSweep(redis.url, 4);
    await running.begins();
    await client.del(await client.keys(`bull:${QUEUE_NAME}:${'?'.repeat(64)}`));
    await client.config('SET', 'maxmemory', '1');
    await running.says(/the Redis of the queue is full: trials wait until it has room/);
    await client.config('SET', 'maxmemory', '0');
    client.disconnect();
    const { status, notices } = await running.passes();
    assert.equal(status, 'finished');
    assert.equal(notices.filter((notice) => notice.includes('is full')).length, 1);
  });

  it('survives that Redis is killed and comes back', async () => {
    const running = new RunningSweep(redis.url, 12);
    await running.begins();
    await redis.stop('SIGKILL');
    await running.says(/was lost for a while/);
    await redis.start();
    await running.passes();
  });

  it('hands the trials of a killed worker to another one, and counts each once', async () => {
    const running = new RunningSweep(redis.url, 10);
    await running.begins();
    await worker.kill();
    worker = await startWorker();
    await running.passes();
  });

  it('gives the trial of a worker that fell silent to another one, and drops the answer that comes too late', async () => {
    const silent = worker;
    const running = new RunningSweep(redis.url);
    await running.begins();
    // Its connections stay open, and nothing comes from it any more, as from an unplugged machine.
    process.kill(silent.pid, 'SIGSTOP');
    worker = await startWorker();
    await worker.says(/its worker was lost, it runs again/);
    const { rows } = await running.passes();
    await worker.says(/done in \d+\.\d s/);
    process.kill(silent.pid, 'SIGCONT');
    await silent.says(/another worker has it, as this one was silent for too long/);
    const again = await sweep({ x: [0] }, { trainer: running.gate.trainer, queue: redis.url });
    assert.equal(again.rows[0]?.worker, rows[0]?.worker);
    assert.equal(await silent.leave(), 0);
  });

  it('lets a worker leave: it finishes its trial, says so, and ends with 0', async () => {
    const running = new RunningSweep(redis.url);
    await running.begins();
    const left = worker.leave();
    await worker.says(/leaving: finishing/);
    await running.passes();
    assert.equal(await left, 0);
    assert.match(worker.output, /leaving: finishing.*\n.*done in \d+\.\d s\n.*left/);
  });

  it('lets a worker leave: what it cannot finish in time it hands back, and another one does it, whatever their clocks say', async () => {
    const ahead = join(__dirname, '..', '..', '..', 'test', 'sweep', 'support', 'clockAhead.cjs');
    const env = { NODE_OPTIONS: `--require=${ahead}`, CLOCK_HOURS: '1000' };
    const leaving = await startWorker({ args: ['--finish', '0'], env });
    // Nor are answers of others older for it than they are.
    const before = await sweep({ x: [50] }, { trainer: own('parabola'), queue: redis.url });
    const marker = join(temporaryFolder(), 'marker');
    await sweep({ x: [0] }, { trainer: own('killer', { marker }), queue: redis.url });
    const after = await sweep({ x: [50] }, { trainer: own('parabola'), queue: redis.url });
    assert.deepEqual(after.rows, before.rows);

    const running = new RunningSweep(redis.url);
    await running.begins();
    assert.equal(await leaving.leave(), 0);
    assert.match(leaving.output, /handing back the rest\n.*left/);
    worker = await startWorker({ args: ['--finish', '0'] });
    await running.passes();
  });

  it('lets a worker leave also while Redis is gone', async () => {
    await redis.stop('SIGKILL');
    assert.equal(await worker.leave(), 0);
    await redis.start();
  });

  it('is stopped also while Redis is gone', async () => {
    const running = new RunningSweep(redis.url, 2);
    await running.says(/no worker serves the queue now: start one with npm run worker$/);
    await redis.stop('SIGKILL');
    await running.says(/was lost for a while/);
    running.stop();
    assert.equal((await running.done).status, 'stopped');
    await redis.start();
  });

  it('ends with what Redis says when it takes no more jobs', async () => {
    for (const started of workers) await started.kill();
    await redis.stop('SIGTERM');
    await redis.start({ maxmemory: '1' });
    await assert.rejects(sweep({ x: [40] }, { trainer: own('parabola'), queue: redis.url }), (error) => {
      assert.ok(error instanceof QueueError);
      assert.match(error.message, /^queue redis:\/\/127\.0\.0\.1:\d+ cannot be used: .*OOM/);
      return true;
    });
  });
});

describe('a queue', () => {
  const trainer = own('parabola');
  const cases: [string, string | true, RegExp][] = [
    [
      'that nobody serves at that address',
      'redis://127.0.0.1:1',
      /queue redis:\/\/127\.0\.0\.1:1 cannot be used: connect ECONNREFUSED/,
    ],
    [
      'of another protocol',
      'http://u:secret@host',
      /queue must be a redis:\/\/ or rediss:\/\/ URL; got 'http:\/\/…'/,
    ],
    ['that is not a URL', 'secret', /queue must be a URL such as redis:\/\/host:6379; got an invalid URL/],
    ['from an environment variable that is not set', true, /SPARSELAB_QUEUE, which is not set/],
  ];
  for (const [what, queue, message] of cases) {
    it(`${what} is refused, without its password`, async () => {
      await assert.rejects(sweep({ x: [1] }, { trainer, queue }), (error) => {
        assert.ok(error instanceof QueueError);
        assert.match(error.message, message);
        return !error.message.includes('secret');
      });
    });
  }
});

/** The queue itself; the opener closes it. */
function openQueue(url: string): Queue {
  const { hostname, port, password } = new URL(url);
  return new Queue(QUEUE_NAME, { connection: { host: hostname, port: Number(port), password } });
}
