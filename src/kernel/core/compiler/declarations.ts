/**
 * Declarations of earlier cells for later ones: one for each name, as TypeScript writes them into `.d.ts` files.
 *
 * @module
 */

import type * as Ts from 'typescript-js';
import { declaredNames, isAugmentation } from './declaredNames';
import type { TypeScript } from './system';

/** A statement of a declaration file. */
interface Declaration {
  /** Its declarations. Empty for a declaration that adds to a global type or a module. */
  readonly names: readonly string[];
  readonly text: string;
  /** For variables: their declaration and its comment. */
  readonly variable?: { readonly keyword: 'let' | 'const'; readonly comment: string };
}

/** The declarations of all names that cells can use. It never changes; each method makes another. */
export class Declarations {
  static readonly none = new Declarations([]);

  private constructor(private readonly list: readonly Declaration[]) {}

  /**
   * Reads what TypeScript has written of a cell.
   *
   * @param declared the names that the cell declares: all other names belong to earlier cells
   */
  static read(ts: TypeScript, text: string, declared: ReadonlySet<string>): Declarations {
    const file = ts.createSourceFile('declarations.d.ts', text, ts.ScriptTarget.Latest, true);
    return new Declarations(file.statements.flatMap((statement) => read(ts, file, statement, declared)));
  }

  /** The names that are declared. */
  get names(): ReadonlySet<string> {
    return new Set(this.list.flatMap(({ names }) => names));
  }

  /** The declaration file of all of it. */
  get text(): string {
    return `${this.list.map(({ text }) => text).join('\n')}\nexport { ${[...this.names].join(', ')} };\n`;
  }

  /**
   * Declares names in a file that has imported the declaration file as `namespace`: variables as variables, because those may be
   * assigned to, all else by its name.
   *
   * The types of variables are in a namespace, where no control flow leads: a `typeof` at the end of the file would be
   * narrowed by every assertion of the cell, whose arguments may be of that very type.
   */
  aliases(namespace: string, isWanted: (name: string) => boolean): string {
    const declared = new Set<string>();
    const types: string[] = [];
    const aliases: string[] = [];
    for (const { names, variable } of this.list) {
      for (const name of names.filter((each) => isWanted(each) && !declared.has(each))) {
        declared.add(name);
        if (variable === undefined) {
          aliases.push(`import ${name} = ${namespace}.${name};`);
        } else {
          types.push(`type ${name} = typeof ${namespace}.${name};`);
          aliases.push(
            `${variable.comment}\ndeclare ${variable.keyword} ${name}: ${namespace}Types.${name};`,
          );
        }
      }
    }
    return `declare namespace ${namespace}Types {\n${types.join('\n')}\n}\n${aliases.join('\n')}`;
  }

  /** Without some names. A statement that declares several, such as an import, stays as long as one of them does. */
  without(names: ReadonlySet<string>): Declarations {
    return new Declarations(
      this.list.flatMap((declaration) => {
        const kept = declaration.names.filter((name) => !names.has(name));
        return declaration.names.length > 0 && kept.length === 0 ? [] : declaration;
      }),
    );
  }

  /** Only some names. */
  only(names: ReadonlySet<string>): Declarations {
    return new Declarations(
      this.list.filter((declaration) => declaration.names.some((name) => names.has(name))),
    );
  }

  /** With others, which replace those of the same names. */
  with(others: Declarations): Declarations {
    const texts = new Set(others.list.map(({ text }) => text));
    const kept = this.without(others.names).list.filter(({ text }) => !texts.has(text));
    return new Declarations([...kept, ...others.list]);
  }
}

/** A variable statement and an import are taken apart: a later cell may declare one of their names again. */
function read(
  ts: TypeScript,
  file: Ts.SourceFile,
  statement: Ts.Statement,
  declared: ReadonlySet<string>,
): Declaration[] {
  if (isAugmentation(ts, statement)) return [{ names: [], text: statement.getText(file) }];
  if (ts.isImportDeclaration(statement)) return importsOf(ts, file, statement, declared);
  if (ts.isVariableStatement(statement)) {
    const { declarations, flags } = statement.declarationList;
    const keyword = (flags & ts.NodeFlags.BlockScoped) === ts.NodeFlags.Let ? 'let' : 'const';
    const comment = file.text.slice(statement.getFullStart(), statement.getStart(file)).trim();
    return declarations.flatMap((variable) => {
      // As it is meant, not as it is written: `\\u0061` is an `a`.
      const name = ts.isIdentifier(variable.name) ? variable.name.text : variable.name.getText(file);
      if (!declared.has(name)) return [];
      return {
        names: [name],
        text: `declare ${keyword} ${variable.getText(file)};`,
        variable: { keyword, comment },
      };
    });
  }
  const names = declaredNames(ts, statement);
  if (!names.some((name) => declared.has(name))) return [];
  return [{ names, text: withoutExport(ts, file, statement) }];
}

function importsOf(
  ts: TypeScript,
  file: Ts.SourceFile,
  statement: Ts.ImportDeclaration,
  declared: ReadonlySet<string>,
): Declaration[] {
  const { importClause, moduleSpecifier, attributes } = statement;
  if (importClause === undefined) return [];
  const { name, namedBindings } = importClause;
  const type = importClause.isTypeOnly ? 'type ' : '';
  const from = `from ${moduleSpecifier.getText(file)}${attributes === undefined ? '' : ` ${attributes.getText(file)}`};`;
  const named =
    namedBindings === undefined
      ? []
      : ts.isNamespaceImport(namedBindings)
        ? [namedBindings]
        : namedBindings.elements;
  return [...(name === undefined ? [] : [name]), ...named].flatMap((node) => {
    const declaredName = ts.isIdentifier(node) ? node.text : node.name.text;
    if (!declared.has(declaredName)) return [];
    const text = node.getText(file);
    return {
      names: [declaredName],
      text: `import ${type}${ts.isImportSpecifier(node) ? `{ ${text} }` : text} ${from}`,
    };
  });
}

/** The statement with its comment; in a cell, all that is declared is there for others without `export`. */
function withoutExport(ts: TypeScript, file: Ts.SourceFile, statement: Ts.Statement): string {
  const modifiers = ts.canHaveModifiers(statement) ? (ts.getModifiers(statement) ?? []) : [];
  const isExport = ({ kind }: Ts.Modifier) =>
    kind === ts.SyntaxKind.ExportKeyword || kind === ts.SyntaxKind.DefaultKeyword;
  const exported = modifiers.filter(isExport).at(-1);
  const comment = file.text.slice(statement.getFullStart(), statement.getStart(file)).trim();
  const rest = file.text.slice(exported?.end ?? statement.getStart(file), statement.end).trim();
  const needsDeclare =
    exported !== undefined &&
    !modifiers.some(({ kind }) => kind === ts.SyntaxKind.DeclareKeyword) &&
    !ts.isInterfaceDeclaration(statement) &&
    !ts.isTypeAliasDeclaration(statement) &&
    !ts.isImportEqualsDeclaration(statement);
  return `${comment}\n${needsDeclare ? 'declare ' : ''}${rest}`;
}
