/**
 * Compiles cells with tslab's converter.
 *
 * @module
 */

import { basename } from 'node:path';
import type * as Ts from '@tslab/typescript-for-tslab';
import type { Converter, Diagnostic as TslabDiagnostic } from 'tslab/dist/converter';
import { namespacesThatStay } from './declarations';
import { type Diagnostic, TypeScriptError } from './diagnostics';
import { type Documentation, documentation } from './documentation';
import { dropExports } from './dropExports';
import { CodeMap } from './sourceMap';
import type { Tslab } from './tslab';
import { WatchedFiles } from './watchedFiles';

/** A local .ts or .js file that a cell imports, as CommonJS. */
export interface CompiledFile {
  /** Absolute, with forward slashes, ending in .js. */
  readonly path: string;
  readonly code: string;
  readonly sourceMap: CodeMap | undefined;
}

/** A cell, ready to run. */
export interface CompiledCell {
  /** The body of a function of `exports`, `require`, the two guards and `exports` once more, see `plainExports.ts`; empty if there is nothing to run. */
  readonly code: string;
  readonly isAsync: boolean;
  /** The export that holds the value of the last expression, if the cell ends in one. */
  readonly resultName: string | undefined;
  /** Declarations for the cells that follow. */
  readonly declarations: string;
  /** Local files that are new or have changed. */
  readonly files: readonly CompiledFile[];
  readonly sourceMap: CodeMap | undefined;
}

/** What can be typed at the cursor. Positions count UTF-16 units. */
export interface Completions {
  readonly start: number;
  readonly end: number;
  readonly candidates: readonly { readonly name: string; readonly kind: string }[];
}

/** Whether a front end may run the code as it stands. */
export type Completeness =
  | { readonly status: 'complete' | 'invalid' }
  | { readonly status: 'incomplete'; readonly indent: string };

/** tslab puts one line, `export {};`, before each cell, also before one that is a module in memory. */
const LINES_BEFORE_CELL = 1;

/** The compiler of one kernel, for cells in its working directory. */
export class CellCompiler {
  readonly #files: WatchedFiles;
  /** Cells that are modules in memory, by their name: a new converter has to be told of them. */
  readonly #modules = new Map<string, Parameters<Converter['addModule']>>();
  #created: Converter | undefined;

  constructor(readonly tslab: Tslab) {
    this.#files = new WatchedFiles(tslab.ts);
  }

  /** Reads the declarations that every cell needs, so that the first cell need not wait for it; about 0.5 s. */
  warmUp(): void {
    this.#use((converter) => converter.convert('', ''));
  }

  /**
   * Asks the converter. One that throws, such as for code nested too deep for the stack, has broken off in the middle and
   * would refuse every cell from then on: another takes its place.
   */
  #use<T>(ask: (converter: Converter) => T): T {
    try {
      this.#created ??= this.#create();
      return ask(this.#created);
    } catch (error) {
      this.#created = undefined;
      this.#files.forget();
      throw error;
    }
  }

  #create(): Converter {
    const converter = this.tslab.converter.createConverter({ isJS: false, isBrowser: false });
    for (const module of this.#modules.values()) converter.addModule(...module);
    return converter;
  }

  /**
   * Compiles a cell.
   *
   * @param declarations what earlier cells declared
   * @throws TypeScriptError if the cell, or a local file that it imports, does not compile
   */
  compile(declarations: string, source: string): CompiledCell {
    this.#files.refresh();
    const { metadata, observed } = this.tslab;
    const directives = metadata.getCodeMetadata(source);
    if (directives.module !== undefined) {
      const module: Parameters<Converter['addModule']> = [directives.module, source, directives];
      refuse(this.#use((converter) => converter.addModule(...module)));
      this.#modules.set(directives.module, module);
      return { ...NOTHING, declarations };
    }
    // tslab does not run cells that are marked for the browser.
    if (directives.mode === 'browser') return { ...NOTHING, declarations };

    observed.sourceMaps.clear();
    observed.awaits = false;
    const cell = dropExports(this.tslab.ts, source);
    const converted = this.#use((converter) => converter.convert(declarations, cell));
    refuse(converted.diagnostics);
    return {
      code: converted.output ?? '',
      isAsync: observed.awaits,
      resultName: converted.lastExpressionVar,
      declarations: (converted.declOutput ?? '') + namespacesThatStay(this.tslab.ts, declarations, source),
      files: (converted.sideOutputs ?? []).map(({ path, data: code }) => {
        const isInMemory = this.#modules.has(basename(path, '.js'));
        return { path, code, sourceMap: this.#sourceMap(code, isInMemory ? LINES_BEFORE_CELL : 0) };
      }),
      sourceMap: this.#sourceMap(converted.output ?? '', LINES_BEFORE_CELL),
    };
  }

  #sourceMap(code: string, linesBefore: number): CodeMap | undefined {
    const texts = this.tslab.observed.sourceMaps.get(code);
    return texts && new CodeMap(texts, linesBefore);
  }

  /** What can be typed at `position`. */
  complete(declarations: string, source: string, position: number): Completions {
    const { start, end, candidates, original } = this.#use((converter) =>
      converter.complete(declarations, source, position),
    );
    const kinds = new Map(original?.entries.map(({ name, kind }) => [name, kind as string]));
    return { start, end, candidates: candidates.map((name) => ({ name, kind: kinds.get(name) ?? '' })) };
  }

  /** What is known of the name at `position`: type and documentation, or `undefined`. */
  inspect(declarations: string, source: string, position: number): Documentation | undefined {
    const info = this.#quickInfo(declarations, source, position);
    if (info === undefined) return undefined;
    if (info.documentation?.length) return documentation(info);
    // Of `new Name(…)` it tells what is said of the constructor; what the class is, it tells of the name alone.
    const { start, length } = info.textSpan;
    const alone = this.#quickInfo(declarations, source.slice(start, start + length), 0);
    return documentation({ ...info, ...(alone?.documentation && { documentation: alone.documentation }) });
  }

  #quickInfo(declarations: string, source: string, position: number): Ts.QuickInfo | undefined {
    // Typed as never missing, yet it is where no name stands.
    return this.#use((converter) => converter.inspect(declarations, source, position)) as
      | Ts.QuickInfo
      | undefined;
  }

  /** Whether `source` is complete, wants more lines, or can never compile. */
  completeness(source: string): Completeness {
    const { ts, converter } = this.tslab;
    const { completed, indent } = converter.isCompleteCode(source);
    if (!completed) return { status: 'incomplete', indent: indent ?? '' };
    const [file, host] = parse(ts, source);
    const [error] = host;
    if (error === undefined) return { status: 'complete' };
    return UNTERMINATED.has(error.code) && file.text.length > 0
      ? { status: 'incomplete', indent: '' }
      : { status: 'invalid' };
  }
}

const NOTHING = { code: '', isAsync: false, resultName: undefined, files: [], sourceMap: undefined } as const;

/** Unterminated template literal; `*​/` expected. */
const UNTERMINATED: ReadonlySet<number> = new Set([1160, 1010]);

function parse(ts: typeof Ts, source: string): [Ts.SourceFile, readonly Ts.DiagnosticWithLocation[]] {
  const file = ts.createSourceFile('cell.tsx', source, ts.ScriptTarget.Latest, false, ts.ScriptKind.TSX);
  // The parser's complaints are on the file but not in its public type; tslab reads them there, too.
  return [file, (file as unknown as { parseDiagnostics: Ts.DiagnosticWithLocation[] }).parseDiagnostics];
}

/** @throws TypeScriptError if there are diagnostics */
function refuse(diagnostics: readonly TslabDiagnostic[]): void {
  if (diagnostics.length > 0) throw new TypeScriptError(joinExplanations(diagnostics));
}

/** tslab lists the explanations of a diagnostic as further diagnostics at the same place: they become its lines. */
function joinExplanations(list: readonly TslabDiagnostic[]): Diagnostic[] {
  const joined: Diagnostic[] = [];
  let previous: TslabDiagnostic | undefined;
  for (const item of list) {
    const { start, end, messageText, code, fileName } = item;
    const last = joined.at(-1);
    if (last !== undefined && previous?.start.offset === start.offset && previous.end.offset === end.offset) {
      joined[joined.length - 1] = { ...last, message: `${last.message}\n${messageText}` };
    } else {
      const message = fileName === undefined ? inNotebook(code, messageText) : messageText;
      joined.push({ file: fileName, start: position(start), end: position(end), code, message });
    }
    previous = item;
  }
  return joined;
}

/** “Cannot find name”; all but the first go on to recommend npm packages, for names such as `test`. */
const UNKNOWN_NAME: ReadonlySet<number> = new Set([2304, 2580, 2581, 2582, 2584, 2591, 2592, 2593]);

/** A message in terms of notebooks: a name that is missing has mostly been declared by a cell that was not run. */
function inNotebook(code: number, message: string): string {
  const [, said] = (UNKNOWN_NAME.has(code) && /^(Cannot find name '[^']*'\.)/.exec(message)) || [];
  return said === undefined ? message : `${said} Has the cell that declares it been run?`;
}

function position({ line, character }: TslabDiagnostic['start']) {
  return { line: line + 1, column: character + 1 };
}
