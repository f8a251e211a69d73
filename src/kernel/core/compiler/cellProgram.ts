/**
 * The program that holds a cell, as tslab's converter needs it and no more.
 *
 * TypeScript's default for a watched program, a builder with state, works out after every change which file
 * refers to which, for all files of all packages: with TensorFlow.js imported that is half the time a cell takes.
 * The converter asks it for one thing only, the local files that the cell imports, and that is quickly found.
 *
 * @module
 */

import type * as Ts from '@tslab/typescript-for-tslab';
import { qualifyNames } from './qualifyNames';
import { shareVariables } from './shareVariables';

/** tslab calls the file that holds the current cell by this name. */
export const CELL_FILE = '__tslab__.ts';

/** And the one that declares what earlier cells have declared. */
export const EARLIER_CELLS_FILE = '__prev__.d.ts';

/** Functions of TypeScript that are not part of its public types. */
export interface InternalTypeScript {
  bindSourceFile(file: Ts.SourceFile, options: Ts.CompilerOptions): void;
}

/** A file, with what its public type hides: the names of all modules that it imports, dynamically too. */
interface ImportingFile extends Ts.SourceFile {
  readonly imports: readonly Ts.StringLiteralLike[];
}

/** What a program says of types. */
const NO_COMPLAINTS: Partial<Ts.Program> = {
  getGlobalDiagnostics: () => [],
  getSemanticDiagnostics: () => [],
};

/**
 * What a program says of the declarations that it writes for later cells: that some part of a type has no name there, as
 * in `await import('fs')` or a class expression with private members. No mistake of the cell's; the part becomes `any`.
 */
const NO_COMPLAINTS_OF_DECLARATIONS: Partial<Ts.Program> = { getDeclarationDiagnostics: () => [] };

/** A `createProgram` for `ts.createWatchCompilerHost`; `untyped` accepts all that can be parsed. */
export function cellProgram(ts: typeof Ts, untyped: boolean): Ts.CreateProgram<Ts.BuilderProgram> {
  const { bindSourceFile } = ts as unknown as InternalTypeScript;
  return (roots, options, host, oldProgram, configDiagnostics, references) => {
    const builder = ts.createAbstractBuilder(roots, options, host, oldProgram, configDiagnostics, references);
    const program = builder.getProgram();
    Object.assign(program, NO_COMPLAINTS_OF_DECLARATIONS, untyped && NO_COMPLAINTS);
    // The converter reads the names declared at the top level, which binding finds. The type checker would do it,
    // for all files; but this program may be only the first of two for a cell.
    for (const root of program.getRootFileNames()) {
      const file = program.getSourceFile(root);
      if (file === undefined) continue;
      bindSourceFile(file, program.getCompilerOptions());
      // What `declare global { … }` and `declare module 'x' { … }` are kept under is no name to be exported.
      const { locals } = file as unknown as { locals?: Map<string, unknown> };
      for (const name of locals?.keys() ?? []) if (/^(__global$|")/.test(name)) locals?.delete(name);
    }
    const emit = emitInAnyCase(program);
    return Object.assign(builder, {
      getAllDependencies: (file: Ts.SourceFile) => localDependencies(program, file),
      emit: (...[file, write, token, onlyDeclarations, transformers]: Parameters<typeof emit>) =>
        emit(file, write, token, onlyDeclarations, {
          ...transformers,
          // Local files that a cell imports are modules as they stand.
          ...(file?.fileName.endsWith(CELL_FILE) && {
            before: [...(transformers?.before ?? []), qualifyNames(ts, program), shareVariables(ts)],
          }),
        }),
    });
  };
}

/** `emit` that writes declarations although they use types that are not known; the public one leaves them out. */
function emitInAnyCase(program: Ts.Program): Ts.Program['emit'] {
  const { emit } = program as {
    emit(...args: [...Parameters<Ts.Program['emit']>, force: boolean]): Ts.EmitResult;
  };
  return (file, write, token, onlyDeclarations, transformers) =>
    emit(file, write, token, onlyDeclarations, transformers, true);
}

/** The names of `file` and of all files, other than declarations, that it imports directly or indirectly. */
function localDependencies(program: Ts.Program, file: Ts.SourceFile): string[] {
  const checker = program.getTypeChecker();
  const found = new Set([file]);
  // A set hands out what is added to it while it is gone through.
  for (const { imports } of found as Set<ImportingFile>) {
    for (const specifier of imports) {
      const imported = checker.getSymbolAtLocation(specifier)?.declarations?.[0]?.getSourceFile();
      if (imported !== undefined && !imported.isDeclarationFile) found.add(imported);
    }
  }
  return [...found].map(({ fileName }) => fileName);
}
