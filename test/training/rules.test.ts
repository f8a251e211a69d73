import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { describe, it } from 'node:test';
import {
  auxK,
  averageWeights,
  batchTopK,
  clipGradient,
  decoderL1,
  l1,
  loadDigits,
  lossCurves,
  lp,
  Random,
  type RuleData,
  resample,
  SparseAutoencoder,
  type StepRule,
  scaleInputs,
  seekL0,
  startBias,
  TrainingState,
  tensorBoard,
  tf,
  topK,
  train,
  trainTogether,
  unitDashboard,
  unitNormDecoder,
} from 'sparselab';
import { temporaryFolder } from '../support/temporary';

const digits = loadDigits().take(400);
const base = { epochs: 3, batchSize: 50, seed: 2, progress: false } as const;
const modelOf = (options: object = {}) =>
  new SparseAutoencoder({ inputDim: 64, hiddenDim: 32, initializer: 'unitNorm', seed: 5, ...options });

const lengthsOf = ({ decoderWeights: { values, shape } }: SparseAutoencoder): number[] =>
  Array.from({ length: shape[0] }, (_, unit) =>
    Math.hypot(...values.subarray(unit * shape[1], (unit + 1) * shape[1])),
  );

describe('a rule of training', () => {
  it('unitNormDecoder keeps the rows at length 1; without it L1 is cheated by longer ones', async () => {
    const options = { ...base, epochs: 10, penalty: l1(0.01) };
    const [kept, free] = [modelOf(), modelOf()];
    await train(kept, digits, { ...options, rules: [unitNormDecoder()] });
    await train(free, digits, options);
    for (const length of lengthsOf(kept)) assert.ok(Math.abs(length - 1) < 1e-5);
    assert.ok(lengthsOf(free).some((length) => length > 1.05));
  });

  it('unitNormDecoder takes the part along the row out of the gradient', () => {
    const parameters = { decoderWeights: tf.tensor2d([[3, 4]]) };
    const { architecture } = modelOf();
    const gradient = { decoderWeights: tf.tensor2d([[1, 0]]) };
    const projected = unitNormDecoder().gradients?.(gradient, { architecture, parameters });
    // d̂ = (0.6, 0.8); (1, 0) − 0.6·(0.6, 0.8) = (0.64, −0.48)
    const [x, y] = projected?.decoderWeights?.dataSync() ?? [];
    assert.ok(Math.abs((x as number) - 0.64) < 1e-6 && Math.abs((y as number) + 0.48) < 1e-6);
  });

  it('clipGradient shortens all gradients together, and leaves shorter ones alone', () => {
    const { gradients } = clipGradient(2.5);
    const step = { architecture: modelOf().architecture, parameters: {} };
    // ‖(3, 4)‖ = 5, so half of each.
    const long = gradients?.({ a: tf.tensor1d([3]), b: tf.tensor1d([4]) }, step);
    assert.deepEqual([...(long?.a?.dataSync() ?? []), ...(long?.b?.dataSync() ?? [])], [1.5, 2]);
    const short = gradients?.({ a: tf.tensor1d([0.5]) }, step);
    assert.deepEqual([...(short?.a?.dataSync() ?? [])], [0.5]);
  });

  it('averageWeights hands over the running mean, and the training goes on from the newest numbers', async () => {
    const [averaged, plain] = [modelOf(), modelOf()];
    const history = await train(averaged, digits, { ...base, epochs: 1, rules: [averageWeights(0.5)] });
    await train(plain, digits, { ...base, epochs: 1 });
    assert.ok(history.state);
    const { parameters, state } = history.state.optimizer;
    assert.deepEqual({ ...parameters }, plain.parameters);
    assert.deepEqual(averaged.encoderWeights.values, state['averageWeights/encoderWeights']?.values);
    assert.notDeepEqual(averaged.parameters, plain.parameters);
  });

  it('scaleInputs: the model of raw inputs does what the trained one does of scaled ones, whatever the scale', async () => {
    const scaled = (factor: number) => {
      const x = tf.tidy(() => digits.toTensor().mul(factor).dataSync<'float32'>());
      return { values: x, shape: [400, 64] as const };
    };
    const outcomes = [1, 8].map(async (factor) => {
      const model = modelOf();
      const history = await train(model, scaled(factor), {
        ...base,
        penalty: decoderL1(0.01),
        rules: [scaleInputs(), unitNormDecoder()],
      });
      return { model, last: history.last, x: scaled(factor) };
    });
    const [one, eight] = await Promise.all(outcomes);
    assert.ok(one && eight);
    // 8 is a power of two: nothing is rounded otherwise.
    assert.deepEqual(eight.model.encode(eight.x), one.model.encode(one.x));
    assert.ok(Math.abs(eight.last.mse / one.last.mse / 64 - 1) < 1e-4);
    assert.equal(eight.last.total, one.last.total);
  });

  it('startBias begins with the mean or the geometric median, which an outlier moves less', async () => {
    const random = new Random(1);
    const values = Float32Array.from({ length: 200 }, () => random.normal());
    values.set([1000, 1000], 0);
    const data = { values, shape: [100, 2] as const };
    const begun = (at: 'mean' | 'geometricMedian') => {
      const { architecture, parameters } = modelOf({ inputDim: 2, hiddenDim: 3 });
      return startBias(at).begin?.(parameters, { architecture, sample: data }).decoderBias
        ?.values[0] as number;
    };
    assert.ok(Math.abs(begun('mean') - 10) < 0.5);
    assert.ok(Math.abs(begun('geometricMedian')) < 0.3);
  });

  it('auxK and resample bring dead units back', async () => {
    const all = loadDigits();
    const deadWith = async (rules: StepRule[]) => {
      const model = modelOf({ hiddenDim: 256, hiddenActivation: topK(6), subtractDecoderBias: true });
      const options = { epochs: 60, batchSize: 100, learningRate: 2e-3, seed: 2, progress: false };
      const { last } = await train(model, all, {
        ...options,
        recordsPerEpoch: 1,
        rules: [startBias(), ...rules],
      });
      return last.deadFraction;
    };
    const without = await deadWith([]);
    const auxiliary = await deadWith([auxK({ deadAfter: 20, alpha: 1 })]);
    const resampled = await deadWith([resample({ every: 200 })]);
    assert.ok(without > 0.05, `without: ${without}`);
    assert.ok(auxiliary < 0.02, `auxK: ${auxiliary}`);
    assert.ok(resampled < 0.02, `resample: ${resampled}`);
  });

  it('seekL0 gets the L0 that is asked for, whatever the strength starts at', async () => {
    for (const [lambda, target] of [
      [1e-4, 6],
      [1e-3, 20],
    ] as const) {
      const model = modelOf({ hiddenDim: 64 });
      const options = { ...base, epochs: 80, recordsPerEpoch: 1, penalty: l1(lambda) };
      const { last } = await train(model, digits, { ...options, rules: [unitNormDecoder(), seekL0(target)] });
      assert.ok(Math.abs(last.l0 - target) < 0.05 * target, `λ ${lambda}: L0 ${last.l0}`);
    }
  });
});

describe('a training with rules and schedules', () => {
  const options = {
    ...base,
    penalty: l1(0.01),
    betas: [0, 0.999] as const,
    schedule: { strength: { warmUp: 10 }, learningRate: { warmUp: 5, decay: 8 } },
    rules: [
      scaleInputs(),
      startBias(),
      unitNormDecoder(),
      auxK({ deadAfter: 3 }),
      resample({ every: 7, deadAfter: 2 }),
      averageWeights(0.9),
      clipGradient(1),
      seekL0(5),
    ],
  };
  const model = () => modelOf({ hiddenActivation: batchTopK(6), subtractDecoderBias: true });

  it('resumes from a file as if it had never stopped, bit for bit, at any step', async () => {
    const whole = model();
    const expected = await train(whole, digits, options);
    const path = `${temporaryFolder()}/state.safetensors`;
    for (const step of [5, 7, 16]) {
      const resumed = model();
      const stop = new AbortController();
      // Records come after 2, 4, 6, 8 … steps of an epoch's 8, so the state is the one of the step at which it stopped.
      const first = await train(resumed, digits, {
        ...options,
        signal: stop.signal,
        recordsPerEpoch: 8,
        onProgress: ({ step: now }) => {
          if (now >= step) stop.abort();
        },
      });
      first.state?.save(path);
      const history = await train(model(), digits, { ...options, resume: TrainingState.load(path) });
      assert.deepEqual(history.state?.optimizer, expected.state?.optimizer);
    }
  });

  it('gives each of several together what it gives alone, as data too', async () => {
    const rules: RuleData[] = [
      'scaleInputs',
      'startBias',
      'unitNormDecoder',
      { name: 'auxK', deadAfter: 3 },
      { name: 'resample', every: 7, deadAfter: 2 },
      { name: 'averageWeights', decay: 0.9 },
      { name: 'clipGradient', norm: 1 },
      { name: 'seekL0', target: 5 },
    ];
    const { epochs, batchSize, seed, progress, ...own } = options;
    const runs = [{ ...own, model: model(), rules }, { model: modelOf({ hiddenActivation: topK(3) }) }];
    await trainTogether(runs, digits, { epochs, batchSize, seed, progress });
    const alone = model();
    await train(alone, digits, options);
    assert.deepEqual(runs[0]?.model.parameters, alone.parameters);
    assert.deepEqual(runs[0]?.model.state, alone.state);
  });

  it('is drawn and logged as it adds up: the strength of each step, and what rules add', async () => {
    const steered = model();
    const folder = temporaryFolder();
    const history = await train(steered, digits, { ...options, onProgress: tensorBoard(folder) });
    const [first] = history.steps;
    assert.ok(first?.strength !== undefined && first.auxiliary !== undefined);
    // Step 1 of 10 of the warm-up: 0.01 × 1/10.
    assert.ok(Math.abs(first.strength - 0.001) < 1e-8);
    for (const row of history.rows) {
      const { total, reconstruction, penalty, strength = 0, auxiliary = 0 } = row;
      assert.ok(Math.abs(reconstruction + strength * penalty + auxiliary - total) < 1e-5 * total);
    }
    const drawn = JSON.stringify(lossCurves(history).data);
    assert.match(drawn, /"strength × penalty"/);
    assert.doesNotMatch(drawn, /"weight decay"/);
    assert.equal(readdirSync(folder).length, 1);
    // Unit panels and dashboards draw such a model as any other.
    assert.doesNotThrow(() => unitDashboard(steered, loadDigits().take(50), 3));
  });

  it('refuses what cannot be, by name, before the first step', async () => {
    const refused = (more: object, words: RegExp, of: SparseAutoencoder = modelOf()) =>
      assert.rejects(train(of, digits, { ...base, ...more }), words);
    await refused({ rules: ['unitNorm'] }, /rules\[0\] must be one of 'unitNormDecoder'.*'unitNorm'/);
    await refused({ rules: [() => clipGradient()] }, /rules\[0\] must be a rule such as auxK\(\)/);
    await refused({ rules: [auxK] }, /rules\[0\] must be a rule such as auxK\(\).*got a function/);
    await refused({ rules: [null] }, /rules\[0\] must be a rule such as auxK\(\).*got null/);
    await refused({ rules: [unitNormDecoder()] }, /decoder of its own/, modelOf({ tied: true }));
    await refused({ rules: [auxK(), auxK()] }, /'auxK' twice/);
    await refused({ rules: [auxK({ k: 33 })] }, /auxK: k must be.*32/);
    await refused({ rules: [seekL0(5)] }, /seekL0 steers a penalty/);
    await refused({ rules: [seekL0(32)], penalty: l1(1) }, /seekL0: target must be/);
    await refused(
      { rules: [seekL0(6)], penalty: l1(1) },
      /seekL0: target must be in \(0, 6\)/,
      modelOf({ hiddenActivation: batchTopK(6) }),
    );
    await refused(
      { rules: [seekL0(6)], penalty: l1(1) },
      /exactly zero.*'sigmoid'/,
      modelOf({ hiddenActivation: 'sigmoid' }),
    );
    await refused(
      { penalty: lp({ lambda: 1, p: 0.5 }), schedule: { p: { to: -1 } } },
      /schedule.p.to must be in \(0, 1\]; got -1/,
    );
    await refused({ schedule: { learningRate: { to: -1 } } }, /schedule.learningRate.to must be at least 0/);
    await refused({ rules: [scaleInputs()] }, /linear/, modelOf({ outputActivation: 'sigmoid' }));
    await refused({ schedule: { rate: { warmUp: 1 } } }, /schedule.*'?rate/);
    await refused(
      { schedule: { learningRate: { warmUp: 25 } } },
      /schedule.learningRate.warmUp must be.*24.*25/,
    );
    await refused({ betas: [0.9, 1] }, /betas\[1\] must be/);
    assert.throws(() => averageWeights(1), /decay must be/);
    const history = await train(modelOf(), digits, { ...base, rules: [clipGradient()] });
    await refused({ resume: history.state }, /habits/);
  });
});
