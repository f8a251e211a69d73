/**
 * The names by which compiled code finds what the kernel gives it.
 *
 * @module
 */

/** The object whose properties are the variables of all cells. */
export const STATE = '__state';
/** Notes that names have been declared: what a cell that throws did not get to is not lost. */
export const REACHED = '__reached';
/** `require`, also for ES modules that have been loaded before the cell. */
export const REQUIRE = '__require';
/** The object for `import * as` and `import … from`, made from the result of `require`. */
export const NAMESPACE = '__namespace';
/** The meaning of `import(…)`. */
export const IMPORT = '__import';
/** The meaning of `import.meta`. */
export const META = '__meta';

/** All that the code that runs is given. */
export const OWN_NAMES: readonly string[] = [STATE, REACHED, REQUIRE, NAMESPACE, IMPORT, META];

/** The result of `nameOf`: the name, and as many underscores as keep it apart from the author's own names. */
export function namesApartFrom(source: string): (name: string) => string {
  const chosen = new Map<string, string>();
  return (name) => {
    let apart = chosen.get(name) ?? name;
    if (!chosen.has(name)) while (source.includes(apart)) apart += '_';
    chosen.set(name, apart);
    return apart;
  };
}
