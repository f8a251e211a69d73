import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  activationHeatmap,
  bestWithin,
  Dataset,
  deadFraction,
  diagnose,
  display,
  fractionOfVarianceUnexplained,
  gradientCheck,
  imageGrid,
  interact,
  l0,
  loadFashionMnist,
  loadMnist,
  loss,
  lossCurves,
  type Matrix,
  maxActivatingInputs,
  meanActivation,
  meanActivationCurves,
  meanSquaredError,
  orientationSelectivity,
  paretoPlot,
  parseIdx,
  penaltyCurve,
  points,
  probe,
  randomSearch,
  SparseAutoencoder,
  sweep,
  sweepMap,
  table,
  tf,
  topActivating,
  train,
  trainTogether,
  unitActivations,
  unitSimilarity,
  unitStatistics,
  verify,
} from 'sparselab';

const model = new SparseAutoencoder({ inputDim: 3, hiddenDim: 3, seed: 1 });
const good: Matrix = { values: Float32Array.of(1, 2, 3, 4, 5, 6), shape: [2, 3] };
const labelled = new Dataset({
  name: 'two',
  values: good.values,
  count: 2,
  dim: 3,
  labels: Uint8Array.of(0, 1),
});

/** `good` with another number in row 1, column 1. */
const spoilt = (number: number): Matrix => ({ values: good.values.with(4, number), shape: good.shape });

/** Every public function that takes rows of numbers, and what it calls them. */
const TAKERS: readonly (readonly [name: string, argument: string, take: (rows: Matrix) => unknown])[] = [
  ['encode', 'x', (x) => model.encode(x)],
  ['decode', 'activations', (h) => model.decode(h)],
  ['forward', 'x', (x) => model.forward(x)],
  ['loss', 'x', (x) => loss(model, x)],
  ['gradientCheck', 'x', (x) => gradientCheck(model, x)],
  ['train', 'data', (data) => train(model, data, { epochs: 1 })],
  ['train', 'monitor', (monitor) => train(model, good, { epochs: 1, monitor })],
  ['trainTogether', 'data', (data) => trainTogether([{ model }], data, { epochs: 1 })],
  ['diagnose', 'data', (data) => diagnose(model, data)],
  ['meanSquaredError', 'x', (x) => meanSquaredError(x, good)],
  ['meanSquaredError', 'reconstruction', (x) => meanSquaredError(good, x)],
  ['fractionOfVarianceUnexplained', 'x', (x) => fractionOfVarianceUnexplained(x, good)],
  ['fractionOfVarianceUnexplained', 'reconstruction', (x) => fractionOfVarianceUnexplained(good, x)],
  ['l0', 'activations', (h) => l0(h)],
  ['deadFraction', 'activations', (h) => deadFraction(h)],
  ['meanActivation', 'activations', (h) => meanActivation(h)],
  ['unitStatistics', 'activations', (h) => unitStatistics(h)],
  ['unitActivations', 'activations', (h) => unitActivations(h, 0)],
  ['topActivating', 'activations', (h) => topActivating(h, 0)],
  ['unitSimilarity', 'weights', (weights) => unitSimilarity(weights)],
  ['probe', "the encoder's features", (h) => probe({ encode: () => h }, labelled, labelled)],
  ['activationHeatmap', 'activations', (h) => activationHeatmap(h)],
  ['imageGrid', 'images', (images) => imageGrid(images, { imageShape: [1, 3] })],
];

/** Asserts that a call fails, at once or as a promise, with an error of a class and a whole message. */
async function refuses(call: () => unknown, type: typeof Error, message: string | RegExp): Promise<void> {
  const failure = await (async () => call())().then(
    () => assert.fail('it was accepted'),
    (error: Error) => error,
  );
  assert.equal(failure.constructor, type, failure.stack);
  if (typeof message === 'string') assert.equal(failure.message, message);
  else assert.match(failure.message, message);
}

describe('numbers that are NaN or infinite are refused by name and place', () => {
  for (const [name, argument, take] of TAKERS) {
    it(`${name}: ${argument}`, async () => {
      for (const number of [Number.NaN, Infinity, -Infinity]) {
        await refuses(
          () => take(spoilt(number)),
          RangeError,
          `${argument} must be finite; got ${number} in row 1, column 1`,
        );
      }
    });
  }

  it('wherever they stand', () => {
    for (let length = 1; length <= 10; length++) {
      for (let position = 0; position < length; position++) {
        const values = new Float32Array(length).fill(3e38).with(position, Number.NaN);
        assert.throws(
          () => model.encode({ values, shape: [length, 1] }),
          new RegExp(`got NaN in row ${position}, column 0$`),
        );
      }
    }
  });

  it('in a tensor where its numbers are read, and not where they stay in it', () => {
    tf.tidy(() => {
      const rows = tf.tensor2d([[1, Number.NaN, 3]]);
      assert.throws(() => unitStatistics(rows), /activations must be finite; got NaN in row 0, column 1$/);
      assert.throws(() => gradientCheck(model, rows), /x must be finite; got NaN in row 0, column 1$/);
      assert.ok(Number.isNaN(meanActivation(rows)[1]));
      assert.deepEqual(model.encode(rows).shape, [1, 3]);
    });
  });

  it('in arrays of numbers', () => {
    assert.throws(
      () => orientationSelectivity([1, 2, Number.NaN, 4], [2, 2]),
      /picture must be finite; got NaN in row 1, column 0$/,
    );
    assert.throws(
      () => new Dataset({ name: 'large', values: Float32Array.of(1, 3e38), count: 2, dim: 1, scale: 10 }),
      /values × scale must be finite; got Infinity in row 1, column 0$/,
    );
  });
});

describe('other bad input', () => {
  it('no rows, of which there is no mean', () => {
    const none: Matrix = { values: new Float32Array(0), shape: [0, 3] };
    for (const measure of [l0, deadFraction, meanActivation, unitStatistics]) {
      assert.throws(() => measure(none), /activations must hold at least one row; got 0$/);
    }
    assert.throws(() => meanSquaredError(none, none), /x must hold at least one row; got 0$/);
    assert.throws(() => diagnose(model, none), /data must hold at least one example; got 0$/);
  });

  it('an invalid shape', () => {
    for (const shape of [
      [-2, -3],
      [1.5, 4],
      [6, 1, 1],
    ]) {
      assert.throws(
        () => l0({ values: good.values, shape } as unknown as Matrix),
        /activations must be a tensor .*; got 6 values of shape \[/,
      );
    }
  });

  it('tensors without real numbers', () => {
    tf.tidy(() => {
      const texts = tf.tensor2d([['a']]) as unknown as tf.Tensor2D;
      assert.throws(() => l0(texts), /activations must hold real numbers; got a tensor of dtype 'string'$/);
    });
  });

  const wrong: Readonly<Record<string, [call: () => unknown, message: string | RegExp]>> = {
    'no model': [() => loss({} as never, good), 'model must be a SparseAutoencoder; got an object (Object)'],
    'no model to check': [() => gradientCheck(undefined as never, good), /model must be .*; got undefined$/],
    'no model to diagnose': [() => diagnose(3 as never, good), /model must be .*; got 3$/],
    'no model to look into': [() => maxActivatingInputs(null as never), /model must be .*; got null$/],
    'no runs': [
      () => trainTogether({} as never, good, { epochs: 1 }),
      /runs must be an array of { model, … }; got/,
    ],
    'no penalty': [
      () => diagnose(model, good, { penalty: 1 as never }),
      /penalty must be l1\(…\), .*; got 1$/,
    ],
    'no history': [
      () => diagnose(model, good, { history: {} as never }),
      /history must be what train returns; got/,
    ],
    'no encoder': [
      () => probe({} as never, labelled, labelled),
      /encoder must be a model, rawInputs or .*; got/,
    ],
    'no data set': [() => probe(model, good as never, labelled), /train must be a Dataset; got an object/],
    'no path': [() => model.save(undefined as never), 'path must be a string; got undefined'],
    'a number as a path': [() => SparseAutoencoder.load(0 as never), 'path must be a string; got 0'],
    'no bytes': [() => parseIdx([] as never), 'bytes must be a Uint8Array; got []'],
    'no table': [() => table({} as never), /rows must be an array of objects, one per row; got an object/],
    'no indices': [
      () => labelled.select(undefined as never),
      'indices must be an array of row numbers; got undefined',
    ],
    'no history to draw': [
      () => lossCurves({} as never),
      /histories must be what train returns, or an array of them; got/,
    ],
    'no rows of activations': [
      () => meanActivationCurves({} as never),
      /history must be what train returns; got/,
    ],
    'no curve': [() => penaltyCurve({ cube: 3 } as never), 'curves.cube must be a function; got 3'],
    'no points': [
      () => sweepMap('points' as never),
      /points must be an array of three numbers per trial; got 'points'$/,
    ],
    'no lists by name': [
      () => paretoPlot({ L1: 3 } as never),
      /points must be one to draw, or several .*; got 3 as 'L1'$/,
    ],
    'no space': [
      () => sweep(undefined as never, {}),
      /space must be lists of values by setting; got undefined$/,
    ],
    'no search': [() => sweep({ seed: [1] }, { search: 1 as never }), 'search must be a function; got 1'],
    'no store': [() => sweep({ seed: [1] }, { store: 1 as never }), 'store must be a string; got 1'],
    'no goal': [
      () => bestWithin(undefined as never, {}),
      /goal must be given options \{ metric, direction \}; got undefined$/,
    ],
    'no controls': [() => interact({}, 3 as never), 'draw must be a function; got 3'],
    'no exercise': [
      () => verify(undefined as never, () => 1),
      'exercise must be one of exercises; got undefined',
    ],
    'no verdict': [() => points(1, 3 as never), /results\[0\] must be what verify or expect returns; got 3$/],
  };
  for (const [what, [call, message]] of Object.entries(wrong)) {
    it(what, () => refuses(call, TypeError, message));
  }

  it('options that nobody reads', async () => {
    const misspelt: Readonly<Record<string, () => unknown>> = {
      loadMnist: () => loadMnist({ foldr: '.' } as never),
      loadFashionMnist: () => loadFashionMnist({ sampel: true } as never),
      'Dataset.fromRows': () => Dataset.fromRows([[1]], { lables: Uint8Array.of(1) } as never),
      table: () => table([], { digit: 2 } as never),
      display: () => display('text', { displayID: 'x' } as never),
      randomSearch: () => randomSearch({ trial: 3 } as never),
    };
    for (const [name, call] of Object.entries(misspelt)) {
      await refuses(
        call,
        TypeError,
        new RegExp(`^${name} has no option '\\w+'; (?:did you mean '\\w+'\\? I|i)t has `),
      );
    }
  });

  it('features that do not fit the examples', () => {
    assert.throws(
      () => probe({ encode: () => ({ values: Float32Array.of(1), shape: [1, 1] }) }, labelled, labelled),
      /encoder must give one row per example, 2; got 1$/,
    );
  });
});

it('a model that has come apart can be diagnosed all the same', () => {
  const broken = new SparseAutoencoder({ inputDim: 3, hiddenDim: 3 });
  broken.setParameters({
    ...broken.parameters,
    encoderWeights: { values: new Float32Array(9).fill(3e38), shape: [3, 3] },
  });
  assert.equal(broken.encode(good).values[0], Infinity);
  assert.ok(diagnose(broken, good).length > 0);
});
