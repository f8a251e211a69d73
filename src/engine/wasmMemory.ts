import * as tf from '@tensorflow/tfjs';
import { counted, grouped } from '../numbers/shown';

/** The part of tf's WebAssembly module, as Emscripten makes it, that manages its memory. */
interface Memory {
  _malloc(bytes: number): number;
  _free(address: number): void;
  /** Called before the module ends itself. */
  onAbort?: () => void;
}

/**
 * Makes tf's WebAssembly refuse tensors for which its memory has no room; it computes on.
 *
 * Where there is no room its allocator returns 0. tfjs-backend-wasm 4.22 takes that for an address: it writes over the module's own
 * data, and sooner or later the module ends with “Aborted()”.
 */
export function refuseBeyondMemory(backend: object): void {
  const { wasm } = backend as { readonly wasm: Memory };
  // With the first call Emscripten puts the real function in this place.
  wasm._free(wasm._malloc(1));
  const allocate = wasm._malloc;
  wasm._malloc = (bytes) => {
    const address = allocate(bytes);
    if (address === 0) throw memoryFull();
    return address;
  };
  wasm.onAbort = () => {
    throw memoryFull();
  };
}

function memoryFull(): RangeError {
  const { numTensors, numBytes } = tf.memory();
  return new RangeError(
    `the memory of tf's WebAssembly must hold all tensors, 4,295 MB at most; it is full, with ${counted(numTensors, 'tensor')} of ` +
      `${grouped(Math.round(numBytes / 1e6))} MB: free some with dispose() or tf.tidy(), or restart the kernel`,
  );
}
