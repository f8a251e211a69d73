import { platform } from '#platform';
import type { History } from '../model/history';
import { requireFunction } from '../numbers/arguments';
import { display, notebookPage } from '../page/display';
import type { Progress } from '../training/train';
import type { Figure, UnitPanel } from '.';

/** Figures are redrawn this often, in milliseconds: often enough to look alive. */
const INTERVAL = 150;

/** The same where no page replaces a figure by the next one, so that each is another line. */
const LINE_INTERVAL = 500;

/** Drawing a new row takes at most this fraction of the time; large models' figures are drawn less often. */
const ROW_SHARE = 0.1;
/** Drawing what has come since the newest row takes at most this fraction, and handing it over as much again. */
const STEPS_SHARE = 0.01;

/**
 * Draws figures, and {@link unitPanel}s, below the cell while a training runs, and redraws them as it goes on: what
 * {@link train} takes as `onProgress`. A figure that looks at the steps of the history, as {@link lossCurves} does, moves
 * about six times a second; any other with each row that is recorded. Where a page cannot replace a figure, or outside a
 * notebook, they are below each other.
 *
 * @param draw The figures of the records so far; each has its place.
 *
 * @example
 * const onProgress = liveFigures(lossCurves, (history) => meanActivationCurves(history, { target: 0.05 }));
 * await train(model, data, { penalty: kl({ beta: 3, rho: 0.05 }), epochs: 5, onProgress });
 */
export function liveFigures(
  ...draw: readonly ((history: History) => Figure | UnitPanel)[]
): (progress: Pick<Progress, 'step' | 'steps' | 'history'>) => void {
  for (const [index, figure] of draw.entries()) requireFunction(`draw[${index}]`, figure);
  const slots = draw.map((figure) => new Slot(figure));
  return ({ step, steps, history }) => {
    for (const place of slots) place.update(history, step === steps);
  };
}

/** One figure below the cell. */
class Slot {
  readonly #id = platform.randomId();
  /** The data of the figure on the page. */
  #rows = 0;
  #steps = 0;
  #followsSteps = false;
  #begun = -Infinity;
  /** Milliseconds that drawing it took. */
  #took = 0;

  constructor(readonly draw: (history: History) => Figure | UnitPanel) {}

  /** Draws the figure if it would be another one and it is time; `last` says that there is no later time. */
  update(history: History, last: boolean): void {
    const isNewRow = history.rows.length !== this.#rows;
    const isOnPage = notebookPage() !== undefined;
    const moves = isOnPage && this.#followsSteps && history.steps.length !== this.#steps;
    if (!isNewRow && !moves) return;
    const now = performance.now();
    const pause = Math.max(
      isOnPage ? INTERVAL : LINE_INTERVAL,
      this.#took / (isNewRow ? ROW_SHARE : STEPS_SHARE),
    );
    if (!last && now - this.#begun < pause) return;
    const update = this.#rows > 0;
    this.#begun = now;
    this.#rows = history.rows.length;
    const figure = this.draw(this.#watched(history));
    void display(figure, { displayId: this.#id, update });
    // Not until it is handed over: the next slice of steps may come before that.
    this.#took = performance.now() - now;
  }

  /** A history that tells whether its steps are looked at. */
  #watched(history: History): History {
    return Object.create(history, {
      steps: {
        get: () => {
          this.#followsSteps = true;
          this.#steps = history.steps.length;
          return history.steps;
        },
      },
    });
  }
}
