/**
 * Which tf backend computes: native TensorFlow where it is installed, else WebAssembly. Importing this module
 * chooses; nobody has to.
 *
 * `SPARSELAB_BACKEND` in the environment forces `tensorflow`, `wasm` or `cpu` (plain JavaScript).
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs';
import { requireOneOf } from '../numbers/arguments';
import { withoutItsListeners } from './emscripten';
import { repairAfterStops } from './repair';
import { useExplicitTransposes } from './wasmMatMul';
import { useExactSigns } from './wasmSign';

/** A backend that Sparselab uses, by tf's name for it. */
export type BackendName = 'tensorflow' | 'wasm' | 'cpu';

/** The backend in use. */
export interface Backend {
  readonly name: BackendName;
  /** What it is, for a person. */
  readonly description: string;
  /** Why a faster one is not used and how to get it; `undefined` if there is none or the user chose. */
  readonly advice?: string;
}

const BACKENDS: readonly BackendName[] = ['tensorflow', 'wasm', 'cpu'];

const forced = process.env.SPARSELAB_BACKEND;
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
const starting =
  chosen === 'wasm' ? startWasm() : chosen === 'cpu' ? tf.setBackend('cpu') : Promise.resolve();
// A failure reaches whoever awaits backendReady(); without this, Node would end the process before anyone can.
starting.catch(() => {});

repairAfterStops(() => chosen);

/**
 * Waits until the backend is up and returns it. WebAssembly compiles for a moment after the import; until then tf's
 * operations run in plain JavaScript, with the same results.
 *
 * @throws Error if WebAssembly cannot be started.
 */
export async function backendReady(): Promise<Backend> {
  await starting;
  switch (chosen) {
    case 'tensorflow':
      return { name: chosen, description: `native TensorFlow ${nativeVersion()}` };
    case 'wasm':
      return {
        name: chosen,
        description: 'WebAssembly',
        ...(nativeFailure && {
          advice:
            'Native TensorFlow is not installed, so training is about ten times slower; `npm run doctor` says how to get it.',
        }),
      };
    case 'cpu':
      return { name: chosen, description: 'plain JavaScript' };
  }
}

/** Loads tfjs-node, which registers and selects the backend `tensorflow`; returns why it cannot be loaded. */
function loadNative(): Error | undefined {
  // TensorFlow otherwise tells the process's stderr what CPU it found. That oneDNN is on it tells in any case: since
  // 2.21 while its libraries are loaded, before it reads this.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '3';
  // One processor for an operation, and as many operations at once as there are processors: the steps of a training
  // are many short operations, on which TensorFlow's threads otherwise spend a third of their time waiting for others.
  process.env.TF_NUM_INTRAOP_THREADS ??= '1';
  // Removed in Node 23, used by tfjs-node 4.22 (tensorflow/tfjs#8609, mended there but not released).
  const util: { isNullOrUndefined?: (value: unknown) => boolean } = require('node:util');
  util.isNullOrUndefined ??= (value) => value === null || value === undefined;
  try {
    require('@tensorflow/tfjs-node');
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function nativeVersion(): string {
  const { binding } = tf.backend() as tf.KernelBackend & { binding?: { TF_Version?: string } };
  return binding?.TF_Version ?? '';
}

/**
 * Brings WebAssembly up beside plain JavaScript, then switches. `tf.setBackend('wasm')` alone would leave tf without
 * any backend while the module compiles, and the rest of the importing cell would fail.
 */
async function startWasm(): Promise<void> {
  void tf.setBackend('cpu');
  require('@tensorflow/tfjs-backend-wasm');
  const factory = tf.findBackendFactory('wasm');
  const backend = await withoutItsListeners(async () => factory());
  tf.removeBackend('wasm');
  tf.registerBackend('wasm', () => backend);
  useExplicitTransposes();
  useExactSigns();
  await tf.setBackend('wasm');
}
