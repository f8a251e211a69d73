/**
 * A cell on its own, as the parser sees it.
 *
 * @module
 */

import type * as Ts from 'typescript-js';
import type { TypeScript } from './system';

/** The syntax of a cell. */
export interface ParsedCell {
  readonly file: Ts.SourceFile;
  readonly errors: readonly Ts.DiagnosticWithLocation[];
}

const NAME = '/cell.ts';
const JSX_NAME = '/cell.tsx';

/** How deep code may be nested. Transformers call themselves for each level, and the stack ends at about twice this. */
const DEEPEST = 1000;

/**
 * Parses a cell as the module that it is: it may have `await` at its top level.
 *
 * @throws RangeError if it is nested more than 1000 deep
 */
export function parseCell(ts: TypeScript, source: string): ParsedCell {
  const { file, errors } = parse(ts, source, NAME);
  const depth = depthOf(ts, file);
  if (depth > DEEPEST) throw new RangeError(`code may be nested ${DEEPEST} deep; got ${depth}`);
  return { file, errors };
}

/** The first piece of JSX in a cell that can be parsed only as JSX. */
export function jsxIn(ts: TypeScript, source: string): Ts.Node | undefined {
  const { file, errors } = parse(ts, source, JSX_NAME);
  const find = (node: Ts.Node): Ts.Node | undefined =>
    ts.isJsxElement(node) || ts.isJsxSelfClosingElement(node) || ts.isJsxFragment(node)
      ? node
      : ts.forEachChild(node, find);
  return errors.length > 0 ? undefined : find(file);
}

function parse(ts: TypeScript, source: string, name: string): ParsedCell {
  const options: Ts.CompilerOptions = {
    target: ts.ScriptTarget.ESNext,
    module: ts.ModuleKind.ESNext,
    moduleDetection: ts.ModuleDetectionKind.Force,
    noLib: true,
    noResolve: true,
    types: [],
    jsx: ts.JsxEmit.Preserve,
  };
  const program = ts.createProgram([name], options, {
    getSourceFile: (asked, how) =>
      asked === name ? ts.createSourceFile(name, source, how, true) : undefined,
    fileExists: (asked) => asked === name,
    readFile: () => undefined,
    getDefaultLibFileName: () => '',
    getCurrentDirectory: () => '/',
    getCanonicalFileName: (each) => each,
    useCaseSensitiveFileNames: () => true,
    getNewLine: () => '\n',
    writeFile() {},
  });
  const file = program.getSourceFile(name);
  if (file === undefined) throw new Error('the cell is not in its own program');
  return { file, errors: program.getSyntacticDiagnostics(file) };
}

/** Found without recursion: level by level. */
function depthOf(ts: TypeScript, file: Ts.SourceFile): number {
  if (file.text.length <= DEEPEST) return 0;
  let depth = 0;
  for (let level: Ts.Node[] = [file]; level.length > 0; depth++) {
    const next: Ts.Node[] = [];
    for (const node of level) ts.forEachChild(node, (child) => void next.push(child));
    level = next;
  }
  return depth;
}

/** Whether a statement is one like `'use strict'`, which count only where they stand first. */
export function isDirective(ts: TypeScript, statement: Ts.Statement): boolean {
  return ts.isExpressionStatement(statement) && ts.isStringLiteral(statement.expression);
}
