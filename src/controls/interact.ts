import { platform } from '#platform';
import { requireFunction, requireObject, show } from '../numbers/arguments';
import { type MimeBundle, runningCell } from '../page/cell';
import { display } from '../page/display';
import { Control } from './control';
import { html } from './inputs';
import { Latest } from './latest';
import { vbox } from './outputs';
import { pagesLoaded } from './widget';

/** Controls by the names that the callback of {@link interact} knows their values by. */
export type Controls = Readonly<Record<string, Control<unknown>>>;

/** Arguments of the callback of {@link interact}. */
export type Values<C extends Controls> = {
  readonly [Name in keyof C]: C[Name] extends Control<infer T> ? T : never;
} & {
  /** Aborted when the values are no longer those of the controls, or the cell is stopped: pass it to `train`. */
  readonly signal: AbortSignal;
};

/**
 * Shows controls, and below them what `draw` makes of their values: at once, and again whenever the user changes one.
 *
 * While a slider moves, only its newest position counts: a run for an older one is aborted through `signal` and its result
 * dropped. A cell that is run again replaces what it showed before: only the newest follows the controls. A figure changes in
 * place. If `draw` throws, its error is shown instead of the figure until the next run; in the first run it is the error of the
 * cell. Where controls cannot be drawn (an executed notebook on a page, a script, stock tslab), the result for their first
 * values is shown.
 *
 * @param draw Gets the values by their names, and `signal`; returns what to show, or a promise of it.
 * @returns settles when the first result is shown; await it, so that the cell has it even where a program runs it
 * @throws TypeError if a value is not a control, or is named `signal`.
 * @throws what the first run of `draw` throws
 *
 * @example
 * await interact({ lambda: logSlider(1e-5, 1e-1) }, async ({ lambda, signal }) => {
 *   const model = new SparseAutoencoder({ inputDim: 64, hiddenDim: 16, seed: 1 });
 *   await train(model, digits, { penalty: l1(lambda), epochs: 5, seed: 1, signal });
 *   return weightImages(model.decoderWeights);
 * });
 */
export async function interact<C extends Controls>(
  controls: C,
  draw: (values: Values<C>) => unknown,
): Promise<void> {
  requireObject('controls', controls, 'controls by name');
  requireFunction('draw', draw);
  const entries = Object.entries(controls);
  for (const [name, control] of entries) {
    if (!(control instanceof Control)) throw new TypeError(`${name} must be a control; got ${show(control)}`);
    if (name === 'signal') throw new TypeError('no control can be named signal, which draw gets in any case');
    if (control.label === '') control.label = name;
  }
  const longest = Math.max(...entries.map(([, { label }]) => label.length));
  for (const [, control] of entries) control.alignLabel(longest);
  const box = vbox(...Object.values(controls));
  await display(box);

  const place = { displayId: platform.randomId(), update: false };
  const put = async (content: unknown) => {
    await display(content, place);
    place.update = true;
  };
  const latest = new Latest(async (signal) => {
    const values = Object.fromEntries(entries.map(([name, { value }]) => [name, value]));
    // The names and values of C, which `fromEntries` forgets.
    const result = await draw({ ...values, signal } as Values<C>);
    if (!signal.aborted && result !== undefined) await put(result);
  });
  // A page finds the controls again when it is reloaded, but not the place of the figure.
  const knownPages = pagesLoaded();
  let warned = false;
  const onChange = async () => {
    if (pagesLoaded() > knownPages && !warned) {
      warned = true;
      box.add(html('<i>In a page that was reloaded, run this cell again: its figure no longer follows.</i>'));
    }
    try {
      await latest.request();
    } catch (error) {
      if (!runningCell()?.signal.aborted) await put(new Failure(error));
    }
  };
  const leave = entries.map(([, control]) => control.onChange(onChange));
  replaceOlder(entries[0]?.[1], draw, () => {
    for (const each of leave) each();
    latest.end();
  });
  await latest.request();
}

/** An interaction that follows its controls, and the run of a cell that it comes from. */
interface Interaction {
  readonly label: string;
  end(): void;
}

/** Interactions by their first control and the text of `draw`: what tells one where the page does not name its cells. */
const known = new WeakMap<Control<unknown>, Map<string, Interaction>>();

/** Ends an interaction once its cell is run again, and ends the older one that it replaces. */
function replaceOlder(control: Control<unknown> | undefined, draw: object, end: () => void): void {
  const cell = runningCell();
  if (cell === undefined || control === undefined) return;
  cell.onRerun(end);
  if (cell.id !== undefined) return;
  const byText = known.get(control) ?? new Map<string, Interaction>();
  known.set(control, byText);
  const older = byText.get(String(draw));
  if (older !== undefined && older.label !== cell.label) older.end();
  byText.set(String(draw), { label: cell.label, end });
}

/** An error instead of a figure, as a page shows what is written to stderr. */
class Failure {
  constructor(readonly error: unknown) {}

  [Symbol.for('Jupyter.display')](): MimeBundle {
    const { error } = this;
    const text = error instanceof Error ? (error.stack ?? String(error)) : String(error);
    return { 'application/vnd.jupyter.stderr': text, 'text/plain': text };
  }
}
