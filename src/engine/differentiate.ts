import * as tf from '@tensorflow/tfjs';
import { mapNamed, type Named, type TrainingStep } from './step';

/** The results of a batch before Adam's update. */
export interface StepResult<Term extends string> {
  readonly terms: Readonly<Record<Term, tf.Scalar>>;
  /** The gradients for Adam. */
  readonly gradients: Named<tf.Tensor>;
  /** The arrays of the state that the batch has changed. */
  readonly state: Named<tf.Tensor>;
}

/**
 * The terms of a step's loss, the gradient that Adam receives for each parameter, and the next state.
 *
 * Every tensor returned, and every one made on the way, belongs to the caller's `tf.tidy`.
 *
 * @throws TypeError naming the term that is not a scalar, and its shape.
 */
export function lossAndGradients<Term extends string>(
  step: TrainingStep<Term>,
  parameters: Named<tf.Tensor>,
  batch: tf.Tensor2D,
  inputs: Named<tf.Scalar>,
  state: Named<tf.Tensor> = {},
): StepResult<Term> {
  const names = Object.keys(parameters);
  const kept: Record<string, tf.Tensor> = {};
  const seen: Record<string, tf.Tensor> = {};
  const differentiate = tf.valueAndGrads((...values: tf.Tensor[]) => {
    const result = step.loss(
      Object.fromEntries(names.map((name, index) => [name, values[index] as tf.Tensor])),
      batch,
      inputs,
      state,
      (name, tensor) => {
        if (step.nextState) seen[name] = tf.keep(tensor.clone());
      },
    );
    // valueAndGrads frees all tensors except its results; clones that are kept live on.
    for (const name of step.terms) kept[name] = tf.keep(requireScalar(name, result[name]).clone());
    return (result as Readonly<Record<string, tf.Scalar>>).total as tf.Scalar;
  });
  try {
    const { grads } = differentiate(Object.values(parameters));
    const gradients = Object.fromEntries(names.map((name, index) => [name, grads[index] as tf.Tensor]));
    return {
      terms: Object.fromEntries(
        step.terms.map((name) => [name, (kept[name] as tf.Tensor).clone()]),
      ) as unknown as Readonly<Record<Term, tf.Scalar>>, // Object.fromEntries forgets which keys it was given.
      gradients: step.gradients?.(gradients, parameters, inputs) ?? gradients,
      // Cloned: what it hands on unchanged is freed below.
      state: mapNamed(step.nextState?.(state, seen, inputs) ?? {}, (tensor) => tensor.clone()),
    };
  } catch (error) {
    freeTape();
    throw error;
  } finally {
    tf.dispose(kept);
    tf.dispose(seen);
  }
}

function requireScalar(name: string, term: tf.Tensor): tf.Tensor {
  if (term.rank === 0) return term;
  throw new TypeError(`the loss's term '${name}' must be a scalar; got a tensor of shape [${term.shape}]`);
}

/** Frees what operations saved for a backward pass that an error has called off; tf 4.22 does not. */
function freeTape(): void {
  const { state } = tf.engine();
  for (const { saved = [] } of state.activeTape ?? []) tf.dispose(saved);
  state.activeTape = [];
}
