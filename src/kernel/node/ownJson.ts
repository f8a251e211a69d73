/**
 * JSON as it was when the kernel started. TypeScript reads and writes source maps and `package.json` with it, and a cell may
 * have put functions of its own in its place.
 *
 * @module
 */

const own = { parse: JSON.parse, stringify: JSON.stringify };

/** Runs code that calls `JSON`, and gives the cell its own functions back afterwards. */
export function withOwnJson<T>(work: () => T): T {
  const { parse, stringify } = JSON;
  if (parse === own.parse && stringify === own.stringify) return work();
  Object.assign(JSON, own);
  try {
    return work();
  } finally {
    Object.assign(JSON, { parse, stringify });
  }
}
