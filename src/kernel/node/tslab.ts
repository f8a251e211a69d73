/**
 * The remaining parts of tslab: `import 'tslab'` in a cell gives its functions that display, and they show what they are given
 * below the cell.
 *
 * @module
 */

import type * as Jupyter from 'tslab/dist/jupyter';
import type { MimeBundle } from '../core/runtime/bundle';
import type { Cells } from '../core/runtime/cell';

/** The public module of tslab. It brings a compiler along (0.3 s), so call it when a cell asks for it. */
export function loadTslab(cells: Cells): unknown {
  // `tslab.display` calls whatever function tslab's module holds at the time.
  const jupyter = require('tslab/dist/jupyter') as {
    lastWriteDisplayData: typeof Jupyter.lastWriteDisplayData;
  };
  jupyter.lastWriteDisplayData = ({ data, transient }, update) => {
    const bundle: MimeBundle = data;
    const displayId = transient.display_id;
    cells.current?.display(bundle, { update, ...(displayId !== undefined && { displayId }) });
  };
  return require('tslab');
}
