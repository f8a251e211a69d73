/**
 * The worker's side of the page: one training at a time, of which it shows as much as leaves most of the time to the training.
 *
 * @module
 */
import { backendReady, type Dataset, diagnose, type SyntheticFeatures } from '../index';
import { withBar } from './loading';
import type { News, Row, Shown, ToPage, ToWorker } from './messages';
import { ownPieces } from './ownPictures';
import type { Settings } from './settings';
import { Camera } from './snapshot';
import { type Rest, Trainer } from './trainer';

/** At most so many pictures per second. */
const PICTURES_PER_SECOND = 12;

/** The most that a picture takes of the time between two. */
const SHARE = 0.2;

/** The worker around a session. */
export interface Surroundings {
  post(message: ToPage): void;
  /** Resolves after this many milliseconds; messages arrive meanwhile. */
  wait(milliseconds: number): Promise<void>;
}

/** A training and what is shown of it. */
interface Stage {
  readonly settings: Settings;
  readonly trainer: Trainer;
  readonly camera: Camera;
  /** Rows that were shown. */
  shown: number;
}

/** Hears what the page asks. */
export class Session {
  readonly #surroundings: Surroundings;
  #stage: Stage | undefined;
  /** The number of the training that it is now about. */
  #training = 0;
  /** Requests are carried out in order. */
  #work: Promise<void> = Promise.resolve();
  /** Counts what ends a run: a pause, another run, a new start. */
  #calls = 0;
  /** The newest of these. */
  #newest: ToWorker['kind'] = 'pause';

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
  }

  /** @returns when it is done; an error is told to the page */
  hear(message: ToWorker): Promise<void> {
    if (message.kind === 'change') this.#stage?.trainer.change(message.settings);
    else {
      this.#calls++;
      this.#newest = message.kind;
      this.#stage?.trainer.stop();
      const call = this.#calls;
      if (message.kind === 'start') this.#then(() => this.#start(message));
      if (message.kind === 'run') this.#then(() => this.#run(message.epochs, message.perSecond, call));
    }
    return this.#work;
  }

  #then(work: () => Promise<void>): void {
    this.#work = this.#work.then(work).catch((error: unknown) => {
      this.#post({
        kind: 'failed',
        reason: error instanceof Error ? error.message : String(error),
      });
    });
  }

  #post(news: News): void {
    this.#surroundings.post({ ...news, training: this.#training });
  }

  async #start({ training, settings, own }: Extract<ToWorker, { kind: 'start' }>): Promise<void> {
    this.#training = training;
    this.#stage = undefined;
    if (settings.data === 'mnist') {
      this.#post({ kind: 'busy', what: 'MNIST is being fetched: 11 MB' });
      await this.#surroundings.wait(0);
    }
    const { description: engine } = await backendReady();
    const trainer = withBar(
      (bar) => this.#post({ kind: 'loading', bar }),
      () => new Trainer(settings, own && ownPieces(own)),
    );
    const { data, model } = trainer;
    const camera = new Camera(model, data, isTruth(trainer.loaded) ? trainer.loaded : undefined);
    this.#stage = { settings, trainer, camera, shown: 0 };
    const side = Math.sqrt(data.dim);
    const { features } = camera;
    this.#post({
      kind: 'started',
      settings,
      shape: data.imageShape ?? [side, side],
      dim: data.dim,
      count: data.count,
      examples: camera.examples,
      ...(features && { features }),
      engine,
    });
    this.#post({ kind: 'shown', ...this.#look(this.#stage) });
  }

  async #run(epochs: number, perSecond: number, call: number): Promise<void> {
    const stage = this.#stage;
    if (!stage) return;
    const { trainer } = stage;
    let next = 0;
    const show = () => {
      const now = performance.now();
      if (now < next) return;
      this.#post({ kind: 'shown', ...this.#look(stage) });
      const cost = performance.now() - now;
      next = now + Math.max(1000 / PICTURES_PER_SECOND, cost / SHARE);
    };
    let rest: Rest = 'stopped';
    while (call === this.#calls) {
      const begun = performance.now();
      // Trained without a pause, the digits' epochs would be over before anyone sees them.
      const until = perSecond < Infinity ? Math.min(epochs, trainer.epochs + 1) : epochs;
      rest = await trainer.train(until, show);
      if (rest !== 'finished' || trainer.epochs >= epochs) break;
      await this.#surroundings.wait(1000 / perSecond - (performance.now() - begun));
    }
    // It does not rest: another run goes on from here, or all begins again.
    if (call !== this.#calls && this.#newest !== 'pause') return;
    if (rest === 'finished' && trainer.epochs < epochs) trainer.history.status = rest = 'stopped';
    const { penalty, model, data, history, stretches } = trainer;
    const diagnoses = diagnose(model, data, { history, ...(penalty && { penalty }) });
    this.#post({ kind: 'rested', rest, diagnoses, stretches, ...this.#look(stage) });
  }

  #look(stage: Stage): Shown {
    const { trainer, camera } = stage;
    const { rows } = trainer.history;
    const { hiddenDim } = trainer.model.architecture;
    const fresh = rows.slice(stage.shown).map(
      (row): Row => ({
        step: row.step,
        epoch: row.epoch,
        mse: row.mse,
        unexplained: row.fractionOfVarianceUnexplained,
        l0: row.l0,
        dead: Math.round(row.deadFraction * hiddenDim),
      }),
    );
    stage.shown = rows.length;
    return { snapshot: camera.take(), rows: fresh };
  }
}

const isTruth = (data: Dataset): data is SyntheticFeatures => 'dictionary' in data;
