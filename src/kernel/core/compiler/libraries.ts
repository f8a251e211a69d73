/**
 * Which of TypeScript's own declarations fit the JavaScript that runs here, so that what compiles is there: newer methods are
 * declared exactly if this engine has them.
 *
 * @module
 */

/** The language version that every engine of the kernel has (Node 20). */
const BASE = 'es2023';

/** Later additions, each with a sign that the engine has it. */
const ADDITIONS: Readonly<Record<string, () => boolean>> = {
  'es2024.arraybuffer': () => 'transfer' in ArrayBuffer.prototype,
  'es2024.collection': () => 'groupBy' in Map,
  'es2024.object': () => 'groupBy' in Object,
  'es2024.promise': () => 'withResolvers' in Promise,
  'es2024.regexp': () => 'unicodeSets' in RegExp.prototype,
  'es2024.sharedmemory': () => 'waitAsync' in Atomics,
  'es2024.string': () => 'isWellFormed' in String.prototype,
  'es2025.collection': () => 'union' in Set.prototype,
  'es2025.float16': () => 'Float16Array' in globalThis,
  'es2025.intl': () => 'DurationFormat' in Intl,
  'es2025.iterator': () => 'Iterator' in globalThis,
  'es2025.promise': () => 'try' in Promise,
  'es2025.regexp': () => 'escape' in RegExp,
  'esnext.array': () => 'fromAsync' in Array,
  'esnext.collection': () => 'getOrInsert' in Map.prototype,
  'esnext.disposable': () => 'dispose' in Symbol,
  'esnext.error': () => 'isError' in Error,
  'esnext.sharedmemory': () => 'pause' in Atomics,
  'esnext.temporal': () => 'Temporal' in globalThis,
  'esnext.typedarrays': () => 'fromHex' in Uint8Array,
};

/** The names of the declaration files for this engine. */
export function librariesOfEngine(): string[] {
  const there = Object.entries(ADDITIONS).flatMap(([name, isThere]) => (isThere() ? [name] : []));
  return [BASE, ...there, 'decorators'].map((name) => `lib.${name}.d.ts`);
}
