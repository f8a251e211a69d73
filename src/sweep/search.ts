/**
 * Ways through a search space. A search names trials in rounds: it sees the results of one round before it names the
 * next. Given the same space and results it names the same trials.
 *
 * @module
 */
import { requireInteger } from '../numbers/arguments';
import {
  callback,
  integer,
  number,
  type OptionsOf,
  oneOf,
  optional,
  readOptions,
  text,
} from '../numbers/options';
import { Random } from '../numbers/random';
import { drawFrom, gridOf, type Settings, type Space } from './space';

/** The result of a trial as the search sees it. */
export interface Trial {
  readonly settings: Settings;
  /** The measured numbers; none if the trial failed or was stopped. */
  readonly metrics?: Readonly<Record<string, number>> | undefined;
}

/** Names the trials of a sweep, round by round, and is handed the results of each round. */
export type Search = (space: Space) => Generator<readonly Settings[], void, readonly Trial[]>;

/**
 * Every combination of the listed values, once. A sweep's default.
 *
 * @example
 * gridSearch()({ lambda: [0.1, 1], seed: [1, 2] }).next().value
 * // → [{ lambda: 0.1, seed: 1 }, { lambda: 0.1, seed: 2 }, { lambda: 1, seed: 1 }, { lambda: 1, seed: 2 }]
 */
export function gridSearch(): Search {
  return function* (space) {
    yield gridOf(space);
  };
}

const randomSearchOptions = {
  /** How many draws. */
  trials: integer({ min: 1 }),
  /** Draws them; the same seed names the same trials. Default: 0. */
  seed: optional(integer({ min: 0 }), 0),
};

/** Options of {@link randomSearch}. @interface */
export type RandomSearchOptions = OptionsOf<typeof randomSearchOptions>;

/**
 * Settings drawn at random, each on its own: with few of many settings important, it tries more values of each than a
 * grid of the same size. The setting `seed` is not drawn: every draw is tried with each of the listed seeds.
 *
 * Bergstra and Bengio, "Random search for hyper-parameter optimization", 2012.
 *
 * @throws RangeError if a number is out of its range.
 *
 * @example randomSearch({ trials: 2, seed: 1 })({ hiddenDim: integers(16, 256) }).next().value // → [{ hiddenDim: 148 }, { hiddenDim: 99 }]
 */
export function randomSearch(options: RandomSearchOptions): Search {
  const { trials, seed } = readOptions('randomSearch', options, randomSearchOptions);
  return function* ({ seed: seeds, ...space }) {
    const random = new Random(seed);
    const drawn = distinct(Array.from({ length: trials }, () => drawFrom(space, random)));
    yield seeds
      ? drawn.flatMap((settings) => gridOf({ seed: seeds }).map((seed) => ({ ...settings, ...seed })))
      : drawn;
  };
}

const halvingOptions = {
  /** The metric by which trials are compared, such as `mse`. */
  metric: text,
  /** Whether small or large values are better. */
  direction: oneOf(['min', 'max']),
  /** Epochs of the first round. */
  minEpochs: integer({ min: 1 }),
  /** Epochs of the last round, at most. */
  maxEpochs: integer(),
  /** In each round 1/factor of the candidates goes on, for `factor` times as many epochs. Default: 3. */
  factor: optional(number({ above: 1 }), 3),
  /** Names the trials of the first round. Default: the whole grid. */
  start: optional(callback<Search>(), gridSearch()),
};

/** Options of {@link successiveHalving}. @interface */
export type HalvingOptions = OptionsOf<typeof halvingOptions>;

/**
 * Successive halving: all candidates train for few epochs, the best third goes on for three times as many, and so on.
 * Each round trains from the beginning, so that a trial's numbers depend on its own settings alone and can come
 * from a store; rounds cost about the same, and going on from the last state would save a third of each at most.
 *
 * Every round's trials are in the table, with their `epochs`. Trials that fail or diverge into NaN are the worst; of
 * equally good ones the earlier goes on.
 *
 * Jamieson and Talwalkar, "Non-stochastic best arm identification and hyperparameter optimization", 2016.
 *
 * @throws RangeError if a number is out of its range.
 *
 * @example
 * const search = successiveHalving({ metric: 'mse', direction: 'min', minEpochs: 1, maxEpochs: 9 });
 * search({ lambda: [0.1, 1] }).next().value // → [{ lambda: 0.1, epochs: 1 }, { lambda: 1, epochs: 1 }]
 */
export function successiveHalving(options: HalvingOptions): Search {
  const read = readOptions('successiveHalving', options, halvingOptions);
  const { metric, direction, minEpochs, maxEpochs, factor, start } = read;
  requireInteger('maxEpochs', maxEpochs, { min: minEpochs });
  return function* (space) {
    if ('epochs' in space)
      throw new RangeError('space must not name epochs: successive halving chooses them');
    const first = start(space).next();
    let candidates = first.done ? [] : first.value;
    for (let epochs = minEpochs; ; epochs *= factor) {
      const trials = yield candidates.map((settings) => ({ ...settings, epochs: Math.round(epochs) }));
      const survivors = Math.floor(candidates.length / factor);
      if (survivors === 0 || Math.round(epochs * factor) > maxEpochs) return;
      const score = (trial: Trial | undefined) => {
        const value = trial?.metrics?.[metric];
        if (value === undefined || Number.isNaN(value)) return Infinity;
        return direction === 'min' ? value : -value;
      };
      candidates = candidates
        .map((settings, index) => ({ settings, score: score(trials[index]) }))
        .sort((a, b) => (a.score === b.score ? 0 : a.score - b.score))
        .slice(0, survivors)
        .map(({ settings }) => settings);
    }
  };
}

/** Without those that are there already. */
function distinct(settings: readonly Settings[]): Settings[] {
  return [...new Map(settings.map((each) => [JSON.stringify(each), each])).values()];
}
