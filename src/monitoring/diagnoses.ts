/**
 * The ways in which a training of a sparse autoencoder goes wrong: one function each, with the symptoms and the remedy.
 *
 * @module
 */

import * as tf from '@tensorflow/tfjs';
import { tensorsOf } from '../engine';
import type { UnitStatistics } from '../features/unitStatistics';
import { activationFunctions, activationOf } from '../model/activations';
import { activeThreshold } from '../model/activeThreshold';
import type { SparseAutoencoder } from '../model/autoencoder';
import type { History, HistoryRow } from '../model/history';
import { penaltyContext } from '../model/loss';
import { isKnownPenalty, type Penalty } from '../model/penalties';
import type { BatchOrder, TrainingState } from '../model/trainingState';
import { percent, short } from '../numbers/shown';
import { type Matrix, rowRange } from '../numbers/values';
import { soughtL0 } from '../training/rules/seekL0';

/** The possible problems of a training. */
export type DiagnosisName =
  | 'diverged'
  | 'learning rate too large'
  | 'loss rises'
  | 'loss still falls'
  | 'nothing learned'
  | 'dead units'
  | 'always-on units'
  | 'mean activation off target'
  | 'penalty too strong'
  | 'penalty too weak'
  | 'penalty over the wrong axis'
  | 'code not sparse'
  | 'threshold off target'
  | 'strength without effect'
  | 'target L0 missed'
  | 'small last batch'
  | 'data out of range'
  | 'data scale';

/** One thing that is wrong. */
export interface Diagnosis {
  readonly name: DiagnosisName;
  /** The evidence, in numbers. */
  readonly finding: string;
  /** Remedies to try, the likeliest first. */
  readonly cure: string;
  /** The hidden units that it is about, if it is about some of them. */
  readonly units?: readonly number[];
}

/** Inputs of the checks. */
export interface DiagnosisInput {
  readonly model: SparseAutoencoder;
  readonly penalty: Penalty | undefined;
  readonly rows: readonly HistoryRow[];
  readonly status: History['status'] | undefined;
  readonly x: Matrix;
  /** The size of the pre-activations relative to that of the inputs, root mean squares. */
  readonly gain: number;
  readonly activations: Matrix;
  readonly preActivation: Matrix;
  /** How the training's batches were made, if it is known. */
  readonly order: BatchOrder | undefined;
  /** The training's arrays that no gradient moves, and its rules, if they are known. */
  readonly state: TrainingState | undefined;
  readonly units: readonly UnitStatistics[];
  /** Fraction of variance unexplained, on `x`. */
  readonly unexplained: number;
}

/** A fault of this fraction of the units is reported; a single odd unit is not a fault. */
const SHARE_OF_UNITS = 0.1;

/** All checks, the worst problems first. */
export const checks: readonly ((input: DiagnosisInput) => Diagnosis | undefined)[] = [
  diverged,
  dataOutOfRange,
  dataScale,
  penaltyAxes,
  learningRateTooLarge,
  strengthWithoutEffect,
  targetMissed,
  thresholdOffTarget,
  lossRises,
  nothingLearned,
  penaltyTooStrong,
  penaltyTooWeak,
  codeNotSparse,
  deadUnits,
  alwaysOnUnits,
  smallLastBatch,
  meanOffTarget,
  lossStillFalls,
];

function diverged({ status, rows }: DiagnosisInput): Diagnosis | undefined {
  if (status !== 'diverged') return undefined;
  return {
    name: 'diverged',
    finding: `after step ${rows.at(-1)?.step ?? 0} the loss was no longer a finite number`,
    cure: 'Divide learningRate by 10; if that does not help, look at the scale of the data.',
  };
}

function dataOutOfRange({ model, x }: DiagnosisInput): Diagnosis | undefined {
  const { outputActivation } = model.architecture;
  const { range, rangeText } = activationFunctions[outputActivation];
  const { low, high } = spreadOf(x.values);
  if (low >= range[0] && high <= range[1]) return undefined;
  return {
    name: 'data out of range',
    finding: `the data lie in [${short(low)}, ${short(high)}], the ${outputActivation} outputs in ${rangeText}`,
    cure: "Scale the data (bytes by 1/255: a Dataset's `scale`), or use outputActivation 'linear'.",
  };
}

function dataScale({ x }: DiagnosisInput): Diagnosis | undefined {
  const { deviation } = spreadOf(x.values);
  if (deviation >= 0.01 && deviation <= 10) return undefined;
  return {
    name: 'data scale',
    finding: `the data have a standard deviation of ${short(deviation)}; usual is 0.01 to 10`,
    cure: 'Scale the data to about 1: learning rate, λ and β are meant for that.',
  };
}

/**
 * A penalty should not depend on how many examples a batch has, and should count every unit. If either is repeated, the change
 * of the term shows over which axis it sums and over which it averages.
 */
function penaltyAxes(input: DiagnosisInput): Diagnosis | undefined {
  const { penalty, activations } = input;
  // Those of the library are right, and some read arrays of the model that have no more units.
  if (!penalty || isKnownPenalty(penalty)) return undefined;
  const rows = Math.min(100, activations.shape[0]);
  const [term, moreExamples, moreUnits] = [
    termOn(penalty, input, 0, rows),
    termOn(penalty, input, 0, rows, (code) => tf.concat([code, code], 0)),
    termOn(penalty, input, 0, rows, (code) => tf.concat([code, code], 1)),
  ];
  if (!(term > 0)) return undefined;
  const [byExamples, byUnits] = [moreExamples / term, moreUnits / term];
  if (Math.abs(byExamples - 1) < 0.01 && byUnits > 1.5) return undefined;
  return {
    name: 'penalty over the wrong axis',
    finding:
      `twice the examples make the penalty ${short(byExamples)} times as large (1 is usual), ` +
      `twice the units ${short(byUnits)} times (2 is usual)`,
    cure: 'h is [batch, hiddenDim]: average over axis 0, the batch, and sum over axis 1, the units; or set another strength.',
  };
}

/** The penalty's term on the examples from `start` on, of whose code a function may make another. */
function termOn(
  penalty: Penalty,
  { model, activations, preActivation }: DiagnosisInput,
  start: number,
  rows: number,
  change: (code: tf.Tensor2D) => tf.Tensor2D = (code) => code,
): number {
  return tf.tidy(() => {
    const [h, z] = [activations, preActivation].map((matrix) => {
      const { values, shape } = rowRange(matrix, start, start + rows);
      return change(tf.tensor2d(values, [shape[0], shape[1]]));
    }) as [tf.Tensor2D, tf.Tensor2D];
    const context = penaltyContext(model.architecture, tensorsOf(model.parameters), z);
    return penalty.term(h, penalty.parameters ?? {}, context).dataSync()[0] as number;
  });
}

/** Batches of each size on which the penalty is measured. */
const TRIED_BATCHES = 20;

/** A penalty on a statistic of the batch, such as ρ̂, costs more the smaller the batch: noise in it never cancels. */
function smallLastBatch(input: DiagnosisInput): Diagnosis | undefined {
  const { penalty, order, activations } = input;
  if (!penalty || penalty.strength === 0 || !order || (order.rest ?? 'small') !== 'small') return undefined;
  const left = order.examples % order.batchSize;
  if (left === 0 || activations.shape[0] < order.batchSize) return undefined;
  const meanTerm = (size: number) => {
    const count = Math.min(TRIED_BATCHES, Math.floor(activations.shape[0] / size));
    let sum = 0;
    for (let batch = 0; batch < count; batch++) sum += termOn(penalty, input, batch * size, size);
    return sum / count;
  };
  const ratio = meanTerm(left) / meanTerm(order.batchSize);
  if (!(ratio > 1.5)) return undefined;
  return {
    name: 'small last batch',
    finding:
      `each epoch ends with a batch of ${left}, and ${penalty.name} is ${short(ratio)} times as large on batches ` +
      `of that size as on batches of ${order.batchSize}`,
    cure: "rest: 'spread', the default, makes all batches about equal; or a batchSize that divides the number of examples.",
  };
}

/** Each step of Adam moves a weight by about the learning rate, whatever the loss: too large a one throws them far out. */
const LARGE_GAIN = 50;

function learningRateTooLarge({ gain }: DiagnosisInput): Diagnosis | undefined {
  if (gain < LARGE_GAIN) return undefined;
  return {
    name: 'learning rate too large',
    finding: `the pre-activations are ${short(gain)} times as large as the inputs; usual is less than 20`,
    cure: 'Divide learningRate by 10 and start again: from so far out no unit comes back.',
  };
}

function lossRises({ rows }: DiagnosisInput): Diagnosis | undefined {
  const lowest = Math.min(...rows.map(({ total }) => total));
  const last = rows.at(-1);
  if (!last || last.total <= 1.5 * lowest) return undefined;
  return {
    name: 'loss rises',
    finding: `the loss ended at ${short(last.total)}; it had been at ${short(lowest)}, less than two thirds of that`,
    cure: 'Divide learningRate by 3 to 10.',
  };
}

function nothingLearned(input: DiagnosisInput): Diagnosis | undefined {
  const { unexplained, rows, gain, activations } = input;
  if (unexplained < 0.95) return undefined;
  if (gain >= LARGE_GAIN) return { ...unlearned(unexplained), cure: SMALLER_STEPS };
  if (!activations.values.some(Boolean)) return { ...unlearned(unexplained), cure: causeOfSilence(input)[1] };
  return {
    ...unlearned(unexplained),
    cure:
      (rows.at(-1)?.step ?? 0) < 500
        ? 'Train longer; then see what else is listed here.'
        : 'A smaller strength, a learningRate ten times larger or smaller, or the scale of the data.',
  };
}

const SMALLER_STEPS = 'Divide learningRate by 10 and start again.';

const unlearned = (unexplained: number): Omit<Diagnosis, 'cure'> => ({
  name: 'nothing learned',
  finding: `the reconstruction leaves ${percent(unexplained)} of the variance unexplained; the mean image alone leaves 100 %`,
});

function penaltyTooStrong(input: DiagnosisInput): Diagnosis | undefined {
  const { penalty, unexplained, units, gain } = input;
  // Too large steps silence units as well.
  if (!penalty || penalty.strength === 0 || unexplained < 0.7 || gain >= LARGE_GAIN) return undefined;
  const silent = units.filter(({ activationFrequency }) => activationFrequency === 0).length / units.length;
  if (silent < 0.5 || penalty.parameters?.rho !== undefined || strengthWithoutEffect(input)) return undefined;
  return {
    name: 'penalty too strong',
    finding: `${percent(silent)} of the units are silent and ${percent(unexplained)} of the variance is left unexplained`,
    cure: `Divide the strength of ${penalty.name}, ${penalty.strength}, by 10 until reconstructions come back.`,
  };
}

function penaltyTooWeak(input: DiagnosisInput): Diagnosis | undefined {
  const { penalty } = input;
  const fraction = penaltyFraction(input);
  const density = densityOf(input);
  if (!penalty || fraction === undefined || density < 0.5 || fraction > 0.1) return undefined;
  return {
    name: 'penalty too weak',
    finding: `${percent(density)} of the code is active; strength × penalty is ${percent(fraction)} of the reconstruction term`,
    cure: `Multiply the strength of ${penalty.name}, ${penalty.strength}, by 10; or check what its term sums and averages.`,
  };
}

/** Strength × penalty over the reconstruction term; `undefined` without a penalty. */
function penaltyFraction({ penalty, rows }: DiagnosisInput): number | undefined {
  const last = rows.at(-1);
  return penalty && penalty.strength > 0 && last
    ? (penalty.strength * last.penalty) / last.reconstruction
    : undefined;
}

/** The active fraction of the code. */
function densityOf({ activations: { values }, model }: DiagnosisInput): number {
  const threshold = activeThreshold(model.architecture);
  return values.filter((value) => Math.abs(value) > threshold).length / values.length;
}

/** Means to make the code of a model sparser, besides the strength of its penalty. */
function sparserBy({ model, penalty }: DiagnosisInput): string {
  const { name, settings, mostActive } = activationOf(model.architecture.hiddenActivation);
  const [setting] = mostActive ? Object.keys(settings ?? {}) : [];
  if (setting !== undefined) return `A smaller ${setting} of ${name}`;
  if (penalty && penalty.strength > 0) return 'A larger strength';
  return `A penalty, such as ${name === 'jumpRelu' ? 'l0Window' : 'l1'}({ lambda: 0.001 })`;
}

/** A code that is meant to be sparse, and of which nothing asks that. */
function codeNotSparse(input: DiagnosisInput): Diagnosis | undefined {
  const { name, sparse, mostActive } = activationOf(input.model.architecture.hiddenActivation);
  const density = densityOf(input);
  if (!sparse || name in activationFunctions || density < 0.5) return undefined;
  const { hiddenDim } = input.model.architecture;
  const allowed = mostActive?.(hiddenDim);
  if (allowed === undefined && penaltyFraction(input) !== undefined) return undefined;
  return {
    name: 'code not sparse',
    finding:
      `${percent(density)} of the code is active; ` +
      (allowed === undefined
        ? `nothing asks ${name} for fewer`
        : `${name} allows ${short(allowed)} of ${hiddenDim} units per example`),
    cure: `${sparserBy(input)}: nobody reads so many units per input.`,
  };
}

/** By how much L0 with a learnt threshold may be above what training allows. */
const THRESHOLD_TOLERANCE = 1.25;

/** A threshold for inference that is a running mean lags behind activations that still grow. */
function thresholdOffTarget(input: DiagnosisInput): Diagnosis | undefined {
  const { model, rows, activations, order, gain } = input;
  const { hiddenDim, hiddenActivation } = model.architecture;
  const { infer, mostActive, settings, name } = activationOf(hiddenActivation);
  const allowed = infer && mostActive?.(hiddenDim);
  if (allowed === undefined || rows.length === 0 || gain >= LARGE_GAIN) return undefined;
  const l0 = (densityOf(input) * activations.values.length) / activations.shape[0];
  if (l0 <= THRESHOLD_TOLERANCE * allowed) return undefined;
  const { rate } = settings ?? {};
  const batch = order?.batchSize ?? 128;
  return {
    name: 'threshold off target',
    finding: `L0 is ${short(l0)} with the threshold that ${name} has learnt; it allows ${short(allowed)} while training`,
    cure:
      rate !== undefined && rate * batch < 1
        ? `A batchSize of ${Math.ceil(1 / rate)} or more: of ${batch} examples, one is the fewest for which a unit fires.`
        : 'Train longer, and let η fall: schedule: { learningRate: { decay: … } }. The threshold is a running mean of some 100 steps.',
  };
}

function deadUnits(input: DiagnosisInput): Diagnosis | undefined {
  const { model, units, activations } = input;
  const { sparse } = activationOf(model.architecture.hiddenActivation);
  const dead = sparse
    ? units.filter(({ activationFrequency }) => activationFrequency === 0).map(({ unit }) => unit)
    : constantUnits(activations);
  if (dead.length < SHARE_OF_UNITS * units.length) return undefined;
  const symptom = sparse ? 'are zero for every example' : 'say the same for every example (within 0.01)';
  const [cause, cure] = sparse
    ? causeOfDeath(input)
    : ['', 'Train longer, with a larger learningRate or a smaller strength.'];
  return {
    name: 'dead units',
    finding: `${dead.length} of ${units.length} units ${symptom}${cause && `; ${cause}`}`,
    cure,
    units: dead,
  };
}

/**
 * Inputs whose mean is this many times as large as their deviation from it bring most units to the same side of their
 * threshold.
 */
const COMMON = 1;

/** Why units of a sparse code never fire, and the one thing to try first: no gradient reaches them any more. */
function causeOfDeath(input: DiagnosisInput): [cause: string, cure: string] {
  const { model, x, rows, penalty, gain } = input;
  const { subtractDecoderBias, outputActivation, tied, hiddenActivation } = model.architecture;
  const early = rows[Math.ceil(rows.length / 4)]?.deadFraction ?? 0;
  const last = rows.at(-1)?.deadFraction ?? 0;
  if (gain >= LARGE_GAIN) return ['steps were too large', SMALLER_STEPS];
  const common = commonShare(x);
  if (common > COMMON && !subtractDecoderBias && outputActivation === 'linear') {
    return [
      `what all examples have in common is ${short(common)} times as large as what differs`,
      'Subtract it before encoding: subtractDecoderBias: true in the model, rules: [startBias()] in train.',
    ];
  }
  if (
    penalty &&
    penalty.strength > 0 &&
    typeof hiddenActivation === 'string' &&
    early > 0.7 * last &&
    early > 0
  ) {
    return [
      `${percent(early)} were dead after the first quarter of the training`,
      'Let the strength rise from zero: schedule: { strength: { warmUp: … } }, a tenth of the steps or more.',
    ];
  }
  const tooStrong = penaltyTooStrong(input);
  if (tooStrong) return ['the penalty is too strong', tooStrong.cure];
  if (!input.activations.values.some(Boolean)) return causeOfSilence(input);
  const reachable = outputActivation === 'linear' && reachesDead(input);
  if (typeof hiddenActivation !== 'string' && reachable) {
    const cause =
      hiddenActivation.mostActive !== undefined
        ? 'others win for every example'
        : hiddenActivation.name === 'jumpRelu'
          ? 'their thresholds are above what reaches them'
          : 'no example opens them';
    const weaker =
      penalty && (penaltyFraction(input) ?? 0) > 0.01 ? `, or a smaller strength of ${penalty.name}` : '';
    return [cause, `Ask the dead for what is left over: rules: [auxK()]${weaker}.`];
  }
  return tied
    ? ['no gradient reaches them', 'A smaller learningRate or strength from the start.']
    : ['no gradient reaches them', 'Remake them from badly explained examples: rules: [resample()].'];
}

/** Whether half of the dead units have a positive pre-activation for some example: AuxK reaches no others. */
function reachesDead({ units, preActivation: { values, shape } }: DiagnosisInput): boolean {
  const [rows, width] = shape;
  const dead = units.filter(({ activationFrequency }) => activationFrequency === 0);
  const reached = dead.filter(({ unit }) => {
    for (let row = 0; row < rows; row++) if ((values[row * width + unit] as number) > 0) return true;
    return false;
  });
  return 2 * reached.length >= dead.length;
}

/** Why no unit at all fires: no rule has living units to work with. */
function causeOfSilence({ model, preActivation }: DiagnosisInput): [cause: string, cure: string] {
  const sorted = preActivation.values.slice().sort();
  const usual = sorted[Math.floor(0.9 * sorted.length)] as number;
  if (model.parameters.threshold && usual > 0) {
    return [
      `a tenth of the pre-activations is above ${short(usual)}, none above its threshold`,
      `Start again with jumpRelu({ threshold: ${short(usual)} }) or less.`,
    ];
  }
  return [
    `the largest pre-activation is ${short(sorted.at(-1) as number)}`,
    'Start again with new weights, encoder biases of 0 and a smaller learningRate: no rule brings units back when none of them fires.',
  ];
}

/** ‖mean‖ / root mean square of the distance from it. */
function commonShare({ values, shape: [rows, width] }: Matrix): number {
  let [squares, ofMean] = [0, 0];
  for (let i = 0; i < width; i++) {
    let sum = 0;
    for (let row = 0; row < rows; row++) {
      const value = values[row * width + i] as number;
      sum += value;
      squares += value * value;
    }
    ofMean += (sum / rows) ** 2;
  }
  return Math.sqrt(ofMean / Math.max(squares / rows - ofMean, 1e-30));
}

/** In fewer than one of this many batches a pre-activation is in a unit's window: its threshold gets no gradient. */
const RARE = 10;

/** A penalty that comes to less than this fraction of the reconstruction term changes nothing. */
const NO_EFFECT = 1e-4;

/** The thresholds of a jump learn from pre-activations near them alone; where an activation chooses, a tiny penalty is not missed. */
function strengthWithoutEffect(input: DiagnosisInput): Diagnosis | undefined {
  const { model, preActivation, order, penalty, activations } = input;
  const { settings = {}, mostActive, name } = activationOf(model.architecture.hiddenActivation);
  const fraction = penaltyFraction(input);
  if (
    penalty &&
    mostActive &&
    fraction !== undefined &&
    fraction < NO_EFFECT &&
    activations.values.some(Boolean)
  ) {
    return {
      name: 'strength without effect',
      finding: `strength × penalty is ${percent(fraction)} of the reconstruction term, and ${name} chooses without it`,
      cure: `Leave ${penalty.name} out: how sparse the code is, ${name} says. Or multiply the strength, ${penalty.strength}, by 1000.`,
    };
  }
  const threshold = model.parameters.threshold?.values;
  const ofPenalty = penalty?.parameters?.bandwidth ?? Number.POSITIVE_INFINITY;
  const bandwidth = Math.min(ofPenalty, settings.bandwidth ?? Number.POSITIVE_INFINITY);
  if (!threshold || bandwidth === Number.POSITIVE_INFINITY) return undefined;
  const width = threshold.length;
  const distances = preActivation.values.map((z, i) => Math.abs(z - (threshold[i % width] as number)));
  const inWindow = distances.filter((distance) => distance < bandwidth / 2).length / distances.length;
  const perBatch = inWindow * (order?.batchSize ?? 128);
  if (perBatch > 1 / RARE) return undefined;
  const finding =
    `${percent(inWindow)} of the pre-activations lie within bandwidth / 2 = ${short(bandwidth / 2)} of their threshold: ` +
    `${short(perBatch)} per unit and batch, so ${ofPenalty > bandwidth ? 'the reconstruction error' : `the strength of ${penalty?.name}`} moves no threshold`;
  if (!activations.values.some(Boolean)) {
    const [cause, cure] = causeOfSilence(input);
    return { name: 'strength without effect', finding: `${finding}; ${cause}`, cure };
  }
  // A window with one example per batch and unit.
  const sorted = distances.sort();
  const wanted = 2 * (sorted[Math.floor(sorted.length / (order?.batchSize ?? 128))] ?? 0);
  return {
    name: 'strength without effect',
    finding,
    cure: `jumpRelu({ bandwidth: ${short(wanted)} }), with which one is in the window; the same in l0Window.`,
  };
}

/** How far from the target L0 may end. */
const TARGET_TOLERANCE = 0.1;

function targetMissed({ state, penalty, rows }: DiagnosisInput): Diagnosis | undefined {
  const sought = state && soughtL0(state);
  const l0 = rows.at(-1)?.l0;
  if (!sought || l0 === undefined) return undefined;
  const { target, factor, atLimit } = sought;
  if (!atLimit && Math.abs(l0 - target) <= TARGET_TOLERANCE * target) return undefined;
  return {
    name: 'target L0 missed',
    finding:
      `L0 is ${short(l0)}, ${target} was asked for; seekL0 multiplies the strength by ${short(factor)}` +
      (atLimit ? ', which is its limit' : ''),
    cure: atLimit
      ? `Another strength to start from: ${short((penalty?.strength ?? 1) * factor)}; if that has no effect either, the target cannot be had with this model.`
      : 'Train longer, or start nearer: let the strength rise with schedule: { strength: { warmUp: … } } where it killed units.',
  };
}

function alwaysOnUnits(input: DiagnosisInput): Diagnosis | undefined {
  const { units } = input;
  const on = units.filter(({ activationFrequency }) => activationFrequency > 0.99).map(({ unit }) => unit);
  if (on.length < SHARE_OF_UNITS * units.length) return undefined;
  return {
    name: 'always-on units',
    finding: `${on.length} of ${units.length} units are active for more than 99 % of the examples`,
    cure: `${sparserBy(input)}; a unit that is always on tells nothing about its input and does the work of a bias.`,
    units: on,
  };
}

function meanOffTarget({ penalty, units }: DiagnosisInput): Diagnosis | undefined {
  const rho = penalty?.parameters?.rho;
  if (penalty === undefined || penalty.strength === 0 || rho === undefined) return undefined;
  const off = units.filter(({ mean }) => mean < rho / 2 || mean > 2 * rho).map(({ unit }) => unit);
  if (off.length < SHARE_OF_UNITS * units.length) return undefined;
  return {
    name: 'mean activation off target',
    finding: `${off.length} of ${units.length} units have a mean activation outside [ρ/2, 2ρ] = [${short(rho / 2)}, ${short(2 * rho)}]`,
    cure: 'Train longer; then a larger β, and a batch that holds many times 1/ρ examples.',
    units: off,
  };
}

function lossStillFalls({ rows, status }: DiagnosisInput): Diagnosis | undefined {
  const last = rows.at(-1);
  const before = rows[Math.floor(0.75 * (rows.length - 1))];
  if (status !== 'finished' || !last || !before || rows.length < 5) return undefined;
  const fallen = 1 - last.total / before.total;
  if (fallen < 0.1) return undefined;
  return {
    name: 'loss still falls',
    finding: `in the last quarter of the training the loss fell by ${percent(fallen)}`,
    cure: 'More epochs, or a larger learningRate.',
  };
}

/** Units whose activation hardly differs between examples. */
function constantUnits({ values, shape: [, units] }: Matrix): number[] {
  const low = new Float64Array(units).fill(Infinity);
  const high = new Float64Array(units).fill(-Infinity);
  values.forEach((value, i) => {
    const unit = i % units;
    low[unit] = Math.min(low[unit] as number, value);
    high[unit] = Math.max(high[unit] as number, value);
  });
  return Array.from(low, (_, unit) => unit).filter(
    (unit) => (high[unit] as number) - (low[unit] as number) < 0.01,
  );
}

function spreadOf(values: Float32Array): { low: number; high: number; deviation: number } {
  let [low, high, sum, squares] = [Infinity, -Infinity, 0, 0];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
    sum += value;
    squares += value * value;
  }
  const mean = sum / values.length;
  return { low, high, deviation: Math.sqrt(Math.max(0, squares / values.length - mean ** 2)) };
}
