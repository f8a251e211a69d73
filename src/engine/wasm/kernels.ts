/**
 * The kernels that are compiled from C, in the build that this machine runs.
 *
 * @module
 */
import { RELAXED, SIMD } from './kernelBytes';
import { scalarFunctions } from './mapFunctions';
import { type Imports, type Memory, type Module, WebAssembly } from './webAssembly';

/** Which instructions the kernels use. They round differently, so numbers differ in the last digits. */
export type Build = 'SIMD' | 'relaxed SIMD';

/** A memory, and the kernels that compute in it. */
export interface Kernels {
  readonly memory: Memory;
  /** Possible imports of a module: the memory, the kernels, and some functions of JavaScript. */
  readonly imports: Imports;
  /** The first byte that is free. */
  readonly start: number;
  /** How many numbers a product of n columns needs room for. */
  productWork(n: number): number;
}

const decode = (base64: string) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));

/** The modules, compiled when they are needed first. */
const modules = new Map<Build, Module>();

let fastest: Build | undefined;

/** The fastest build that runs here. Node 20 needs `--experimental-wasm-relaxed-simd` for relaxed SIMD. */
export function fastestBuild(): Build {
  fastest ??= WebAssembly.validate(decode(RELAXED)) ? 'relaxed SIMD' : 'SIMD';
  return fastest;
}

/** The kernels in a memory. */
export function instantiate(build: Build, memory: Memory): Kernels {
  const module = modules.get(build) ?? new WebAssembly.Module(decode(build === 'SIMD' ? SIMD : RELAXED));
  modules.set(build, module);
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const { heap_base: heapBase, product_work: productWork, ...kernels } = exports;
  if (!heapBase || !productWork) throw new Error('the kernels are not what kernels/build.mjs makes');
  return {
    memory,
    imports: { memory, ...kernels, ...scalarFunctions },
    start: heapBase(),
    productWork,
  };
}
