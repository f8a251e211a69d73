import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import {
  type AutoencoderOptions,
  auxK,
  Dataset,
  type DiagnosisName,
  diagnose,
  gated,
  jumpRelu,
  kl,
  l0Window,
  l1,
  loadDigits,
  loadMnist,
  type Penalty,
  type RestBatch,
  SparseAutoencoder,
  seekL0,
  startBias,
  type TrainOptions,
  tf,
  topK,
  train,
  unitNormDecoder,
  winnerTakeAll,
} from 'sparselab';

const images = loadMnist().train.take(5000);
const relu = { hiddenActivation: 'relu', outputActivation: 'sigmoid' } as const;
const sigmoid = { hiddenActivation: 'sigmoid', outputActivation: 'sigmoid' } as const;

/** Trains a small model and names what is wrong with it. */
async function namesAfter(
  form: Partial<AutoencoderOptions>,
  options: Partial<TrainOptions>,
  data: Dataset = images,
): Promise<DiagnosisName[]> {
  const model = new SparseAutoencoder({ inputDim: data.dim, hiddenDim: 32, seed: 1, ...form });
  await train(model, data, { epochs: 2, batchSize: 100, seed: 1, ...options });
  const { penalty } = options;
  return diagnose(model, data, penalty ? { penalty } : {}).map(({ name }) => name);
}

/** The KL penalty with the mean over a code's units where the mean over the batch belongs. */
const klOverUnits: Penalty = {
  ...kl({ beta: 3, rho: 0.1 }),
  term: (h, parameters) => kl({ beta: 3, rho: 0.1 }).term(tf.transpose(h), parameters),
};

describe('diagnose', () => {
  let healthy: SparseAutoencoder;
  before(async () => {
    healthy = new SparseAutoencoder({ inputDim: 784, hiddenDim: 32, ...relu, seed: 1 });
    await train(healthy, images, {
      epochs: 25,
      batchSize: 100,
      learningRate: 3e-3,
      seed: 1,
      penalty: l1(3e-4),
    });
  });

  it('finds nothing wrong with a training that went well', () => {
    assert.deepEqual(diagnose(healthy, images, { penalty: l1(3e-4) }), []);
  });

  it('tells a last batch that is too small for a statistic of the batch, where one chose it', async () => {
    const sigmoid = { hiddenActivation: 'sigmoid', outputActivation: 'sigmoid' } as const;
    const data = images.take(405);
    const findings = async (rest: RestBatch, penalty: Penalty) => {
      const model = new SparseAutoencoder({ inputDim: data.dim, hiddenDim: 32, ...sigmoid, seed: 1 });
      await train(model, data, { epochs: 8, batchSize: 100, seed: 1, learningRate: 0.01, rest, penalty });
      return diagnose(model, data, { penalty }).filter(({ name }) => name === 'small last batch');
    };
    const [found] = await findings('small', kl({ beta: 0.1, rho: 0.05 }));
    assert.match(found?.finding ?? '', /^each epoch ends with a batch of 5, and KL is \d.* batches of 100$/);
    assert.deepEqual(await findings('spread', kl({ beta: 0.1, rho: 0.05 })), []);
    // L1 is a mean over examples: their number changes nothing.
    assert.deepEqual(await findings('small', l1(1e-3)), []);
  });

  it('tells a learning rate that is too large', async () => {
    const names = await namesAfter(relu, { penalty: l1(1e-4), learningRate: 1 });
    assert.ok(names.includes('learning rate too large') && names.includes('dead units'), `${names}`);
    assert.ok(!names.includes('penalty too strong'), 'large steps, not the penalty, silenced the units');
  });

  it('tells a strength that is too large', async () => {
    const names = await namesAfter(relu, { penalty: l1(1) });
    assert.ok(names.includes('penalty too strong'), `${names}`);
    assert.ok(!names.includes('learning rate too large'), `${names}`);
  });

  it('tells data that were not scaled', async () => {
    const bytes = new Dataset({ ...images, scale: 1 });
    const names = await namesAfter(relu, { penalty: l1(1e-4) }, bytes);
    assert.deepEqual(names.slice(0, 2), ['data out of range', 'data scale']);
  });

  it('tells a penalty over the wrong axis, whichever way round', async () => {
    const first = async (penalty: Penalty, form: Partial<AutoencoderOptions>) =>
      (await namesAfter(form, { penalty, epochs: 1 }))[0];
    assert.equal(await first(klOverUnits, sigmoid), 'penalty over the wrong axis');
    const averaged = { name: 'mean', strength: 1e-3, term: (h: tf.Tensor2D) => h.square().mean<tf.Scalar>() };
    assert.equal(await first(averaged, relu), 'penalty over the wrong axis');
    const summed = { name: 'sum', strength: 1e-6, term: (h: tf.Tensor2D) => h.square().sum<tf.Scalar>() };
    assert.equal(await first(summed, relu), 'penalty over the wrong axis');
    for (const [penalty, form] of [
      [l1(1e-4), relu],
      [kl({ beta: 1, rho: 0.1 }), sigmoid],
    ] as const) {
      assert.notEqual(await first(penalty, form), 'penalty over the wrong axis');
    }
  });

  it('tells units that are always on, and a penalty that does nothing', async () => {
    const names = await namesAfter(relu, { penalty: l1(1e-9), epochs: 5 });
    assert.ok(names.includes('always-on units') && names.includes('penalty too weak'), `${names}`);
  });

  it('tells mean activations far from ρ, and which units have them', async () => {
    const model = new SparseAutoencoder({ inputDim: 784, hiddenDim: 32, ...sigmoid, seed: 1 });
    const penalty = kl({ beta: 1, rho: 0.05 });
    const off = diagnose(model, images, { penalty }).find(
      ({ name }) => name === 'mean activation off target',
    );
    // An untrained sigmoid unit is half on.
    assert.equal(off?.units?.length, 32);
    assert.match(
      off?.finding ?? '',
      /^32 of 32 units have a mean activation outside \[ρ\/2, 2ρ\] = \[0\.025, 0\.1\]$/,
    );
  });

  it('tells a training that was cut short, and one that broke down', async () => {
    const model = new SparseAutoencoder({ inputDim: 784, hiddenDim: 32, ...relu, seed: 1 });
    const history = await train(model, images, { epochs: 1, batchSize: 100, learningRate: 3e-4 });
    const names = () => diagnose(model, images, { history }).map(({ name }) => name);
    assert.ok(names().includes('loss still falls'));
    history.status = 'diverged';
    assert.equal(names()[0], 'diverged');
  });

  it('gives each finding numbers and a cure', async () => {
    const model = new SparseAutoencoder({ inputDim: 784, hiddenDim: 32, ...relu, seed: 1 });
    for (const { finding, cure } of diagnose(model, images)) {
      assert.match(finding, /\d/);
      assert.match(cure, /\.$/);
    }
  });

  it('leaves no tensor behind', () => {
    const tensors = tf.memory().numTensors;
    diagnose(healthy, images, { penalty: l1(1e-4) });
    assert.equal(tf.memory().numTensors, tensors);
  });

  it('refuses rows of another width and options it does not know', () => {
    assert.throws(() => diagnose(healthy, Dataset.fromRows([[1, 2]])), /data must have 784 columns/);
    assert.throws(() => diagnose(healthy, images, { penalti: l1(1) } as object), /has no option 'penalti'/);
  });
});

describe('diagnose, of dictionaries', () => {
  const digits = loadDigits().take(300);
  const base = { epochs: 4, batchSize: 50, seed: 1, progress: false } as const;
  const found = async (model: SparseAutoencoder, options: object, name: DiagnosisName) => {
    await train(model, digits, { ...base, ...options });
    const penalty = (options as { penalty?: Penalty }).penalty;
    return diagnose(model, digits, penalty ? { penalty } : {}).find((each) => each.name === name);
  };
  const modelOf = (options: object) =>
    new SparseAutoencoder({ inputDim: 64, hiddenDim: 256, seed: 1, ...options });

  it('says why units died, and prescribes one thing', async () => {
    const common = await found(modelOf({ hiddenActivation: topK(4) }), {}, 'dead units');
    assert.match(`${common?.finding} ${common?.cure}`, /in common.*subtractDecoderBias.*startBias/);
    const beaten = modelOf({ hiddenActivation: topK(4), subtractDecoderBias: true });
    assert.match((await found(beaten, { rules: [startBias()] }, 'dead units'))?.cure ?? '', /auxK/);
    const crushed = modelOf({ subtractDecoderBias: true });
    const early = await found(
      crushed,
      { penalty: l1(1), epochs: 20, learningRate: 1e-2, rules: [startBias()] },
      'dead units',
    );
    assert.match(`${early?.finding} ${early?.cure}`, /after the first quarter.*warmUp/);
  });

  it('names a threshold that no pre-activation comes near: the strength has no effect', async () => {
    const jump = (bandwidth: number) =>
      modelOf({ hiddenDim: 32, hiddenActivation: jumpRelu({ threshold: 0.3, bandwidth }) });
    const penalty = l0Window({ lambda: 0.01 });
    assert.match(
      (await found(jump(1e-6), { penalty }, 'strength without effect'))?.cure ?? '',
      /bandwidth: 0\.\d/,
    );
    assert.equal(await found(jump(0.1), { penalty }, 'strength without effect'), undefined);
  });

  it('tells which of a setting, a strength and a threshold is wrong', async () => {
    const window = { threshold: 0.1, bandwidth: 0.5 };
    const wrong: [form: object, options: object, name: DiagnosisName, says: RegExp][] = [
      [{ hiddenActivation: topK(24) }, {}, 'code not sparse', /allows 24 of 32 units.*smaller k of topK/],
      [{ hiddenActivation: winnerTakeAll(0.9) }, {}, 'code not sparse', /smaller rate of winnerTakeAll/],
      [{ hiddenActivation: jumpRelu(window) }, {}, 'code not sparse', /nothing asks jumpRelu.*l0Window/],
      [{ hiddenActivation: gated() }, {}, 'code not sparse', /nothing asks gated.*l1/],
      [{ hiddenActivation: topK(4) }, { penalty: l1(1e-9) }, 'strength without effect', /Leave L1 out/],
      [
        { hiddenActivation: jumpRelu({ threshold: 5 }) },
        { penalty: l0Window({ lambda: 1e-3 }) },
        'strength without effect',
        /none above its threshold.*jumpRelu\(\{ threshold: 0\.\d/,
      ],
      [
        { hiddenActivation: jumpRelu(window) },
        { penalty: l0Window({ lambda: 1e-3, bandwidth: 1e-6 }) },
        'strength without effect',
        /the strength of L0 moves no threshold/,
      ],
      [{ hiddenActivation: gated() }, { penalty: l1(10), epochs: 20 }, 'dead units', /penalty is too strong/],
      [{ hiddenActivation: winnerTakeAll(0.001) }, {}, 'threshold off target', /batchSize of 1000 or more/],
    ];
    for (const [form, options, name, says] of wrong) {
      const model = modelOf({ hiddenDim: 32, subtractDecoderBias: true, initializer: 'unitNorm', ...form });
      const one = await found(model, { epochs: 12, ...options }, name);
      assert.match(`${one?.finding} ${one?.cure}`, says);
    }
  });

  it('knows that no rule brings units back when none of them fires', async () => {
    const model = modelOf({ hiddenDim: 32, hiddenActivation: topK(4), subtractDecoderBias: true });
    const { encoderBias } = model.parameters;
    encoderBias?.values.fill(-10);
    const silent = await found(model, { rules: [auxK({ deadAfter: 2 })] }, 'dead units');
    assert.match(`${silent?.finding} ${silent?.cure}`, /largest pre-activation is -.*Start again/);
  });

  it('says when a target L0 was missed, and that the steering is at its limit', async () => {
    const options = { penalty: l1(1e-9), rules: [seekL0(3)], epochs: 40 };
    const missed = await found(modelOf({ hiddenDim: 32 }), options, 'target L0 missed');
    assert.match(missed?.finding ?? '', /3 was asked for.*limit/);
    const met = { penalty: l1(3e-3), rules: [unitNormDecoder(), seekL0(10)], epochs: 100 };
    assert.equal(await found(modelOf({ hiddenDim: 32 }), met, 'target L0 missed'), undefined);
  });
});
