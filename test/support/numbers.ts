import assert from 'node:assert/strict';
import type { tf } from 'sparselab';

/** Float32 keeps seven digits; results of a few operations agree to six. */
const FLOAT32 = 1e-6;

/** Asserts that two numbers agree, relative to the larger of the expected one and 1. */
export function close(actual: number, expected: number, tolerance = FLOAT32): void {
  const error = Math.abs(actual - expected) / Math.max(1, Math.abs(expected));
  assert.ok(
    error <= tolerance,
    `${actual} is not ${expected} (relative error ${error.toExponential(1)} > ${tolerance})`,
  );
}

/** A tensor's numbers; disposes it. */
export function numbersOf(tensor: tf.Tensor): number[] {
  const numbers = Array.from(tensor.dataSync());
  tensor.dispose();
  return numbers;
}
