import {
  mapNamed,
  type Named,
  type OptimizerState,
  PRECISIONS,
  type Precision,
  parameterGroups,
} from '../engine';
import {
  requireInteger,
  requireNumber,
  requireObject,
  requireOneOf,
  requireText,
} from '../numbers/arguments';
import {
  arraysUnder,
  naming,
  readSafetensors,
  type SafetensorsContent,
  writeSafetensors,
} from '../numbers/safetensors';
import type { Values } from '../numbers/values';
import { INSPECT } from '../page/cell';
import {
  type Architecture,
  type ArchitectureData,
  type ArchitectureOptions,
  describeArchitecture,
  initialModelState,
  readArchitecture,
  requireModelState,
  requireParameters,
} from './architecture';
import { describeState } from './summary';

/** Every {@link RestBatch}. */
export const REST_BATCHES = ['spread', 'small', 'drop'] as const;

/**
 * The batches of an epoch if `batchSize` does not divide the number of examples:
 *
 * - `spread`: as many batches as it takes, as equal as can be, none larger than `batchSize`: 1797 examples in batches of at
 *   most 128 are twelve of 120 and three of 119.
 * - `small`: whole batches, and a last one of the remaining examples: fourteen of 128 and one of 5.
 * - `drop`: whole batches alone; each epoch leaves out other examples.
 */
export type RestBatch = (typeof REST_BATCHES)[number];

/** The settings that the order of the batches depends on: a resumed training must have the same. */
export interface BatchOrder {
  /** The seed that shuffles the examples. */
  readonly seed: number;
  /** The most examples per batch. */
  readonly batchSize: number;
  /** Examples in the data set. */
  readonly examples: number;
  /** The use of the examples that whole batches leave over. */
  readonly rest: RestBatch;
}

/** States of the first version do not say: it had no other. */
export const FIRST_REST: RestBatch = 'small';

/** The objective of a training, its speed and its data: a resumed training must have the same. */
export interface TrainingSetup {
  /** The checksum of the rows, as the model sees them; it may be computed when it is first asked for. */
  readonly data: string;
  /** Set in a state from a file before version 0.2: its `data` is the checksum of the rows as they are stored. */
  readonly ofStored?: true;
  /** The reconstruction loss by name. */
  readonly reconstructionLoss: string;
  /** The penalty's name; `none` without one. */
  readonly penalty: string;
  readonly learningRate: number;
  /** The strengths of penalty and weight decay, and the penalty's parameters. */
  readonly inputs: Named<number>;
  /** The numbers that products of matrices multiply, if they are not float32. */
  readonly precision?: Exclude<Precision, 'float32'>;
  /**
   * All other settings that determine the steps, as JSON: schedules, rules, Adam's β, prefixes. `undefined` where all are as
   * they are by default, as in a state of the first version.
   */
  readonly habits?: string;
}

const FORMAT = 'sparselab training state 1';

/**
 * A training between two steps: parameters, Adam's moments, and where in the order of the batches it is. A training that
 * continues from it has, bit for bit, the result of an uninterrupted one.
 */
export class TrainingState {
  constructor(
    readonly architecture: Architecture,
    readonly optimizer: OptimizerState,
    readonly order: BatchOrder,
    /** Unknown in a state of the first version. */
    readonly setup?: TrainingSetup,
  ) {}

  /** The arrays of the model that no gradient moves. */
  get modelState(): Named<Values> {
    const { state } = this.optimizer;
    return mapNamed(initialModelState(this.architecture), (initial, name) => state[name] ?? initial);
  }

  /** Its model and training, in one line. */
  toString(): string {
    return describeState(this);
  }

  [INSPECT](): string {
    return this.toString();
  }

  /** Steps taken so far. */
  get step(): number {
    return this.optimizer.step;
  }

  /**
   * Writes the state to a safetensors file: `parameters/…`, `firstMoments/…`, `secondMoments/…`, `state/…`.
   *
   * @throws Error from the file system; an older file of that name then still stands.
   */
  save(path: string): void {
    writeSafetensors(path, this.toSafetensors());
  }

  /**
   * Reads a state that {@link save} wrote.
   *
   * @param custom The custom activation that the model was made with: a file has only its name.
   * @throws Error naming the file and the problem, if it is damaged or holds something else.
   */
  static load(path: string, custom: Pick<ArchitectureOptions, 'hiddenActivation'> = {}): TrainingState {
    return TrainingState.fromSafetensors(readSafetensors(path), path, custom);
  }

  /** The state as a file's content, to which others may add theirs. */
  toSafetensors(): SafetensorsContent {
    const arrays: Record<string, Values> = {};
    for (const group of [...parameterGroups, 'state'] as const) {
      for (const [name, array] of Object.entries(this.optimizer[group])) arrays[`${group}/${name}`] = array;
    }
    const { order, step, setup } = this;
    const architecture = describeArchitecture(this.architecture);
    return {
      arrays,
      metadata: { format: FORMAT, training: JSON.stringify({ architecture, order, step, setup }) },
    };
  }

  /**
   * The state in a file's content.
   *
   * @param path What an error names as its origin.
   * @throws Error if it holds something else.
   */
  static fromSafetensors(
    { arrays, metadata }: SafetensorsContent,
    path: string,
    custom: Pick<ArchitectureOptions, 'hiddenActivation'> = {},
  ): TrainingState {
    if (metadata.format !== FORMAT) {
      throw new Error(
        `${path} must hold a '${FORMAT}'; got '${metadata.format ?? 'a file without a format'}'`,
      );
    }
    return naming(path, () => {
      const {
        architecture: described,
        order,
        step,
        ...rest
      } = JSON.parse(metadata.training ?? '{}') as {
        architecture: ArchitectureData;
        order: BatchOrder;
        step: number;
        setup?: TrainingSetup;
        course?: FirstSetup;
      };
      const architecture = readArchitecture({ ...described, ...custom });
      const group = (prefix: (typeof parameterGroups)[number]): Named<Values> => {
        const named = arraysUnder(`${prefix}/`, arrays);
        requireParameters(architecture, named, prefix);
        return named;
      };
      const state = arraysUnder('state/', arrays);
      requireModelState(architecture, state, 'state');
      const optimizer = {
        step: requireInteger('step', step, { min: 0 }),
        parameters: group('parameters'),
        firstMoments: group('firstMoments'),
        secondMoments: group('secondMoments'),
        state,
      };
      return new TrainingState(architecture, optimizer, requireOrder(order), requireSetup(rest));
    });
  }
}

function requireOrder(order: BatchOrder): BatchOrder {
  requireObject('order', order, 'an object');
  const examples = requireInteger('examples', order.examples, { min: 1 });
  return {
    seed: requireInteger('seed', order.seed, { min: 0 }),
    batchSize: requireInteger('batchSize', order.batchSize, { min: 1, max: examples }),
    examples,
    rest: requireOneOf('rest', order.rest ?? FIRST_REST, REST_BATCHES),
  };
}

/** A setup as files called it before version 0.2. */
type FirstSetup = Omit<TrainingSetup, 'reconstructionLoss'> & { readonly reconstruction: string };

function requireSetup({
  course,
  setup = course && renamed(course),
}: {
  setup?: TrainingSetup;
  course?: FirstSetup;
}): TrainingSetup | undefined {
  if (setup === undefined) return undefined;
  requireObject('setup', setup, 'an object');
  const { data, reconstructionLoss, penalty, learningRate, inputs, precision, habits } = setup;
  if (precision !== undefined) requireOneOf('precision', precision, PRECISIONS);
  if (habits !== undefined) requireText('habits', habits);
  for (const [name, text] of Object.entries({ data, reconstructionLoss, penalty })) requireText(name, text);
  requireNumber('learningRate', learningRate);
  requireObject('inputs', inputs, 'numbers by name');
  for (const [name, value] of Object.entries(inputs)) requireNumber(`inputs.${name}`, value);
  return setup;
}

function renamed({ reconstruction: reconstructionLoss, ...rest }: FirstSetup): TrainingSetup {
  return { ...rest, reconstructionLoss, ofStored: true };
}
