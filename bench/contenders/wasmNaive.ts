/**
 * The same steps as tf has them by itself on WebAssembly: its optimizer, its automatic differentiation, its products.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { firstParameters, INPUT, images, lossesOf, rowsOf, serve, work } from './common';

async function main(): Promise<void> {
  tf.enableProdMode();
  await tf.setBackend('wasm');
  const pixels = images();
  const [strength = 0] = work.strengths;
  const variable = ({ values, shape }: { values: Float32Array; shape: readonly number[] }) =>
    tf.variable(tf.tensor(values, [...shape]));
  const [encoderWeights, encoderBias, decoderWeights, decoderBias] = Object.values(firstParameters()).map(
    variable,
  ) as [tf.Variable<tf.Rank.R2>, tf.Variable, tf.Variable<tf.Rank.R2>, tf.Variable];
  const adam = tf.train.adam(1e-3, 0.9, 0.999, 1e-8);

  await serve((number) => {
    const rows = rowsOf(number);
    const losses: number[] = [];
    for (let start = 0; start < rows.length; start += work.batchSize) {
      const batch = new Float32Array(work.batchSize * INPUT);
      rows.subarray(start, start + work.batchSize).forEach((row, i) => {
        for (let j = 0; j < INPUT; j++) batch[i * INPUT + j] = (pixels[row * INPUT + j] as number) / 255;
      });
      tf.tidy(() => {
        const x = tf.tensor2d(batch, [work.batchSize, INPUT]);
        const cost = adam.minimize(() => {
          const h = tf.relu(tf.add(tf.matMul(x, encoderWeights), encoderBias));
          // Row by row: over all numbers at once the backend's float32 sum loses digits.
          const error = tf
            .squaredDifference(tf.add(tf.matMul(h, decoderWeights), decoderBias), x)
            .mean(1)
            .mean<tf.Scalar>();
          return tf.add<tf.Scalar>(error, h.abs().sum(1).mean().mul(strength));
        }, true);
        losses.push(cost?.dataSync()[0] as number);
      });
    }
    return lossesOf(number, [losses]);
  });
}

void main();
