import * as tf from '@tensorflow/tfjs';
import type { Values } from '../numbers/values';
import { adamStep } from './adam';
import { lossAndGradients } from './differentiate';
import {
  type BatchSource,
  copyOf,
  type Examples,
  type GeneratedExamples,
  isExampleSource,
  isStored,
  KEY_LENGTH,
  type Member,
  type OptimizerState,
  type StepRunner,
} from './step';
import { scalarsOf, tensorsOf } from './tensors';

/**
 * Runs steps operation by operation on whatever backend tf uses, with Adam in JavaScript: the engine where steps
 * cannot be compiled, and the one that the compiled engine is held against.
 */
export function eagerRunner(members: readonly Member[], source: BatchSource): StepRunner {
  const trainings = members.map(eagerTraining);
  return {
    run(batches, batchSize) {
      const losses: number[][] = members.map(() => []);
      const namesPerStep = isExampleSource(source) ? KEY_LENGTH : batchSize;
      for (let start = 0; start < batches.length; start += namesPerStep) {
        tf.tidy(() => {
          const names = batches.subarray(start, start + namesPerStep);
          const batch = isExampleSource(source)
            ? source.sample(tf.tensor1d(names, 'int32'), batchSize)
            : tf.tensor2d(rowsOf(source, names), [batchSize, source.dim]);
          trainings.forEach((training, m) => {
            losses[m]?.push(...training.takeStep(batch));
          });
        });
      }
      return losses.map((terms) => Float32Array.from(terms));
    },
    states: () => trainings.map((training) => training.state()),
    // It calls the steps themselves.
    verify() {},
    dispose() {},
  };
}

/** One member between its steps. */
function eagerTraining({ step, initial, learningRate }: Member) {
  const parameters = copyOf(initial.parameters);
  const firstMoments = copyOf(initial.firstMoments);
  const secondMoments = copyOf(initial.secondMoments);
  let taken = initial.step;

  return {
    /** Takes one step; returns its terms. */
    takeStep(batch: tf.Tensor2D): number[] {
      return tf.tidy(() => {
        const { terms, gradients } = lossAndGradients(
          step,
          tensorsOf(parameters),
          batch,
          scalarsOf(step.inputs),
        );
        taken++;
        for (const [name, { values }] of Object.entries(parameters)) {
          const gradient = (gradients[name] as tf.Tensor).dataSync<'float32'>();
          const [m, v] = [firstMoments[name] as Values, secondMoments[name] as Values];
          adamStep(values, gradient, m.values, v.values, taken, learningRate);
        }
        return step.terms.map((name) => terms[name]?.dataSync()[0] as number);
      });
    },
    state: (): OptimizerState => ({
      step: taken,
      parameters: copyOf(parameters),
      firstMoments: copyOf(firstMoments),
      secondMoments: copyOf(secondMoments),
    }),
  };
}

const rowsOf = (source: Examples | GeneratedExamples, rows: Int32Array): Float32Array =>
  isStored(source) ? gather(source, rows) : source.gather(rows);

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
