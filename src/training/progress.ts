/**
 * How far a training is: a bar below its cell while it runs, and nothing once it has ended as it should.
 *
 * @module
 */

import { platform } from '#platform';
import type { History, TrainingStatus } from '../model/history';
import { counted, grouped, short } from '../numbers/shown';
import { type Cell, type MimeBundle, runningCell } from '../page/cell';
import { notebookPage } from '../page/display';
import { duration } from '../page/duration';
import { NO_BAR, type ProgressState, percent, progressBar } from '../page/progressBar';
import type { Progress } from './options';
import type { Plan } from './plan';

/** A shorter training, in seconds, shows no bar. */
const SHORT = 2;
/** Seconds from the first slice of steps on in which slices still grow: they say little about the pace. */
const WARM_UP = 0.25;
/** Seconds from the first slice on after which the pace is known well enough to tell how long it will take. */
const PACE_KNOWN = 0.5;
/** Seconds between two states of the bar: a little less than two slices of steps take, so that each second one moves it. */
const BAR_INTERVAL = 0.09;
/** So many lines at most, but not more often than this, in seconds. */
const LINES = 10;
const LINE_INTERVAL = 2;

/** Shows one call of `train` or `trainTogether` while it runs. */
export interface ProgressDisplay {
  /** Takes note of where each training is. */
  update(progress: readonly Progress[]): void;
  /** To be called when the trainings have ended, in whatever way but an error. */
  end(histories: readonly History[]): void;
  /** Takes away what is shown. */
  clear(): void;
}

/**
 * The display that fits the place: a bar in a notebook, a few lines on stderr elsewhere.
 *
 * @param seconds A clock.
 */
export function progressDisplay(
  plan: TrainingLength,
  seconds: () => number = () => performance.now() / 1000,
): ProgressDisplay {
  const page = notebookPage();
  const started = seconds();
  const place = page ? new Bar(page) : new Lines(started);
  const epochs = plan.steps / plan.stepsPerEpoch;
  let firstSlice: number | undefined;
  /** Where the pace is counted from. */
  let origin: { readonly step: number; readonly at: number } | undefined;

  return {
    update(progress) {
      const [{ step, steps, epoch }] = progress as readonly [Progress];
      const now = seconds();
      firstSlice ??= now;
      if (!origin || now - firstSlice < WARM_UP) origin = { step, at: now };
      if (step === steps || now - firstSlice < PACE_KNOWN) return;
      const pace = (step - origin.step) / (now - origin.at);
      const left = (steps - step) / pace;
      if (now - started + left < SHORT) return;
      const where = `epoch ${Math.ceil(epoch)} of ${epochs}`;
      const parts = [
        where,
        `${grouped(Number(pace.toPrecision(3)))} steps/s`,
        `${duration(left)} left`,
        metricsOf(progress.map(({ history }) => history)),
      ];
      place.show({ fraction: step / steps, text: parts.join(' · ') }, now);
    },
    end: (histories) => place.close(finalMessage(histories, plan)),
    clear: () => place.close(undefined),
  };
}

/** How long a training is. */
type TrainingLength = Pick<Plan, 'stepsPerEpoch' | 'steps'>;

/** The final message about a training. */
interface FinalMessage {
  readonly status: TrainingStatus;
  readonly text: string;
}

interface ProgressView {
  show(state: ProgressState, now: number): void;
  close(message: FinalMessage | undefined): void;
}

/** A bar below the running cell. */
class Bar implements ProgressView {
  readonly #page: Pick<Cell, 'display'>;
  // Taken now: when the training ends, another cell may be running.
  readonly #cell = runningCell();
  #displayId: string | undefined;
  #shownAt = -Infinity;

  constructor(page: Pick<Cell, 'display'>) {
    this.#page = page;
  }

  show(state: ProgressState, now: number): void {
    if (now - this.#shownAt < BAR_INTERVAL) return;
    this.#shownAt = now;
    this.#put(progressBar(state));
  }

  close(message: FinalMessage | undefined): void {
    if (message && this.#isWorthSaying(message)) {
      this.#put({ 'text/plain': message.text });
    } else if (this.#displayId !== undefined) {
      this.#put(NO_BAR);
      idlePlaces(this.#cell).push(this.#displayId);
    }
  }

  /** Tells where a training was if the cell was stopped. A caller that stops it by a signal is about to train again. */
  #isWorthSaying({ status }: FinalMessage): boolean {
    if (status === 'stopped') return this.#cell?.signal.aborted ?? false;
    return status === 'diverged' && this.#displayId !== undefined;
  }

  #put(bundle: MimeBundle): void {
    const known = this.#displayId ?? idlePlaces(this.#cell).pop();
    this.#displayId = known ?? platform.randomId();
    this.#page.display(bundle, { displayId: this.#displayId, update: known !== undefined });
  }
}

/** Lines on stderr, which leave alone what a program prints. */
class Lines implements ProgressView {
  #fraction: number | undefined;
  #at: number;

  constructor(started: number) {
    this.#at = started;
  }

  show({ fraction, text }: ProgressState, now: number): void {
    const isNext =
      this.#fraction === undefined || Math.floor(LINES * fraction) > Math.floor(LINES * this.#fraction);
    if (!isNext || now - this.#at < LINE_INTERVAL) return;
    this.#fraction = fraction;
    this.#at = now;
    console.error(`${percent(fraction)} · ${text}`);
  }

  close(message: FinalMessage | undefined): void {
    if (this.#fraction !== undefined && message) console.error(message.text);
  }
}

/** The empty places below a cell where bars were: the next training of the cell, or of its slider, takes one of them. */
function idlePlaces(cell: Cell | undefined): string[] {
  if (!cell) return [];
  const known = idle.get(cell.label);
  if (known) return known;
  const none: string[] = [];
  idle.set(cell.label, none);
  return none;
}

const idle = new Map<string, string[]>();

/** The newest record in short; of several models, from the best to the worst. */
function metricsOf(histories: readonly History[]): string {
  const [{ last, penaltyName }] = histories as readonly [History];
  if (histories.length > 1) {
    const errors = histories.map(({ last: { mse } }) => mse);
    return `${histories.length} models, mse ${short(Math.min(...errors))} to ${short(Math.max(...errors))}`;
  }
  const penalty = penaltyName === 'none' ? '' : `, ${penaltyName} ${short(last.penalty)}`;
  return `mse ${short(last.mse)}${penalty}, l0 ${last.l0.toFixed(1)}`;
}

/** The final message; all models were stopped together, but each diverges alone. */
function finalMessage(histories: readonly History[], { steps, stepsPerEpoch }: TrainingLength): FinalMessage {
  const epochs = steps / stepsPerEpoch;
  const [first] = histories as readonly [History];
  const stopped = histories.find(({ status }) => status === 'stopped');
  if (stopped) {
    const { epoch } = stopped.last;
    const where = Number.isInteger(epoch)
      ? `after ${epoch} of ${counted(epochs, 'epoch')}`
      : `in epoch ${grouped(Math.ceil(epoch))} of ${grouped(epochs)}`;
    const keep = histories.length > 1 ? 'The models keep their' : 'The model keeps its';
    return {
      status: 'stopped',
      text: `Stopped ${where}. ${keep} weights so far, and model.history what was recorded.`,
    };
  }
  const diverged = histories.filter(({ status }) => status === 'diverged');
  if (diverged.length > 0) {
    const of = histories.length > 1 ? ` of ${diverged.length} of the ${histories.length} models` : '';
    return {
      status: 'diverged',
      text: `The loss${of} is no longer a finite number: the last finite weights that were recorded are kept.`,
    };
  }
  const seconds = first.seconds.toFixed(1);
  return { status: 'finished', text: `${counted(epochs, 'epoch')} in ${seconds} s: ${metricsOf(histories)}` };
}
