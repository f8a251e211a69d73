/**
 * The kernels that are compiled from C, in the build that this machine runs.
 *
 * @module
 */
import { withSharedMemory } from './assembler';
import { RELAXED, SIMD } from './kernelBytes';
import { scalarFunctions } from './mapFunctions';
import { type Imports, type Memory, type Module, WebAssembly } from './webAssembly';

/** Which instructions the kernels use. They round differently, so numbers differ in the last digits. */
export type Build = 'SIMD' | 'relaxed SIMD';

/** The kernels in a memory. */
export interface Kernels {
  readonly module: Module;
  /** The names of the functions of JavaScript among the imports. */
  readonly functions: readonly string[];
  /** Possible imports of a module: the memory, the kernels, and some functions of JavaScript. */
  readonly imports: Imports;
  /** The first byte that is free. */
  readonly start: number;
  /** How many numbers a product of n columns needs room for. */
  productWork(n: number): number;
}

const decode = (base64: string) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));

/** The modules, compiled when they are needed first. */
const modules = new Map<string, Module>();

let fastest: Build | undefined;

/** The fastest build that runs here. Node 20 needs `--experimental-wasm-relaxed-simd` for relaxed SIMD. */
export function fastestBuild(): Build {
  fastest ??= WebAssembly.validate(decode(RELAXED)) ? 'relaxed SIMD' : 'SIMD';
  return fastest;
}

/**
 * The kernels in a memory.
 *
 * @param isShared Whether threads share the memory.
 */
export function instantiate(build: Build, memory: Memory, isShared = false): Kernels {
  const key = `${build}, ${isShared}`;
  const bytes = () => decode(build === 'SIMD' ? SIMD : RELAXED);
  const module = modules.get(key) ?? new WebAssembly.Module(isShared ? withSharedMemory(bytes()) : bytes());
  modules.set(key, module);
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const { heap_base: heapBase, product_work: productWork, ...kernels } = exports;
  if (!heapBase || !productWork) throw new Error('the kernels are not what kernels/build.mjs makes');
  return {
    module,
    functions: Object.keys(scalarFunctions),
    imports: { memory, ...kernels, ...scalarFunctions },
    start: heapBase(),
    productWork,
  };
}
