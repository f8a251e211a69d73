/**
 * Tells whether a file has changed.
 *
 * @module
 */

import { statSync } from 'node:fs';

/** Another string whenever the file has been written; `''` while there is no such file. */
export function fingerprint(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? '' : `${stat.mtimeMs}:${stat.size}`;
}
