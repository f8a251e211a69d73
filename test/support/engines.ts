import { setFlagsFromString } from 'node:v8';
import { createEngine, type EngineOptions, type StepRunner } from 'sparselab/dist/engine';
import { compiledRunner as wasmRunner } from 'sparselab/dist/engine/wasm/compiledRunner';
import { type Build, fastestBuild } from 'sparselab/dist/engine/wasm/kernels';

// As backend.ts does where WebAssembly is in use.
if (process.versions.node.startsWith('20.')) setFlagsFromString('--experimental-wasm-relaxed-simd');

const onWasm =
  (build: Build) =>
  async ({ members, source, batchSizes }: EngineOptions) => {
    const runner = wasmRunner(members, source, batchSizes, build);
    if (!runner) throw new Error('this step cannot be compiled to WebAssembly');
    return runner;
  };

/** The builds of the kernels that run here. A machine without relaxed SIMD has one. */
export const builds: readonly Build[] = fastestBuild() === 'SIMD' ? ['SIMD'] : ['SIMD', 'relaxed SIMD'];

/** Every way in which steps are run, whatever the machine's own; all of them are in one process. */
export const engines: Readonly<Record<string, (options: EngineOptions) => Promise<StepRunner>>> = {
  native: async (options) => (await createEngine(options)).runner,
  eager: async (options) => (await createEngine({ ...options, compile: false })).runner,
  ...Object.fromEntries(builds.map((build) => [`WebAssembly with ${build}`, onWasm(build)])),
};
