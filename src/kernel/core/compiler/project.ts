/**
 * The program that cells are compiled in: TypeScript's language service over one file that holds the current cell, the
 * local files that cells import, and the declarations of packages.
 *
 * @module
 */

import type * as Ts from 'typescript-js';
import { librariesOfEngine } from './libraries';
import { missingElements } from './missingElements';
import type { CompilerSystem, Complaint, TypeScript } from './system';

/** The file that holds the current cell, and the one with the declarations of all before it, in the folder of the cells. */
const CELL_NAME = '__cell__.ts';
const EARLIER_NAME = '__earlier__.d.ts';

/**
 * How the cell imports the second, and itself: types are written with this name before them. It ends in a letter (U+01C3) that
 * keeps it apart from all names of authors.
 */
export const EARLIER = '__earlierCells\u01c3';
export const IMPORT_EARLIER = `import * as ${EARLIER} from './__earlier__';\n`;

const OWN_WORDS = new RegExp(
  String.raw`${EARLIER}(?:Types)?\.|import\("[^"]*/__(?:earlier|cell)__"\)\.`,
  'g',
);

/** A message of the compiler in the words of the cells' author: types of earlier cells are called by their names alone. */
export function inAuthorsWords(text: string): string {
  return text.replace(OWN_WORDS, '');
}

/** The options for cells and local files. */
function optionsFor(ts: TypeScript, untyped: boolean): Ts.CompilerOptions {
  return {
    // Both kinds of imports mean what they say: `import x from 'm'`, `import x = require('m')`.
    module: ts.ModuleKind.Preserve,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    moduleDetection: ts.ModuleDetectionKind.Force,
    // The language of Node 20. Later syntax is translated, types of later methods come with `lib`.
    target: ts.ScriptTarget.ES2024,
    lib: librariesOfEngine(),
    types: [],
    // As in tslab: a learner's cell need not say the type of each parameter.
    strict: false,
    allowJs: true,
    resolveJsonModule: true,
    allowImportingTsExtensions: true,
    rewriteRelativeImportExtensions: false,
    esModuleInterop: true,
    jsx: ts.JsxEmit.React,
    experimentalDecorators: false,
    preserveConstEnums: true,
    skipLibCheck: true,
    declaration: true,
    sourceMap: true,
    // Nothing is written; without a folder of its own, JavaScript would replace its source.
    outDir: '/__output__',
    allowUnreachableCode: true,
    allowUnusedLabels: true,
    ...(untyped && { noLib: true, lib: [] }),
  };
}

/** The files that cells are compiled with. */
export class Project {
  readonly cellFile: string;
  readonly earlierFile: string;
  readonly #options: Ts.CompilerOptions;
  readonly #registry: Ts.DocumentRegistry;
  readonly #resolutions: Ts.ModuleResolutionCache;
  readonly #snapshots = new Map<
    string,
    { readonly version: string; readonly snapshot: Ts.IScriptSnapshot }
  >();
  /** Versions of the user's own files, looked at once for each cell. */
  readonly #versions = new Map<string, string>();
  /** Cells that are modules in memory, by their path. */
  readonly #inMemory = new Map<string, { readonly text: string; readonly version: string }>();
  /** Local files that nothing imports by a name that the compiler can see. */
  readonly #others = new Set<string>();
  #service: Ts.LanguageService | undefined;
  #cell = '';
  #earlier = '';
  #cellVersion = 0;
  #earlierVersion = 0;
  #transformers: Ts.CustomTransformers | undefined;
  #changes = 0;

  constructor(
    readonly ts: TypeScript,
    readonly system: CompilerSystem,
    readonly untyped: boolean,
  ) {
    const folder = system.folder.replace(/\/$/, '');
    this.cellFile = `${folder}/${CELL_NAME}`;
    this.earlierFile = `${folder}/${EARLIER_NAME}`;
    this.#options = optionsFor(ts, untyped);
    this.#registry = ts.createDocumentRegistry(system.useCaseSensitiveFileNames, system.folder);
    this.#resolutions = ts.createModuleResolutionCache(
      system.folder,
      (name) => this.#canonical(name),
      this.#options,
    );
  }

  /** Looks again at the user's files before a cell. */
  refresh(): void {
    this.#versions.clear();
  }

  /** Replaces the code of the current cell, and that of the declarations before it. */
  setCell(text: string, earlier: string): void {
    const declarations = `${IMPORT_EARLIER}${earlier}`;
    if (declarations !== this.#earlier) this.#earlierVersion++;
    this.#cell = text;
    this.#earlier = declarations;
    this.#cellVersion++;
  }

  /** A module that exists in memory only. */
  setModule(name: string, text: string): void {
    const path = `${this.system.folder.replace(/\/$/, '')}/${name}.ts`;
    this.#inMemory.set(path, { text, version: `in memory ${++this.#changes}` });
    this.#versions.delete(path);
  }

  /**
   * Asks the language service. One that throws, such as for code nested too deep for the stack, may have broken off in the middle:
   * another replaces it, over the same parsed files.
   */
  use<T>(ask: (service: Ts.LanguageService) => T): T {
    try {
      this.#service ??= this.ts.createLanguageService(this.#host(), this.#registry);
      return ask(this.#service);
    } catch (error) {
      this.#service = undefined;
      throw error;
    }
  }

  get program(): Ts.Program {
    const program = this.use((service) => service.getProgram());
    if (program === undefined) throw new Error('the language service has no program');
    return program;
  }

  /** The complaints about a file of the program; an empty list for other files. */
  complaintsAbout(path: string): readonly Complaint[] {
    return this.use((service) => {
      const program = service.getProgram();
      const file = program?.getSourceFile(path);
      if (program === undefined || file === undefined || path.endsWith('.json')) return [];
      // Not the service's own list, which also has what a declaration file could not name.
      const mistakes = program.getSyntacticDiagnostics(file);
      if (this.untyped) return mistakes;
      const elements = isTypeScript(path) ? missingElements(this.ts, program.getTypeChecker(), file) : [];
      return [...mistakes, ...program.getSemanticDiagnostics(file), ...elements];
    });
  }

  /** The JavaScript of a file of the program, its source map and its declarations. */
  emit(
    path: string,
    transformers: Ts.CustomTransformers,
  ): { code: string; map: string; declarations: string } {
    this.#transformers = transformers;
    // Forced: what has no name in a declaration becomes `any`, which is not a mistake of the author's.
    const { outputFiles } = this.use((service) => service.getEmitOutput(path, false, true));
    const ending = (pattern: RegExp) => outputFiles.find(({ name }) => pattern.test(name))?.text ?? '';
    return {
      code: ending(/\.[cm]?jsx?$/)
        .replace(MAP_COMMENT, '\n')
        .replace(EMPTY_EXPORTS, '\n'),
      map: ending(/\.map$/),
      declarations: ending(/\.d\.[cm]?ts$/),
    };
  }

  /** A file that the program is to hold although nothing imports it by a name that can be seen. */
  include(path: string): void {
    if (this.program.getSourceFile(path) === undefined) this.#others.add(path);
  }

  /** Whether a file of the program was found by the name of its package. */
  isOfPackage(path: string): boolean {
    const { program } = this;
    const file = program.getSourceFile(path);
    return file !== undefined && program.isSourceFileFromExternalLibrary(file);
  }

  /** The user's own file that `specifier` means in the file `from`; `undefined` for packages and for files that do not exist. */
  resolveLocal(specifier: string, from: string): string | undefined {
    const path = this.#resolve(specifier, from)?.resolvedFileName;
    if (path === undefined) return undefined;
    // The author's own package, by its name or one of its "imports", may be in TypeScript, which Node cannot load.
    if (!isLocalSpecifier(specifier)) return isOwn(path) && isTypeScript(path) ? path : undefined;
    // The code of a declaration file is next to it.
    const [, stem, kind] = /^(.*)\.d\.([cm]?)ts$/.exec(path) ?? [];
    if (stem === undefined) return path;
    return [`${stem}.${kind}js`, `${stem}.jsx`].find((candidate) => this.#exists(candidate));
  }

  /** The user's own files, other than declarations, that the files reach by imports. */
  localFiles(specifiers: readonly string[]): string[] {
    const found = new Set<string>();
    const add = (names: readonly string[], from: string) => {
      for (const name of names) {
        if (!isLocalSpecifier(name) && !name.startsWith('#')) continue;
        const path = this.resolveLocal(name, from);
        if (path !== undefined) found.add(path);
      }
    };
    add(specifiers, this.cellFile);
    // A set hands out what is added to it while it is gone through.
    for (const path of found) if (!path.endsWith('.json')) add(this.importsOf(path), path);
    return [...found];
  }

  /** A file's imports, dynamic ones too. */
  importsOf(path: string): string[] {
    return this.importsOfText(this.text(path) ?? '');
  }

  importsOfText(text: string): string[] {
    return this.ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName);
  }

  /** The text of a file, or of a module in memory. */
  text(path: string): string | undefined {
    if (path === this.earlierFile) return this.#earlier;
    return this.#inMemory.get(path)?.text ?? this.system.readFile(path);
  }

  /** Another string whenever a file has changed. */
  version(path: string): string {
    if (path === this.cellFile) return String(this.#cellVersion);
    if (path === this.earlierFile) return String(this.#earlierVersion);
    // Installed packages stay as they are.
    if (!isOwn(path)) return 'installed';
    const known = this.#versions.get(path);
    if (known !== undefined) return known;
    const version = this.#inMemory.get(path)?.version ?? this.system.version(path);
    this.#versions.set(path, version);
    return version;
  }

  #host(): Ts.LanguageServiceHost {
    const { ts, system } = this;
    // TypeScript looks for the package that a file belongs to here, although this type does not say so.
    const cached: Partial<Ts.CompilerHost> = { getModuleResolutionCache: () => this.#resolutions };
    return {
      ...(cached as object),
      getCompilationSettings: () => this.#options,
      getScriptFileNames: () => [
        ...(this.untyped ? [] : system.ambientFiles),
        this.cellFile,
        ...this.#others,
      ],
      getScriptVersion: (path) => this.#versionInProgram(path),
      getScriptSnapshot: (path) => this.#snapshot(path),
      getCurrentDirectory: () => system.folder,
      getDefaultLibFileName: () => `${system.libraryFolder}/lib.d.ts`,
      useCaseSensitiveFileNames: () => system.useCaseSensitiveFileNames,
      fileExists: (path) => this.#exists(path),
      readFile: (path) => this.text(path),
      directoryExists: (path) => system.directoryExists(path),
      getDirectories: (path) => system.getDirectories(path),
      readDirectory: (...about) => system.readDirectory(...about),
      realpath: (path) => system.realpath(path),
      getCustomTransformers: () => this.#transformers,
      resolveTypeReferenceDirectiveReferences: (references, from) =>
        references.map((reference) =>
          this.#typesOf(typeof reference === 'string' ? reference : reference.fileName, from),
        ),
      resolveModuleNameLiterals: (literals, from, _redirected, options, file) =>
        literals.map((literal) => ({
          resolvedModule: this.#resolve(
            literal.text,
            from,
            ts.getModeForUsageLocation(file, literal, options),
          ),
        })),
    };
  }

  /** A local file is new for the program, too, when one of its imports means another file than before. */
  #versionInProgram(path: string): string {
    if (path === this.cellFile || !isOwn(path) || path.endsWith('.d.ts') || path.endsWith('.json'))
      return this.version(path);
    const key = `${path} with imports`;
    const known = this.#versions.get(key);
    if (known !== undefined) return known;
    const targets = this.importsOf(path).map((name) => this.#resolve(name, path)?.resolvedFileName ?? '');
    const version = [this.version(path), ...targets].join(' ');
    this.#versions.set(key, version);
    return version;
  }

  #snapshot(path: string): Ts.IScriptSnapshot | undefined {
    if (path === this.cellFile) return this.ts.ScriptSnapshot.fromString(this.#cell);
    const version = this.version(path);
    const known = this.#snapshots.get(path);
    if (known?.version === version) return known.snapshot;
    const text = this.text(path);
    if (text === undefined) return undefined;
    const snapshot = this.ts.ScriptSnapshot.fromString(text);
    this.#snapshots.set(path, { version, snapshot });
    return snapshot;
  }

  #resolutionHost(): Ts.ModuleResolutionHost {
    return {
      fileExists: (path) => this.#exists(path),
      readFile: (path) => this.system.readFile(path),
      directoryExists: (path) => this.system.directoryExists(path),
      getDirectories: (path) => this.system.getDirectories(path),
      realpath: (path) => this.system.realpath(path),
      getCurrentDirectory: () => this.system.folder,
      useCaseSensitiveFileNames: this.system.useCaseSensitiveFileNames,
    };
  }

  #resolve(specifier: string, from: string, mode?: Ts.ResolutionMode): Ts.ResolvedModuleFull | undefined {
    if (this.untyped && !isLocalSpecifier(specifier) && !specifier.startsWith('#')) return undefined;
    // The imports of a package do not change. The user's files do, and the files next to them.
    const cache = isOwn(from) ? undefined : this.#resolutions;
    const host = this.#resolutionHost();
    return this.ts.resolveModuleName(specifier, from, this.#options, host, cache, undefined, mode)
      .resolvedModule;
  }

  /** The target of `/// <reference types="node" />`. Declarations that all cells have are not looked for. */
  #typesOf(name: string, from: string): Ts.ResolvedTypeReferenceDirectiveWithFailedLookupLocations {
    const known = this.system.ambientFiles.find((path) => path.includes(`/@types/${name}/`));
    if (known !== undefined)
      return { resolvedTypeReferenceDirective: { primary: true, resolvedFileName: known } };
    return this.ts.resolveTypeReferenceDirective(name, from, this.#options, this.#resolutionHost());
  }

  #exists(path: string): boolean {
    return (
      path === this.cellFile ||
      path === this.earlierFile ||
      this.#inMemory.has(path) ||
      this.system.fileExists(path)
    );
  }

  #canonical(name: string): string {
    return this.system.useCaseSensitiveFileNames ? name : name.toLowerCase();
  }
}

const MAP_COMMENT = /\n?\/\/# sourceMappingURL=\S*\s*$/;
/** TypeScript marks a module that imports and exports nothing. */
const EMPTY_EXPORTS = /(^|\n)export \{\};\s*$/;

/** Whether a module is named by where it lies. */
export function isLocalSpecifier(specifier: string): boolean {
  return /^(\.\.?(\/|$)|\/|[a-zA-Z]:[\\/])/.test(specifier);
}

/** Whether a file is TypeScript that runs, rather than declarations. */
export function isTypeScript(path: string): boolean {
  return /(?<!\.d)\.[cm]?tsx?$/.test(path);
}

/** Whether the user may change this file: not an installed package. */
function isOwn(path: string): boolean {
  return !path.includes('/node_modules/');
}
