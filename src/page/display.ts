import { platform } from '#platform';
import { boolean, type OptionsOf, optional, readOptions, string } from '../numbers/options';
import { type Cell, DISPLAY, type MimeBundle, runningCell } from './cell';

const displayOptions = {
  /** A name for the display, so that it can be replaced later. */
  displayId: optional(string),
  /** Replaces what was shown under `displayId` instead of showing something new. Default: `false`. */
  update: optional(boolean, false),
};

/** How {@link display} shows. @interface */
export type DisplayOptions = OptionsOf<typeof displayOptions>;

/**
 * Shows a value below the running cell, as if it were the cell's last expression: a figure as a figure, anything
 * else as Node prints it. Outside a notebook it prints.
 *
 * @throws TypeError if `update` is asked for without a `displayId`.
 *
 * @example await display(lossCurves(history));
 */
export async function display(value: unknown, options: DisplayOptions = {}): Promise<void> {
  const { displayId, update } = readOptions('display', options, displayOptions);
  if (update && displayId === undefined) throw new TypeError('displayId must name what to update; got none');
  const bundle = await toBundle(value);
  const page = notebookPage();
  if (page) page.display(bundle, { update, ...(displayId !== undefined && { displayId }) });
  else console.log(bundle['text/plain']);
}

/** A function that shows bundles below the running cell; `undefined` outside a notebook. */
export function notebookPage(): Pick<Cell, 'display'> | undefined {
  return runningCell() ?? stockTslab();
}

/** A value as a notebook shows it: by its own method, and always as text. */
export async function toBundle(value: unknown): Promise<MimeBundle> {
  const method = (value as { [DISPLAY]?: () => MimeBundle | Promise<MimeBundle> } | undefined)?.[DISPLAY];
  const text = { 'text/plain': platform.inspect(value) };
  return typeof method === 'function' ? { ...text, ...(await method.call(value)) } : text;
}

/** The interface of tslab's kernel for its own `tslab.display`; `null` while no cell has run. */
interface TslabKernel {
  lastWriteDisplayData: ((message: object, update: boolean) => void) | null;
}

/** Stock tslab's way to show something, if it is the process that we run in. */
function stockTslab(): Pick<Cell, 'display'> | undefined {
  // Looked up, not loaded: loading it elsewhere would bring a whole TypeScript compiler into memory.
  const loaded = platform.loadedModule('tslab/dist/jupyter') as TslabKernel | undefined;
  const write = loaded?.lastWriteDisplayData;
  if (!write) return undefined;
  return {
    display: (data, { displayId, update = false } = {}) =>
      write({ data, metadata: {}, transient: { display_id: displayId } }, update),
  };
}
