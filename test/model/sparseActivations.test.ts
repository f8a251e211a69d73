import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type Activation,
  type ActivationData,
  batchTopK,
  decoderL1,
  evaluate,
  gated,
  gradientCheck,
  jumpRelu,
  kl,
  l0,
  l0Window,
  l1,
  loadDigits,
  lp,
  masked,
  SparseAutoencoder,
  TrainingState,
  tf,
  topK,
  train,
  trainTogether,
  winnerTakeAll,
} from 'sparselab';
import { above, jump } from 'sparselab/dist/model/gradients';
import { temporaryFolder } from '../support/temporary';

const digits = loadDigits().take(200);
const none = { parameters: {}, state: {} };
const codeOf = (activation: Activation, z: number[][]) => activation.apply(tf.tensor2d(z), none).arraySync();

const modelWith = (hiddenActivation: Activation | ActivationData, hiddenDim = 24) =>
  new SparseAutoencoder({ inputDim: 64, hiddenDim, hiddenActivation, initializer: 'unitNorm', seed: 3 });

describe('a code that is sparse by itself', () => {
  const z = [
    [3, -1, 2, 1],
    [0.5, 4, -2, 5],
  ];

  it('topK keeps the k largest of each example', () => {
    assert.deepEqual(codeOf(topK(2), z), [
      [3, 0, 2, 0],
      [0, 4, 0, 5],
    ]);
  });

  it('topK keeps no negative number, and all that are equal to the k-th', () => {
    assert.deepEqual(codeOf(topK(3), [[2, 2, 2, -1]]), [[2, 2, 2, 0]]);
    assert.deepEqual(codeOf(topK(1), [[2, 2, -1, -1]]), [[2, 2, 0, 0]]);
    assert.deepEqual(codeOf(topK(2), [[1, -3, -2, -1]]), [[1, 0, 0, 0]]);
  });

  it('batchTopK keeps the k × batch largest of all, rounded down', () => {
    // 1 × 2 of 3, −1, 2, 1, 0.5, 4, −2, 5; then ⌊1.5 × 2⌋ = 3.
    assert.deepEqual(codeOf(batchTopK(1), z), [
      [0, 0, 0, 0],
      [0, 4, 0, 5],
    ]);
    assert.deepEqual(codeOf(batchTopK(1.5), z), [
      [3, 0, 0, 0],
      [0, 4, 0, 5],
    ]);
  });

  it('winnerTakeAll keeps the strongest examples of each unit, so every unit with a positive sum fires', () => {
    // ⌈0.5 × 2⌉ = 1 example per unit.
    assert.deepEqual(codeOf(winnerTakeAll(0.5), z), [
      [3, 0, 2, 0],
      [0, 4, 0, 5],
    ]);
  });

  it('jumpRelu keeps what is above the threshold as it is', () => {
    const parameters = { threshold: tf.tensor1d([2, 2, 2, 2]) };
    const code = jumpRelu().apply(tf.tensor2d(z), { parameters, state: {} });
    assert.deepEqual(code.arraySync(), [
      [3, 0, 0, 0],
      [0, 4, 0, 5],
    ]);
  });

  it('gated: one sum lets through, the other says how much', () => {
    const parameters = {
      encoderBias: tf.tensor1d([1, 0]),
      magnitudeScale: tf.tensor1d([0, Math.log(2)]),
      magnitudeBias: tf.tensor1d([0, 0.5]),
    };
    // Unit 0: open, 3 − 1 = 2. Unit 1: open, 2 × 2 + 0.5 = 4.5; closed.
    const code = gated().apply(
      tf.tensor2d([
        [3, 2],
        [3, -2],
      ]),
      { parameters, state: {} },
    );
    assert.deepEqual(code.arraySync(), [
      [2, 4.5],
      [2, 0],
    ]);
  });

  it('the threshold that is learnt is the running mean of the smallest kept activation', () => {
    const { nextState } = batchTopK(1);
    const h = tf.tensor2d([
      [0, 4],
      [2, 0],
    ]);
    const first = nextState?.({ threshold: tf.tensor1d([0]) }, h, h) as { threshold: tf.Tensor };
    assert.deepEqual([...first.threshold.dataSync()], [2]);
    // 0.99 × 3 + 0.01 × 2 = 2.99; a batch without an active unit changes nothing.
    const later = nextState?.({ threshold: tf.tensor1d([3]) }, h, h) as { threshold: tf.Tensor };
    assert.ok(Math.abs((later.threshold.dataSync()[0] as number) - 2.99) < 1e-6);
    const silent = nextState?.({ threshold: tf.tensor1d([3]) }, h, tf.zerosLike(h)) as {
      threshold: tf.Tensor;
    };
    assert.deepEqual([...silent.threshold.dataSync()], [3]);
  });
});

describe('gradients', () => {
  const rows = tf.tidy(() => digits.take(5).toTensor().dataSync());
  // Eight of the pixels, of five examples.
  const x = {
    values: Float32Array.from(
      { length: 40 },
      (_, i) => rows[64 * Math.floor(i / 8) + 18 + (i % 8)] as number,
    ),
    shape: [5, 8] as const,
  };
  const small = (hiddenActivation: Activation | ActivationData) =>
    new SparseAutoencoder({ inputDim: 8, hiddenDim: 6, hiddenActivation, seed: 7 });

  it('are those of calculus with the choice held fixed, for every activation that chooses', () => {
    for (const activation of [topK(3), batchTopK(2), winnerTakeAll(0.5)]) {
      const { relativeError } = gradientCheck(small(activation), x);
      assert.ok(relativeError < 1e-7, `${activation.name}: ${relativeError}`);
    }
    for (const penalty of [decoderL1(0.1), lp({ lambda: 0.1, p: 0.5 })]) {
      const { relativeError } = gradientCheck(small('relu'), x, { penalty });
      assert.ok(relativeError < 1e-7, `${penalty.name}: ${relativeError}`);
    }
    const { relativeError } = gradientCheck(small('relu'), x, { prefixes: [2, 5, 6] });
    assert.ok(relativeError < 1e-7, `prefixes: ${relativeError}`);
    // The decoder is held fixed in gated's own term, which a difference of the loss cannot know.
    const { decoderWeights, decoderBias, ...others } = gradientCheck(small('gated'), x).byParameter;
    for (const [name, error] of Object.entries(others)) assert.ok(error < 1e-7, `gated ${name}: ${error}`);
    assert.ok((decoderWeights ?? 0) > 0.01 && (decoderBias ?? 0) > 0.01);
    // A count has no slope: a difference finds 0 and the window does not.
    const penalty = l0Window({ lambda: 0.1, bandwidth: 0.5 });
    const jumping = jumpRelu({ threshold: 0.1, bandwidth: 0.5 });
    const { threshold, ...smooth } = gradientCheck(small(jumping), x, { penalty }).byParameter;
    for (const [name, error] of Object.entries(smooth)) assert.ok(error < 1e-7, `jumpRelu ${name}: ${error}`);
    assert.equal(threshold, 1);
  });

  it('of a jump come from a window of width ε around it', () => {
    const z = tf.tensor2d([
      [0.9, 2],
      [1.2, 2.4],
      [3, 1],
    ]);
    const theta = tf.tensor1d([1, 2]);
    const [toZ, toTheta] = tf.grads((a, b) => jump(a as tf.Tensor2D, b as tf.Tensor1D, 0.5))([z, theta]);
    // H(z − θ); −(θ/ε) × the examples with |z − θ| < 0.25: two of unit 0, one of unit 1.
    assert.deepEqual(toZ?.arraySync(), [
      [0, 0],
      [1, 1],
      [1, 0],
    ]);
    assert.deepEqual(toTheta?.arraySync(), [-(1 / 0.5) * 2, -(2 / 0.5) * 1]);
    const [noZ, counted] = tf.grads((a, b) => above(a as tf.Tensor2D, b as tf.Tensor1D, 0.5))([z, theta]);
    assert.deepEqual(noZ?.arraySync(), [
      [0, 0],
      [0, 0],
      [0, 0],
    ]);
    // −(1/ε) × 2, −(1/ε) × 1
    assert.deepEqual(counted?.arraySync(), [-4, -2]);
  });

  it('of thresholds below 0 are those at 0: no activation is negative, and only a count pushes them, up', () => {
    const z = tf.tensor2d([
      [-0.1, -0.6],
      [0.1, 0.4],
    ]);
    const theta = tf.tensor1d([-0.2, -3]);
    assert.deepEqual(jump(z, theta, 0.5).arraySync(), tf.relu(z).arraySync());
    const slopes = (of: typeof jump | typeof above) =>
      tf
        .grad((at) => of(z, at as tf.Tensor1D, 0.5))(theta)
        .arraySync();
    // −(0/ε) × those in the window; −(1/ε) × −0.1 and 0.1 of unit 0, none of unit 1.
    assert.deepEqual(slopes(jump), [-0, -0]);
    assert.deepEqual(slopes(above), [-4, -0]);
  });

  it('of a target push the thresholds down where too few units are active', () => {
    const preActivation = tf.tensor2d([
      [0.9, 2],
      [1.2, 2.4],
      [3, 1],
    ]);
    const { term } = l0Window({ lambda: 1, bandwidth: 0.5, target: 2 });
    const ofTarget = (threshold: tf.Tensor) =>
      term(
        preActivation,
        {},
        {
          preActivation,
          parameters: { threshold },
          decoder: () => preActivation,
          hiddenActivation: 'jumpRelu',
        },
      );
    const [value, slope] = [ofTarget(tf.tensor1d([1, 2])), tf.grad(ofTarget)(tf.tensor1d([1, 2]))] as const;
    // 1.2, 2.4 and 3 are above: L0 = 3/3; (1/2 − 1)².
    assert.equal(value.arraySync(), 0.25);
    // 2·(1/2 − 1)·(1/2) = −0.5 times the slope of the count, −(1/ε) × 2/3 and −(1/ε) × 1/3.
    for (const [unit, counted] of [2, 1].entries()) {
      const expected = (0.5 * 2 * counted) / 3;
      assert.ok(Math.abs(((slope.arraySync() as number[])[unit] ?? 0) - expected) < 1e-6);
    }
  });
});

describe('a model', () => {
  it('has k units active for each example with topK, and about k on average with a trained batchTopK', async () => {
    const exact = modelWith(topK(5));
    for (const active of countsOf(exact)) assert.ok(active <= 5);
    const model = modelWith(batchTopK(5));
    await train(model, digits, { epochs: 60, batchSize: 50, learningRate: 1e-3, progress: false });
    const inferred = l0(model.encode(digits));
    assert.ok(Math.abs(inferred - 5) < 0.05 * 5, `L0 ${inferred}`);
  });

  it('comes back from its file with its activation and what no gradient moves; so does a training', async () => {
    const folder = temporaryFolder();
    for (const activation of [topK(3), batchTopK(2.5), winnerTakeAll(0.1), jumpRelu(), gated()]) {
      const model = modelWith(activation);
      const options = { epochs: 2, batchSize: 50, seed: 4, progress: false, penalty: l1(0.001) };
      const history = await train(model, digits, options);
      const path = `${folder}/${activation.name}.safetensors`;
      model.save(path);
      const loaded = SparseAutoencoder.load(path);
      assert.deepEqual([loaded.parameters, loaded.state], [model.parameters, model.state]);
      assert.deepEqual(loaded.encode(digits), model.encode(digits));
      // Another epoch from a file gives what three at once give, bit for bit.
      history.state?.save(path);
      await train(model, digits, { ...options, epochs: 3, resume: TrainingState.load(path) });
      const whole = modelWith(activation);
      await train(whole, digits, { ...options, epochs: 3 });
      assert.deepEqual([model.parameters, model.state], [whole.parameters, whole.state]);
    }
  });

  it('with a custom activation is read with it as an argument', () => {
    const half: Activation = {
      name: 'upper half',
      apply: (z) => masked(z, (values) => values.greater(values.mean(1, true))),
    };
    const model = modelWith(half);
    const path = `${temporaryFolder()}/own.safetensors`;
    model.save(path);
    assert.throws(() => SparseAutoencoder.load(path), /'upper half' alone.*so pass it/);
    const loaded = SparseAutoencoder.load(path, { hiddenActivation: half });
    assert.deepEqual(loaded.encode(digits), model.encode(digits));
  });

  it('refuses what cannot be, by name', () => {
    assert.throws(() => modelWith(topK(25)), /topK: k must be.*24.*25/);
    assert.throws(() => modelWith(batchTopK(24.5)), /batchTopK: k must be/);
    assert.throws(() => topK(2.5), /k must be/);
    assert.throws(() => winnerTakeAll(1), /rate must be/);
    assert.throws(() => jumpRelu({ bandwidth: 0 }), /bandwidth must be/);
    assert.throws(() => modelWith('topK' as ActivationData), /needs its setting: topK\(32\)/);
    assert.throws(() => modelWith({ name: 'topK', k: 3, rate: 1 }), /rate/);
    assert.throws(() => modelWith({ name: 'top' }), /'top' alone/);
  });
});

describe('l0Window with a target', () => {
  it('leads a jumpRelu code to that L0, with a λ that is large enough and with a larger one', async () => {
    const runs = [
      { lambda: 1, target: 4 },
      { lambda: 1, target: 16 },
      { lambda: 10, target: 16 },
    ].map((options) => ({
      model: new SparseAutoencoder({
        inputDim: 64,
        hiddenDim: 64,
        hiddenActivation: jumpRelu({ threshold: 0.05, bandwidth: 0.2 }),
        subtractDecoderBias: true,
        initializer: 'unitNorm',
        seed: 3,
      }),
      learningRate: 0.003,
      penalty: l0Window({ ...options, bandwidth: 0.2 }),
      target: options.target,
    }));
    await trainTogether(
      runs.map(({ target: _, ...run }) => run),
      loadDigits(),
      { epochs: 80, batchSize: 100, seed: 1, progress: false },
    );
    for (const { model, target } of runs) {
      const { l0: reached } = evaluate(model, loadDigits());
      assert.ok(Math.abs(reached - target) < 0.05 * target, `${target}: ${reached}`);
    }
  });
});

describe('train refuses, before the first step', () => {
  const refused = (model: SparseAutoencoder, options: object, words: RegExp) =>
    assert.rejects(train(model, digits, { epochs: 1, progress: false, ...options }), words);

  it('a penalty that cannot see anything, and prefixes that do not ascend to hiddenDim', async () => {
    await refused(
      modelWith(topK(3)),
      { penalty: kl({ beta: 1, rho: 0.1 }) },
      /KL needs hidden activations in/,
    );
    await refused(modelWith('relu'), { penalty: l0Window({ lambda: 1 }) }, /L0 needs.*threshold.*got 'relu'/);
    await refused(
      modelWith('relu'),
      { prefixes: [8, 8, 24] },
      /prefixes must ascend to hiddenDim, 24; got \[8, 8, 24\]/,
    );
    await refused(modelWith('relu'), { prefixes: [8, 16] }, /must ascend to hiddenDim, 24/);
  });
});

function countsOf(model: SparseAutoencoder): number[] {
  const { values, shape } = model.encode(digits);
  return Array.from({ length: shape[0] }, (_, row) =>
    values.subarray(row * shape[1], (row + 1) * shape[1]).reduce((count, h) => count + Number(h !== 0), 0),
  );
}
