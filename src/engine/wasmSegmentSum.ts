import * as tf from '@tensorflow/tfjs';
import { WASM, type WasmBackend } from './wasmKernels';

/**
 * Gives WebAssembly `tf.unsortedSegmentSum`, which is also the gradient of `tf.gather`.
 *
 * tfjs-backend-wasm 4.22 has no such kernel, so that no step that gathers rows could run operation by operation.
 */
export function addSegmentSums(): void {
  tf.registerKernel({
    kernelName: 'UnsortedSegmentSum',
    backendName: WASM,
    kernelFunc: ({ inputs, attrs, backend }) => {
      const wasm = backend as WasmBackend;
      const { x, segmentIds } = inputs as { readonly x: tf.TensorInfo; readonly segmentIds: tf.TensorInfo };
      const { numSegments } = attrs as { readonly numSegments: number };
      const shape = [numSegments, ...x.shape.slice(segmentIds.shape.length)];
      const values = wasm.readSync(x.dataId);
      const inner = tf.util.sizeFromShape(shape.slice(1));
      const sums = new Float64Array(numSegments * inner);
      wasm.readSync(segmentIds.dataId).forEach((segment, row) => {
        // As native TensorFlow does, rows of no segment are left out.
        if (segment < 0 || segment >= numSegments) return;
        for (let i = 0; i < inner; i++) {
          sums[segment * inner + i] =
            (sums[segment * inner + i] as number) + (values[row * inner + i] as number);
        }
      });
      const rounded = x.dtype === 'int32' ? Int32Array.from(sums) : Float32Array.from(sums);
      return { dataId: wasm.write(rounded, shape, x.dtype), shape, dtype: x.dtype };
    },
  });
}
