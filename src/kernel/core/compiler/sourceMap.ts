/**
 * From a place in the JavaScript that runs back to the place in the cell or file that its author wrote.
 *
 * @module
 */

import { SourceMap } from 'node:module';
import { extname } from 'node:path';
import type { Position } from './diagnostics';

/** The source maps on the way from TypeScript to the CommonJS that runs, as JSON. */
export interface SourceMapTexts {
  readonly toEsModule: string;
  readonly toCommonJs: string;
}

/** The two source maps of some code, one behind the other; read only when an error asks for a line. */
export class CodeMap {
  #toEsModule: SourceMap | undefined;
  #toCommonJs: SourceMap | undefined;

  /** @param linesBefore how many lines the compiler was given before those of the author */
  constructor(
    readonly texts: SourceMapTexts,
    readonly linesBefore: number,
  ) {}

  /** That of the author's file, such as `.ts`. */
  get extension(): string {
    const { sources } = JSON.parse(this.texts.toEsModule) as { sources: readonly string[] };
    return extname(sources[0] ?? '');
  }

  /** Where this place of the CommonJS code comes from, or `undefined` for code that the compiler added. */
  original({ line, column }: Position): Position | undefined {
    this.#toCommonJs ??= new SourceMap(JSON.parse(this.texts.toCommonJs));
    this.#toEsModule ??= new SourceMap(JSON.parse(this.texts.toEsModule));
    const esModule = find(this.#toCommonJs, line - 1, column - 1);
    const source = esModule && find(this.#toEsModule, esModule.line, esModule.column);
    return source && { line: source.line + 1 - this.linesBefore, column: source.column + 1 };
  }
}

/** The original place, counted from 0. */
export function find(map: SourceMap, line: number, column: number): Position | undefined {
  const entry = map.findEntry(line, column);
  return 'originalLine' in entry && entry.originalLine !== undefined
    ? { line: entry.originalLine, column: entry.originalColumn }
    : undefined;
}
