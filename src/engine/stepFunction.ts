/**
 * A training step as a function that can be traced: from tensors by name to tensors by name.
 *
 * @module
 */
import type * as tf from '@tensorflow/tfjs';
import type { Values } from '../numbers/values';
import { lossAndGradients } from './differentiate';
import { type BatchSource, isExampleSource, KEY_LENGTH, type Member, mapNamed, type Named } from './step';

/** A function from tensors to tensors, both by name. */
export type Traceable = (args: Named<tf.Tensor>) => Named<tf.Tensor>;

/** An argument's shape and type, known before its numbers. */
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
  state: (name: string) => `state/${name}`,
  term: (name: string) => `term/${name}`,
  gradient: (name: string) => `gradient/${name}`,
};

/** The loss, its gradients and the next state, as a function of tensors by the names of {@link stepNames}. */
export function lossOf({ step, initial }: Member, source: BatchSource, batchSize: number): Traceable {
  return (args) => {
    const named = args[stepNames.batch] as tf.Tensor;
    const batch = isExampleSource(source)
      ? source.sample(named as tf.Tensor1D, batchSize)
      : (named as tf.Tensor2D);
    const { parameters, inputs, state } = argumentsOf({ step, initial }, args);
    const { terms, gradients, state: next } = lossAndGradients(step, parameters, batch, inputs, state);
    return {
      ...renamed(terms, stepNames.term),
      ...renamed(gradients, stepNames.gradient),
      ...renamed(next, stepNames.state),
    };
  };
}

/** The changes after Adam's update, as such a function; `undefined` if nothing does. */
export function settlingOf({ step, initial }: Member): Traceable | undefined {
  if (!step.settle) return undefined;
  return (args) => {
    const { parameters, inputs, state } = argumentsOf({ step, initial }, args);
    const settled = step.settle?.(parameters, state, inputs) ?? {};
    return {
      ...renamed(settled.parameters ?? {}, stepNames.parameter),
      ...renamed(settled.state ?? {}, stepNames.state),
    };
  };
}

function argumentsOf({ step, initial }: Pick<Member, 'step' | 'initial'>, args: Named<tf.Tensor>) {
  return {
    parameters: mapNamed(initial.parameters, (_, name) => args[stepNames.parameter(name)] as tf.Tensor),
    inputs: mapNamed(step.inputs, (_, name) => args[stepNames.input(name)] as tf.Scalar),
    state: mapNamed(initial.state, (_, name) => args[stepNames.state(name)] as tf.Tensor),
  };
}

/** The function's arguments. */
export function argumentTypes(member: Member, source: BatchSource, batchSize: number): Named<ArgumentType> {
  return {
    [stepNames.batch]: isExampleSource(source)
      ? { shape: [KEY_LENGTH], dtype: 'int32' }
      : floats([batchSize, source.dim]),
    ...settlingTypes(member),
  };
}

/** The arguments of {@link settlingOf}. */
export function settlingTypes({ step, initial }: Member): Named<ArgumentType> {
  const typesOf = (arrays: Named<Values>) => mapNamed(arrays, ({ shape }) => floats(shape));
  return {
    ...renamed(typesOf(initial.parameters), stepNames.parameter),
    ...renamed(
      mapNamed(step.inputs, () => floats([])),
      stepNames.input,
    ),
    ...renamed(typesOf(initial.state), stepNames.state),
  };
}

const floats = (shape: readonly number[]): ArgumentType => ({ shape, dtype: 'float32' });

function renamed<T>(named: Named<T>, rename: (name: string) => string): Named<T> {
  return Object.fromEntries(Object.entries(named).map(([name, entry]) => [rename(name), entry]));
}
