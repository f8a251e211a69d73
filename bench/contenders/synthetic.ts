/**
 * SAELens' tutorial on synthetic data in Sparselab: 16 orthogonal features in 32 dimensions, each active with
 * probability 0.25 and magnitude 1 ± 0.05; 10 M samples, made in the graph.
 *
 * The objective is that of SAELens 6.54's StandardTrainingSAE: squared error summed over dimensions and averaged over
 * the batch, plus λ Σ |h| ‖W_d‖; the decoder's bias is taken off the input; decoder rows start with norm 0.1, the
 * encoder as their transpose. SAELens also clips gradients to norm 1, which they soon stay below by themselves.
 *
 * @module
 */
import { Random, syntheticFeatures, tf } from 'sparselab';
import { createEngine, initialState, randomNormal, randomUniform } from 'sparselab/dist/engine';
import { serve, work } from './common';

const FEATURES = 16;
const DIM = 32;
const SAMPLES = 10_000_000;
const STEPS_PER_SLICE = 256;
type Parameters = Readonly<Record<'encoder' | 'encoderBias' | 'decoder' | 'decoderBias', tf.Tensor2D>>;

const step = {
  inputs: { lambda: work.strengths[0] as number },
  terms: ['squaredError', 'penalty', 'total'] as const,
  loss(
    parameters: Readonly<Record<string, tf.Tensor>>,
    x: tf.Tensor2D,
    inputs: Readonly<Record<string, tf.Scalar>>,
  ) {
    const { encoder, encoderBias, decoder, decoderBias } = parameters as Parameters;
    const h = tf.relu(tf.add(tf.matMul(tf.sub(x, decoderBias), encoder), encoderBias));
    const reconstruction = tf.add(tf.matMul(h, decoder), decoderBias);
    const squaredError = tf.squaredDifference(reconstruction, x).sum(1).mean<tf.Scalar>();
    const penalty = tf.matMul(h, decoder.square().sum(1, true).sqrt() as tf.Tensor2D).mean<tf.Scalar>();
    return {
      squaredError,
      penalty,
      total: tf.add<tf.Scalar>(squaredError, tf.mul(inputs.lambda as tf.Scalar, penalty)),
    };
  },
};

async function train(seed: number) {
  const { dictionary } = syntheticFeatures({
    features: FEATURES,
    dim: DIM,
    count: 1,
    seed,
    orthogonal: true,
  });
  const directions = tf.tensor2d(dictionary, [FEATURES, DIM]);
  const source = {
    dim: DIM,
    sample(key: tf.Tensor1D, batchSize: number): tf.Tensor2D {
      const shape: [number, number] = [batchSize, FEATURES];
      const fires = tf.less(randomUniform<tf.Rank.R2>(key, shape, 0), 0.25);
      const magnitude = randomNormal<tf.Rank.R2>(key, shape, 1).mul(0.05).add(1).relu();
      return tf.matMul(tf.mul(fires, magnitude), directions);
    },
  };
  const { runner } = await createEngine({
    members: [{ step, initial: initialState(start(seed)), learningRate: 3e-4 }],
    source,
    batchSizes: [work.batchSize],
  });
  const steps = Math.ceil(SAMPLES / work.batchSize);
  for (let taken = 0; taken < steps; taken += STEPS_PER_SLICE) {
    const count = Math.min(STEPS_PER_SLICE, steps - taken);
    runner.run(
      Int32Array.from({ length: 2 * count }, (_, i) => (i % 2 === 0 ? seed : taken + (i >> 1))),
      work.batchSize,
    );
  }
  const [state] = runner.states();
  runner.dispose();
  const answer = tf.tidy(() => {
    const parameters = Object.fromEntries(
      Object.entries(state?.parameters ?? {}).map(([name, { values, shape }]) => [
        name,
        tf.tensor(values, [...shape]),
      ]),
    ) as unknown as Parameters;
    const fresh = source.sample(tf.tensor1d([seed, steps], 'int32'), 100_000);
    const h = tf.relu(
      tf.add(tf.matMul(tf.sub(fresh, parameters.decoderBias), parameters.encoder), parameters.encoderBias),
    );
    const unit = tf.div(parameters.decoder, tf.norm(parameters.decoder, 2, 1, true)) as tf.Tensor2D;
    const cosines = tf.matMul(unit, directions, false, true).abs();
    const reconstruction = tf.add(tf.matMul(h, parameters.decoder), parameters.decoderBias);
    const number = (tensor: tf.Tensor) => tensor.dataSync()[0] as number;
    return {
      loss: number(tf.squaredDifference(reconstruction, fresh).sum(1).mean()),
      // Every feature's best unit; with all cosines near 0 or 1 that is the best assignment as well.
      mcc: number(cosines.max(0).mean()),
      l0: number(h.greater(0).cast('float32').sum(1).mean()),
      trueL0: FEATURES * 0.25,
    };
  });
  directions.dispose();
  return answer;
}

function start(seed: number) {
  const random = new Random(seed, 1);
  const decoder = new Float32Array(work.hiddenDim * DIM);
  for (let unit = 0; unit < work.hiddenDim; unit++) {
    const row = decoder.subarray(unit * DIM, (unit + 1) * DIM).map(() => 2 * random.uniform() - 1);
    const norm = Math.hypot(...row);
    decoder.set(
      row.map((value) => (0.1 * value) / norm),
      unit * DIM,
    );
  }
  const encoder = new Float32Array(decoder.length);
  decoder.forEach((value, i) => {
    encoder[(i % DIM) * work.hiddenDim + Math.floor(i / DIM)] = value;
  });
  return {
    encoder: { values: encoder, shape: [DIM, work.hiddenDim] },
    encoderBias: { values: new Float32Array(work.hiddenDim), shape: [work.hiddenDim] },
    decoder: { values: decoder, shape: [work.hiddenDim, DIM] },
    decoderBias: { values: new Float32Array(DIM), shape: [DIM] },
  };
}

void serve(async (number) => {
  const started = performance.now();
  const answer = await train(number);
  return { seconds: (performance.now() - started) / 1000, ...answer };
});
