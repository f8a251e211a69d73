/**
 * Turns a cell, which is a module to its author, into the body of a function that shares its names with all other cells.
 * They are properties of one object, the state:
 *
 *     import { l1 } from 'sparselab';      const m_1 = __require('sparselab'); __state.l1 = m_1.l1; __reached('l1');
 *     const a = f(earlier);                const a = f(__state.earlier); __state.a = a; __reached('a');
 *     let n = 1;                       →   __state.n = 1; __reached('n');
 *     function g() { n++; }                function g() { __state.n++; }      (its declaration goes to the top)
 *     g()                                  return [g()];
 *
 * A constant, a function or a class of the cell itself stays a local variable, and quick. One that can change is only in the
 * state, or functions of this cell would not see what another assigns. `__reached` tells what a cell that throws has got to.
 *
 * @module
 */

import type * as Ts from 'typescript-js';
import { boundIdentifiers, declaredNames, isAugmentation } from './declaredNames';
import { NAMESPACE, REACHED, REQUIRE, STATE } from './ownNames';
import { isDirective } from './parsed';
import type { TypeScript } from './system';

/** Findings on the way. */
export interface SharedNames {
  /** Names that the cell gives a value, in their order. */
  readonly declared: Set<string>;
  /** Names of earlier cells that it uses. */
  readonly used: Set<string>;
  /** Modules that it imports. */
  readonly imports: Set<string>;
}

/** The cell and where it lies. */
export interface CellInFile {
  readonly checker: Ts.TypeChecker;
  /** Where, in its file, the cell ends and the declarations of earlier cells begin. */
  readonly end: number;
  nameOf(name: string): string;
}

/** Where a name lives. */
type Home =
  | { readonly kind: 'earlier' | 'variable' }
  | { readonly kind: 'import'; readonly value: () => Ts.Expression };

/** The transformer of the file that holds a cell. To run before types are erased. */
export function shareNames(
  ts: TypeScript,
  { checker, end, nameOf }: CellInFile,
  found: SharedNames,
): Ts.TransformerFactory<Ts.SourceFile> {
  return (context) => {
    const { factory } = context;
    const imported = new Map<Ts.Symbol, () => Ts.Expression>();
    const homes = new Map<Ts.Symbol, Home | undefined>();

    const own = (name: string) => factory.createIdentifier(nameOf(name));
    const call = (name: string, passed: Ts.Expression[]) =>
      factory.createCallExpression(own(name), undefined, passed);
    const shared = (name: string) => factory.createPropertyAccessExpression(own(STATE), name);
    /** As if it stood where the author wrote `node`. */
    const at = <T extends Ts.Node>(made: T, node: Ts.Node): T =>
      ts.setSourceMapRange(made, { pos: node.getStart(), end: node.end });

    // ---- where a name lives

    const homeOf = (symbol: Ts.Symbol): Home | undefined => {
      if (!homes.has(symbol)) homes.set(symbol, findHome(symbol));
      return homes.get(symbol);
    };
    const findHome = (symbol: Ts.Symbol): Home | undefined => {
      const value = imported.get(symbol);
      if (value !== undefined) return { kind: 'import', value };
      const declarations = symbol.declarations ?? [];
      const [first] = declarations;
      if (first === undefined || !declarations.every((each) => isAtTop(ts, each))) return undefined;
      if (first.getSourceFile().fileName !== fileName) return undefined;
      if (first.pos >= end) return { kind: 'earlier' };
      return declarations.every((each) => isChangeable(ts, each)) ? { kind: 'variable' } : undefined;
    };
    let fileName = '';

    /** The replacement of a name where its value is meant, or `undefined` where the name stays. */
    const standIn = (node: Ts.Identifier, symbol: Ts.Symbol | undefined): Ts.Expression | undefined => {
      const home = symbol && homeOf(symbol);
      if (home === undefined) return undefined;
      if (home.kind === 'import') return at(home.value(), node);
      if (home.kind === 'earlier') found.used.add(node.text);
      return at(shared(node.text), node);
    };

    // ---- expressions

    const visit = (node: Ts.Node): Ts.Node => {
      if (ts.isIdentifier(node)) {
        return isNameOfDeclaration(ts, node)
          ? node
          : (standIn(node, checker.getSymbolAtLocation(node)) ?? node);
      }
      if (isOnlyType(ts, node)) return node;
      if (ts.isShorthandPropertyAssignment(node)) return visitShorthand(node);
      const visited = ts.visitEachChild(node, visit, context);
      if (ts.isCallExpression(visited)) {
        const { expression, typeArguments, arguments: passed } = visited;
        return factory.updateCallExpression(visited, detach(node, expression), typeArguments, passed);
      }
      if (ts.isTaggedTemplateExpression(visited)) {
        const { tag, typeArguments, template } = visited;
        return factory.updateTaggedTemplateExpression(visited, detach(node, tag), typeArguments, template);
      }
      return visited;
    };

    /** `{ a }` → `{ a: __state.a }` */
    const visitShorthand = (node: Ts.ShorthandPropertyAssignment): Ts.Node => {
      const value = standIn(node.name, checker.getShorthandAssignmentValueSymbol(node));
      if (value === undefined) return ts.visitEachChild(node, visit, context);
      const { objectAssignmentInitializer: initial } = node;
      const whole = initial ? factory.createAssignment(value, expression(initial)) : value;
      return factory.createPropertyAssignment(propertyName(node.name.text), whole);
    };

    /** `f(x)` → `(0, __state.f)(x)`: a function of another cell has no `this`, as in its own. */
    const detach = (call: Ts.Node, callee: Ts.Expression): Ts.Expression => {
      const author = ts.isCallExpression(call) ? call.expression : (call as Ts.TaggedTemplateExpression).tag;
      if (!ts.isIdentifier(author) || callee === author) return callee;
      const value = factory.createParenthesizedExpression(
        factory.createComma(factory.createNumericLiteral(0), callee),
      );
      // A stack trace names the end of this; the author looks for the start of the call.
      const start = author.getStart();
      return ts.setSourceMapRange(value, { pos: start, end: start });
    };

    const expression = (node: Ts.Expression): Ts.Expression => ts.visitNode(node, visit) as Ts.Expression;

    /** `__proto__: x` in an object would set its prototype. */
    const propertyName = (name: string): Ts.PropertyName =>
      name === '__proto__'
        ? factory.createComputedPropertyName(factory.createStringLiteral(name))
        : factory.createIdentifier(name);

    // ---- statements

    const reached = (names: readonly string[]): Ts.Statement => {
      for (const name of names) found.declared.add(name);
      return factory.createExpressionStatement(
        call(
          REACHED,
          names.map((name) => factory.createStringLiteral(name)),
        ),
      );
    };
    const assign = (target: Ts.Expression, value: Ts.Expression): Ts.Statement =>
      factory.createExpressionStatement(factory.createAssignment(target, value));
    /** Puts what local variables hold into the state. */
    const share = (names: readonly string[]): Ts.Statement[] =>
      names.length === 0
        ? []
        : [...names.map((name) => assign(shared(name), factory.createIdentifier(name))), reached(names)];

    const isValue = (name: Ts.Node | undefined): boolean => {
      const symbol = name && checker.getSymbolAtLocation(name);
      return symbol !== undefined && (symbol.flags & ts.SymbolFlags.Value) !== 0;
    };

    /** `import` in all its forms, except for imports of types only. */
    const importModule = (statement: ImportStatement, index: number): Ts.Statement[] => {
      const { moduleSpecifier, importClause, whole, isOfTypes } = partsOfImport(ts, statement);
      if (!ts.isStringLiteral(moduleSpecifier) || isOfTypes) return [];
      const isOfValue = (node: Ts.Node): boolean => {
        const symbol = checker.getSymbolAtLocation(node);
        if (symbol === undefined) return true;
        const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
        return (target.flags & ts.SymbolFlags.Value) !== 0 || target.declarations === undefined;
      };
      const bindings = importClause?.namedBindings;
      const names: {
        readonly local: Ts.Identifier;
        readonly from: string | undefined;
        readonly star: boolean;
      }[] = [];
      if (whole !== undefined) names.push({ local: whole, from: undefined, star: false });
      if (importClause?.name) names.push({ local: importClause.name, from: 'default', star: true });
      if (bindings && ts.isNamespaceImport(bindings))
        names.push({ local: bindings.name, from: undefined, star: true });
      if (bindings && ts.isNamedImports(bindings)) {
        for (const { name, propertyName: original, isTypeOnly } of bindings.elements) {
          const from = (original ?? name).text;
          if (!isTypeOnly) names.push({ local: name, from, star: from === 'default' });
        }
      }
      const values = names.filter(({ local }) => isOfValue(local));
      if (importClause !== undefined && values.length === 0 && names.length + typeNames(ts, bindings) > 0)
        return [];

      found.imports.add(moduleSpecifier.text);
      const constant = (name: Ts.Identifier, value: Ts.Expression): Ts.Statement =>
        factory.createVariableStatement(
          undefined,
          factory.createVariableDeclarationList(
            [factory.createVariableDeclaration(name, undefined, undefined, value)],
            ts.NodeFlags.Const,
          ),
        );
      const load = at(call(REQUIRE, [factory.createStringLiteral(moduleSpecifier.text)]), statement);
      if (values.length === 0) return [at(factory.createExpressionStatement(load), statement)];
      const [module, namespace] = [`__m${index}`, `__n${index}`];
      const statements = [at(constant(own(module), load), statement)];
      if (values.some(({ star }) => star))
        statements.push(constant(own(namespace), call(NAMESPACE, [own(module)])));
      for (const { local, from, star } of values) {
        const holder = star ? namespace : module;
        const value = () =>
          from === undefined ? own(holder) : factory.createPropertyAccessExpression(own(holder), from);
        const symbol = checker.getSymbolAtLocation(local);
        if (symbol !== undefined) imported.set(symbol, value);
        statements.push(assign(shared(local.text), value()));
      }
      statements.push(reached(values.map(({ local }) => local.text)));
      return statements;
    };

    /** A `var` without a value gets none where it stands: it may have one already. */
    const bare = new Set<string>();

    /** `let` and `var`: assignments to the state. */
    const declareVariables = ({ declarationList }: Ts.VariableStatement): Ts.Statement[] =>
      declarationList.declarations.flatMap((declaration) => {
        const { name, initializer } = declaration;
        const names = boundIdentifiers(ts, name).map(({ text }) => text);
        if (initializer === undefined && (declarationList.flags & ts.NodeFlags.BlockScoped) === 0) {
          for (const each of names) bare.add(each);
          return [];
        }
        const value = initializer ? expression(initializer) : factory.createVoidZero();
        const target = asTarget(name);
        const assignment = ts.isIdentifier(name)
          ? assign(target, isNameless(ts, value) ? named(name.text, value) : value)
          : assign(target, value);
        return [at(assignment, declaration), reached(names)];
      });

    /** A function takes the name of the variable that it is assigned to, but not of a property: `{ f: () => 1 }.f` */
    const named = (name: string, value: Ts.Expression): Ts.Expression =>
      factory.createElementAccessExpression(
        factory.createObjectLiteralExpression([factory.createPropertyAssignment(propertyName(name), value)]),
        factory.createStringLiteral(name),
      );

    /** Targets of an assignment: `{ a, b: [c = 1] }` → `{ a: __state.a, b: [__state.c = 1] }` */
    const asTarget = (name: Ts.BindingName): Ts.Expression => {
      if (ts.isIdentifier(name)) return at(shared(name.text), name);
      if (ts.isArrayBindingPattern(name)) {
        return factory.createArrayLiteralExpression(
          name.elements.map((element) => {
            if (ts.isOmittedExpression(element)) return element;
            const target = withDefault(element);
            return element.dotDotDotToken ? factory.createSpreadElement(target) : target;
          }),
        );
      }
      return factory.createObjectLiteralExpression(
        name.elements.map((element) => {
          if (element.dotDotDotToken) return factory.createSpreadAssignment(asTarget(element.name));
          const property = element.propertyName
            ? (ts.visitNode(element.propertyName, visit) as Ts.PropertyName)
            : propertyName((element.name as Ts.Identifier).text);
          return factory.createPropertyAssignment(property, withDefault(element));
        }),
      );
    };
    const withDefault = ({ name, initializer }: Ts.BindingElement): Ts.Expression =>
      initializer ? factory.createAssignment(asTarget(name), expression(initializer)) : asTarget(name);

    const transform = (statement: Ts.Statement, isLast: boolean): Ts.Statement[] => {
      if (isLast && ts.isExpressionStatement(statement)) {
        // In a list: a promise stays one, and a function without a name gets none.
        const result = factory.createArrayLiteralExpression([expression(statement.expression)]);
        return [at(factory.createReturnStatement(result), statement)];
      }
      if (isAmbient(ts, statement)) return [];
      if (ts.isVariableStatement(statement) && isSharedAsVariable(statement))
        return declareVariables(statement);
      if (ts.isImportEqualsDeclaration(statement)) return declareAlias(statement);
      const visited = ts.visitNode(statement, visit) as Ts.Statement;
      if (ts.isVariableStatement(statement)) return [visited, ...share(declaredNames(ts, statement))];
      const declares =
        ts.isClassDeclaration(statement) ||
        ts.isEnumDeclaration(statement) ||
        ts.isModuleDeclaration(statement);
      return declares && isValue(statement.name)
        ? [visited, ...share(declaredNames(ts, statement))]
        : [visited];
    };
    const isSharedAsVariable = (statement: Ts.VariableStatement): boolean =>
      statement.declarationList.declarations
        .flatMap(({ name }) => boundIdentifiers(ts, name))
        .every((name) => {
          const symbol = checker.getSymbolAtLocation(name);
          return symbol !== undefined && homeOf(symbol)?.kind === 'variable';
        });

    /** `import x = N.y` → `const x = N.y` */
    const declareAlias = ({ name, moduleReference }: Ts.ImportEqualsDeclaration): Ts.Statement[] => {
      if (ts.isExternalModuleReference(moduleReference)) return [];
      const symbol = checker.getSymbolAtLocation(name);
      if (symbol === undefined || !(checker.getAliasedSymbol(symbol).flags & ts.SymbolFlags.Value)) return [];
      const value = (entity: Ts.EntityName): Ts.Expression =>
        ts.isIdentifier(entity)
          ? expression(entity)
          : factory.createPropertyAccessExpression(value(entity.left), entity.right.text);
      const list = [factory.createVariableDeclaration(name, undefined, undefined, value(moduleReference))];
      const constant = factory.createVariableDeclarationList(list, ts.NodeFlags.Const);
      return [factory.createVariableStatement(undefined, constant), ...share([name.text])];
    };

    return (file) => {
      fileName = file.fileName;
      const cell = file.statements.filter(({ pos }) => pos < end);
      const functions = cell.filter((each) => ts.isFunctionDeclaration(each) && each.body !== undefined);
      const last = cell.findLast((each) => !ts.isEmptyStatement(each));
      // First of all, so that what is imported is known wherever it is used.
      const imports = cell.flatMap((each, index) =>
        isImportStatement(ts, each) ? importModule(each, index) : [],
      );
      const hoisted = share([...new Set(functions.flatMap((each) => declaredNames(ts, each)))]);
      const rest = cell
        .filter((each) => !isImportStatement(ts, each))
        .flatMap((each) => transform(each, each === last));
      const prologue = rest.findIndex((each) => !isDirective(ts, each));
      const at = prologue < 0 ? rest.length : prologue;
      const undefinedAtFirst = [...bare].map((name) => assign(shared(name), factory.createVoidZero()));
      return factory.updateSourceFile(file, [
        ...rest.slice(0, at),
        ...undefinedAtFirst,
        ...(bare.size > 0 ? [reached([...bare])] : []),
        ...hoisted,
        ...imports,
        ...rest.slice(at),
      ]);
    };
  };
}

/** An import of a module, in the words of ES modules or of CommonJS. */
type ImportStatement = Ts.ImportDeclaration | Ts.ImportEqualsDeclaration;

function isImportStatement(ts: TypeScript, statement: Ts.Statement): statement is ImportStatement {
  if (ts.isImportDeclaration(statement)) return true;
  return ts.isImportEqualsDeclaration(statement) && ts.isExternalModuleReference(statement.moduleReference);
}

/** In `import x = require('m')`, `whole` is the `x`. */
function partsOfImport(ts: TypeScript, statement: ImportStatement) {
  if (ts.isImportDeclaration(statement)) {
    const { moduleSpecifier, importClause } = statement;
    return { moduleSpecifier, importClause, whole: undefined, isOfTypes: importClause?.isTypeOnly === true };
  }
  const { moduleReference, name, isTypeOnly } = statement;
  const moduleSpecifier = (moduleReference as Ts.ExternalModuleReference).expression;
  return { moduleSpecifier, importClause: undefined, whole: name, isOfTypes: isTypeOnly };
}

/** The number of names in an import that are marked as types. */
function typeNames(ts: TypeScript, bindings: Ts.NamedImportBindings | undefined): number {
  return bindings && ts.isNamedImports(bindings)
    ? bindings.elements.filter(({ isTypeOnly }) => isTypeOnly).length
    : 0;
}

/** Code for the type checker alone. */
function isOnlyType(ts: TypeScript, node: Ts.Node): boolean {
  return (
    (ts.isTypeNode(node) && !ts.isExpressionWithTypeArguments(node)) ||
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) ||
    ts.isTypeParameterDeclaration(node)
  );
}

/** `declare …`, and overloads of a function. */
function isAmbient(ts: TypeScript, statement: Ts.Statement): boolean {
  if (isAugmentation(ts, statement)) return true;
  if (ts.isFunctionDeclaration(statement) && statement.body === undefined) return true;
  const modifiers = ts.canHaveModifiers(statement) ? ts.getModifiers(statement) : undefined;
  return modifiers?.some(({ kind }) => kind === ts.SyntaxKind.DeclareKeyword) ?? false;
}

/** Whether a declaration is at the top level of its file. */
function isAtTop(ts: TypeScript, declaration: Ts.Declaration): boolean {
  let node: Ts.Node = declaration;
  while (ts.isBindingElement(node) || ts.isObjectBindingPattern(node) || ts.isArrayBindingPattern(node))
    node = node.parent;
  if (ts.isVariableDeclaration(node))
    return ts.isVariableStatement(node.parent.parent) && ts.isSourceFile(node.parent.parent.parent);
  if (ts.isImportSpecifier(node)) node = node.parent.parent.parent;
  else if (ts.isNamespaceImport(node)) node = node.parent.parent;
  else if (ts.isImportClause(node)) node = node.parent;
  return ts.isSourceFile(node.parent) && !ts.isSourceFile(node);
}

/** Whether a declaration at the top is of a `let` or `var`. */
function isChangeable(ts: TypeScript, declaration: Ts.Declaration): boolean {
  let node: Ts.Node = declaration;
  while (ts.isBindingElement(node) || ts.isObjectBindingPattern(node) || ts.isArrayBindingPattern(node))
    node = node.parent;
  if (!ts.isVariableDeclaration(node)) return false;
  const kind = node.parent.flags & ts.NodeFlags.BlockScoped;
  return kind === ts.NodeFlags.None || kind === ts.NodeFlags.Let;
}

/** Whether an identifier is where something gets its name. */
function isNameOfDeclaration(ts: TypeScript, node: Ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isBindingElement(parent)) return parent.name === node || parent.propertyName === node;
  if (ts.isPropertyAccessExpression(parent)) return parent.name === node;
  return 'name' in parent && parent.name === node && !ts.isShorthandPropertyAssignment(parent);
}

/** Whether a value is a function or class that would take the name of the variable it is assigned to. */
function isNameless(ts: TypeScript, value: Ts.Expression): boolean {
  if (ts.isParenthesizedExpression(value)) return isNameless(ts, value.expression);
  return (
    ts.isArrowFunction(value) ||
    ((ts.isFunctionExpression(value) || ts.isClassExpression(value)) && value.name === undefined)
  );
}
