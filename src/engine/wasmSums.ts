import * as tf from '@tensorflow/tfjs';
import { replaceKernel, transposed, type WasmBackend } from './wasmKernels';

/** Sums of fewer numbers than this are left to WebAssembly. */
const FEW = 1024;

/**
 * Makes WebAssembly's `tf.sum` and `tf.mean` of many numbers exact up to the rounding of the result.
 *
 * Those of tfjs-backend-wasm 4.22 add one number after another in float32: the mean of 2²⁵ ones is 0.5.
 */
export function useExactSums(): void {
  for (const name of ['Sum', 'Mean']) {
    replaceKernel(name, (own) => (params) => {
      const { x } = params.inputs as { readonly x: tf.TensorInfo };
      const { axis, keepDims } = params.attrs as {
        readonly axis: number | number[];
        readonly keepDims: boolean;
      };
      const axes = tf.util.parseAxisParam(axis, x.shape);
      const count = tf.util.sizeFromShape(axes.map((a) => x.shape[a] as number));
      if (x.dtype !== 'float32' || count < FEW) return own(params);
      const backend = params.backend as WasmBackend;
      const kept = x.shape.map((_, a) => a).filter((a) => !axes.includes(a));
      const order = [...kept, ...axes];
      const inPlace = order.every((a, i) => a === i);
      const rows = inPlace ? x : transposed(x, order, backend);
      const sums = sumsOfRows(backend.readSync(rows.dataId), count);
      if (!inPlace) backend.disposeData(rows.dataId);
      const results = name === 'Sum' ? sums : sums.map((sum) => sum / count);
      const shape = keepDims
        ? x.shape.map((size, a) => (axes.includes(a) ? 1 : size))
        : kept.map((a) => x.shape[a] as number);
      return {
        dataId: backend.write(Float32Array.from(results), shape, 'float32'),
        shape,
        dtype: 'float32',
      };
    });
  }
}

function sumsOfRows(values: ArrayLike<number>, count: number): Float64Array {
  const sums = new Float64Array(values.length / count);
  for (let row = 0, i = 0; row < sums.length; row++) {
    let sum = 0;
    for (const end = i + count; i < end; i++) sum += values[i] as number;
    sums[row] = sum;
  }
  return sums;
}
