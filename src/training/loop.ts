/**
 * The loop of a training: steps, records on the way, and the final models. It shows nothing.
 *
 * @module
 */

import * as tf from '@tensorflow/tfjs';
import { platform } from '#platform';
import { toMatrix } from '../datasets/rows';
import { backendReady, engineOn, inputsAt, type OptimizerState, tensorsOf, tidied } from '../engine';
import { activeThreshold } from '../model/activeThreshold';
import { forward } from '../model/architecture';
import { History, type HistoryRow } from '../model/history';
import { type ObjectiveStep, termsOf } from '../model/loss';
import type { LossTerms } from '../model/lossTerms';
import { measurements, variance } from '../model/metrics';
import { TrainingState } from '../model/trainingState';
import { Random } from '../numbers/random';
import { shielded } from '../page/cell';
import { drawExamples } from './draw';
import type { Progress } from './options';
import type { Plan, PlannedMember } from './plan';
import { batches, batchSizes, isPause, isRecorded, nextBoundary } from './schedule';

/**
 * A slice of steps between two looks at signal and progress takes about this long. A stop waits for a slice, and a bar and live
 * figures move by it; a slice costs about as much as one step of a small model.
 */
const SLICE_MILLISECONDS = 50;

/** The monitored examples, and their variance, which no training changes. */
interface Monitored {
  readonly x: tf.Tensor2D;
  readonly xVariance: number;
}

/** A training that has begun and not ended. */
interface Ongoing {
  readonly signal: AbortSignal | undefined;
  /** Resolves when it has ended, however it does. */
  readonly ended: Promise<void>;
}

/** Models that are being trained. */
const inTraining = new WeakMap<object, Ongoing>();

/** @throws Error if a training of one of the models is still running. */
export function requireIdle({ members }: Plan): void {
  if (members.some(({ model }) => inTraining.has(model))) {
    throw new Error('model must not be in another training; wait for that one or stop it');
  }
}

/**
 * Waits for trainings of these models that have been told to stop and work on the last of their steps: a reader who stops a
 * cell and runs it again at once wants no error.
 */
export async function untilStopped(...models: readonly object[]): Promise<void> {
  const ongoing = models.flatMap((model) => inTraining.get(model) ?? []);
  await Promise.all(ongoing.filter(({ signal }) => signal?.aborted).map(({ ended }) => ended));
}

/**
 * Trains the models of a plan, together.
 *
 * @param onProgress Called after every slice, with each training's progress.
 * @returns The history of each, in order.
 * @throws Error if a training of one of the models is still running.
 * @throws TraceError if a custom penalty does something that cannot be compiled.
 */
export async function runPlan(
  plan: Plan,
  onProgress?: (progress: readonly Progress[]) => void,
): Promise<History[]> {
  requireIdle(plan);
  const models = plan.members.map(({ model }) => model);
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  for (const model of models) inTraining.set(model, { signal: plan.signal, ended });
  try {
    return await runMembers(plan, onProgress);
  } finally {
    for (const model of models) inTraining.delete(model);
    end();
  }
}

async function runMembers(
  plan: Plan,
  onProgress: ((progress: readonly Progress[]) => void) | undefined,
): Promise<History[]> {
  const { examples, order, stepsPerEpoch, steps, compile, precision, signal } = plan;
  const backend = await backendReady();
  // Everything but `onProgress` is shielded: torn apart by a stop, it would leave models in training for ever.
  const { runner, trainings } = shielded(() => {
    const batchesOf = { source: examples, batchSizes: batchSizes(order) };
    const engine = engineOn(backend, { members: plan.members, ...batchesOf, compile, precision });
    return {
      runner: engine.runner,
      trainings: plan.members.map((member) => new Training(member, plan, engine.description)),
    };
  });
  const started = performance.now();
  let stepsPerSlice = 1;
  let taken = plan.firstStep;
  let recorded = taken;

  const running = () => trainings.filter(({ history }) => history.status === 'running');
  let xVariance: number | undefined;
  const record = () => {
    const states = runner.states();
    tf.tidy(() => {
      const x = plan.monitored.toTensor();
      xVariance ??= variance(x);
      const monitored = { x, xVariance };
      trainings.forEach((training, index) => {
        training.record(states[index] as OptimizerState, monitored);
      });
    });
    recorded = taken;
  };
  const actBetween = () => {
    const states = runner.states();
    runner.assign(plan.members.map((member, m) => afterRules(member, plan, states[m] as OptimizerState)));
  };
  const takeSteps = () => {
    const count = Math.min(stepsPerSlice, nextBoundary(taken, plan) - taken);
    const sliceStarted = performance.now();
    const { rows, batchSize } = batches(taken, count, plan);
    const losses = runner.run(rows, batchSize);
    taken += count;
    const now = performance.now();
    const fitting = Math.round((count * SLICE_MILLISECONDS) / Math.max(now - sliceStarted, 1));
    // One short slice, as before a record, says little of the pace: no leaps.
    stepsPerSlice = Math.min(Math.max(fitting, 1), 2 * stepsPerSlice);
    trainings.forEach((training, index) => {
      training.append(losses[index] as Float32Array, (now - started) / 1000);
    });
    if (taken < steps && isPause(taken, plan)) actBetween();
    if (taken === steps) runner.verify();
    if (taken === steps || isRecorded(taken, plan)) record();
  };
  const report = () => {
    const where = { step: taken, steps, epoch: taken / stepsPerEpoch };
    onProgress?.(
      trainings.map(({ history }) => ({ ...where, loss: history.steps.at(-1) as LossTerms, history })),
    );
  };
  const finish = () => {
    if (taken < steps) runner.verify();
    if (recorded < taken) record();
    for (const { history } of running()) history.status = taken < steps ? 'stopped' : 'finished';
  };

  try {
    // The first of everything takes long: a stop is heard in between.
    await inNextTurn(() => {}, signal);
    shielded(record);
    await inNextTurn(() => {}, signal);
    while (running().length > 0 && taken < steps && !signal?.aborted) {
      shielded(takeSteps);
      await inNextTurn(report, signal);
    }
    shielded(finish);
  } catch (error) {
    for (const { history } of running()) history.status = 'failed';
    throw error;
  } finally {
    runner.dispose();
  }
  return trainings.map(({ history }) => history);
}

/**
 * Calls `work` in the next turn of the event loop, before which the kernel hears a stop. A stop that comes while `work`
 * runs without a pause ends it, and nothing after it runs; then the signal tells that it is over.
 */
function inNextTurn(work: () => void, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stopped = () => resolve();
    signal?.addEventListener('abort', stopped);
    platform.inNextTurn(() => {
      try {
        work();
        resolve();
      } catch (error) {
        reject(error);
      } finally {
        signal?.removeEventListener('abort', stopped);
      }
    });
  });
}

/** One of the trainings that run together: its records, and its final model. */
class Training {
  readonly history: History;
  readonly #member: PlannedMember;
  readonly #plan: Plan;

  constructor(member: PlannedMember, plan: Plan, engine: string) {
    this.#member = member;
    this.#plan = plan;
    const { penalty } = member;
    this.history = new History({
      penaltyName: penalty?.name ?? 'none',
      strength: penalty?.strength ?? 0,
      engine,
      data: plan.examples.name,
    });
    member.model.history = this.history;
  }

  /** Adds the terms of the steps of a slice, [steps, terms]. */
  append(losses: Float32Array, seconds: number): void {
    if (this.history.status === 'diverged') return;
    appendSteps(this.history.steps, losses, this.#member.step);
    this.history.seconds = seconds;
  }

  /**
   * Adds a row and moves the model on, unless the loss is no longer a finite number.
   *
   * @param monitored What it is measured on.
   */
  record(state: OptimizerState, monitored: Monitored): void {
    const { history } = this;
    if (history.status === 'diverged') return;
    const row = measure(this.#member, state, monitored, this.#plan);
    if (!Number.isFinite(row.total)) {
      if (history.rows.length === 0) {
        throw new RangeError(`the loss must be a finite number before the first step; got ${row.total}`);
      }
      history.status = 'diverged';
      return;
    }
    const { model } = this.#member;
    history.rows.push(row);
    history.state = new TrainingState(model.architecture, state, this.#plan.order, this.#member.setup);
    handOver(this.#member, history.state);
  }
}

function appendSteps(steps: LossTerms[], losses: Float32Array, { terms }: ObjectiveStep): void {
  for (let start = 0; start < losses.length; start += terms.length) {
    const row = Object.fromEntries(terms.map((term, index) => [term, losses[start + index]]));
    steps.push(row as unknown as LossTerms); // Object.fromEntries forgets which keys it was given.
  }
}

/** The stream of a training's seed that draws what rules look at between two steps. */
const BETWEEN = 5;

/** The state after the rules that act between two steps. */
function afterRules({ model, rules }: PlannedMember, plan: Plan, state: OptimizerState): OptimizerState {
  const { order, examples } = plan;
  const { step } = state;
  const sample = (count: number) => {
    const { values, shape } = drawExamples(examples, count, new Random(order.seed, BETWEEN, step));
    const x = tf.tensor2d(values, [shape[0], shape[1]]);
    const now = tensorsOf(state.state);
    return toMatrix(
      'data',
      rules.reduce((shown, rule) => rule.input?.(shown, now) ?? shown, x),
    );
  };
  return rules.reduce<OptimizerState>((now, { between }) => {
    if (!between || step % between.every !== 0) return now;
    const context = { architecture: model.architecture, step, seed: order.seed };
    return tidied(() => between.act(now, { ...context, sample }));
  }, state);
}

/** The model's parameters, from those of a training. */
function resultOf(
  { rules }: PlannedMember,
  { parameters, state }: OptimizerState,
): OptimizerState['parameters'] {
  // The model sees x as its last rule has changed it: this goes back from there to x.
  const ordered = [...rules.filter(({ input }) => !input), ...rules.filter(({ input }) => input).reverse()];
  return ordered.reduce((now, rule) => rule.result?.(now, state) ?? now, parameters);
}

/** Gives the model of a training the parameters that follow from a state. */
export function handOver(member: PlannedMember, state: TrainingState): void {
  member.model.setParameters(resultOf(member, state.optimizer), 'parameters', state.modelState);
}

/** One row of the history. The loss is of the training's parameters, all else of the model's. */
function measure(
  member: PlannedMember,
  state: OptimizerState,
  { x, xVariance }: Monitored,
  { stepsPerEpoch }: Plan,
): HistoryRow {
  const { model, step } = member;
  return tf.tidy(() => {
    const arrays = tensorsOf(state.state);
    const passOf = (parameters: OptimizerState['parameters'], shown: tf.Tensor2D) => {
      const tensors = tensorsOf(parameters);
      return { tensors, pass: forward(model.architecture, tensors, shown, arrays) };
    };
    const shown = step.input(x, arrays);
    const { tensors, pass } = passOf(state.parameters, shown);
    const result = resultOf(member, state);
    const measured = result === state.parameters ? pass : passOf(result, x).pass;
    return {
      step: state.step,
      epoch: state.step / stepsPerEpoch,
      ...termsOf(step, tensors, shown, pass, arrays, inputsAt(member, Math.max(0, state.step - 1))),
      ...measurements(x, measured, activeThreshold(model.architecture), xVariance),
    };
  });
}
