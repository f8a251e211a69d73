import { type Named, type OptimizerState, parameterGroups } from '../engine';
import { requireInteger } from '../numbers/arguments';
import { naming, readSafetensors, type SafetensorsContent, writeSafetensors } from '../numbers/safetensors';
import type { Values } from '../numbers/values';
import { type Architecture, defineArchitecture, requireParameters } from './architecture';

/** What the order of the batches depends on: a resumed training must have the same. */
export interface BatchOrder {
  /** The seed that shuffles the examples. */
  readonly seed: number;
  /** Examples a batch. */
  readonly batchSize: number;
  /** Examples in the data set. */
  readonly examples: number;
}

const FORMAT = 'sparselab training state 1';

/**
 * A training between two steps: parameters, Adam's moments, and where in the order of the batches it is. Going on
 * from it gives, bit for bit, what an uninterrupted training would have given.
 */
export class TrainingState {
  constructor(
    readonly architecture: Architecture,
    readonly optimizer: OptimizerState,
    readonly order: BatchOrder,
  ) {}

  /** Steps taken so far. */
  get step(): number {
    return this.optimizer.step;
  }

  /**
   * Writes the state to a safetensors file: `parameters/…`, `firstMoments/…`, `secondMoments/…`.
   *
   * @throws Error from the file system; an older file of that name then still stands.
   */
  save(path: string): void {
    writeSafetensors(path, this.toSafetensors());
  }

  /**
   * Reads a state that {@link save} wrote.
   *
   * @throws Error naming the file and what is wrong with it, if it is damaged or holds something else.
   */
  static load(path: string): TrainingState {
    return TrainingState.fromSafetensors(readSafetensors(path), path);
  }

  /** The state as a file's content, to which others may add theirs. */
  toSafetensors(): SafetensorsContent {
    const arrays: Record<string, Values> = {};
    for (const group of parameterGroups) {
      for (const [name, array] of Object.entries(this.optimizer[group])) arrays[`${group}/${name}`] = array;
    }
    const { architecture, order, step } = this;
    return { arrays, metadata: { format: FORMAT, training: JSON.stringify({ architecture, order, step }) } };
  }

  /**
   * The state in a file's content.
   *
   * @param path What an error names as its origin.
   * @throws Error if it holds something else.
   */
  static fromSafetensors({ arrays, metadata }: SafetensorsContent, path: string): TrainingState {
    if (metadata.format !== FORMAT) {
      throw new Error(
        `${path} must hold a '${FORMAT}'; got '${metadata.format ?? 'a file without a format'}'`,
      );
    }
    return naming(path, () => {
      const { architecture, order, step } = JSON.parse(metadata.training ?? '{}') as {
        architecture: Architecture;
        order: BatchOrder;
        step: number;
      };
      const group = (prefix: (typeof parameterGroups)[number]): Named<Values> => {
        const named = Object.fromEntries(
          Object.entries(arrays)
            .filter(([name]) => name.startsWith(`${prefix}/`))
            .map(([name, array]) => [name.slice(prefix.length + 1), array]),
        );
        requireParameters(defineArchitecture(architecture), named, prefix);
        return named;
      };
      const optimizer = {
        step: requireInteger('step', step, { min: 0 }),
        parameters: group('parameters'),
        firstMoments: group('firstMoments'),
        secondMoments: group('secondMoments'),
      };
      return new TrainingState(architecture, optimizer, order);
    });
  }
}
