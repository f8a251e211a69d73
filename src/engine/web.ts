/**
 * The engines of a web page, next to those that run everywhere (`wasm/`, `eager.ts`).
 *
 * @module
 */

import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { platform } from '#platform';
import type { Precision } from './precision';
import type { BatchSource, Member, StepRunner } from './step';

/** There is nothing that a user could do about it. */
export const nativeAdvice: string | undefined = undefined;

/** Why there is no native TensorFlow. */
export function loadNative(): Error | undefined {
  return new Error('a web page has no native TensorFlow');
}

/** A page cannot know them. */
export function processorFeatures(): readonly string[] {
  return [];
}

/** A page has no TensorFlow that could. */
export function roundsBfloat16(): boolean {
  return false;
}

/** tf's builds of its WebAssembly. */
const [PLAIN, SIMD, THREADED] = ['', '-simd', '-threaded-simd'].map(
  (build) => `tfjs-backend-wasm${build}.wasm`,
) as [string, string, string];

/**
 * tf's backend `wasm` has registered itself when this module was loaded; here it is given its code, then starts. The code is fetched
 * first: where it does not come, tf would not try again.
 *
 * @throws Error if it does not come
 */
export async function bringUpWasm<T>(start: () => Promise<T>): Promise<T> {
  if (await tf.env().getAsync('WASM_HAS_MULTITHREAD_SUPPORT')) {
    // In an isolated page tf has threads, whose scripts it finds beside its code.
    setWasmPaths(platform.packageFile('@tensorflow/tfjs-backend-wasm', 'dist/'));
    return start();
  }
  const build = (await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT')) ? SIMD : PLAIN;
  const code = URL.createObjectURL(await fetched(build));
  try {
    await reach(code);
    // tf wants an address for each of them.
    setWasmPaths({ [PLAIN]: code, [SIMD]: code, [THREADED]: code });
    return await start();
  } finally {
    URL.revokeObjectURL(code);
  }
}

/** tf fetches its code from an address that was made up. @throws Error naming the rule of the server by which it cannot */
async function reach(code: string): Promise<void> {
  try {
    await fetch(code);
  } catch (cause) {
    throw new Error("the server's Content-Security-Policy must allow connect-src blob:; it does not", {
      cause,
    });
  }
}

async function fetched(build: string): Promise<Blob> {
  let reason: string;
  try {
    const response = await fetch(platform.packageFile('@tensorflow/tfjs-backend-wasm', `dist/${build}`));
    const bytes = await response.arrayBuffer();
    // A network that wants a login sends a page.
    const isCode = new TextDecoder().decode(bytes.slice(0, 4)) === '\0asm';
    if (response.ok && isCode) return new Blob([bytes], { type: 'application/wasm' });
    reason = response.ok ? 'something else came' : `the server answered ${response.status}`;
  } catch (error) {
    reason = (error as Error).message;
  }
  throw new Error(`${build} could not be fetched: ${reason}. Is there a connection? Run the cell again.`);
}

/** @throws Error always: only native TensorFlow compiles steps. */
export function compiledRunner(
  _members: readonly Member[],
  _source: BatchSource,
  _batchSizes: readonly number[],
  _precision?: Precision,
): StepRunner {
  throw new Error('a web page has no native TensorFlow');
}
