/**
 * The engines of a web page, next to those that run everywhere (`wasm/`, `eager.ts`).
 *
 * @module
 */

import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { platform } from '#platform';
import type { BatchSource, Member, StepRunner } from './step';

/** There is nothing that a user could do about it. */
export const nativeAdvice: string | undefined = undefined;

/** Why there is no native TensorFlow. */
export function loadNative(): Error | undefined {
  return new Error('a web page has no native TensorFlow');
}

/** tf's backend `wasm` has registered itself when this module was loaded; here it learns where its code lies, then starts. */
export function bringUpWasm<T>(start: () => Promise<T>): Promise<T> {
  setWasmPaths(platform.packageFile('@tensorflow/tfjs-backend-wasm', 'dist/'));
  return start();
}

/** @throws Error always: only native TensorFlow compiles steps. */
export function compiledRunner(
  _members: readonly Member[],
  _source: BatchSource,
  _batchSizes: readonly number[],
): StepRunner {
  throw new Error('a web page has no native TensorFlow');
}
