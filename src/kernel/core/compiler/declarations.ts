/**
 * What later cells know of earlier ones, where tslab's own account needs mending.
 *
 * @module
 */

import type * as Ts from '@tslab/typescript-for-tslab';
import { declaredNames, namesDeclaredIn } from './declaredNames';

/**
 * The declarations after a cell that threw half-way. The compiler declares everything in the cell; what the cell did not
 * get to has no value, so its declaration goes, and what an earlier cell had declared by that name comes back.
 *
 * @param before declarations before the cell
 * @param after declarations as they would be if the cell had run to its end
 * @param missing names that the cell declares but did not assign
 */
export function declarationsAfterThrow(
  ts: typeof Ts,
  before: string,
  after: string,
  missing: ReadonlySet<string>,
): string {
  if (missing.size === 0) return after;
  const kept = select(ts, after, (name) => !missing.has(name));
  const restored = select(ts, before, (name) => missing.has(name));
  return `${kept}\n${restored}`;
}

/** The declarations of values whose name `wanted` accepts, and with them every other statement only if all names are. */
function select(ts: typeof Ts, declarations: string, wanted: (name: string) => boolean): string {
  const file = ts.createSourceFile('declarations.d.ts', declarations, ts.ScriptTarget.Latest, true);
  const kept: string[] = [];
  for (const statement of file.statements) {
    if (ts.isVariableStatement(statement)) {
      const { declarations: variables, flags } = statement.declarationList;
      const keyword = flags & ts.NodeFlags.Const ? 'const' : 'let';
      for (const variable of variables) {
        const name = variable.name.getText(file);
        if (wanted(name)) kept.push(`declare ${keyword} ${variable.getText(file)};`);
      }
    } else {
      const names = declaredNames(ts, statement);
      // An import of several names is kept if one of them is wanted: an unused name does no harm.
      if (names.length > 0 && names.some(wanted)) kept.push(statement.getText(file));
    }
  }
  return kept.join('\n');
}

/**
 * The namespaces of earlier cells, and what they add to global types and modules (`declare global { … }`), which tslab
 * forgets with the first cell that does not declare them.
 *
 * @param before declarations before the cell
 * @param source the cell
 */
export function namespacesThatStay(ts: typeof Ts, before: string, source: string): string {
  if (!/\b(namespace|global|module)\b/.test(before)) return '';
  const file = ts.createSourceFile('declarations.d.ts', before, ts.ScriptTarget.Latest, true);
  const redeclared = new Set(namesDeclaredIn(ts, source));
  return file.statements
    .filter((statement) => ts.isModuleDeclaration(statement) && !redeclared.has(statement.name.text))
    .map((statement) => `${statement.getText(file)}\n`)
    .join('');
}
