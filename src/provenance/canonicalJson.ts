/** Values that JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * The one JSON text of a value: keys sorted, no spaces, so that equal values have equal texts and thus equal hashes.
 * Numbers are written as JavaScript writes them, which every JSON reader turns back into the same float64.
 *
 * @throws TypeError naming the path of anything that JSON would lose: NaN, ±Infinity, undefined, functions, class instances.
 *
 * @example canonicalJson({ b: [1e-6], a: 'x' }) // '{"a":"x","b":[0.000001]}'
 */
export function canonicalJson(value: unknown, path = 'value'): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value);
  if (Array.isArray(value)) {
    return `[${value.map((entry, index) => canonicalJson(entry, `${path}[${index}]`)).join(',')}]`;
  }
  if (isPlainObject(value)) {
    const members = Object.keys(value)
      .sort()
      .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key], `${path}.${key}`)}`);
    return `{${members.join(',')}}`;
  }
  throw new TypeError(`${path} must be something that JSON can hold; got ${describe(value)}`);
}

/** Whether it is `{ … }` rather than an array, a class's instance or null. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    (Object.getPrototypeOf(value) === null || Object.getPrototypeOf(Object.getPrototypeOf(value)) === null)
  );
}

function describe(value: unknown): string {
  if (typeof value === 'object') return `an object (${value?.constructor?.name ?? 'no class'})`;
  return typeof value === 'function' ? 'a function' : String(value);
}
