/**
 * Which cell shows a widget: once that cell is run again, what it showed before is no longer on the page, and is closed. Page,
 * notebook and kernel would keep it for good.
 *
 * @module
 */
import type { Cell } from '../page/cell';

/** A widget, as far as this is concerned. */
interface Closable {
  close(): void;
}

/** The runs of a cell so far, by their labels, and the widgets that the newest has shown and no other cell. */
interface Runs {
  readonly labels: Set<string>;
  newest: string;
  widgets: Set<Closable>;
}

const runsOf = new Map<unknown, Runs>();

const SEVERAL = Symbol('several cells');

/** The cell that shows a widget. */
const owners = new WeakMap<Closable, unknown>();

/** Notes that a cell shows a widget, before it does; what an earlier run of this cell has shown is closed. */
export function noteOwner(widget: Closable, { id, label }: Cell): void {
  // Where the page does not name its cells, nothing is known of reruns.
  if (id === undefined) return;
  const owner = owners.get(widget) ?? id;
  owners.set(widget, owner === id ? id : SEVERAL);
  if (owner !== id) runsOf.get(owner)?.widgets.delete(widget);

  const runs = runsOf.get(id) ?? { labels: new Set(), newest: '', widgets: new Set() };
  runsOf.set(id, runs);
  const { widgets: before } = runs;
  const isNewRun = !runs.labels.has(label);
  if (isNewRun) {
    runs.labels.add(label);
    runs.newest = label;
    runs.widgets = new Set();
  }
  // What an older run has left behind, a timer say, shows where nobody looks.
  if (owner === id && label === runs.newest) runs.widgets.add(widget);
  if (isNewRun) for (const old of before) if (old !== widget) old.close();
}
