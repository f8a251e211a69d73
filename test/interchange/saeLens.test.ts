import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import {
  batchTopK,
  loadSaeLens,
  type Matrix,
  SparseAutoencoder,
  saveSaeLens,
  winnerTakeAll,
} from 'sparselab';
import { writeSafetensors } from 'sparselab/dist/numbers/safetensors';
import { close } from '../support/numbers';
import { temporaryFolder } from '../support/temporary';

// Written by golden/saelens.py with SAELens 6.54: weights, and what SAELens computes with them.
const golden = join(dirname(require.resolve('sparselab/package.json')), 'test', 'interchange', 'golden');
const { x, folders } = JSON.parse(readFileSync(join(golden, 'expected.json'), 'utf8')) as {
  x: number[][];
  folders: Record<string, { codes: number[][]; reconstruction: number[][] }>;
};
const matrix = (rows: number[][]): Matrix => ({
  values: Float32Array.from(rows.flat()),
  shape: [rows.length, rows[0]?.length as number],
});

const readable = [
  'standard',
  'standard-plain-input',
  'standard-bfloat16',
  'standard-float16',
  'standard-float64',
  'topk',
  'topk-rescaled',
  'jumprelu',
  'gated',
  'batchtopk',
  'matryoshka',
];

function same(actual: Matrix, expected: number[][]): void {
  assert.deepEqual(actual.shape, [expected.length, expected[0]?.length]);
  for (const [index, value] of expected.flat().entries()) close(actual.values[index] as number, value, 1e-5);
}

describe('loadSaeLens', () => {
  for (const name of readable) {
    it(`gives the codes and reconstructions of SAELens itself: ${name}`, () => {
      const { activations, reconstruction } = loadSaeLens(join(golden, name)).forward(matrix(x));
      same(activations, folders[name]?.codes as number[][]);
      same(reconstruction, folders[name]?.reconstruction as number[][]);
    });
  }

  it('reads the rounded weights of 16 bits, not others: within a rounding of the whole', () => {
    // bfloat16 keeps 8 binary digits, float16 11.
    for (const [name, digits] of [
      ['standard-bfloat16', 8],
      ['standard-float16', 11],
    ] as const) {
      const { values } = loadSaeLens(join(golden, name)).decoderWeights;
      for (const value of values) {
        const scale = 2 ** (digits - 1 - Math.floor(Math.log2(Math.abs(value))));
        assert.ok(Number.isInteger(value * scale), `${value} has more than ${digits} digits`);
      }
    }
  });

  it('folds the scale of activations into the weights: the codes of x are those of scale · x before', () => {
    const folder = changed({ normalize_activations: 'expected_average_only_in' });
    const [scaled, plain] = [
      loadSaeLens(folder, { activationScale: 2 }),
      loadSaeLens(join(golden, 'standard')),
    ];
    const doubled = { ...matrix(x), values: matrix(x).values.map((value) => 2 * value) };
    const [ours, theirs] = [scaled.forward(matrix(x)), plain.forward(doubled)];
    ours.activations.values.forEach((value, i) => {
      close(value, theirs.activations.values[i] as number);
    });
    ours.reconstruction.values.forEach((value, i) => {
      close(2 * value, theirs.reconstruction.values[i] as number);
    });
  });

  it('reads folders from before version 6, which name the activation and no architecture', () => {
    const folder = changed({
      architecture: undefined,
      activation_fn_str: 'relu',
      normalize_activations: false,
    });
    assert.deepEqual(loadSaeLens(folder).parameters, loadSaeLens(join(golden, 'standard')).parameters);
  });

  const wrong: [string, object, RegExp][] = [
    [
      'an architecture that is not known',
      { architecture: 'matching_pursuit' },
      /cfg\.json: architecture must be one of 'standard'.*; got 'matching_pursuit'$/,
    ],
    [
      'a normalisation of each example',
      { normalize_activations: 'layer_norm' },
      /normalize_activations must be one of 'none', 'expected_average_only_in'; got 'layer_norm'$/,
    ],
    [
      'a scale that is not given',
      { normalize_activations: 'expected_average_only_in' },
      /normalize_activations must be 'none', or activationScale must be given; got 'expected_average_only_in' without$/,
    ],
    [
      'another activation',
      { activation_fn: 'tanh-relu' },
      /activation_fn must be one of 'relu'; got 'tanh-relu'$/,
    ],
    ['a width that is a text', { d_sae: '6' }, /d_sae must be an integer at least 1; got '6'$/],
    [
      'another width than the arrays have',
      { d_sae: 7 },
      /safetensors: W_enc must have shape \[4,7\]; got \[4,6\]$/,
    ],
    [
      'a setting of another type',
      { apply_b_dec_to_input: 1 },
      /apply_b_dec_to_input must be true or false; got 1$/,
    ],
  ];
  for (const [what, settings, message] of wrong) {
    it(`refuses ${what}, naming the file`, () =>
      assert.throws(() => loadSaeLens(changed(settings)), message));
  }

  it('refuses a missing array, another one, and what is not a folder of SAELens’', () => {
    const folder = changed({});
    const arrays = {
      W_enc: { values: new Float32Array(24), shape: [4, 6] },
      W_dec: { values: new Float32Array(24), shape: [6, 4] },
      b_dec: { values: new Float32Array(4), shape: [4] },
    };
    const weights = join(folder, 'sae_weights.safetensors');
    writeSafetensors(weights, { arrays, metadata: {} });
    assert.throws(() => loadSaeLens(folder), /b_enc must have shape \[6\]; got none$/);
    const b_enc = { values: new Float32Array(6), shape: [6] };
    writeSafetensors(weights, { arrays: { ...arrays, b_enc, W_skip: b_enc }, metadata: {} });
    assert.throws(() => loadSaeLens(folder), /must be W_enc, W_dec, b_dec, b_enc; got 'W_skip' too$/);
    assert.throws(() => loadSaeLens(join(folder, 'nowhere')), /nowhere.cfg\.json: ENOENT/);
    assert.throws(() => loadSaeLens(golden, { scale: 2 } as object), /loadSaeLens has no option 'scale'/);
  });

  /** A copy of a folder with other settings. */
  function changed(settings: object): string {
    const folder = join(temporaryFolder(), 'changed');
    if (!existsSync(folder)) mkdirSync(folder);
    const file = (name: string) => join(golden, 'standard', name);
    copyFileSync(file('sae_weights.safetensors'), join(folder, 'sae_weights.safetensors'));
    const config = { ...JSON.parse(readFileSync(file('cfg.json'), 'utf8')), ...settings };
    writeFileSync(join(folder, 'cfg.json'), JSON.stringify(config));
    return folder;
  }
});

describe('saveSaeLens', () => {
  it('writes what loadSaeLens reads: the same codes and reconstructions', () => {
    for (const name of readable) {
      const model = loadSaeLens(join(golden, name));
      const folder = join(temporaryFolder(), 'saved');
      saveSaeLens(model, folder);
      assert.deepEqual(loadSaeLens(folder).forward(matrix(x)), model.forward(matrix(x)), name);
    }
  });

  it('writes what a trained batchTopK or winnerTakeAll keeps as jumprelu: what is above the learnt thresholds', () => {
    for (const [hiddenActivation, thresholds] of [
      [batchTopK(2), [0.2]],
      [winnerTakeAll(0.1), [0.1, 0.2, 0.3, 0.4, 0.5, -0.1]],
    ] as const) {
      const model = new SparseAutoencoder({ inputDim: 4, hiddenDim: 6, hiddenActivation, seed: 1 });
      model.state.threshold?.values.set(thresholds);
      const folder = join(temporaryFolder(), 'thresholds');
      saveSaeLens(model, folder);
      const { architecture } = JSON.parse(readFileSync(join(folder, 'cfg.json'), 'utf8'));
      assert.equal(architecture, 'jumprelu');
      assert.deepEqual(loadSaeLens(folder).encode(matrix(x)), model.encode(matrix(x)));
    }
  });

  it('writes tied weights twice', () => {
    const model = new SparseAutoencoder({ inputDim: 4, hiddenDim: 6, tied: true, seed: 1 });
    const folder = join(temporaryFolder(), 'tied');
    saveSaeLens(model, folder);
    assert.deepEqual(loadSaeLens(folder).forward(matrix(x)), model.forward(matrix(x)));
  });

  it('refuses a model that SAELens has no architecture for, before it makes a folder', () => {
    const folder = join(temporaryFolder(), 'refused');
    const model = (form: object) => new SparseAutoencoder({ inputDim: 4, hiddenDim: 6, ...form });
    assert.throws(
      () => saveSaeLens(model({ hiddenActivation: 'sigmoid' }), folder),
      /^RangeError: hiddenActivation must be one that SAELens has, for 'standard'.*; got 'sigmoid'$/,
    );
    assert.throws(
      () => saveSaeLens(model({ outputActivation: 'sigmoid' }), folder),
      /^RangeError: outputActivation must be 'linear' for SAELens; got 'sigmoid'$/,
    );
    assert.equal(existsSync(folder), false);
  });
});
