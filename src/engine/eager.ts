import * as tf from '@tensorflow/tfjs';
import type { Values } from '../numbers/values';
import { adamStep } from './adam';
import { lossAndGradients } from './differentiate';
import {
  type BatchSource,
  copyOf,
  type Examples,
  type GeneratedExamples,
  inputsAt,
  isExampleSource,
  isStored,
  KEY_LENGTH,
  type Member,
  type Named,
  type OptimizerState,
  parameterGroups,
  type StepRunner,
  valueAt,
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
    assign(states) {
      trainings.forEach((training, m) => {
        training.assign(states[m] as OptimizerState);
      });
    },
    // It calls the steps themselves.
    verify() {},
    dispose() {},
  };
}

/** One member between its steps. */
function eagerTraining(member: Member) {
  const { step, initial, learningRate, betas } = member;
  const arrays = {
    parameters: copyOf(initial.parameters),
    firstMoments: copyOf(initial.firstMoments),
    secondMoments: copyOf(initial.secondMoments),
    state: copyOf(initial.state),
  };
  const { parameters, firstMoments, secondMoments, state } = arrays;
  let taken = initial.step;

  return {
    /** Takes one step; returns its terms. */
    takeStep(batch: tf.Tensor2D): number[] {
      return tf.tidy(() => {
        const inputs = scalarsOf(inputsAt(member, taken));
        const before = tensorsOf(state);
        const result = lossAndGradients(step, tensorsOf(parameters), batch, inputs, before);
        const rate = valueAt(learningRate, taken);
        taken++;
        for (const [name, { values }] of Object.entries(parameters)) {
          const gradient = (result.gradients[name] as tf.Tensor).dataSync<'float32'>();
          const [m, v] = [firstMoments[name] as Values, secondMoments[name] as Values];
          adamStep(values, gradient, m.values, v.values, taken, rate, betas);
        }
        const seen = { ...before, ...result.state };
        const settled = step.settle?.(tensorsOf(parameters), seen, inputs) ?? {};
        put(settled.parameters ?? {}, parameters);
        put({ ...result.state, ...settled.state }, state);
        return step.terms.map((name) => result.terms[name]?.dataSync()[0] as number);
      });
    },
    state: (): OptimizerState => ({
      step: taken,
      parameters: copyOf(parameters),
      firstMoments: copyOf(firstMoments),
      secondMoments: copyOf(secondMoments),
      state: copyOf(state),
    }),
    assign(other: OptimizerState): void {
      for (const group of [...parameterGroups, 'state'] as const) {
        for (const [name, { values }] of Object.entries(arrays[group])) {
          values.set((other[group][name] as Values).values);
        }
      }
    },
  };
}

/** Writes tensors' numbers into the arrays of their names. */
function put(tensors: Named<tf.Tensor>, arrays: Named<Values>): void {
  for (const [name, tensor] of Object.entries(tensors))
    arrays[name]?.values.set(tensor.dataSync<'float32'>());
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
