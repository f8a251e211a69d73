import * as tf from '@tensorflow/tfjs';
import type { Values } from '../../numbers/values';

/** The steps since each unit last fired, before the first: [hiddenDim] zeros. */
export const neverCounted = (hiddenDim: number): Values => ({
  values: new Float32Array(hiddenDim),
  shape: [hiddenDim],
});

/** The same after a batch of which h is the code: 0 where a unit fired for an example, else one more. */
export function countedOn(sinceFired: tf.Tensor, h: tf.Tensor2D): tf.Tensor {
  const fired = h.notEqual(0).any(0);
  return tf.where(fired, tf.zerosLike(sinceFired), sinceFired.add(1));
}
