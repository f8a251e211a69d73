import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import * as library from 'sparselab';
import { CellCompiler } from 'sparselab/dist/kernel/core/compiler/cellCompiler';
import { Declarations } from 'sparselab/dist/kernel/core/compiler/declarations';
import { filesOnDisk, loadTypeScript, readSourceMap } from 'sparselab/dist/kernel/node/typescript';
import { lessonCode } from 'sparselab/dist/playground/lessonCode';
import { choices, defaults, fitted, type Settings } from 'sparselab/dist/playground/settings';
import { Trainer } from 'sparselab/dist/playground/trainer';

const quick = { data: 'digits', units: 16, batch: 256, epochs: 5, k: 3 } as const;
const settingsWith = (changes: Partial<Settings>): Settings => fitted({ ...defaults, ...quick, ...changes });

const ts = loadTypeScript();
const compiler = new CellCompiler(
  ts,
  filesOnDisk(ts, join(__dirname, '..', '..', '..', 'notebooks')),
  readSourceMap,
);

/** Runs code as a cell: compiled with all its types checked. @throws if they are wrong @returns the model that it has trained */
async function modelOf(code: string): Promise<library.SparseAutoencoder> {
  compiler.compile(Declarations.none, code);
  const plain = ts.transpileModule(
    code.replace(/import \{ (.*) \} from 'sparselab';/, 'const { $1 } = library;'),
    {
      compilerOptions: { target: ts.ScriptTarget.ES2022 },
    },
  ).outputText;
  const run = new Function('library', `return (async () => {${plain}; return model; })()`);
  return (await run(library)) as library.SparseAutoencoder;
}

/** Every number of a model, to the last bit. */
const bits = ({ parameters }: library.SparseAutoencoder) =>
  Object.fromEntries(Object.entries(parameters).map(([name, { values }]) => [name, Array.from(values)]));

async function sameAsItsCode(settings: Settings, trainer: Trainer): Promise<void> {
  const code = lessonCode(settings, trainer.data.dim, trainer.stretches);
  assert.deepEqual(bits(await modelOf(code)), bits(trainer.model), code);
}

describe('a lesson’s code', () => {
  for (const method of Object.keys(choices.method.names) as Settings['method'][]) {
    it(`trains the model that the playground has trained, to the last bit: ${method}`, async () => {
      const settings = settingsWith({ method, mean: method === 'l1' ? 'kept' : 'subtracted' });
      const trainer = new Trainer(settings);
      assert.equal(await trainer.train(settings.epochs), 'finished');
      await sameAsItsCode(settings, trainer);
    });
  }

  it('has data sets, scales and rules as they were set', async () => {
    const all: Partial<Settings>[] = [
      { data: 'patches', revive: 'auxK' },
      { data: 'bars', revive: 'resample', method: 'batchTopK' },
      { scale: 'bytes', output: 'sigmoid', method: 'l1', rest: 'small' },
      { scale: 'twice', method: 'l1', target: 4 },
    ];
    for (const changes of all) {
      const settings = settingsWith({ ...changes, epochs: 5 });
      const trainer = new Trainer(settings);
      await trainer.train(2);
      await sameAsItsCode(settings, trainer);
    }
  });

  it('repeats each change of strength and learning rate, at the epoch at which it was made', async () => {
    const settings = settingsWith({ method: 'l1' });
    const trainer = new Trainer(settings);
    let looks = 0;
    await trainer.train(6, () => {
      // In the middle of an epoch.
      if (++looks === 3) trainer.change({ ...settings, strength: 0.1 });
      if (looks === 9) trainer.change({ ...settings, strength: 0.1, rate: 0.01 });
    });
    assert.equal(trainer.stretches.length, 3);
    assert.ok(trainer.stretches.every(({ epochs }) => Number.isInteger(epochs)));
    await sameAsItsCode(settings, trainer);
  });

  it('is, before the first epoch, that of the settings', () => {
    const settings = settingsWith({ method: 'l1' });
    assert.match(
      lessonCode(settings, 64, []),
      /penalty: l1\(0\.001\),\n {2}learningRate: 0\.003,\n {2}epochs: 5,/,
    );
  });
});

describe('a training of the playground', () => {
  it('that was stopped and went on is the one that was not, to the last bit', async () => {
    const settings = settingsWith({});
    const whole = new Trainer(settings);
    await whole.train(4);
    const parts = new Trainer(settings);
    assert.equal(await parts.train(4, () => parts.stop()), 'stopped');
    assert.ok(Number.isInteger(parts.epochs) && parts.epochs < 4, `${parts.epochs}`);
    await parts.train(4);
    assert.deepEqual(bits(parts.model), bits(whole.model));
    const steps = parts.history.rows.map(({ step }) => step);
    assert.deepEqual(
      steps,
      [...new Set(steps)].sort((a, b) => a - b),
    );
  });
});
