/**
 * Compiles the local files that cells import, and cells that are modules in memory, to CommonJS.
 *
 * @module
 */

import type * as Ts from 'typescript-js';
import { awaitsAtTop } from './awaits';
import { dynamicImports } from './dynamicImports';
import { namesApartFrom } from './ownNames';
import type { Project } from './project';
import { CodeMap } from './sourceMap';
import type { Instrument, ReadableSourceMap } from './system';

/** A local file, ready to run. */
export interface CompiledModule {
  /** The body of a function whose parameters are CommonJS's names for a module, and `names`. */
  readonly code: string;
  /** Names that the kernel gives the code besides, as the runtime knows them and as the code does. */
  readonly names: ReadonlyMap<string, string>;
  readonly isAsync: boolean;
  /** Its static imports. */
  readonly imports: readonly string[];
  readonly sourceMap: CodeMap;
}

/** Compiles one local file. */
export function compileModule(
  project: Project,
  path: string,
  instruments: readonly Instrument[],
  readMap: (json: string) => ReadableSourceMap,
): CompiledModule {
  const { ts } = project;
  const source = project.text(path) ?? '';
  const nameOf = namesApartFrom(source);
  const all = [dynamicImports, ...instruments];
  const isScript = /\.[cm]?jsx?$/.test(path);
  // Which imports of a TypeScript file are types only, its program knows.
  const typed = isScript ? undefined : emitTyped(project, path);
  let isAsync = false;
  const noteAwaits = () => (file: Ts.SourceFile) => {
    isAsync = awaitsAtTop(ts, file.statements);
    return file;
  };
  const { outputText, sourceMapText } = ts.transpileModule(typed?.code ?? source, {
    fileName: /x$/.test(path) ? 'module.jsx' : isScript || typed !== undefined ? 'module.js' : 'module.ts',
    compilerOptions: {
      module: ts.ModuleKind.CommonJS,
      target: ts.ScriptTarget.ES2024,
      moduleDetection: isScript ? ts.ModuleDetectionKind.Legacy : ts.ModuleDetectionKind.Force,
      jsx: ts.JsxEmit.React,
      esModuleInterop: true,
      sourceMap: true,
      allowJs: true,
    },
    transformers: { before: [noteAwaits, ...all.map((each) => each.transformer(ts, nameOf))] },
  });
  const maps = [sourceMapText, typed?.map].filter((text) => text !== undefined);
  return {
    code: outputText.replace(/\n?\/\/# sourceMappingURL=\S*\s*$/, '\n'),
    names: new Map(all.flatMap(({ names }) => names).map((name) => [name, nameOf(name)])),
    isAsync,
    imports: [...outputText.matchAll(/\brequire\("([^"]+)"\)/g)].map(([, name]) => name as string),
    sourceMap: new CodeMap(maps, readMap),
  };
}

function emitTyped(project: Project, path: string) {
  project.include(path);
  // TypeScript writes nothing for files that it has found as a package, even one of the author's own.
  return project.isOfPackage(path) ? undefined : project.emit(path, {});
}
