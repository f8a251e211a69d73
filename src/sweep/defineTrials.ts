import { PRECISIONS } from '../engine';
import type { Activation } from '../model/activation';
import {
  type ActivationData,
  batchActivations,
  defineActivation,
  describeActivation,
} from '../model/activations';
import { initializerNames } from '../model/architecture';
import { type AutoencoderOptions, autoencoderOptions } from '../model/autoencoder';
import { isKnownActivation } from '../model/sparseActivations';
import type { StepRule } from '../model/stepRule';
import { refuseUnknownOptions, requireOneOf, show } from '../numbers/arguments';
import { type OptionsOf, optional, value } from '../numbers/options';
import { canonicalJson, type Json } from '../provenance/canonicalJson';
import { defineRules, describeRule, type RuleData, rulesByName } from '../training/rules';
import type { TrainOptions } from '../training/train';
import { type DataChoice, dataPart, loadExamples } from './dataSources';
import { METRIC_NAMES, type MetricChoice, metricParts } from './metricParts';
import { type PenaltyChoice, penaltyPart } from './penaltyParts';
import { type ModuleExport, modulePart } from './projectModules';
import { codeVersion } from './runTrials';
import type { Settings } from './space';
import { TRIAL_FORMAT, type TrialSpec } from './trial';

const MODEL_KEYS = Object.keys(autoencoderOptions).filter((key) => key !== 'inputDim' && key !== 'seed');
const TRAIN_KEYS = [
  'epochs',
  'batchSize',
  'learningRate',
  'recordsPerEpoch',
  'reconstructionLoss',
  'weightDecay',
  'prefixes',
  'betas',
  'schedule',
  'rules',
  'precision',
] as const;

/** Option readers that all trials of a sweep share, for {@link readOptions}. */
export const trialOptions = {
  /** The examples to train on, by name; of a truth also rows made on the way, with its `stream`. */
  data: optional(value<DataChoice>()),
  /**
   * The examples to measure on, as one batch. Default: the newest row of the training's history is used; where `data` is a stream, the
   * truth's stored rows.
   */
  evaluate: optional(value<DataChoice>()),
  /** The model's options; inputDim is the data's, and the setting `seed` draws the weights. */
  model: optional(value<Omit<Partial<AutoencoderOptions>, 'inputDim' | 'seed'>>()),
  /** The penalty by name; the space gives its parameters. Default: none. */
  penalty: optional(value<PenaltyChoice>()),
  /** Options of train(); the setting `seed` shuffles the examples. */
  train: optional(value<Partial<Pick<TrainOptions, (typeof TRAIN_KEYS)[number]>>>()),
  /** The metrics. Default: `mse`, `l0`, `deadFraction` and `fractionOfVarianceUnexplained`. */
  metrics: optional(value<readonly MetricChoice[]>()),
  /** A custom function instead of a training: `(settings) => ({ name: number, … })`, or a promise of it. */
  trainer: optional(value<ModuleExport>()),
};

/** Options that all trials of a sweep share. @interface */
export type TrialOptions = OptionsOf<typeof trialOptions>;

/**
 * Turns settings into specifications. A setting goes where its name belongs: `seed`; an option of the model; an option
 * of train(); a setting of the hidden activation, such as `k`, or of a rule, such as `target`; anything else is a parameter of
 * the penalty. Data and modules are hashed once, for all trials.
 *
 * @returns A function from a trial's settings to its specification.
 * @throws RangeError or TypeError if what the trials share is wrong.
 */
export function trialDefinition(options: TrialOptions): (settings: Settings) => TrialSpec {
  if (options.trainer !== undefined) return ownTrials(options, options.trainer);
  const { data, model = {}, train = {}, penalty, metrics = METRIC_NAMES } = options;
  if (data === undefined) throw new TypeError('data must name the examples to train on; got none');
  refuseUnknownOptions('model', model, MODEL_KEYS);
  refuseUnknownOptions('train', train, TRAIN_KEYS);
  const learnedFrom = dataPart('data', data);
  const evaluate = options.evaluate === undefined ? undefined : dataPart('evaluate', options.evaluate);
  if (!evaluate && !loadExamples(learnedFrom).stored) {
    throw new TypeError(
      `evaluate must name the examples to measure on where data is a stream alone; got none with ${show(learnedFrom.name)}`,
    );
  }
  const shared = {
    format: TRIAL_FORMAT,
    code: codeVersion,
    kind: 'training',
    data: learnedFrom,
    ...(evaluate && { evaluate }),
    metrics: metricParts(metrics, evaluate ?? learnedFrom),
  } as const;

  return (settings) => {
    const { seed = 0, ...others } = settings;
    const pick = (keys: readonly string[]) =>
      Object.fromEntries(Object.entries(others).filter(([name]) => keys.includes(name)));
    const ofModel = { ...model, ...pick(MODEL_KEYS) };
    const activation = activationData(ofModel.hiddenActivation);
    const ofActivation = pick(batchActivations.settingsOf(activation?.name ?? ''));
    const ofTrain: Partial<NonNullable<TrialOptions['train']>> = { ...train, ...pick(TRAIN_KEYS) };
    const rules = (ofTrain.rules ?? []).map((rule) => ruleData(rule as RuleData, pick));
    const placed = [
      ...MODEL_KEYS,
      ...TRAIN_KEYS,
      ...Object.keys(ofActivation),
      ...rules.flatMap((rule) => Object.keys(rule)),
    ];
    const ofPenalty = Object.fromEntries(Object.entries(others).filter(([name]) => !placed.includes(name)));
    const [unused] = Object.keys(ofPenalty);
    if (!penalty && unused !== undefined) {
      throw new TypeError(
        `space.${unused} belongs to no option: settings are seed, ${[...MODEL_KEYS, ...TRAIN_KEYS].join(', ')} ` +
          'or the parameters of a penalty, of a hidden activation or of a rule',
      );
    }
    if (!Number.isSafeInteger(seed) || (seed as number) < 0) {
      throw new RangeError(`space.seed must hold integers at least 0; got ${show(seed)}`);
    }
    if (ofTrain.precision !== undefined) requireOneOf('precision', ofTrain.precision, PRECISIONS);
    const { initializer = 'glorotUniform' } = ofModel;
    if (!initializerNames.includes(initializer as never)) {
      throw new RangeError(
        `initializer must be one of ${initializerNames.map(show).join(', ')}; got ${show(initializer)}`,
      );
    }
    return {
      ...shared,
      model: plain('model', {
        ...ofModel,
        ...(activation && { hiddenActivation: definedActivation({ ...activation, ...ofActivation }) }),
      }),
      ...(penalty && { penalty: penaltyPart(penalty, ofPenalty) }),
      train: plain('train', { ...ofTrain, ...(rules.length > 0 && { rules: defined(rules) }) }),
      seed: seed as number,
    };
  };
}

/** A sweep's activation, as data. */
function activationData(given: AutoencoderOptions['hiddenActivation']): { name: string } | undefined {
  if (given === undefined) return undefined;
  if (typeof given === 'string') return { name: given };
  if ('apply' in given && !isKnownActivation(given as Activation)) {
    throw new TypeError(
      `hiddenActivation must be one of the library's, or data such as { name: 'topK', k: 32 }; got ${show(given)}. ` +
        'A trial names its activation, so that other machines can make the same.',
    );
  }
  return 'apply' in given ? (describeActivation(given as Activation) as { name: string }) : given;
}

/** The same, checked; its name alone where that is all. */
function definedActivation(data: { name: string }): ActivationData {
  const given = Object.keys(data).length > 1 ? data : data.name;
  return describeActivation(defineActivation('hiddenActivation', given as ActivationData));
}

/** A rule as data, with the settings of the trial that are its own. */
function ruleData(rule: StepRule | RuleData, pick: (keys: readonly string[]) => Settings): { name: string } {
  const data = typeof rule === 'string' ? { name: rule } : describeRule(rule as StepRule);
  return { ...data, ...pick(rulesByName.settingsOf(data.name)) };
}

/** Rules, checked. */
function defined(rules: readonly { name: string }[]): readonly { name: string }[] {
  return defineRules(rules).map(describeRule);
}

function ownTrials(options: TrialOptions, trainer: ModuleExport): (settings: Settings) => TrialSpec {
  const keys = Object.keys(trialOptions) as (keyof TrialOptions)[];
  const other = keys.find((key) => key !== 'trainer' && options[key] !== undefined);
  if (other)
    throw new TypeError(`${other} must be left out with a custom trainer: it does everything itself`);
  const part = modulePart(trainer);
  return (settings) => ({
    format: TRIAL_FORMAT,
    code: codeVersion,
    kind: 'custom',
    trainer: { ...part, parameters: { ...part.parameters, ...settings } },
  });
}

/** A copy as plain JSON: what the caller changes later changes no trial. */
function plain(name: string, value: object): { readonly [key: string]: Json } {
  return JSON.parse(canonicalJson(value, name)) as { readonly [key: string]: Json };
}
