import type * as tf from '@tensorflow/tfjs';
import { replaceKernel, type WasmBackend } from './wasmKernels';

/**
 * Makes WebAssembly's `tf.sign` that of native TensorFlow: 0 at exactly 0 only, and NaN of NaN.
 *
 * That of tfjs-backend-wasm 4.22 is 0 for all numbers up to 1e-7, which a penalty that pulls down to exactly 0 then
 * does not move any more.
 */
export function useExactSigns(): void {
  replaceKernel('Sign', () => ({ inputs, backend }) => {
    const { dataId, shape, dtype } = inputs.x as tf.TensorInfo;
    const signs = (backend as WasmBackend).readSync(dataId).map(Math.sign);
    return { dataId: (backend as WasmBackend).write(signs, shape, dtype), shape, dtype };
  });
}
