import * as tf from '@tensorflow/tfjs';

const SIGN = 'Sign';
const WASM = 'wasm';

/**
 * Makes WebAssembly's `tf.sign` that of native TensorFlow: 0 at exactly 0 only, and NaN of NaN.
 *
 * That of tfjs-backend-wasm 4.22 is 0 for all numbers up to 1e-7, which a penalty that pulls down to exactly 0 then
 * does not move any more.
 */
export function useExactSigns(): void {
  const config = tf.getKernel(SIGN, WASM);
  tf.unregisterKernel(SIGN, WASM);
  tf.registerKernel({
    ...config,
    kernelFunc: ({ inputs, backend }) => {
      const { dataId, shape, dtype } = inputs.x as tf.TensorInfo;
      const signs = (backend as WasmBackend).readSync(dataId).map(Math.sign);
      return { dataId: (backend as WasmBackend).write(signs, shape, dtype), shape, dtype };
    },
  });
}

/** Methods of tf's WebAssembly that kernels written here use. */
export interface WasmBackend {
  readSync(dataId: object): Float32Array | Int32Array;
  write(values: Float32Array | Int32Array, shape: number[], dtype: tf.DataType): object;
  disposeData(dataId: object): boolean;
}
