/**
 * The text of functions.
 *
 * Drivers of browsers and pools of workers send `String(f)` elsewhere and run it there. So what the kernel has put into the functions
 * of cells is not in their text: there are no stops elsewhere, and names of other cells are what their author calls them.
 *
 * @module
 */

const CHECK = /\s*if \(__stopFlag_*\[0\] > \d\)\s*throw __stopped_*\(\);/g;
const OTHERS: readonly (readonly [ours: RegExp, author: string])[] = [
  [/\b__guard(?:Each)?_*\(/g, '('],
  [/\b__import_*\(/g, 'import('],
  [/\b__meta_*\b/g, 'import.meta'],
  [/\b__state_*\./g, ''],
];

/** From now on `Function.prototype.toString` gives the text without what the kernel has added. */
export function showFunctionsAsWritten(): void {
  const { toString: textOf } = Function.prototype;
  const methods = {
    toString(this: unknown): string {
      const text = textOf.call(this as () => unknown);
      if (!text.includes('__')) return text;
      return OTHERS.reduce(
        (changed, [ours, author]) => changed.replace(ours, author),
        text.replace(CHECK, ''),
      );
    },
  };
  Object.defineProperty(Function.prototype, 'toString', {
    value: methods.toString,
    configurable: true,
    writable: true,
  });
}
