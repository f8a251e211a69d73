/**
 * A trial as data: all that determines its numbers, as JSON. It goes to workers and into the store; its hash is its
 * name, so the same trial is never trained twice.
 *
 * @module
 */
import { canonicalJson, isPlainObject, type Json } from '../provenance/canonicalJson';
import { sha256 } from '../provenance/sha256';

/** The format of a specification; another number means another meaning of its fields. */
export const TRIAL_FORMAT = 'sparselab trial 1';

/** Something chosen by name (a data set, a penalty, a metric), with its parameters. */
export interface Component {
  /** A name that the library knows; or, with `module`, the name of an export of that module. */
  readonly name: string;
  readonly parameters: { readonly [name: string]: Json };
  /** A module of the user's own, which must be the same wherever the trial runs. */
  readonly module?: ModuleVersion;
}

/** A module of the project, and which version of it. */
export interface ModuleVersion {
  /** Its path from the project's folder, with `/`. */
  readonly path: string;
  /** The hash of the module and of all that it requires. */
  readonly sha256: string;
}

/** A data set by name, and the hash of its numbers. */
export interface DataComponent extends Component {
  readonly sha256: string;
}

/** A training of one autoencoder and the metrics to measure on it. */
export interface TrainingTrial {
  readonly format: typeof TRIAL_FORMAT;
  /** The hash of the library's code that the numbers depend on. */
  readonly code: string;
  readonly kind: 'training';
  /** The examples to train on. */
  readonly data: DataComponent;
  /** The examples to measure on; without them the training's own last record counts. */
  readonly evaluate?: DataComponent;
  /** The options of SparseAutoencoder, apart from inputDim and seed. */
  readonly model: { readonly [option: string]: Json };
  readonly penalty?: Component;
  /** The options of train() that are plain values, apart from seed. */
  readonly train: { readonly [option: string]: Json };
  /** Draws the weights and shuffles the examples. */
  readonly seed: number;
  readonly metrics: readonly Component[];
}

/** A function of the user's own that turns settings into numbers. */
export interface CustomTrial {
  readonly format: typeof TRIAL_FORMAT;
  readonly code: string;
  readonly kind: 'custom';
  readonly trainer: Component & { readonly module: ModuleVersion };
}

/** A trial's specification. */
export type TrialSpec = TrainingTrial | CustomTrial;

/** The result of a trial. */
export interface TrialResult {
  /** The measured numbers by name; NaN where there is none. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Whether all epochs were done, or the loss stopped being a finite number and the last finite model was measured. */
  readonly status: 'finished' | 'diverged';
  /** The engine that ran it, such as `native TensorFlow 2.21.0, compiled`. */
  readonly engine: string;
  /** Seconds of training; a fraction of the whole for trials that were trained together. */
  readonly seconds: number;
  /** Where it ran: host name and process id. */
  readonly worker: string;
}

/** A job that is not a trial: it is never run. */
export class MalformedTrialError extends Error {
  override readonly name = 'MalformedTrialError';
}

/** The trial's name: the SHA-256 of its canonical JSON. */
export function trialId(spec: TrialSpec): string {
  return sha256(canonicalJson(spec, 'trial'));
}

/**
 * Checks that what came from outside is a trial's specification, field by field.
 *
 * @throws MalformedTrialError naming the field, the requirement and the value.
 */
export function parseTrial(value: unknown): TrialSpec {
  const trial = fields('trial', value);
  check('trial.format', trial.format, trial.format === TRIAL_FORMAT, `'${TRIAL_FORMAT}'`);
  requireHash('trial.code', trial.code);
  if (trial.kind === 'custom') {
    onlyFields('trial', trial, ['format', 'code', 'kind', 'trainer']);
    requirePart('trial.trainer', trial.trainer, 'module');
  } else {
    check('trial.kind', trial.kind, trial.kind === 'training', "'training' or 'custom'");
    onlyFields('trial', trial, TRAINING_FIELDS);
    requirePart('trial.data', trial.data, 'sha256');
    if (trial.evaluate !== undefined) requirePart('trial.evaluate', trial.evaluate, 'sha256');
    if (trial.penalty !== undefined) requirePart('trial.penalty', trial.penalty);
    fields('trial.model', trial.model);
    fields('trial.train', trial.train);
    const { seed, metrics } = trial;
    check('trial.seed', seed, Number.isSafeInteger(seed) && (seed as number) >= 0, 'an integer at least 0');
    if (!Array.isArray(metrics)) throw malformed('trial.metrics', 'a list', metrics);
    for (const [index, metric] of metrics.entries()) requirePart(`trial.metrics[${index}]`, metric);
  }
  return value as TrialSpec;
}

/**
 * Checks that what a worker or a store hands back is a result. Numbers that JSON cannot hold travel as null.
 *
 * @throws MalformedTrialError naming the field.
 */
export function parseResult(value: unknown): TrialResult {
  const result = fields('result', value);
  const metrics = Object.entries(fields('result.metrics', result.metrics)).map(([name, metric]) => {
    check(
      `result.metrics.${name}`,
      metric,
      metric === null || typeof metric === 'number',
      'a number or null',
    );
    return [name, (metric ?? Number.NaN) as number] as const;
  });
  const { status, engine, seconds, worker } = result;
  check('result.status', status, status === 'finished' || status === 'diverged', "'finished' or 'diverged'");
  check('result.engine', engine, typeof engine === 'string', 'a string');
  check('result.seconds', seconds, typeof seconds === 'number', 'a number');
  check('result.worker', worker, typeof worker === 'string', 'a string');
  // Each field has just been checked.
  return { ...(result as unknown as TrialResult), metrics: Object.fromEntries(metrics) };
}

/** A result with NaN and ±Infinity as null, ready for JSON. */
export function resultToJson(result: TrialResult): Json {
  const metrics = Object.entries(result.metrics).map(([name, metric]) => [
    name,
    // JSON has no negative zero.
    Number.isFinite(metric) ? metric + 0 : null,
  ]);
  return { ...result, metrics: Object.fromEntries(metrics) };
}

const TRAINING_FIELDS = [
  'format',
  'code',
  'kind',
  'data',
  'evaluate',
  'model',
  'penalty',
  'train',
  'seed',
  'metrics',
];

function requirePart(path: string, value: unknown, needed?: 'module' | 'sha256'): void {
  const part = fields(path, value);
  onlyFields(path, part, ['name', 'parameters', 'module', 'sha256']);
  check(`${path}.name`, part.name, typeof part.name === 'string', 'a string');
  fields(`${path}.parameters`, part.parameters);
  if (part.module !== undefined || needed === 'module') {
    const module = fields(`${path}.module`, part.module);
    check(`${path}.module.path`, module.path, typeof module.path === 'string', 'a string');
    requireHash(`${path}.module.sha256`, module.sha256);
  }
  if (needed === 'sha256') requireHash(`${path}.sha256`, part.sha256);
}

function requireHash(path: string, value: unknown): void {
  check(path, value, typeof value === 'string' && /^[0-9a-f]{64}$/.test(value), 'a SHA-256 in hexadecimal');
}

function fields(path: string, value: unknown): Record<string, unknown> {
  if (!isPlainObject(value)) throw malformed(path, 'an object', value);
  return value;
}

function onlyFields(path: string, value: Record<string, unknown>, known: readonly string[]): void {
  const unknown = Object.keys(value).find((key) => !known.includes(key));
  if (unknown !== undefined) throw malformed(`${path}.${unknown}`, 'absent', value[unknown]);
}

function check(path: string, value: unknown, holds: boolean, expected: string): void {
  if (!holds) throw malformed(path, expected, value);
}

function malformed(path: string, expected: string, value: unknown): MalformedTrialError {
  const got = (JSON.stringify(value) ?? 'nothing').slice(0, 80);
  return new MalformedTrialError(`${path} must be ${expected}; got ${got}`);
}
