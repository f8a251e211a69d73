/**
 * The cell that shows a widget: once that cell is run again, its earlier widgets are no longer on the page, and are closed. Page,
 * notebook and kernel would keep it for good.
 *
 * @module
 */
import type { Cell } from '../page/cell';

/** A widget, as far as this is concerned. */
interface Closable {
  close(): void;
}

const SEVERAL = Symbol('several cells');

/** The cell that shows a widget. */
const owners = new WeakMap<Closable, unknown>();

/** Notes that a cell shows a widget. It is closed once this cell is run again, unless another one shows it, too. */
export function noteOwner(widget: Closable, cell: Cell): void {
  const owner = owners.get(widget);
  if (owner === cell.id) return;
  owners.set(widget, owner === undefined ? cell.id : SEVERAL);
  if (owner !== undefined) return;
  cell.onRerun(() => {
    if (owners.get(widget) !== cell.id) return;
    owners.delete(widget);
    widget.close();
  });
}
