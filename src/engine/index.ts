/**
 * Where a training step runs. The rest of the library writes steps in plain tf operations and knows no backend.
 *
 * @module
 */
import { compiledRunner as nativeRunner } from '#engines';
import { type Backend, backendReady } from './backend';
import { eagerRunner } from './eager';
import type { Precision } from './precision';
import { engineProblem } from './precisionProblem';
import type { BatchSource, Member, StepRunner } from './step';
import { compiledRunner as wasmRunner } from './wasm/compiledRunner';

export { type Backend, type BackendName, backendReady, chosenBackend } from './backend';
export { lossAndGradients } from './differentiate';
export { float64Tensor, float64Values, inFloat64 } from './float64/backend';
export { PRECISIONS, type Precision } from './precision';
export { precisionProblem } from './precisionProblem';
export { randomNormal, randomUniform } from './randomness';
export { TraceError } from './refusals';
export {
  type BatchSource,
  type ExampleSource,
  type Examples,
  initialState,
  inputsAt,
  type Member,
  mapNamed,
  type Named,
  type OptimizerState,
  parameterGroups,
  type Scheduled,
  type See,
  type Settled,
  type StepRunner,
  type TrainingStep,
  valueAt,
} from './step';

export { scalarsOf, tensorsOf, tidied } from './tensors';

/** A runner, and where it runs. */
export interface Engine {
  readonly runner: StepRunner;
  /** The backend that it uses. */
  readonly backend: Backend;
  /** A description of the engine for people, such as `native TensorFlow 2.21.0, compiled`. */
  readonly description: string;
}

/** The work of an engine. */
export interface EngineOptions {
  /** The models to train, each on the same batches; more than one train together. */
  readonly members: readonly Member[];
  /** Where the batches come from. */
  readonly source: BatchSource;
  /** Every size of batch that there will be. */
  readonly batchSizes: readonly number[];
  /** `false` runs steps operation by operation also where they can be compiled. */
  readonly compile?: boolean;
  /**
   * The numbers that products of matrices multiply. Default: `float32`. The processor's instructions are not asked for here, see
   * {@link precisionProblem}: without them a step computes the same up to rounding, only slower.
   */
  readonly precision?: Precision;
}

/**
 * The fastest runner on the backend in use; all of them give the same numbers up to the rounding of their precision.
 *
 * @throws TraceError if a step is to be compiled and cannot be.
 * @throws RangeError if the engine has no products of that precision.
 */
export async function createEngine(options: EngineOptions): Promise<Engine> {
  return engineOn(await backendReady(), options);
}

/** The same without waiting, on the backend that is up. */
export function engineOn(
  backend: Backend,
  { members, source, batchSizes, compile = true, precision = 'float32' }: EngineOptions,
): Engine {
  const problem = engineProblem(precision, { backend: backend.name, compile });
  if (problem) throw new RangeError(problem);
  if (compile && backend.name !== 'cpu') {
    const runner =
      backend.name === 'tensorflow'
        ? nativeRunner(members, source, batchSizes, precision)
        : wasmRunner(members, source, batchSizes);
    const description = `${backend.description}, compiled${precision === 'float32' ? '' : `, products in ${precision}`}`;
    if (runner) return { runner, backend, description };
  }
  return { runner: eagerRunner(members, source), backend, description: backend.description };
}
