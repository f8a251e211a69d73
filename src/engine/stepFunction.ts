/**
 * A training step as a function that can be traced: from tensors by name to tensors by name.
 *
 * @module
 */
import type * as tf from '@tensorflow/tfjs';
import { lossAndGradients } from './differentiate';
import { type BatchSource, isExampleSource, KEY_LENGTH, type Member, mapNamed, type Named } from './step';

/** A function from tensors to tensors, both by name. */
export type Traceable = (args: Named<tf.Tensor>) => Named<tf.Tensor>;

/** What is known of an argument before its numbers are. */
export interface ArgumentType {
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32';
}

/** The arguments and results of a traced step. */
export const stepNames = {
  /** The batch itself, or what names it. */
  batch: 'batch',
  parameter: (name: string) => `parameter/${name}`,
  input: (name: string) => `input/${name}`,
  term: (name: string) => `term/${name}`,
  gradient: (name: string) => `gradient/${name}`,
};

/** The loss and its gradients, as a function of tensors by the names of {@link stepNames}. */
export function lossOf({ step, initial }: Member, source: BatchSource, batchSize: number): Traceable {
  return (args) => {
    const named = args[stepNames.batch] as tf.Tensor;
    const batch = isExampleSource(source)
      ? source.sample(named as tf.Tensor1D, batchSize)
      : (named as tf.Tensor2D);
    const parameters = mapNamed(
      initial.parameters,
      (_, name) => args[stepNames.parameter(name)] as tf.Tensor,
    );
    const inputs = mapNamed(step.inputs, (_, name) => args[stepNames.input(name)] as tf.Scalar);
    const { terms, gradients } = lossAndGradients(step, parameters, batch, inputs);
    return { ...renamed(terms, stepNames.term), ...renamed(gradients, stepNames.gradient) };
  };
}

/** What the function's arguments are. */
export function argumentTypes(
  { step, initial }: Member,
  source: BatchSource,
  batchSize: number,
): Named<ArgumentType> {
  const floats = (shape: readonly number[]): ArgumentType => ({ shape, dtype: 'float32' });
  return {
    [stepNames.batch]: isExampleSource(source)
      ? { shape: [KEY_LENGTH], dtype: 'int32' }
      : floats([batchSize, source.dim]),
    ...renamed(
      mapNamed(initial.parameters, ({ shape }) => floats(shape)),
      stepNames.parameter,
    ),
    ...renamed(
      mapNamed(step.inputs, () => floats([])),
      stepNames.input,
    ),
  };
}

function renamed<T>(named: Named<T>, rename: (name: string) => string): Named<T> {
  return Object.fromEntries(Object.entries(named).map(([name, entry]) => [rename(name), entry]));
}
