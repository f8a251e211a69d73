import * as tf from '@tensorflow/tfjs';
import type { Values } from '../numbers/values';
import { mapNamed, type Named } from './step';

/** The arrays as new tensors, which the caller's `tf.tidy` frees. */
export function tensorsOf(arrays: Named<Values>): Named<tf.Tensor> {
  return mapNamed(arrays, ({ values, shape }) => tf.tensor(values, [...shape]));
}

/** The numbers as new scalars, which the caller's `tf.tidy` frees. */
export function scalarsOf(numbers: Named<number>): Named<tf.Scalar> {
  return mapNamed(numbers, (value) => tf.scalar(value));
}

/** `tf.tidy` for work that gives no tensors. */
export function tidied<T>(work: () => T): T {
  tf.engine().startScope();
  try {
    return work();
  } finally {
    tf.engine().endScope();
  }
}
