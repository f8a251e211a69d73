import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Queue } from 'bullmq';
import { fromModule, QueueError, type SweepOptions, sweep } from 'sparselab';
import { askRedis, queueAddress } from 'sparselab/dist/sweep/queue/connection';
import { QUEUE_NAME } from 'sparselab/dist/sweep/queue/job';
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
const space = { lambda: [1e-3, 1e-1], seed: [1, 2] };

describe('a sweep on a queue', () => {
  let redis: TestRedis;
  let worker: TestWorker;
  const workers: TestWorker[] = [];
  const startWorker = async (options?: { args?: string[] }) => {
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
      there.rows.map(({ id, settings, metrics, end }) => ({ id, settings, metrics, end })),
      here.rows.map(({ id, settings, metrics, end }) => ({ id, settings, metrics, end })),
    );
  });

  it('reports a failure beside its settings, and goes on', async () => {
    const { rows } = await sweep({ x: [1, 13, 3] }, { trainer: own('parabola'), queue: redis.url });
    assert.deepEqual(
      rows.map(({ state, error, metrics }) => [state, error, metrics.loss]),
      [
        ['done', undefined, 4],
        ['failed', '13 brings bad luck', undefined],
        ['done', undefined, 0],
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
      rows.map(({ state, error }) => [state, error]),
      [
        ['failed', '13 brings bad luck'],
        ['done', undefined],
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

  it('refuses a job that is no trial, and one that was altered', async () => {
    const queue = openQueue(redis.url);
    const altered = await queue.add('trial', { trial: { format: 'other' } }, { jobId: 'altered' });
    while (!(await altered.isFailed())) await new Promise((resolve) => setTimeout(resolve, 20));
    const { failedReason } = (await queue.getJob('altered')) ?? {};
    await queue.close();
    assert.equal(failedReason, 'malformed: trial.format must be \'sparselab trial 1\'; got "other"');
  });

  it('takes what nobody has begun back from the queue when it is stopped', async () => {
    const controller = new AbortController();
    const table = await sweep(
      { milliseconds: [1500, 1501, 1502, 1503] },
      {
        trainer: own('sleeper'),
        queue: redis.url,
        signal: controller.signal,
        onProgress: ({ running }) => {
          if (running > 0) controller.abort();
        },
      },
    );
    assert.equal(table.end, 'stopped');
    assert.ok(table.rows.every(({ state }) => state === 'missing'));
    const queue = openQueue(redis.url);
    assert.equal(await queue.getWaitingCount(), 0);
    await queue.close();
  });

  it('survives that Redis is killed and comes back', async () => {
    const running = sweep(
      { milliseconds: Array.from({ length: 12 }, (_, index) => 150 + index) },
      { trainer: own('sleeper'), queue: redis.url },
    );
    await new Promise((resolve) => setTimeout(resolve, 1000));
    await redis.stop('SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, 500));
    await redis.start();
    const { rows } = await running;
    assert.deepEqual(
      rows.map(({ metrics }) => metrics.slept),
      Array.from({ length: 12 }, (_, index) => 150 + index),
    );
  });

  it('hands the trials of a killed worker to another one, and counts each once', async () => {
    const running = sweep(
      { milliseconds: Array.from({ length: 10 }, (_, index) => 250 + index) },
      { trainer: own('sleeper'), queue: redis.url },
    );
    await new Promise((resolve) => setTimeout(resolve, 600));
    await worker.kill();
    worker = await startWorker();
    const { rows } = await running;
    assert.deepEqual(
      rows.map(({ metrics }) => metrics.slept),
      Array.from({ length: 10 }, (_, index) => 250 + index),
    );
  });

  it('gives the trial of a worker that fell silent to another one, and drops the answer that comes too late', async () => {
    const silent = worker;
    const { running, begun } = sleepOnQueue(3000, redis.url);
    await begun;
    // Its connections stay open, and nothing comes from it any more, as from an unplugged machine.
    process.kill(silent.pid, 'SIGSTOP');
    worker = await startWorker();
    const { rows } = await running;
    assert.equal(rows[0]?.metrics.slept, 3000);
    await worker.says(/its worker was lost, it runs again\n.*done in \d+\.\d s/);
    process.kill(silent.pid, 'SIGCONT');
    await silent.says(/another worker has it, as this one was silent for too long/);
    const again = await sweep({ milliseconds: [3000] }, { trainer: own('sleeper'), queue: redis.url });
    assert.equal(again.rows[0]?.worker, rows[0]?.worker);
    assert.equal(await silent.leave(), 0);
  });

  it('lets a worker leave: it finishes its trial, says so, and ends with 0', async () => {
    const leaving = await startWorker();
    await worker.leave();
    const { running, begun } = sleepOnQueue(1200, redis.url);
    await begun;
    assert.equal(await leaving.leave(), 0);
    assert.match(leaving.output, /leaving: finishing.*\n.*done in 1\.\d s\n.*left/);
    assert.equal((await running).rows[0]?.metrics.slept, 1200);
  });

  it('lets a worker leave: what it cannot finish in time it hands back, and another one does it', async () => {
    const leaving = await startWorker({ args: ['--finish', '0'] });
    const { running, begun } = sleepOnQueue(2500, redis.url);
    await begun;
    assert.equal(await leaving.leave(), 0);
    assert.match(leaving.output, /handing back the rest\n.*left/);
    await startWorker();
    assert.equal((await running).rows[0]?.metrics.slept, 2500);
  });

  it('lets a worker leave also while Redis is gone', async () => {
    const leaving = await startWorker({ args: ['--finish', '0'] });
    await redis.stop('SIGKILL');
    assert.equal(await leaving.leave(), 0);
    await redis.start();
  });

  it('is stopped also while Redis is gone', async () => {
    const controller = new AbortController();
    const running = sweep(
      { milliseconds: [60_000, 60_001] },
      { trainer: own('sleeper'), queue: redis.url, signal: controller.signal },
    );
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await redis.stop('SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, 2500));
    controller.abort();
    assert.equal((await running).end, 'stopped');
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
    [
      'that is no URL',
      'secret',
      /queue must be a URL such as redis:\/\/host:6379; got something that is none/,
    ],
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

/** A trial that only waits, and when a worker has begun it. */
function sleepOnQueue(milliseconds: number, queue: string) {
  let begin = () => {};
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const running = sweep(
    { milliseconds: [milliseconds] },
    {
      trainer: own('sleeper'),
      queue,
      onProgress: (progress) => {
        if (progress.running > 0) begin();
      },
    },
  );
  return { running, begun };
}

/** The queue itself; whoever opens it closes it. */
function openQueue(url: string): Queue {
  const { hostname, port, password } = new URL(url);
  return new Queue('sparselab-trials', { connection: { host: hostname, port: Number(port), password } });
}
