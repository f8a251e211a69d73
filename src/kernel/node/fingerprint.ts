/**
 * Tells whether a file has changed.
 *
 * @module
 */

import { statSync } from 'node:fs';

/** Another string whenever the file has been written; `''` while there is no such file. */
export function fingerprint(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  // The last of them is new also where a program, such as `cp -p` or an archiver, puts an older time of writing.
  return stat === undefined ? '' : `${stat.mtimeMs}:${stat.size}:${stat.ctimeMs}`;
}
