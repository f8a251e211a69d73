import * as tf from '@tensorflow/tfjs';
import type { Named, TrainingStep } from './step';

/**
 * The terms of a step's loss and the gradient of `total` with respect to each parameter.
 *
 * Every tensor returned, and every one made on the way, belongs to the caller's `tf.tidy`.
 */
export function lossAndGradients<Term extends string>(
  step: TrainingStep<Term>,
  parameters: Named<tf.Tensor>,
  batch: tf.Tensor2D,
  inputs: Named<tf.Scalar>,
): { terms: Readonly<Record<Term, tf.Scalar>>; gradients: Named<tf.Tensor> } {
  const names = Object.keys(parameters);
  let terms: Readonly<Record<Term, tf.Scalar>> | undefined;
  const differentiate = tf.valueAndGrads((...values: tf.Tensor[]) => {
    const result = step.loss(
      Object.fromEntries(names.map((name, index) => [name, values[index] as tf.Tensor])),
      batch,
      inputs,
    );
    // valueAndGrads frees all but what it returns; clones that are kept live on with the caller.
    terms = Object.fromEntries(
      step.terms.map((name) => [name, tf.keep(result[name].clone())]),
    ) as typeof terms;
    return (result as Readonly<Record<string, tf.Scalar>>).total as tf.Scalar;
  });
  const { grads } = differentiate(Object.values(parameters));
  const kept = terms as Readonly<Record<Term, tf.Scalar>>;
  const owned = Object.fromEntries(
    step.terms.map((name) => {
      const term = kept[name].clone();
      kept[name].dispose();
      return [name, term];
    }),
  ) as Record<Term, tf.Scalar>;
  return {
    terms: owned,
    gradients: Object.fromEntries(names.map((name, index) => [name, grads[index] as tf.Tensor])),
  };
}
