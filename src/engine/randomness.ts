/**
 * Random numbers inside a step: pure functions of a key, as JAX has them. The same key gives the same numbers, so a step
 * that uses them can be traced, repeated and resumed. Another backend gives other numbers of the same distribution.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs';
import { Random } from '../numbers/random';
import { AttributeKind, DataType, nativeBackend } from './native/binding';

/**
 * Numbers drawn evenly from [0, 1).
 *
 * @param key Two whole numbers, int32.
 * @param stream Another one gives other numbers for the same key.
 */
export function randomUniform<R extends tf.Rank>(
  key: tf.Tensor1D,
  shape: tf.ShapeMap[R],
  stream = 0,
): tf.Tensor<R> {
  return draw(key, shape, stream, 'StatelessRandomUniform', (random) => random.uniform());
}

/** Numbers drawn from the normal distribution of mean 0 and standard deviation 1; see {@link randomUniform}. */
export function randomNormal<R extends tf.Rank>(
  key: tf.Tensor1D,
  shape: tf.ShapeMap[R],
  stream = 0,
): tf.Tensor<R> {
  return draw(key, shape, stream, 'StatelessRandomNormal', (random) => random.normal());
}

function draw<R extends tf.Rank>(
  key: tf.Tensor1D,
  shape: tf.ShapeMap[R],
  stream: number,
  operation: string,
  number: (random: Random) => number,
): tf.Tensor<R> {
  if (tf.getBackend() !== 'tensorflow') {
    const [seed = 0, batch = 0] = key.dataSync();
    const random = new Random(seed >>> 0, batch >>> 0, stream);
    return tf.tensor(
      Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => number(random)),
      shape,
    );
  }
  return tf.tidy(() => {
    const seed = tf.add(key, tf.tensor1d([0, stream << 24], 'int32'));
    const type = { type: AttributeKind.type };
    const attributes = [
      { name: 'dtype', ...type, value: DataType.float },
      { name: 'T', ...type, value: DataType.int32 },
      { name: 'Tseed', ...type, value: DataType.int32 },
    ];
    const inputs = [tf.tensor1d(shape, 'int32'), seed];
    return nativeBackend().executeSingleOutput(operation, attributes, inputs) as tf.Tensor<R>;
  });
}
