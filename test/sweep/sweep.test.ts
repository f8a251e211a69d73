import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import {
  type DataChoice,
  describeProgress,
  fromModule,
  l0,
  l1,
  loadDigits,
  meanActivation,
  meanSquaredError,
  probe,
  recovery,
  SparseAutoencoder,
  type SweepOptions,
  type SweepProgress,
  type SweepTable,
  successiveHalving,
  sweep,
  syntheticFeatures,
  train,
} from 'sparselab';
import { temporaryFolder } from '../support/temporary';
import { projectModule } from './support/projectModule';

const own = (name: string, parameters = {}) => fromModule('test/sweep/support/own.cjs', name, parameters);
const digits: SweepOptions = {
  data: { name: 'digits', take: 200 },
  model: { hiddenDim: 8 },
  penalty: 'l1',
  train: { epochs: 2, batchSize: 50 },
};
const space = { lambda: [1e-3, 1e-1], seed: [1, 2] };
const settingsAndMetrics = (table: SweepTable) =>
  table.rows.map(({ settings, metrics }) => ({ settings, metrics }));

describe('sweep', () => {
  it('gives each trial the numbers that train() gives alone, bit for bit', async () => {
    const table = await sweep(space, digits);
    assert.equal(table.status, 'finished');
    for (const { settings, metrics, status } of table.rows) {
      const { lambda, seed } = settings as { lambda: number; seed: number };
      const model = new SparseAutoencoder({ inputDim: 64, hiddenDim: 8, seed });
      const { last } = await train(model, loadDigits().take(200), {
        ...digits.train,
        epochs: 2,
        penalty: l1(lambda),
        seed,
      });
      assert.equal(status, 'finished');
      const { mse, l0, deadFraction, fractionOfVarianceUnexplained } = last;
      assert.deepEqual(metrics, { mse, l0, deadFraction, fractionOfVarianceUnexplained });
    }
  });

  it('gives the same rows, order and numbers in worker processes', async () => {
    assert.deepEqual(
      settingsAndMetrics(await sweep(space, { ...digits, workers: 2 })),
      settingsAndMetrics(await sweep(space, digits)),
    );
  });

  it('gives the same numbers in worker processes also where JSON has none', async () => {
    const here = await sweep({ x: [0, 2] }, { trainer: own('extremes') });
    const there = await sweep({ x: [0, 2] }, { trainer: own('extremes'), workers: 1 });
    const expected = [
      { inverse: Number.NaN, negative: 0 },
      { inverse: 0.5, negative: -2 },
    ];
    for (const { rows } of [here, there]) {
      assert.deepEqual(
        rows.map(({ metrics }) => metrics),
        expected,
      );
    }
  });

  it('measures on other data and by metrics of one’s own', async () => {
    const { rows } = await sweep(
      { lambda: [0] },
      {
        ...digits,
        evaluate: { name: 'digits', labels: [0] },
        metrics: ['mse', own('rowsSeen', { factor: 2 })],
      },
    );
    assert.deepEqual(Object.keys(rows[0]?.metrics ?? {}), ['mse', 'rowsSeen']);
    assert.equal(rows[0]?.metrics.rowsSeen, 2 * loadDigits().withLabels(0).count);
  });

  it('leaves out rows, and takes some of the rest: what was not trained on can judge', async () => {
    const part = (skip: number, take: number) => ({ name: 'digits', labels: [1], skip, take }) as const;
    const { rows } = await sweep(
      { lambda: [0] },
      { ...digits, evaluate: part(10, 5), metrics: [own('rowsSeen', { factor: 1 }), 'mse'] },
    );
    const model = new SparseAutoencoder({ inputDim: 64, hiddenDim: 8 });
    await train(model, loadDigits().take(200), { epochs: 2, batchSize: 50, penalty: l1(0) });
    const judged = loadDigits().withLabels(1).slice(10, 15);
    assert.equal(rows[0]?.metrics.rowsSeen, 5);
    assert.equal(rows[0]?.metrics.mse, meanSquaredError(judged, model.forward(judged).reconstruction));
  });

  it('knows every data set that the library ships', async () => {
    const sources: DataChoice[] = [
      { name: 'natural patches', count: 40, size: 4, seed: 1, take: 30 },
      { name: 'Fashion-MNIST sample train', labels: [0], take: 30 },
      { name: 'Fashion-MNIST sample test', skip: 900 },
    ];
    for (const data of sources) {
      const { rows } = await sweep(
        { seed: [1] },
        { data, model: { hiddenDim: 4 }, train: { epochs: 1, batchSize: 10 } },
      );
      assert.equal(rows[0]?.error, undefined);
      assert.ok(Number.isFinite(rows[0]?.metrics.mse));
    }
  });

  it('counts active units above a threshold, and averages activations over units', async () => {
    const sigmoid = { hiddenDim: 8, hiddenActivation: 'sigmoid' } as const;
    const evaluate = { name: 'digits', take: 200 } as const;
    const options = { ...digits, evaluate, model: sigmoid };
    const metrics = [{ name: 'l0', threshold: 0.5 }, 'meanActivation'] as const;
    const { rows } = await sweep({ lambda: [0] }, { ...options, metrics });
    const model = new SparseAutoencoder({ inputDim: 64, ...sigmoid });
    await train(model, loadDigits().take(200), { epochs: 2, batchSize: 50, penalty: l1(0) });
    const code = model.encode(loadDigits().take(200));
    const [above, everywhere] = [l0(code, 0.5), meanActivation(code)];
    assert.ok(above > 0 && above < 8);
    assert.equal(rows[0]?.metrics.l0, above);
    const average = everywhere.reduce((sum, each) => sum + each, 0) / 8;
    assert.ok(Math.abs((rows[0]?.metrics.meanActivation ?? 0) - average) < 1e-6);
    // Without data to judge on, the training's last record counts.
    const recorded = await sweep({ lambda: [0] }, { ...digits, model: sigmoid, metrics: ['meanActivation'] });
    assert.ok(Math.abs((recorded.rows[0]?.metrics.meanActivation ?? 0) - average) < 0.1);
  });

  it('compares with the true features where the data have some, and refuses to where they have none', async () => {
    const data = { name: 'synthetic features', count: 200, seed: 3, features: 4, dim: 6 } as const;
    const options = { model: { hiddenDim: 4 }, train: { epochs: 1 }, metrics: ['mcc', 'f1', 'l0'] as const };
    const { rows } = await sweep({ seed: [1] }, { ...options, data });
    const model = new SparseAutoencoder({ inputDim: 6, hiddenDim: 4, seed: 1 });
    const truth = syntheticFeatures({ count: 200, seed: 3, features: 4, dim: 6 });
    await train(model, truth, { epochs: 1, seed: 1 });
    const { mcc, f1, l0 } = recovery(model, truth);
    assert.deepEqual(rows[0]?.metrics, { mcc, f1, l0: rows[0]?.metrics.l0 });
    assert.ok(Math.abs((rows[0]?.metrics.l0 as number) - l0) < 1e-6);
    await assert.rejects(
      async () => sweep({ seed: [1] }, { ...options, data: 'digits' }),
      /metrics must not hold 'mcc' without true features: data or evaluate must be 'synthetic features'; got 'digits'/,
    );
  });

  it('judges codes by a classifier that learns from other examples, as probe() does', async () => {
    const learnFrom = { name: 'digits', take: 200 } as const;
    const evaluate = { name: 'digits', skip: 1500 } as const;
    const metrics = [{ name: 'probeAccuracy', learnFrom, weightDecay: 1e-3 }] as const;
    const { rows } = await sweep({ lambda: [0] }, { ...digits, evaluate, metrics });
    const model = new SparseAutoencoder({ inputDim: 64, hiddenDim: 8 });
    await train(model, loadDigits().take(200), { epochs: 2, batchSize: 50, penalty: l1(0) });
    const { testAccuracy } = probe(model, loadDigits().take(200), loadDigits().slice(1500, 1797), {
      weightDecay: 1e-3,
    });
    assert.equal(rows[0]?.metrics.probeAccuracy, testAccuracy);
  });

  it('keeps results from the folder that SPARSELAB_SWEEPS names, if it does', async () => {
    const folder = temporaryFolder();
    process.env.SPARSELAB_SWEEPS = folder;
    try {
      await sweep({ x: [1] }, { trainer: own('parabola'), store: 'mine' });
    } finally {
      delete process.env.SPARSELAB_SWEEPS;
    }
    assert.ok(readdirSync(join(folder, 'mine')).length > 0);
  });

  it('takes a penalty and data of one’s own from a module', async () => {
    const options = { data: own('twoPoints', { count: 30 }), model: { hiddenDim: 3 }, train: { epochs: 3 } };
    const squared = await sweep({ root: [0.1] }, { ...options, penalty: own('squaredStrength') });
    const plain = await sweep({ lambda: [0.1 ** 2] }, { ...options, penalty: 'l1' });
    assert.equal(squared.rows[0]?.error, undefined);
    assert.equal(plain.rows[0]?.metrics.l0, squared.rows[0]?.metrics.l0);
  });

  it('reports a failure with its settings, and goes on', async () => {
    const seen: SweepProgress[] = [];
    const table = await sweep(
      { x: [1, 13, 3] },
      { trainer: own('parabola'), onProgress: (progress) => seen.push(progress) },
    );
    assert.deepEqual(
      table.rows.map(({ status }) => status),
      ['finished', 'failed', 'finished'],
    );
    assert.equal(table.rows[1]?.error, '13 brings bad luck');
    assert.deepEqual(seen.at(-1)?.failures, [{ settings: { x: 13 }, error: '13 brings bad luck' }]);
  });

  it('reports a trainer that returns something else than numbers', async () => {
    const { rows } = await sweep({ x: [1] }, { trainer: own('notNumbers') });
    assert.match(rows[0]?.error ?? '', /own\.cjs: notNumbers must return numbers by name/);
  });

  it('lets one refused training fail alone among those that train together', async () => {
    const { rows } = await sweep({ lambda: [-1, 1e-3] }, digits);
    assert.match(rows[0]?.error ?? '', /lambda must be at least 0; got -1/);
    assert.equal(rows[1]?.status, 'finished');
  });

  it('keeps the measured numbers of the last finite model where the loss diverges', async () => {
    const { rows } = await sweep({ learningRate: [1e30], lambda: [0] }, digits);
    assert.equal(rows[0]?.status, 'diverged');
    assert.ok(Number.isFinite(rows[0]?.metrics.mse));
  });

  for (const [place, store] of [
    ['with a store', temporaryFolder()],
    ['without a store', undefined],
  ] as const) {
    it(`keeps what is done when it is stopped, and goes on from there, ${place}`, async () => {
      let last: SweepProgress | undefined;
      const controller = new AbortController();
      const file = join(temporaryFolder(), 'gate');
      const options = { trainer: own('gate', { file, free: 2 }), ...(store && { store }) };
      const stopped = await sweep(
        { x: [0, 1, 2, 3] },
        {
          ...options,
          signal: controller.signal,
          onProgress: (progress) => {
            if (progress.done === 2) {
              controller.abort();
              // The trial that runs here ends, and then no other is begun.
              writeFileSync(file, '');
            }
            last = progress;
          },
        },
      );
      assert.equal(stopped.status, 'stopped');
      assert.equal(stopped.rows.length, 4);
      const missing = 4 - stopped.done.length;
      assert.equal(
        describeProgress(last as SweepProgress),
        `stopped: ${stopped.done.length} of 4 trials done, ${missing} missing`,
      );
      assert.ok(stopped.done.length >= 2 && stopped.done.length < 4);
      const whole = await sweep({ x: [0, 1, 2, 3] }, options);
      assert.equal(whole.status, 'finished');
      assert.equal(whole.rows.filter(({ cached }) => cached).length, stopped.done.length);
    });
  }

  it('stops, and rejects, when onProgress throws', async () => {
    const onProgress = () => {
      throw new Error('cannot draw');
    };
    await assert.rejects(sweep({ x: [1, 2] }, { trainer: own('parabola'), onProgress }), /cannot draw/);
  });

  it('halves successively: every round in the table, the best last', async () => {
    const search = successiveHalving({ metric: 'mse', direction: 'min', minEpochs: 1, maxEpochs: 3 });
    const { rows } = await sweep(
      { lambda: [0, 1e-3, 1e-1] },
      { ...digits, train: { batchSize: 50 } as never, search },
    );
    const first = rows.slice(0, 3);
    const best = first.reduce((a, b) => ((b.metrics.mse as number) < (a.metrics.mse as number) ? b : a));
    assert.deepEqual(rows[3]?.settings, { lambda: best.settings.lambda, epochs: 3 });
    assert.equal(rows.length, 4);
  });

  it('trains again after a module was altered, with the altered code', async () => {
    const store = temporaryFolder();
    const module = projectModule('exports.run = () => ({ answer: 1 });');
    const run = () => sweep({ x: [0] }, { trainer: fromModule(module.path, 'run'), store });
    assert.equal((await run()).rows[0]?.metrics.answer, 1);
    module.write('exports.run = () => ({ answer: 2 });');
    const altered = (await run()).rows[0];
    assert.deepEqual([altered?.metrics.answer, altered?.cached], [2, false]);
  });

  it('reports progress: what is done, cached, running, waiting, and the time left', async () => {
    const seen: SweepProgress[] = [];
    const store = temporaryFolder();
    await sweep({ x: [1] }, { trainer: own('parabola'), store });
    await sweep(
      { x: [1, 2] },
      { trainer: own('parabola'), store, onProgress: (progress) => seen.push(progress) },
    );
    const { seconds, ...first } = seen[0] as SweepProgress;
    assert.ok(seconds >= 0);
    const nothing = { status: 'running', failures: [], notices: [], secondsLeft: undefined };
    assert.deepEqual(first, { total: 2, done: 1, cached: 1, running: 0, waiting: 1, ...nothing });
    const { status, done, running, waiting, secondsLeft } = seen.at(-1) as SweepProgress;
    assert.deepEqual([status, done, running, waiting, secondsLeft], ['finished', 2, 0, 0, 0]);
  });
});

describe('worker processes', () => {
  it('lose a trial that kills its process once, and run it again', async () => {
    const marker = join(temporaryFolder(), 'marker');
    const table = await sweep({ x: [0, 1, 2, 3] }, { trainer: own('killer', { marker }), workers: 2 });
    assert.deepEqual(
      table.rows.map(({ metrics }) => metrics.loss),
      [0, 1, 2, 3],
    );
    assert.match(table.notices[0] as string, /a worker process died and its trials run again: .*SIGKILL/);
  });

  it('give up a trial that kills every process, and keep the others', async () => {
    const { rows } = await sweep({ x: [0, 1] }, { trainer: own('killer'), workers: 1 });
    assert.match(rows[0]?.error ?? '', /its process ended by signal SIGKILL.*\(3 times\)/);
    assert.equal(rows[1]?.metrics.loss, 1);
  });

  it('end a trial that takes too long', async () => {
    const limits = { seconds: 5 };
    const { rows } = await sweep(
      { milliseconds: [1, 60_000] },
      { trainer: own('sleeper'), workers: 1, limits },
    );
    assert.equal(rows[0]?.status, 'finished');
    assert.equal(rows[1]?.error, 'it took longer than its limit of 5 s');
  });

  it('end a trial that takes too much memory', async () => {
    const limits = { megabytes: 1500 };
    const { rows } = await sweep({ x: [0] }, { trainer: own('glutton'), workers: 1, limits });
    assert.match(rows[0]?.error ?? '', /it used more memory than its limit: \d+ of 1500 MB/);
  });

  it('end when the process that started them is killed, whatever they are doing', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const code = `const { fromModule, sweep } = require('sparselab');
      const trainer = fromModule('test/sweep/support/own.cjs', 'deaf');
      sweep({ port: [${port}] }, { trainer, workers: 1 });`;
    const notebook = spawn(process.execPath, ['-e', code], { stdio: 'ignore' });
    const [socket] = (await once(server, 'connection')) as [Socket];
    // Its connection ends with its process, by a reset perhaps.
    const ended = new Promise((resolve) =>
      socket
        .on('error', () => {})
        .on('close', resolve)
        .resume(),
    );
    notebook.kill('SIGKILL');
    await ended;
    server.close();
  });

  it('are stopped with the sweep', async () => {
    const controller = new AbortController();
    const table = await sweep(
      { milliseconds: [60_000, 60_001] },
      {
        trainer: own('sleeper'),
        workers: 2,
        signal: controller.signal,
        onProgress: ({ running }) => {
          if (running === 2) controller.abort();
        },
      },
    );
    assert.deepEqual(
      table.rows.map(({ status }) => status),
      ['missing', 'missing'],
    );
  });
});

describe('trials that do what nobody expects', () => {
  it('throw anything at all: each fails alone, and its row says something', async () => {
    const { rows } = await sweep({ what: ['text', 'nothing', 'object'] }, { trainer: own('thrower') });
    assert.deepEqual(
      rows.map(({ error }) => error),
      ['just a text', 'Error', 'it threw an object (no class)'],
    );
  });

  it('send rubbish to the process that started theirs: it goes on', async () => {
    const { rows } = await sweep({ x: [0, 1, 2] }, { trainer: own('babbler'), workers: 1 });
    assert.deepEqual(
      rows.map(({ status }) => status),
      ['failed', 'failed', 'finished'],
    );
    assert.match(rows[1]?.error ?? '', /it sent an invalid answer: result\.metrics must be an object/);
  });

  it('may take longer than a timer can wait', async () => {
    const limits = { seconds: 1e9 };
    const options = { trainer: own('sleeper'), workers: 1, limits };
    const { rows } = await sweep({ milliseconds: [50, 51] }, options);
    assert.deepEqual(
      rows.map(({ status }) => status),
      ['finished', 'finished'],
    );
  });
});

describe('a custom search', () => {
  const trainer = own('parabola');

  it('may change its settings and name them again', async () => {
    const search = function* () {
      const settings = { x: 4 };
      yield [settings];
      settings.x = 5;
      yield [settings];
    };
    const { rows } = await sweep({ x: [4] }, { trainer, search });
    assert.deepEqual(
      rows.map(({ settings, metrics }) => [settings.x, metrics.loss]),
      [
        [4, 1],
        [5, 4],
      ],
    );
  });

  it('may name the same for ever: a stop is heard all the same', async () => {
    const search = function* () {
      for (;;) yield [{ x: 1 }];
    };
    const { status, rows } = await sweep({ x: [1] }, { trainer, search, signal: AbortSignal.timeout(200) });
    assert.deepEqual([status, rows.length], ['stopped', 1]);
  });

  for (const [what, search, says] of [
    ['a list instead of a generator', () => [{ x: 1 }], /search must be a generator/],
    ['nothing', () => undefined, /search must be a generator.*it gave undefined/],
    [
      'settings outside a list',
      function* () {
        yield { x: 1 };
      },
      /search must yield lists of settings/,
    ],
    [
      'numbers',
      function* () {
        yield [1, 2];
      },
      /must yield settings that are numbers, .* by name; got 1/,
    ],
    [
      'null',
      function* () {
        yield [null];
      },
      /must yield settings that are .*; got null/,
    ],
    [
      'objects as values',
      function* () {
        yield [{ x: {} }];
      },
      /must yield settings that are numbers/,
    ],
  ] as const) {
    it(`is refused where it gives ${what}`, async () => {
      await assert.rejects(sweep({ x: [1] }, { trainer, search: search as never }), says);
    });
  }
});

describe('sweep refuses, before anything starts,', () => {
  const log = join(temporaryFolder(), 'log');
  const trainer = own('parabola', { log });
  const cases: [string, () => Promise<unknown>, RegExp][] = [
    ['an empty space', () => sweep({}, { trainer }), /space must name at least one setting/],
    [
      'an empty list',
      () => sweep({ x: [] }, { trainer }),
      /space\.x must be a list of at least one value; got \[\]/,
    ],
    ['a value twice', () => sweep({ x: [1, 1] }, { trainer }), /space\.x must hold each value once/],
    ['NaN', () => sweep({ x: [Number.NaN] }, { trainer }), /space\.x must be a finite number; got NaN/],
    [
      'an unknown option',
      () => sweep({ x: [1] }, { trainer, storre: '' } as never),
      /sweep has no option 'storre'/,
    ],
    [
      'an unknown setting',
      () => sweep({ lamda: [1] }, digits),
      /penalty 'l1' has no parameter 'lamda'; it has lambda/,
    ],
    [
      'a setting that is nobody’s',
      () => sweep({ x: [1] }, { data: 'digits' }),
      /space\.x belongs to no option/,
    ],
    [
      'a wrong seed',
      () => sweep({ seed: [0.5] }, { data: 'digits' }),
      /space\.seed must hold integers at least 0/,
    ],
    [
      'data that is not a name',
      () => sweep({ seed: [1] }, { data: loadDigits() as never }),
      /got an object \(Dataset\).*names its data/,
    ],
    [
      'an unknown data set',
      () => sweep({ seed: [1] }, { data: 'mnist' as never }),
      /data must be 'MNIST train',.* got 'mnist'/,
    ],
    [
      'too many rows',
      () => sweep({ seed: [1] }, { data: { name: 'digits', take: 2000 } }),
      /count must be in \[0, 1797\]; got 2000/,
    ],
    [
      'more left out than there is',
      () => sweep({ seed: [1] }, { data: { name: 'digits', skip: 2000 } }),
      /skip must be in \[0, 1797\]; got 2000/,
    ],
    [
      'an unknown metric',
      () => sweep({ seed: [1] }, { data: 'digits', metrics: ['loss' as never] }),
      /metrics must be 'mse', .*probeAccuracy.* got 'loss'/,
    ],
    [
      'a metric with an unknown parameter',
      () => sweep({ seed: [1] }, { data: 'digits', metrics: [{ name: 'l0', above: 1 } as never] }),
      /metric 'l0' has no parameter 'above'; it has threshold/,
    ],
    [
      'a metric that takes no parameters',
      () => sweep({ seed: [1] }, { data: 'digits', metrics: [{ name: 'mse', threshold: 1 } as never] }),
      /metric 'mse' has no parameter 'threshold'; it has none/,
    ],
    [
      'a threshold below 0',
      () => sweep({ seed: [1] }, { data: 'digits', metrics: [{ name: 'l0', threshold: -1 }] }),
      /metrics\.threshold must be at least 0; got -1/,
    ],
    [
      'a classifier without examples',
      () => sweep({ seed: [1] }, { data: 'digits', metrics: [{ name: 'probeAccuracy' } as never] }),
      /metrics\.learnFrom must be 'MNIST train'/,
    ],
    ['no data', () => sweep({ seed: [1] }, {}), /data must name the examples/],
    [
      'a penalty as an object',
      () => sweep({ lambda: [1] }, { ...digits, penalty: l1(1) as never }),
      /penalty .* no parameter|penalty must be 'l1'/,
    ],
    [
      'data with a trainer',
      () => sweep({ x: [1] }, { trainer, data: 'digits' }),
      /data must be left out with a custom trainer/,
    ],
    [
      'limits for this process',
      () => sweep({ x: [1] }, { trainer, limits: { seconds: 1 } }),
      /limits must come with workers or queue/,
    ],
    ['no workers', () => sweep({ x: [1] }, { trainer, workers: 0 }), /workers must be in \[1, 256\]; got 0/],
    [
      'two places',
      () => sweep({ x: [1] }, { trainer, workers: 1, queue: 'redis://h' }),
      /must not come together/,
    ],
    [
      'a module outside the project',
      async () => fromModule('../own.cjs', 'x'),
      /module must be the path of a \.js or \.cjs file in the project/,
    ],
    ['a module that is not there', async () => fromModule('own.cjs', 'x'), /there is no own\.cjs/],
  ];
  for (const [what, attempt, message] of cases) {
    it(what, async () => {
      await assert.rejects(attempt, message);
      assert.ok(!existsSync(log) || readFileSync(log, 'utf8') === '');
    });
  }
});
