import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { Queue } from 'bullmq';
import { fromModule, type SweepOptions, type SweepTable, sweep } from 'sparselab';
import { modulePart } from 'sparselab/dist/sweep/projectModules';
import { queueAddress } from 'sparselab/dist/sweep/queue/connection';
import { QUEUE_NAME } from 'sparselab/dist/sweep/queue/job';
import { TRIAL_FORMAT, type TrialSpec, trialId } from 'sparselab/dist/sweep/trial';
import { TestRedis } from '../support/redis';
import { ProjectCopy } from './support/projectCopy';
import { TestWorker } from './support/queueWorker';

const root = join(__dirname, '..', '..', '..');
const OWN = 'test/sweep/support/own.cjs';
const POINTS = 'test/sweep/support/points.json';
const own = (name: string) => fromModule(OWN, name);
const training: SweepOptions = { model: { hiddenDim: 2 }, penalty: 'l1', train: { epochs: 1, batchSize: 2 } };

describe('a worker refuses a trial and says why where it has', () => {
  let redis: TestRedis;
  const workers: TestWorker[] = [];
  const startWorker = async (copy?: ProjectCopy) => {
    const worker = await TestWorker.start(redis.url, copy && { folder: copy.folder });
    workers.push(worker);
    return worker;
  };
  before(async () => {
    redis = await TestRedis.start();
  });
  afterEach(async () => {
    for (const worker of workers.splice(0)) await worker.kill();
  });
  after(() => redis.dispose());

  /** The worker's words are in the row, beside the settings, and among what the worker printed. */
  const assertRefused = ({ rows: [row] }: SweepTable, worker: TestWorker, reason: RegExp) => {
    assert.equal(row?.state, 'failed');
    assert.match(row?.error ?? '', new RegExp(`^every worker refuses it: ${reason.source}`));
    assert.match(worker.output, new RegExp(`trial [0-9a-f]{12} refused: ${reason.source}`));
  };

  it('other code; another worker then does the trial', async () => {
    const copy = new ProjectCopy();
    copy.append('dist/model/penalties.js', '\nexports.altered = true;\n');
    const worker = await startWorker(copy);
    const options = { trainer: own('parabola'), queue: redis.url };
    assertRefused(
      await sweep({ x: [8] }, options),
      worker,
      /Sparselab's code is another version here: the trial needs [0-9a-f]{12}…, this worker has [0-9a-f]{12}…/,
    );
    await startWorker();
    const { rows, notices } = await sweep({ x: [9, 10, 11, 12] }, options);
    assert.deepEqual(
      rows.map(({ metrics }) => metrics.loss),
      [36, 49, 64, 81],
    );
    assert.ok(notices.every((notice) => /refuses trials: Sparselab's code/.test(notice)));
    assert.equal(await worker.leave(), 0);
  });

  it('other code, and starts anew with it, while another worker has no time yet', async () => {
    const copy = new ProjectCopy();
    copy.append('dist/model/penalties.js', '\nexports.altered = true;\n');
    await startWorker();
    const refusing = await startWorker(copy);
    const done = sweep({ milliseconds: [9000, 9001] }, { trainer: own('sleeper'), queue: redis.url });
    await refusing.says(/refused/);
    await refusing.leave();
    await (await startWorker(copy)).says(/refused/);
    const { rows } = await done;
    assert.deepEqual(
      rows.map(({ state, error }) => [state, error]),
      [
        ['done', undefined],
        ['done', undefined],
      ],
    );
  });

  it('other code; trials that are refused for ever, as their notebook is gone, come after all others', async () => {
    await startWorker();
    const queue = new Queue(QUEUE_NAME, { connection: queueAddress(redis.url).options });
    const { path: module, sha256 } = modulePart(own('parabola')).module;
    const old = Array.from(
      { length: 20 },
      (_, x): TrialSpec => ({
        format: TRIAL_FORMAT,
        code: 'f'.repeat(64),
        kind: 'own',
        trainer: { name: 'parabola', parameters: { x }, module: { path: module, sha256 } },
      }),
    );
    await queue.addBulk(
      old.map((trial) => ({ name: 'trial', data: { trial }, opts: { jobId: trialId(trial) } })),
    );
    const tries = async () => {
      const jobs = await Promise.all(old.map((trial) => queue.getJob(trialId(trial))));
      return jobs.map((job) => job?.attemptsStarted ?? 0);
    };
    while ((await tries()).includes(0)) await new Promise((resolve) => setTimeout(resolve, 20));
    const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number);
    const before = sum(await tries());
    const { rows } = await sweep({ x: [13.5] }, { trainer: own('parabola'), queue: redis.url });
    const meanwhile = sum(await tries()) - before;
    await queue.obliterate({ force: true });
    await queue.close();
    assert.equal(rows[0]?.metrics.loss, 10.5 ** 2);
    assert.ok(meanwhile < old.length / 2, `${meanwhile} refusals before it ran`);
  });

  it('other data; once it has the same, the same worker does the trial', async () => {
    const copy = new ProjectCopy();
    copy.write(POINTS, '[[0, 1], [1, 0], [1, 1], [0, 0.5]]');
    const worker = await startWorker(copy);
    const options = { ...training, data: own('points'), queue: redis.url };
    assertRefused(
      await sweep({ lambda: [0.1] }, options),
      worker,
      /data set 'points' is another version here: the trial needs [0-9a-f]{12}…, this worker has [0-9a-f]{12}…/,
    );
    copy.write(POINTS, readFileSync(join(root, POINTS)));
    const { rows } = await sweep({ lambda: [0.1] }, options);
    assert.equal(rows[0]?.error, undefined);
    assert.ok(Number.isFinite(rows[0]?.metrics.mse));
  });

  it('a damaged data set of the library', async () => {
    const copy = new ProjectCopy();
    copy.write('datasets/digits/digits.csv.gz', 'damaged');
    const worker = await startWorker(copy);
    const table = await sweep({ lambda: [0.1] }, { ...training, data: 'digits', queue: redis.url });
    assertRefused(table, worker, /data set 'digits' cannot be loaded here: .*SHA-256/);
  });

  it('another version of a metric’s module, before it trains', async () => {
    const copy = new ProjectCopy();
    copy.append(OWN, '\n// altered\n');
    const worker = await startWorker(copy);
    const data = { name: 'digits', take: 20 } as const;
    const metrics = ['mse', own('rowsSeen')] as const;
    const table = await sweep({ lambda: [0.1] }, { ...training, data, metrics, queue: redis.url });
    assertRefused(table, worker, /module test\/sweep\/support\/own\.cjs is another version here/);
  });
});
