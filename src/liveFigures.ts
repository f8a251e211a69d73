import { randomUUID } from 'node:crypto';
import { requireFunction } from './arguments';
import { display } from './display';
import type { History } from './history';
import type { Figure, UnitPanel } from './plots';
import type { Progress } from './train';

/** Figures are drawn anew this often, in milliseconds: often enough to follow, seldom enough to cost training nothing. */
const INTERVAL = 500;

/** Drawing takes at most this share of the time; large models' figures are drawn less often. */
const SHARE = 0.1;

/**
 * Draws figures, and {@link unitPanel}s, below the cell while a training runs, and draws them anew as it goes on: what
 * {@link train} takes as `onProgress`. Where a page cannot replace a figure, or outside a notebook, they stand below each
 * other.
 *
 * @param draw What to draw of what has been recorded so far; each has its place.
 *
 * @example
 * const onProgress = liveFigures(lossCurves, (history) => meanActivationCurves(history, { target: 0.05 }));
 * await train(model, data, { penalty: kl({ beta: 3, rho: 0.05 }), epochs: 5, onProgress });
 */
export function liveFigures(
  ...draw: readonly ((history: History) => Figure | UnitPanel)[]
): (progress: Pick<Progress, 'step' | 'steps' | 'history'>) => void {
  for (const [index, figure] of draw.entries()) requireFunction(`draw[${index}]`, figure);
  const ids = draw.map(() => randomUUID());
  let drawn = 0;
  let next = -Infinity;
  return ({ step, steps, history }) => {
    const now = performance.now();
    const due = step === steps || now >= next;
    if (!due || history.rows.length === drawn) return;
    const update = drawn > 0;
    drawn = history.rows.length;
    for (const [index, figure] of draw.entries()) {
      void display(figure(history), { displayId: ids[index] as string, update });
    }
    const took = performance.now() - now;
    next = now + Math.max(INTERVAL, took / SHARE);
  };
}
