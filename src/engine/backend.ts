/**
 * Which tf backend computes: native TensorFlow where it is installed, else WebAssembly. Importing this module
 * chooses; nobody has to.
 *
 * `SPARSELAB_BACKEND` in the environment forces `tensorflow`, `wasm` or `cpu` (plain JavaScript).
 *
 * @module
 */

import * as tf from '@tensorflow/tfjs';
import { bringUpWasm, loadNative, nativeAdvice } from '#engines';
import { platform } from '#platform';
import { requireOneOf } from '../numbers/arguments';
import { repairAfterStops } from './repair';
import { fastestBuild } from './wasm/kernels';
import { useExplicitTransposes } from './wasmMatMul';
import { refuseBeyondMemory } from './wasmMemory';
import { addSegmentSums } from './wasmSegmentSum';
import { useExactSigns } from './wasmSign';
import { useExactSums } from './wasmSums';

/** A backend that Sparselab uses, by tf's name for it. */
export type BackendName = 'tensorflow' | 'wasm' | 'cpu';

/** The backend in use. */
export interface Backend {
  readonly name: BackendName;
  /** A description for people. */
  readonly description: string;
  /** Why a faster one is not used and how to get it; `undefined` if there is none or the user chose. */
  readonly advice?: string;
}

const BACKENDS: readonly BackendName[] = ['tensorflow', 'wasm', 'cpu'];

const forced = platform.env('SPARSELAB_BACKEND');
const wanted = forced ? requireOneOf('SPARSELAB_BACKEND', forced, BACKENDS) : undefined;

// Keeps tfjs from advising Node users to install what we install or replace.
tf.enableProdMode();

const nativeFailure = wanted === undefined || wanted === 'tensorflow' ? loadNative() : undefined;
if (wanted === 'tensorflow' && nativeFailure) {
  throw new Error(
    `SPARSELAB_BACKEND asks for native TensorFlow, which cannot be loaded: ${nativeFailure.message}`,
  );
}

const chosen: BackendName = wanted ?? (nativeFailure ? 'wasm' : 'tensorflow');
let starting: Promise<unknown> | undefined = start();

function start(): Promise<unknown> {
  const attempt =
    chosen === 'wasm' ? startWasm() : chosen === 'cpu' ? tf.setBackend('cpu') : Promise.resolve();
  // A failure reaches the code that awaits backendReady(), and the next call tries again: a connection may have been lost.
  attempt.catch(() => {
    starting = undefined;
  });
  return attempt;
}

repairAfterStops(() => chosen);

/** The name of the backend that computes once it is up. */
export const chosenBackend = (): BackendName => chosen;

/**
 * Waits until the backend is up and returns it. WebAssembly compiles for a moment after the import; until then tf's
 * operations run in plain JavaScript, with the same results.
 *
 * @throws Error if WebAssembly cannot be started; the next call tries again.
 *
 * @example const { description } = await backendReady();
 */
export async function backendReady(): Promise<Backend> {
  starting ??= start();
  await starting;
  switch (chosen) {
    case 'tensorflow':
      return { name: chosen, description: `native TensorFlow ${nativeVersion()}` };
    case 'wasm':
      return {
        name: chosen,
        // The builds round differently, so a training kept by one is not what another would give.
        description: `WebAssembly with ${fastestBuild()}`,
        ...(nativeFailure && nativeAdvice !== undefined && { advice: nativeAdvice }),
      };
    case 'cpu':
      return { name: chosen, description: 'plain JavaScript' };
  }
}

function nativeVersion(): string {
  const { binding } = tf.backend() as tf.KernelBackend & { binding?: { TF_Version?: string } };
  return binding?.TF_Version ?? '';
}

/**
 * Brings WebAssembly up next to plain JavaScript, then switches. `tf.setBackend('wasm')` alone would leave tf without
 * any backend while the module compiles, and the rest of the importing cell would fail.
 */
async function startWasm(): Promise<void> {
  // After an edit a notebook loads this module again, and tf with its backend is there as it was.
  if ('wasm' in tf.engine().registry) {
    await tf.setBackend('wasm');
    return;
  }
  void tf.setBackend('cpu');
  const backend = await bringUpWasm(async () => tf.findBackendFactory('wasm')());
  tf.removeBackend('wasm');
  tf.registerBackend('wasm', () => backend);
  refuseBeyondMemory(backend);
  useExplicitTransposes();
  useExactSigns();
  useExactSums();
  addSegmentSums();
  await tf.setBackend('wasm');
}
