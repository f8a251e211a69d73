import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Dataset } from 'sparselab';
import { dataChecksum } from 'sparselab/dist/datasets/checksum';
import { fingerprint } from 'sparselab/dist/platform/node/fingerprint';
import { trialDefinition } from 'sparselab/dist/sweep/defineTrials';
import { askRedis, queueAddress } from 'sparselab/dist/sweep/queue/connection';
import { parseJob } from 'sparselab/dist/sweep/queue/job';
import { codeVersion, runTrials } from 'sparselab/dist/sweep/runTrials';
import {
  parseResult,
  parseTrial,
  resultToJson,
  type TrainingTrial,
  type TrialResult,
  type TrialSpec,
  trialId,
} from 'sparselab/dist/sweep/trial';
import { trialGroups } from 'sparselab/dist/sweep/trialGroups';
import { projectModule } from './support/projectModule';

const root = join(__dirname, '..', '..', '..');
const define = trialDefinition({
  data: { name: 'digits', take: 60 },
  model: { hiddenDim: 4 },
  penalty: 'l1',
  train: { epochs: 1, batchSize: 20 },
});
const trial = (settings = {}) => define({ lambda: 0.01, seed: 1, ...settings }) as TrainingTrial;

/** The reason for which this process does not run a trial. */
async function failureOf(spec: TrialSpec): Promise<string> {
  let reason = 'none';
  await runTrials([spec], {
    onResult: () => {},
    onFailure: (_, error) => {
      reason = `${error.name}: ${error.message}`;
    },
  });
  return reason;
}

describe('a trial as data', () => {
  it('survives the way to a worker: the same text, the same id', () => {
    const sent = JSON.parse(JSON.stringify(trial()));
    assert.equal(trialId(parseTrial(sent)), trialId(trial()));
  });

  it('has another id if anything in it differs', () => {
    const ids = [{}, { lambda: 0.02 }, { seed: 2 }, { epochs: 2 }, { hiddenDim: 5 }].map((each) =>
      trialId(trial(each)),
    );
    assert.equal(new Set(ids).size, ids.length);
  });

  it('names its data by the hash of their numbers, scale and labels', () => {
    const rows = Dataset.fromRows([
      [1, 2],
      [3, 4],
    ]);
    const checksum = dataChecksum(rows);
    assert.equal(
      checksum,
      dataChecksum(
        Dataset.fromRows(
          [
            [1, 2],
            [3, 4],
          ],
          { name: 'another name' },
        ),
      ),
    );
    assert.notEqual(
      checksum,
      dataChecksum(
        Dataset.fromRows([
          [1, 2],
          [3, 5],
        ]),
      ),
    );
    assert.notEqual(
      checksum,
      dataChecksum(
        Dataset.fromRows(
          [
            [1, 2],
            [3, 4],
          ],
          { scale: 2 },
        ),
      ),
    );
    assert.notEqual(
      checksum,
      dataChecksum(
        Dataset.fromRows(
          [
            [1, 2],
            [3, 4],
          ],
          { labels: Uint8Array.of(0, 1) },
        ),
      ),
    );
  });

  it('is refused where a field is missing, wrong or unknown, by its name', () => {
    const cases: [object, RegExp][] = [
      [{ format: 'sparselab trial 2' }, /trial\.format must be 'sparselab trial 1'; got "sparselab trial 2"/],
      [{ code: 'abc' }, /trial\.code must be a SHA-256/],
      [{ kind: 'shell' }, /trial\.kind must be 'training' or 'custom'; got "shell"/],
      [{ seed: -1 }, /trial\.seed must be an integer at least 0; got -1/],
      [{ data: { name: 'digits', parameters: {} } }, /trial\.data\.sha256 must be a SHA-256/],
      [{ metrics: 'mse' }, /trial\.metrics must be a list; got "mse"/],
      [{ penalty: { name: 'l1' } }, /trial\.penalty\.parameters must be an object/],
      [{ command: 'rm' }, /trial\.command must be absent; got "rm"/],
    ];
    for (const [change, message] of cases)
      assert.throws(() => parseTrial({ ...trial(), ...change }), message);
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        assert.throws(() => parseTrial(value), { name: 'MalformedTrialError' });
      }),
    );
  });

  it('is refused as a job whose id is not its own', () => {
    assert.equal(parseJob(trialId(trial()), { trial: trial() }).trial.kind, 'training');
    assert.throws(() => parseJob('another', { trial: trial() }), /job must have the id of its trial/);
    const limits = { seconds: -1 };
    assert.throws(
      () => parseJob(trialId(trial()), { trial: trial(), limits }),
      /job\.limits must hold seconds/,
    );
  });

  it('gives a result that survives the way back, NaN included', () => {
    const result: TrialResult = {
      metrics: { mse: 0.1 + 0.2, fvu: Number.NaN },
      status: 'finished',
      engine: 'e',
      seconds: 1,
      worker: 'w',
    };
    assert.deepEqual(parseResult(JSON.parse(JSON.stringify(resultToJson(result)))), result);
    assert.throws(
      () => parseResult({ ...result, metrics: { mse: 'low' } }),
      /result\.metrics\.mse must be a number/,
    );
  });
});

describe('this process refuses a trial', () => {
  const other = 'f'.repeat(64);

  it('for another version of the code', async () => {
    assert.match(
      await failureOf({ ...trial(), code: other }),
      /TrialRefusedError: Sparselab's code is another version here: the trial needs ffffffffffff…, this worker has/,
    );
  });

  it('for another version of the data', async () => {
    const spec = trial();
    assert.match(
      await failureOf({ ...spec, data: { ...spec.data, sha256: other } }),
      /TrialRefusedError: data set 'digits' is another version here: the trial needs ffffffffffff…/,
    );
  });

  it('for another version of a module, or a module outside the project', async () => {
    const { path } = projectModule('exports.run = () => ({ answer: 1 });');
    const own = (module: string): TrialSpec => ({
      format: 'sparselab trial 1',
      code: codeVersion,
      kind: 'custom',
      trainer: { name: 'run', parameters: {}, module: { path: module, sha256: other } },
    });
    assert.match(
      await failureOf(own(path)),
      /TrialRefusedError: module build\/test\/module-.* is another version here/,
    );
    assert.match(
      await failureOf(own('../../etc/x.js')),
      /TrialRefusedError: module must be the path of a .* in the project/,
    );
  });
});

describe('codeVersion', () => {
  it('covers what numbers depend on, and nothing that only shows or queues them', () => {
    const { files } = fingerprint(join(root, 'dist', 'sweep', 'runTrials.js'));
    const covered = files.map((file) => file.slice(join(root, 'dist').length + 1).replaceAll('\\', '/'));
    for (const file of [
      'training/loop.js',
      'model/penalties.js',
      'numbers/random.js',
      'engine/native/trainingGraph.js',
      'datasets/mnist.js',
    ]) {
      assert.ok(covered.includes(file), file);
    }
    for (const folder of [
      'plots/',
      'kernel/',
      'notebook/',
      'sweep/queue/',
      'sweep/store',
      'training/progress.js',
      'page/display.js',
    ]) {
      assert.ok(!covered.some((file) => file.startsWith(folder)), folder);
    }
  });
});

describe('trialGroups', () => {
  it('puts together what shares its batches: not another seed, data set or batch size', () => {
    const specs = [
      {},
      { lambda: 1 },
      { seed: 2 },
      { learningRate: 0.1 },
      { batchSize: 10 },
      { hiddenDim: 9 },
    ].map(trial);
    assert.deepEqual(trialGroups(specs), [[0, 1, 3, 5], [2], [4]]);
    assert.deepEqual(trialGroups(specs, 2), [[0, 1], [2], [3, 5], [4]]);
  });

  it('leaves wide models to themselves', () => {
    const wide = [{ hiddenDim: 2048 }, { hiddenDim: 2048, lambda: 1 }, { hiddenDim: 2048, lambda: 2 }].map(
      trial,
    );
    assert.deepEqual(trialGroups(wide), [[0, 1], [2]]);
  });
});

describe('the address of a queue', () => {
  it('reads host, port, database, user, password and TLS, and shows no password', () => {
    const { shown, options } = queueAddress('rediss://ann:p%40ss@[::1]:7000/3');
    assert.equal(shown, 'rediss://[::1]:7000/3');
    const expected = {
      host: '::1',
      port: 7000,
      db: 3,
      username: 'ann',
      password: 'p@ss',
      tls: {},
    };
    assert.deepEqual(options, expected);
    assert.equal(queueAddress('redis://host').options.port, 6379);
    assert.deepEqual(queueAddress('rediss://host').options.tls, { servername: 'host' });
  });

  it('with a % that stands for itself is refused, and what may be a password is not repeated', () => {
    assert.throws(
      () => queueAddress('redis://:100%@host'),
      /^QueueError: queue must have a % .* as %25; got one that is not$/,
    );
  });

  it('with TLS speaks TLS: a plain server is not answered', async () => {
    await assert.rejects(
      askRedis(queueAddress('rediss://127.0.0.1:1'), (redis) => redis.ping()),
      /queue rediss:\/\/127\.0\.0\.1:1 cannot be used/,
    );
  });
});
