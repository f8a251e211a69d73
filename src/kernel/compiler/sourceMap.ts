/**
 * From a place in the JavaScript that runs back to the place in the cell.
 *
 * @module
 */

import { SourceMap } from 'node:module';
import type { Position } from './diagnostics';

/** tslab puts one line, `export {};`, before each cell. */
const LINES_BEFORE_CELL = 1;

/** The two source maps of a cell, one behind the other; read only when an error asks for a line. */
export class CellSourceMap {
  #toEsModule: SourceMap | undefined;
  #toCommonJs: SourceMap | undefined;

  /**
   * @param toEsModule source map from TypeScript to ES module, as JSON
   * @param toCommonJs source map from ES module to CommonJS, as JSON
   */
  constructor(
    readonly toEsModule: string,
    readonly toCommonJs: string,
  ) {}

  /** Where this place of the CommonJS code comes from, or `undefined` for code that the compiler added. */
  original({ line, column }: Position): Position | undefined {
    this.#toCommonJs ??= new SourceMap(JSON.parse(this.toCommonJs));
    this.#toEsModule ??= new SourceMap(JSON.parse(this.toEsModule));
    const esModule = find(this.#toCommonJs, line - 1, column - 1);
    const source = esModule && find(this.#toEsModule, esModule.line, esModule.column);
    return source && { line: source.line + 1 - LINES_BEFORE_CELL, column: source.column + 1 };
  }
}

/** The original place, counted from 0. */
export function find(map: SourceMap, line: number, column: number): Position | undefined {
  const entry = map.findEntry(line, column);
  return 'originalLine' in entry && entry.originalLine !== undefined
    ? { line: entry.originalLine, column: entry.originalColumn }
    : undefined;
}
