/**
 * From a place in the JavaScript that runs back to the place in the cell or file that its author wrote.
 *
 * @module
 */

import type { Position } from './diagnostics';
import type { ReadableSourceMap } from './system';

/** The source maps of some code, the last step of the compiler first; read only when an error asks for a line. */
export class CodeMap {
  #maps: readonly ReadableSourceMap[] | undefined;

  /**
   * @param texts as JSON
   * @param read reads one
   */
  constructor(
    readonly texts: readonly string[],
    readonly read: (json: string) => ReadableSourceMap,
  ) {}

  /** Where this place comes from, or `undefined` for code that the compiler added. */
  original({ line, column }: Position): Position | undefined {
    this.#maps ??= this.texts.map(this.read);
    let place: { line: number; column: number } | undefined = { line: line - 1, column: column - 1 };
    for (const map of this.#maps) place &&= map.original(place.line, place.column);
    return place && { line: place.line + 1, column: place.column + 1 };
  }
}
