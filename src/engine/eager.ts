import * as tf from '@tensorflow/tfjs';
import { adamStep } from './adam';
import { lossAndGradients } from './differentiate';
import {
  copyOf,
  type Examples,
  mapNamed,
  type Named,
  type OptimizerState,
  type StepRunner,
  type TrainingStep,
} from './step';

/**
 * Runs a step operation by operation on whatever backend tf uses, with Adam in JavaScript: the engine where steps
 * cannot be compiled, and the one that the compiled engine is held against.
 */
export function eagerRunner(
  step: TrainingStep,
  examples: Examples,
  learningRate: number,
  initial: OptimizerState,
): StepRunner {
  const parameters = copyOf(initial.parameters);
  const firstMoments = copyOf(initial.firstMoments);
  const secondMoments = copyOf(initial.secondMoments);
  let taken = initial.step;

  /** Takes one step; returns its terms. */
  function takeStep(rows: Int32Array): number[] {
    return tf.tidy(() => {
      const batch = tf.tensor2d(gather(examples, rows), [rows.length, examples.dim]);
      const { terms, gradients } = lossAndGradients(
        step,
        mapNamed(parameters, ({ values, shape }) => tf.tensor(values, [...shape])),
        batch,
        mapNamed(step.inputs, (value) => tf.scalar(value)) as Named<tf.Scalar>,
      );
      taken++;
      for (const [name, { values }] of Object.entries(parameters)) {
        const gradient = (gradients[name] as tf.Tensor).dataSync<'float32'>();
        const [m, v] = [firstMoments[name], secondMoments[name]];
        if (m && v) adamStep(values, gradient, m.values, v.values, taken, learningRate);
      }
      return step.terms.map((name) => terms[name]?.dataSync()[0] as number);
    });
  }

  return {
    run(rows, batchSize) {
      const steps = rows.length / batchSize;
      const losses = new Float32Array(steps * step.terms.length);
      for (let i = 0; i < steps; i++) {
        losses.set(takeStep(rows.subarray(i * batchSize, (i + 1) * batchSize)), i * step.terms.length);
      }
      return losses;
    },
    state: () => ({
      step: taken,
      parameters: copyOf(parameters),
      firstMoments: copyOf(firstMoments),
      secondMoments: copyOf(secondMoments),
    }),
    dispose() {},
  };
}

/** The scaled rows, one after another. */
function gather({ values, dim, scale }: Examples, rows: Int32Array): Float32Array {
  const batch = new Float32Array(rows.length * dim);
  rows.forEach((row, index) => {
    const source = values.subarray(row * dim, (row + 1) * dim);
    const offset = index * dim;
    for (let i = 0; i < dim; i++) batch[offset + i] = (source[i] as number) * scale;
  });
  return batch;
}
