/**
 * A training of the playground: it is carried out by the library, stops and goes on, and changes strength and learning rate on
 * the way.
 *
 * @module
 */
import * as library from '../index';
import { Dataset, History, type Penalty, SparseAutoencoder, type TrainingState, train } from '../index';
import { type Expression, evaluate, type Names } from './expression';
import { type Recipe, recipeOf } from './recipe';
import type { Settings } from './settings';

/** Epochs that were trained with the same numbers. */
export interface Stretch {
  /** Epochs since the start when it ended. */
  readonly epochs: number;
  readonly strength: number;
  readonly rate: number;
}

/** How a training came to rest. */
export type Rest = 'finished' | 'stopped' | 'diverged';

/** Rows per epoch are recorded, and the model moves, about this many steps apart, for the reader to watch. */
const STEPS_PER_ROW = 20;

/** A model in training. */
export class Trainer {
  readonly data: Dataset;
  /** The data as it was loaded, before its scale was changed. */
  readonly loaded: Dataset;
  readonly model: SparseAutoencoder;
  /** All that was recorded since the start, as of one training. */
  readonly history: History;
  readonly #recipe: Recipe;
  readonly #stretches: Stretch[] = [];
  #settings: Settings;
  #state: TrainingState | undefined;
  #stop: AbortController | undefined;
  #stopped = false;

  /** @param own the data, where they are own pictures */
  constructor(settings: Settings, own?: Dataset) {
    this.#settings = settings;
    this.#recipe = recipeOf(settings);
    const { data, scale, model } = this.#recipe;
    const loaded = own ?? made<Dataset>(data);
    this.loaded = loaded;
    this.data = scale === 1 ? loaded : new Dataset({ ...loaded, scale: loaded.scale * scale });
    this.model = new SparseAutoencoder({
      inputDim: this.data.dim,
      ...made<{ hiddenDim: number }>(model),
    });
    const { penalty } = this;
    this.history = new History({
      penaltyName: penalty?.name ?? 'none',
      strength: penalty?.strength ?? 0,
      engine: '',
      data: this.data.name,
    });
  }

  /** The penalty, with the strength as it now is. */
  get penalty(): Penalty | undefined {
    const { penalty } = this.#recipe;
    return penalty && made<Penalty>(penalty(this.#settings.strength));
  }

  /** Epochs so far; whole ones whenever the training rests. */
  get epochs(): number {
    return this.history.rows.at(-1)?.epoch ?? 0;
  }

  /** The stretches trained so far, in order. */
  get stretches(): readonly Stretch[] {
    return this.#stretches;
  }

  /** Another strength or learning rate, from the next epoch on. */
  change(settings: Settings): void {
    const { strength, rate } = settings;
    const isOther = strength !== this.#settings.strength || rate !== this.#settings.rate;
    this.#settings = { ...this.#settings, strength, rate };
    if (isOther) this.#stop?.abort();
  }

  /** Ends the training at the end of the epoch. */
  stop(): void {
    this.#stopped = true;
    this.#stop?.abort();
  }

  /**
   * Trains on.
   *
   * @param epochs How many in all, counted from the start.
   * @param onProgress Called about twenty times per second, and after each row of the history.
   */
  async train(epochs: number, onProgress: () => void = () => {}): Promise<Rest> {
    this.#stopped = false;
    let rest: Rest = 'finished';
    while (this.epochs < epochs && !this.#stopped && rest !== 'diverged') {
      const numbers = this.#settings;
      this.#stop = new AbortController();
      rest = await this.#trainWith(numbers, epochs, onProgress, this.#stop.signal);
      this.#stop = undefined;
      // A change waits for the end of an epoch, so that whole epochs have the same numbers, as code can say it.
      const whole = Math.ceil(this.epochs);
      if (rest === 'stopped' && whole > this.epochs) rest = await this.#trainWith(numbers, whole, onProgress);
      this.#note(numbers);
    }
    if (rest !== 'diverged') rest = this.epochs < epochs ? 'stopped' : 'finished';
    this.history.status = rest;
    return rest;
  }

  async #trainWith(
    { strength, rate }: Settings,
    epochs: number,
    onProgress: () => void,
    signal?: AbortSignal,
  ): Promise<Rest> {
    const { penalty, training } = this.#recipe;
    const resumed = this.#state && {
      resume: this.#state,
      mayChange: penalty ? ['strength', 'learningRate'] : ['learningRate'],
    };
    const { status } = await train(this.model, this.data, {
      ...made<object>(training),
      ...(penalty && { penalty: made<Penalty>(penalty(strength)) }),
      ...resumed,
      learningRate: rate,
      epochs,
      recordsPerEpoch: this.#rowsPerEpoch(),
      progress: false,
      ...(signal && { signal }),
      onProgress: ({ history }) => {
        this.#take(history);
        onProgress();
      },
    });
    this.#take(this.model.history as History);
    return status as Rest;
  }

  #rowsPerEpoch(): number {
    const { batchSize } = this.#recipe.training as { batchSize: number };
    return Math.max(1, Math.round(this.data.count / batchSize / STEPS_PER_ROW));
  }

  /** Adds what a part of the training has recorded. */
  #take({ rows, state }: History): void {
    const last = this.history.rows.at(-1)?.step ?? -1;
    for (const row of rows.slice(-MOST_NEW)) if (row.step > last) this.history.rows.push(row);
    this.history.state = state;
    this.#state = state;
  }

  #note({ strength, rate }: Settings): void {
    const before = this.#stretches.at(-1);
    if (before?.strength === strength && before.rate === rate) this.#stretches.pop();
    this.#stretches.push({ epochs: this.epochs, strength, rate });
  }
}

/** Rows that can be new since the last look: one slice ends with at most one. */
const MOST_NEW = 8;

/** The value of an expression, in the library. */
const made = <T>(expression: Expression): T => evaluate(expression, library as unknown as Names) as T;
