import * as tf from '@tensorflow/tfjs';
import type { Named, TrainingStep } from './step';

/**
 * The terms of a step's loss and the gradient of `total` with respect to each parameter.
 *
 * Every tensor returned, and every one made on the way, belongs to the caller's `tf.tidy`.
 *
 * @throws TypeError naming the term that is no scalar, and its shape.
 */
export function lossAndGradients<Term extends string>(
  step: TrainingStep<Term>,
  parameters: Named<tf.Tensor>,
  batch: tf.Tensor2D,
  inputs: Named<tf.Scalar>,
): { terms: Readonly<Record<Term, tf.Scalar>>; gradients: Named<tf.Tensor> } {
  const names = Object.keys(parameters);
  const kept: Record<string, tf.Tensor> = {};
  const differentiate = tf.valueAndGrads((...values: tf.Tensor[]) => {
    const result = step.loss(
      Object.fromEntries(names.map((name, index) => [name, values[index] as tf.Tensor])),
      batch,
      inputs,
    );
    // valueAndGrads frees all but what it returns; clones that are kept live on.
    for (const name of step.terms) kept[name] = tf.keep(requireScalar(name, result[name]).clone());
    return (result as Readonly<Record<string, tf.Scalar>>).total as tf.Scalar;
  });
  try {
    const { grads } = differentiate(Object.values(parameters));
    return {
      terms: Object.fromEntries(
        step.terms.map((name) => [name, (kept[name] as tf.Tensor).clone()]),
      ) as unknown as Readonly<Record<Term, tf.Scalar>>, // Object.fromEntries forgets which keys it was given.
      gradients: Object.fromEntries(names.map((name, index) => [name, grads[index] as tf.Tensor])),
    };
  } catch (error) {
    freeTape();
    throw error;
  } finally {
    tf.dispose(kept);
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
