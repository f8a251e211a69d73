import type { ExampleStream } from '../datasets/exampleStream';
import type { Rows } from '../datasets/rows';
import type { SparseAutoencoder } from '../model/autoencoder';
import type { History } from '../model/history';
import { runPlan, untilStopped } from './loop';
import type { Progress, TrainingRun, TrainOptions, TrainTogetherOptions } from './options';
import { type Plan, planOne, planTraining } from './plan';
import { progressDisplay } from './progress';

export type {
  OwnTrainOptions,
  Progress,
  SharedTrainOptions,
  TrainingRun,
  TrainOptions,
  TrainTogetherOptions,
} from './options';

/**
 * Trains the model in place with Adam, and returns its history.
 *
 * Each step takes a batch, computes the loss (see {@link Objective}) and moves every parameter against its gradient.
 * The model always holds the newest recorded parameters, `model.history` the history so far: a training that is
 * stopped leaves both as they then were, and one whose loss is no longer finite leaves the last finite ones.
 *
 * A training of more than two seconds shows its progress, and one that was stopped its last step.
 *
 * @param data The examples: a data set, a tensor or a matrix of shape [examples, inputDim], or a stream that makes them.
 * @returns The history; its `status` says whether all epochs were done.
 * @throws RangeError or TypeError, before the first step, naming the argument, the permitted range and the value.
 * @throws Error if another training of the model is still running.
 * @throws TraceError if a custom penalty does something that cannot be compiled, saying what to do.
 *
 * @example
 * const history = await train(model, mnist.training, { penalty: l1(1e-3), epochs: 5, batchSize: 128, seed: 1 });
 * history.last.l0 // active units per example
 * // A large model, on a processor that multiplies bfloat16 numbers:
 * const large = new SparseAutoencoder({ inputDim: 784, hiddenDim: 1024 });
 * await train(large, mnist.training, { penalty: l1(1e-4), epochs: 5, batchSize: 1024, precision: 'bfloat16' });
 */
export async function train(
  model: SparseAutoencoder,
  data: Rows | ExampleStream,
  options: TrainOptions,
): Promise<History> {
  await untilStopped(model);
  const plan = planOne(model, data, options);
  const [history] = await runShown(plan, ([progress]) => options.onProgress?.(progress as Progress));
  return history as History;
}

/**
 * Trains several models on the same batches at the same time: on native TensorFlow all in one graph, which is faster
 * than one after another. Models and objectives may differ in anything but the width of the data.
 *
 * Each training gives the numbers that {@link train} with the same options gives alone.
 *
 * @param runs The models, each with its loss and its learning rate.
 * @param data The examples: a data set, a tensor or a matrix of shape [examples, inputDim], or a stream that makes them.
 * @returns The history of each, in order.
 * @throws RangeError, TypeError or TraceError like {@link train}.
 *
 * @example
 * const runs = [1e-4, 1e-3, 1e-2].map((lambda) => ({
 *   model: new SparseAutoencoder({ inputDim: 784, hiddenDim: 64, seed: 1 }),
 *   penalty: l1(lambda),
 * }));
 * const histories = await trainTogether(runs, mnist.training, { epochs: 5 });
 */
export async function trainTogether(
  runs: readonly TrainingRun[],
  data: Rows | ExampleStream,
  options: TrainTogetherOptions,
): Promise<History[]> {
  await untilStopped(...(Array.isArray(runs) ? runs.map((run) => run?.model) : []));
  return runShown(planTraining(runs, data, options), options.onProgress);
}

/** Trains, and shows how far it is. */
async function runShown(plan: Plan, onProgress: TrainTogetherOptions['onProgress']): Promise<History[]> {
  const display = plan.progress ? progressDisplay(plan) : undefined;
  try {
    const histories = await runPlan(plan, (progress) => {
      onProgress?.(progress);
      display?.update(progress);
    });
    display?.end(histories);
    return histories;
  } catch (error) {
    display?.clear();
    throw error;
  }
}
