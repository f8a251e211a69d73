/**
 * Comparing, copying and showing the plain values that checked functions take and return.
 *
 * @module
 */

/** A deep copy of arrays and plain objects; functions stay the same. */
export function snapshot<T>(value: T): T {
  if (Array.isArray(value)) return value.map(snapshot) as T;
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, snapshot(inner)])) as T;
  }
  return value;
}

/**
 * Whether two values are the same: numbers up to `tolerance`, relative to the larger of 1e-6 and the expected one; NaN
 * is the same as NaN; typed arrays are arrays.
 */
export function agrees(expected: unknown, got: unknown, tolerance: number): boolean {
  if (typeof expected === 'number') {
    if (typeof got !== 'number') return false;
    if (Object.is(expected, got) || expected === got) return true;
    if (!Number.isFinite(expected)) return false;
    return Math.abs(expected - got) <= tolerance * Math.max(Math.abs(expected), 1e-6);
  }
  if (isList(expected)) {
    return (
      isList(got) &&
      got.length === expected.length &&
      expected.every((value, index) => agrees(value, got[index], tolerance))
    );
  }
  if (typeof expected === 'object' && expected !== null) {
    return (
      typeof got === 'object' &&
      got !== null &&
      Object.entries(expected).every(([key, value]) =>
        agrees(value, (got as Record<string, unknown>)[key], tolerance),
      )
    );
  }
  return expected === got;
}

/** A value as a message shows it: numbers to five digits, long lists shortened, deeply nested values left out. */
export function describe(value: unknown): string {
  return describeAt(0, value);
}

function describeAt(depth: number, value: unknown): string {
  const inner = (item: unknown) => describeAt(depth + 1, item);
  if (typeof value === 'number') return String(Number(value.toPrecision(5)));
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value === 'function') return 'a function';
  if (depth > 3) return '…';
  if (isList(value)) {
    const items = Array.from(value.slice(0, 6), inner);
    return `[${items.join(', ')}${value.length > 6 ? ', …' : ''}]`;
  }
  if (isTensor(value)) return 'a tensor';
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).slice(0, 8);
    return `{ ${entries.map(([key, item]) => `${key}: ${inner(item)}`).join(', ')} }`;
  }
  return String(value);
}

/** The kind of a value, in a learner's words. */
export function kindOf(value: unknown): string {
  if (isList(value)) return 'an array';
  if (value === null || value === undefined) return 'nothing';
  if (isTensor(value)) return 'a tensor (arraySync() gives its numbers)';
  const kinds: Partial<Record<string, string>> = { number: 'a number', string: 'text', object: 'an object' };
  return kinds[typeof value] ?? describe(value);
}

/** Whether it is an array, of any type. */
export function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}

/** Whether it is a tensor, or the copy of one from another process, which is not an instance of any class. */
function isTensor(value: unknown): boolean {
  return (
    typeof value === 'object' && value !== null && 'dataId' in value && 'shape' in value && 'dtype' in value
  );
}
