import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Queue } from 'bullmq';
import { fromModule, type SweepOptions, type SweepTable, sweep } from 'sparselab';
import { queueAddress } from 'sparselab/dist/sweep/queue/connection';
import { QUEUE_FAMILY, queueName } from 'sparselab/dist/sweep/queue/job';
import { TestRedis } from '../support/redis';
import { temporaryFolder } from '../support/temporary';
import { ProjectCopy } from './support/projectCopy';
import { TestWorker } from './support/queueWorker';

const root = join(__dirname, '..', '..', '..');
const OWN = 'test/sweep/support/own.cjs';
const POINTS = 'test/sweep/support/points.json';
const DIGITS = 'datasets/digits/digits.csv.gz';
const own = (name: string) => fromModule(OWN, name);
const training: SweepOptions = { model: { hiddenDim: 2 }, penalty: 'l1', train: { epochs: 1, batchSize: 2 } };

describe('a worker that has', () => {
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
  after(async () => {
    for (const worker of workers) await worker.kill();
    await redis.dispose();
  });

  it('other code never sees a trial; a waiting sweep is told, and so is the user who starts a worker', async () => {
    const copy = new ProjectCopy();
    copy.append('dist/model/penalties.js', '\nexports.altered = true;\n');
    const other = await startWorker(copy);
    const [, code = ''] = /code ([0-9a-f]{12})/.exec(other.output) ?? [];
    let told = false;
    const done = sweep(
      { x: [9, 10] },
      {
        trainer: own('parabola'),
        queue: redis.url,
        onProgress: ({ notices }) => {
          told ||= notices.some((notice) =>
            notice.includes(`those that are there have other code: ${code}; this`),
          );
        },
      },
    );
    while (!told) await new Promise((resolve) => setTimeout(resolve, 10));
    const worker = await startWorker();
    assert.deepEqual(
      (await done).rows.map(({ metrics }) => metrics.loss),
      [36, 49],
    );
    assert.doesNotMatch(other.output, /trial/);
    // Trials of another version, and of those that had one queue for all, are left alone and named.
    for (const name of [queueName(code), QUEUE_FAMILY]) {
      const queue = new Queue(name, { connection: queueAddress(redis.url).options });
      await other.kill();
      await queue.add('trial', {}, { jobId: 'a' });
      await queue.add('trial', {}, { jobId: 'b' });
      await queue.close();
    }
    await worker.kill();
    const { output } = await startWorker();
    assert.match(
      output,
      new RegExp(`Note: trials of code ${code} wait here \\(2\\); only workers of that version`),
    );
    assert.match(output, /Note: trials of an earlier version wait here \(2\)/);
  });

  describe('other data or modules refuses a trial and says why:', () => {
    const copy = new ProjectCopy();
    let worker: TestWorker;
    before(async () => {
      for (const other of workers) await other.kill();
      copy.write(POINTS, '[[0, 1], [1, 0], [1, 1], [0, 0.5]]');
      copy.write(DIGITS, 'damaged');
    });

    /** The worker's words are in the row, with the settings, and among what the worker printed. */
    const assertRefused = ({ rows: [row] }: SweepTable, reason: RegExp) => {
      assert.equal(row?.status, 'failed');
      assert.match(row?.error ?? '', new RegExp(`^every worker refuses it: ${reason.source}`));
      assert.match(worker.output, new RegExp(`trial [0-9a-f]{12} refused: ${reason.source}`));
    };
    const points = () => ({ ...training, data: own('points'), queue: redis.url });

    it('another worker does it, also while the one that refuses starts again', async () => {
      const able = await startWorker();
      const gate = join(temporaryFolder(), 'gate');
      const isBusy = new Promise<void>((resolve) => {
        void sweep(
          { x: [1] },
          {
            trainer: fromModule(OWN, 'gate', { file: gate }),
            queue: redis.url,
            onProgress: ({ running }) => running > 0 && resolve(),
          },
        );
      });
      await isBusy;
      worker = await startWorker(copy);
      const done = sweep({ lambda: [0.1, 0.2] }, points());
      await worker.says(/refused/);
      await worker.leave();
      worker = await startWorker(copy);
      await worker.says(/refused/);
      writeFileSync(gate, '');
      const { rows, notices } = await done;
      assert.deepEqual(
        rows.map(({ status, error }) => [status, error]),
        [
          ['finished', undefined],
          ['finished', undefined],
        ],
      );
      assert.ok(notices.every((notice) => /^worker .* refuses trials: data set 'points'/.test(notice)));
      await able.kill();
    });

    it('other data; once it has the same, the same worker does the trial', async () => {
      assertRefused(
        await sweep({ lambda: [0.3] }, points()),
        /data set 'points' is another version here: the trial needs [0-9a-f]{12}…, this worker has [0-9a-f]{12}…/,
      );
      copy.write(POINTS, readFileSync(join(root, POINTS)));
      const { rows } = await sweep({ lambda: [0.3] }, points());
      assert.equal(rows[0]?.error, undefined);
      assert.ok(Number.isFinite(rows[0]?.metrics.mse));
    });

    it('a damaged data set of the library', async () => {
      const table = await sweep({ lambda: [0.1] }, { ...training, data: 'digits', queue: redis.url });
      assertRefused(table, /data set 'digits' cannot be loaded here: .*SHA-256/);
      copy.write(DIGITS, readFileSync(join(root, DIGITS)));
    });

    it('another version of a metric’s module, before it trains', async () => {
      copy.append(OWN, '\n// altered\n');
      const data = { name: 'digits', take: 20 } as const;
      const metrics = ['mse', own('rowsSeen')] as const;
      const table = await sweep({ lambda: [0.1] }, { ...training, data, metrics, queue: redis.url });
      assertRefused(table, /module test\/sweep\/support\/own\.cjs is another version here/);
    });
  });
});
