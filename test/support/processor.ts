import type { TestContext } from 'node:test';
import { roundsBfloat16 } from 'sparselab/dist/engine/native/roundsBfloat16';
import { withoutNative } from './native';

import processor = require('sparselab/dist/engine/native/processor');

/**
 * Why trainings in bfloat16 cannot be tested here. They can on every processor for which oneDNN multiplies such numbers, be it without
 * an instruction for it (all with AVX-512).
 */
export async function withoutBfloat16(): Promise<string | undefined> {
  const missing = await withoutNative();
  if (missing) return missing;
  return roundsBfloat16() ? undefined : 'this TensorFlow multiplies no bfloat16 numbers with oneDNN';
}

/** Lets the library see a processor with these instructions while a test runs, whatever the machine's is. */
export function withProcessor(context: TestContext, ...features: readonly string[]): void {
  context.mock.method(processor, 'processorFeatures', () => features);
}
