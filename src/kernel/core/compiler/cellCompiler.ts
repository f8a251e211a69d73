/**
 * Compiles cells: TypeScript's language service, one file for the cell and the declarations of all before it, and one
 * transformer that makes their names one shared state.
 *
 *     the cell                        all stands where its author wrote it
 *     import * as __earlierCells …    the declarations of earlier cells, a file of their own
 *     declare let x: typeof …         those that it uses
 *     export { … };                   what it declares, so that TypeScript writes declarations for the cells that follow
 *
 * @module
 */

import type * as Ts from 'typescript-js';
import { awaitsAtTop } from './awaits';
import { type Completeness, completeness } from './completeness';
import { type Completions, completionsFrom } from './completions';
import { Declarations } from './declarations';
import { declaredNames } from './declaredNames';
import {
  type Diagnostic,
  diagnosticOfCell,
  diagnosticOfFile,
  jsxInCell,
  TypeScriptError,
} from './diagnostics';
import { noteOn, readDirectives } from './directives';
import { type Documentation, documentation } from './documentation';
import { dropExports } from './dropExports';
import { dynamicImports } from './dynamicImports';
import { type CompiledModule, compileModule } from './localModules';
import { namesApartFrom, OWN_NAMES } from './ownNames';
import { jsxIn, parseCell } from './parsed';
import { EARLIER, IMPORT_EARLIER, Project } from './project';
import { type SharedNames, shareNames } from './shareNames';
import { CodeMap } from './sourceMap';
import type {
  CompilerSettings,
  CompilerSystem,
  Complaint,
  Instrument,
  ReadableSourceMap,
  TypeScript,
} from './system';

/** A cell, ready to run. */
export interface CompiledCell {
  /** The body of a function of `names`. It returns the value of the cell's last expression in a list, if it ends in one. */
  readonly code: string;
  /** Names that the kernel gives the code, as the runtime knows them and as the code does. */
  readonly names: ReadonlyMap<string, string>;
  readonly isAsync: boolean;
  /** Modules that it imports. */
  readonly imports: readonly string[];
  /** Names that it gives a value. */
  readonly declared: ReadonlySet<string>;
  /** Names of earlier cells that it uses. */
  readonly used: ReadonlySet<string>;
  /** Declarations for the cells that follow. */
  readonly declarations: Declarations;
  readonly sourceMap: CodeMap;
  /** Notes for its reader. */
  readonly note: string | undefined;
}

/** Pattern of a name. */
const WORD = /[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*/gu;

/** The compiler of one kernel, for cells in its working directory. */
export class CellCompiler {
  readonly #project: Project;
  readonly #instruments: readonly Instrument[];

  /**
   * @param ts TypeScript's module
   * @param system files
   * @param readMap reads a source map
   */
  constructor(
    readonly ts: TypeScript,
    readonly system: CompilerSystem,
    readonly readMap: (json: string) => ReadableSourceMap,
    { untyped = false, instruments = [] }: CompilerSettings = {},
  ) {
    this.#project = new Project(ts, system, untyped);
    this.#instruments = instruments;
  }

  /** Reads the declarations that every cell needs, so that the first cell need not wait for it; about 0.5 s. */
  warmUp(): void {
    this.compile(Declarations.none, '0');
  }

  /**
   * Compiles a cell.
   *
   * @param before what earlier cells declared
   * @throws TypeScriptError if the cell, or a local file that it imports, does not compile
   */
  compile(before: Declarations, source: string): CompiledCell {
    const { ts } = this;
    const { file, errors } = parseCell(ts, source);
    const jsx = errors.length > 0 ? jsxIn(ts, source) : undefined;
    this.#refuse(source, jsx ? [jsxInCell(jsx)] : errors);
    const directives = readDirectives(ts, source);
    if (directives.module !== undefined) this.#project.setModule(directives.module, source);

    const cell = dropExports(ts, file);
    const plain = cell === source ? file : parseCell(ts, cell).file;
    const names = new Set(plain.statements.flatMap((statement) => declaredNames(ts, statement)));
    const earlier = before.without(names);
    this.#project.refresh();
    const nameOf = namesApartFrom(source);
    const words = new Set(cell.match(WORD));
    const aliases = IMPORT_EARLIER + earlier.aliases(EARLIER, (name) => words.has(name));
    this.#project.setCell(`${cell}\n;\n${aliases}\nexport { ${[...names].join(', ')} };\n`, earlier.text);
    this.#check(cell);

    const found: SharedNames = { declared: new Set(), used: new Set(), imports: new Set() };
    const instruments = [dynamicImports, ...this.#instruments];
    const checker = this.#project.program.getTypeChecker();
    const emitted = this.#project.emit(this.#project.cellFile, {
      before: [
        shareNames(ts, { checker, end: cell.length, nameOf }, found),
        ...instruments.map((instrument) => instrument.transformer(ts, nameOf)),
      ],
    });
    const own = [...OWN_NAMES, ...this.#instruments.flatMap((instrument) => instrument.names)];
    return {
      code: emitted.code,
      names: new Map(own.map((name) => [name, nameOf(name)])),
      isAsync: awaitsAtTop(ts, plain.statements),
      imports: [...found.imports],
      declared: found.declared,
      used: found.used,
      declarations: earlier.with(Declarations.read(ts, emitted.declarations, names)),
      sourceMap: new CodeMap([emitted.map], this.readMap),
      note: noteOn(directives),
    };
  }

  /** @throws TypeScriptError if the types of the cell, or of local files that it imports, are wrong */
  #check(cell: string): void {
    const project = this.#project;
    const complaints = project.complaintsAbout(project.cellFile);
    this.#refuse(
      cell,
      complaints.filter(({ start = 0 }) => start <= cell.length),
    );
    if (project.untyped) return;
    const wrong = project
      .localFiles(project.importsOfText(cell))
      .flatMap((path) => this.#complaintsAbout(path));
    if (wrong.length > 0) throw new TypeScriptError(wrong);
  }

  #complaintsAbout(path: string): Diagnostic[] {
    const folder = `${this.system.folder}/`;
    const name = path.startsWith(folder) ? path.slice(folder.length) : path;
    const text = this.#project.text(path) ?? '';
    return this.#project.complaintsAbout(path).map((each) => diagnosticOfFile(this.ts, name, text, each));
  }

  #refuse(source: string, complaints: readonly Complaint[]): void {
    if (complaints.length === 0) return;
    const inOrder = complaints.toSorted(({ start: a = 0 }, { start: b = 0 }) => a - b);
    throw new TypeScriptError(
      inOrder.map((each) => diagnosticOfCell(this.ts, source, this.system.folder, each)),
    );
  }

  /** Compiles a local file, or a cell that is a module in memory. */
  compileModule(path: string): CompiledModule {
    return compileModule(this.#project, path, this.#instruments, this.readMap);
  }

  /** The local file that `specifier` means in the file `from`; `undefined` for packages and for files that do not exist. */
  resolveLocal(specifier: string, from = this.#project.cellFile): string | undefined {
    return this.#project.resolveLocal(specifier, from);
  }

  /** The text of a local file or a module in memory. */
  textOf(path: string): string | undefined {
    return this.#project.text(path);
  }

  /** Another string whenever a local file has changed; as of the cell compiled last. */
  versionOf(path: string): string {
    return this.#project.version(path);
  }

  /** Completions at `position`. */
  complete(before: Declarations, source: string, position: number): Completions {
    const { offset, text } = this.#behind(before, source);
    const info = this.#project.use((service) =>
      service.getCompletionsAtPosition(this.#project.cellFile, offset + position, {
        includeCompletionsWithInsertText: false,
        includeCompletionsForModuleExports: false,
      }),
    );
    const { start, end, candidates } = completionsFrom(info, text, offset + position);
    const others = candidates.filter(({ name }) => !name.startsWith(EARLIER));
    return { start: start - offset, end: end - offset, candidates: others };
  }

  /** Type and documentation of the name at `position`, or `undefined`. */
  inspect(before: Declarations, source: string, position: number): Documentation | undefined {
    const info = this.#quickInfo(before, source, position);
    if (info === undefined) return undefined;
    if (info.documentation?.length) return documentation(info);
    // For `new Name(…)` it gives the constructor's documentation; the class's own comes with the name alone.
    const { start, length } = info.textSpan;
    const alone = this.#quickInfo(before, source.slice(start, start + length), 0);
    return documentation({ ...info, ...(alone?.documentation && { documentation: alone.documentation }) });
  }

  #quickInfo(before: Declarations, source: string, position: number): Ts.QuickInfo | undefined {
    const { offset } = this.#behind(before, source);
    const { cellFile } = this.#project;
    const info = this.#project.use((service) => {
      const here = service.getQuickInfoAtPosition(cellFile, offset + position);
      // Declarations of earlier cells are known here by an alias.
      const [origin] =
        (here?.kind === 'alias' && service.getDefinitionAtPosition(cellFile, offset + position)) || [];
      const isOfCell = origin?.fileName === this.#project.earlierFile;
      const there = isOfCell
        ? service.getQuickInfoAtPosition(origin.fileName, origin.textSpan.start)
        : undefined;
      return here && (there ? { ...there, textSpan: here.textSpan } : here);
    });
    return info && { ...info, textSpan: { ...info.textSpan, start: info.textSpan.start - offset } };
  }

  /** Puts unfinished code behind the declarations of earlier cells, which it would swallow if it came before them. */
  #behind(before: Declarations, source: string): { readonly offset: number; readonly text: string } {
    const { file } = parseCell(this.ts, source);
    const names = new Set(file.statements.flatMap((statement) => declaredNames(this.ts, statement)));
    const earlier = before.without(names);
    const head = `${IMPORT_EARLIER}${earlier.aliases(EARLIER, () => true)}\n;\n`;
    const text = head + source;
    this.#project.refresh();
    this.#project.setCell(text, earlier.text);
    return { offset: head.length, text };
  }

  /** Whether `source` is complete, wants more lines, or can never compile. */
  completeness(source: string): Completeness {
    return completeness(this.ts, source);
  }
}
