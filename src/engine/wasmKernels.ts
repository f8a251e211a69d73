/**
 * tf's kernels on WebAssembly, and what those that are written here need of it.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs';

export const WASM = 'wasm';

/** Methods of tf's WebAssembly that kernels written here use. */
export interface WasmBackend {
  readSync(dataId: object): Float32Array | Int32Array;
  write(values: Float32Array | Int32Array, shape: number[], dtype: tf.DataType): object;
  disposeData(dataId: object): boolean;
}

/** Puts a kernel in place of tf's. @param replacing Makes it of tf's own */
export function replaceKernel(name: string, replacing: (own: tf.KernelFunc) => tf.KernelFunc): void {
  const config = tf.getKernel(name, WASM);
  tf.unregisterKernel(name, WASM);
  tf.registerKernel({ ...config, kernelFunc: replacing(config.kernelFunc) });
}

/** A tensor with its axes in another order; its data are to be disposed of. */
export function transposed(x: tf.TensorInfo, perm: readonly number[], backend: object): tf.TensorInfo {
  const { kernelFunc } = tf.getKernel('Transpose', WASM);
  return kernelFunc({ inputs: { x }, attrs: { perm: [...perm] }, backend }) as tf.TensorInfo;
}
