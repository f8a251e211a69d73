/**
 * tfjs-layers on tfjs-node: model.fit. It throws for activity regularizers, so each code's Σ|h| is a second output of
 * the model, which is to be 0, and the penalty that output's loss.
 *
 * @module
 */
import { backendReady, tf } from 'sparselab';
import { EXAMPLES, firstParameters, INPUT, images, order, serve, work } from './common';

/** Σ|h| of each example, [batch, 1]. */
class AbsoluteSum extends tf.layers.Layer {
  static readonly className = 'AbsoluteSum';

  override computeOutputShape(): tf.Shape {
    return [null, 1];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.sum(tf.abs([inputs].flat()[0] as tf.Tensor), 1, true);
  }
}

async function main(): Promise<void> {
  await backendReady();
  const [strength = 0] = work.strengths;
  const x = tf.tidy(() =>
    tf.tensor2d(
      Float32Array.from(images(), (value) => value / 255),
      [EXAMPLES, INPUT],
    ),
  );
  const nothing = tf.zeros([EXAMPLES, 1]);
  const input = tf.input({ shape: [INPUT] });
  const encoder = tf.layers.dense({
    units: work.hiddenDim,
    activation: work.activation as 'relu' | 'sigmoid',
  });
  const decoder = tf.layers.dense({ units: INPUT });
  const code = encoder.apply(input) as tf.SymbolicTensor;
  const size = new AbsoluteSum().apply(code) as tf.SymbolicTensor;
  const model = tf.model({ inputs: input, outputs: [decoder.apply(code) as tf.SymbolicTensor, size] });
  const first = firstParameters();
  const tensor = (name: string) => {
    const { values, shape } = first[name] as { values: Float32Array; shape: number[] };
    return tf.tensor(values, shape);
  };
  encoder.setWeights([tensor('encoderWeights'), tensor('encoderBias')]);
  decoder.setWeights([tensor('decoderWeights'), tensor('decoderBias')]);
  const penalty = (_: tf.Tensor, sum: tf.Tensor) => sum.mul(strength);
  model.compile({
    optimizer: tf.train.adam(1e-3, 0.9, 0.999, 1e-8),
    loss: [tf.metrics.meanSquaredError, penalty],
  });
  const whole = order(0).length;
  const [data, target] = [x.slice([0, 0], [whole, INPUT]), nothing.slice([0, 0], [whole, 1])];

  await serve(async () => {
    // fit() shuffles by itself: the batches are others, their mean loss over an epoch hardly.
    const { history } = await model.fit(data, [data, target], {
      batchSize: work.batchSize,
      epochs: 1,
      verbose: 0,
      yieldEvery: 'never',
    });
    return { loss: Number(history.loss?.[0]) };
  }, tf.version.tfjs);
}

void main();
