/**
 * The engines of Node: what the library finds under `#engines`. A web page has `../web.ts` instead.
 *
 * @module
 */

import { withoutItsListeners } from './emscripten';

export { compiledRunner } from './compiledRunner';
export { processorFeatures } from './processor';
export { roundsBfloat16 } from './roundsBfloat16';

/** Advice for users whose native TensorFlow cannot be loaded. */
export const nativeAdvice: string | undefined =
  'Native TensorFlow is not installed, so training is slower; `npm run doctor` says how to get it.';

/** Loads tfjs-node, which registers and selects the backend `tensorflow`; returns why it cannot be loaded. */
export function loadNative(): Error | undefined {
  // TensorFlow otherwise tells the process's stderr what CPU it found. That oneDNN is on it tells in any case: since
  // 2.21 while its libraries are loaded, before it reads this.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '3';
  // One processor for an operation, and as many operations at once as there are processors: the steps of a training
  // are many short operations, on which TensorFlow's threads otherwise spend a third of their time waiting for others.
  process.env.TF_NUM_INTRAOP_THREADS ??= '1';
  // Removed in Node 23, used by tfjs-node 4.22 (tensorflow/tfjs#8609, fixed there but not released).
  const util: { isNullOrUndefined?: (value: unknown) => boolean } = require('node:util');
  util.isNullOrUndefined ??= (value) => value === null || value === undefined;
  try {
    require('@tensorflow/tfjs-node');
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/**
 * Loads tf's backend `wasm`, which registers itself, then starts it. Only here, because loading it takes a while and native
 * TensorFlow needs none.
 */
export function bringUpWasm<T>(start: () => Promise<T>): Promise<T> {
  // Node 20 knows relaxed SIMD, but only if it is told before the first module that uses it.
  if (process.versions.node.startsWith('20.')) {
    const { setFlagsFromString }: typeof import('node:v8') = require('node:v8');
    setFlagsFromString('--experimental-wasm-relaxed-simd');
  }
  require('@tensorflow/tfjs-backend-wasm');
  return withoutItsListeners(start);
}
