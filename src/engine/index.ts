/**
 * Where a training step runs. The rest of the library writes steps in plain tf operations and knows no backend.
 *
 * @module
 */
import { type Backend, backendReady } from './backend';
import { eagerRunner } from './eager';
import type { Examples, OptimizerState, StepRunner, TrainingStep } from './step';

export { type Backend, type BackendName, backendReady } from './backend';
export { lossAndGradients } from './differentiate';
export { float64Tensor, float64Values, inFloat64 } from './float64/backend';
export {
  type Examples,
  initialState,
  mapNamed,
  type Named,
  type OptimizerState,
  parameterGroups,
  type StepRunner,
  type TrainingStep,
} from './step';

/** A runner, and where it runs. */
export interface Engine {
  readonly runner: StepRunner;
  /** The backend that it uses. */
  readonly backend: Backend;
  /** What runs the steps, for a person, such as `native TensorFlow 2.21.0`. */
  readonly description: string;
}

/** The fastest runner for a step on the backend in use; all of them give the same numbers up to rounding. */
export async function createEngine(
  step: TrainingStep,
  examples: Examples,
  learningRate: number,
  initial: OptimizerState,
): Promise<Engine> {
  const backend = await backendReady();
  const runner = eagerRunner(step, examples, learningRate, initial);
  return { runner, backend, description: backend.description };
}
