/**
 * The examples in the comments of public names: code that compiles, with values that are checked.
 *
 *     l0(tf.tensor2d([[0, 2, 1], [0, 0, 3]])) // → 1.5; (2 + 1) / 2
 *
 * After the arrow is the value of the expression, its numbers rounded to any precision; after a semicolon, the reason.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { inspect } from 'node:util';
import ts from 'typescript-js';
import { root } from '../paths.mjs';
import { ENTRIES } from '../publicSurface.mjs';

const program = ts.createProgram(Object.values(ENTRIES), {
  skipLibCheck: true,
  target: ts.ScriptTarget.ES2022,
});
const checker = program.getTypeChecker();

/** The file that examples are compiled in. */
const FILE = join(root, 'build', 'examples.ts');

/** Names that examples assume; lines with them are compiled only. */
const GIVEN = `
declare const model: SparseAutoencoder, first: SparseAutoencoder, second: SparseAutoencoder, third: SparseAutoencoder;
declare const mnist: Mnist, digits: Dataset, sample: Dataset, data: Dataset, images: Dataset;
declare const history: History, other: History, histories: Record<string, History>, trials: SweepTable, penalty: Penalty;
declare const h: Matrix, h0: Matrix, activations: Matrix, rho: number, lambda: number;
declare const none: ActivationContext, hoyer: () => Penalty, l1Penalty: (h: number[][]) => number;
`;

/**
 * @typedef {object} Example
 * @property {string} name whose comment contains it
 * @property {string} code
 *
 * @typedef {object} Surface
 * @property {readonly Example[]} examples
 * @property {readonly string[]} without functions that have none
 */

/** All examples of the built library. @returns {Surface} */
export function publicExamples() {
  /** @type {Map<string, readonly string[]>} */
  const found = new Map();
  const without = [];
  for (const entry of Object.values(ENTRIES)) {
    for (const { name, symbol, needed } of exportsOf(entry).flatMap((exported) => documented(exported))) {
      const codes = symbol
        .getJsDocTags(checker)
        .filter(({ name }) => name === 'example')
        .map(({ text }) => ts.displayPartsToString(text).trim());
      if (codes.length > 0) found.set(name, codes);
      else if (needed) without.push(name);
    }
  }
  const examples = [...found].flatMap(([name, codes]) => codes.map((code) => ({ name, code })));
  return { examples, without };
}

/**
 * The symbols whose comments a public name brings: its own, or those of its members where it is a namespace (`check`,
 * `exercises`). Functions need an example, and so do all members.
 *
 * @param {ts.Symbol} exported
 * @returns {readonly { name: string, symbol: ts.Symbol, needed: boolean }[]}
 */
function documented(exported) {
  const { name } = exported;
  const symbol = aliased(exported);
  // The new name of an earlier one has the examples, and tf belongs to another package.
  const old = exported.getJsDocTags(checker).some(({ name }) => name === 'deprecated');
  if (old || name === 'tf') return [];
  if (symbol.flags & ts.SymbolFlags.ValueModule) {
    return checker.getExportsOfModule(symbol).flatMap((member) => {
      const inner = aliased(member);
      const isValue = inner.flags & (ts.SymbolFlags.Function | ts.SymbolFlags.Variable);
      return isValue ? [{ name: `${name}.${member.name}`, symbol: inner, needed: true }] : [];
    });
  }
  if (!(symbol.flags & (ts.SymbolFlags.Function | ts.SymbolFlags.Class))) return [];
  return [{ name, symbol, needed: Boolean(symbol.flags & ts.SymbolFlags.Function) }];
}

/** @param {ts.Symbol} symbol */
function aliased(symbol) {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

/**
 * Compiles the examples together, and runs those that say a value.
 *
 * @param {readonly Example[]} examples
 * @returns {Promise<string[]>} a line for each that does not compile or gives something else
 */
export async function runExamples(examples) {
  const code = [
    "import { tf } from 'sparselab';",
    ...Object.keys(ENTRIES).map((name, index) => `import * as entry${index} from '${name}';`),
    importsOf(),
    GIVEN,
    'declare const __said: (name: string, value: unknown, said: string) => Promise<void>;',
    'export const examples: Record<string, () => Promise<void>> = {};',
    ...examples.map(({ name, code }, index) => {
      const { text, says } = checked(name, code);
      return `${says ? `examples['${name} ${index}'] = ` : 'void '}(async () => {\n${text}\n});`;
    }),
  ].join('\n');
  const complaints = compileErrors(code);
  if (complaints.length > 0) return complaints;
  const { outputText } = ts.transpileModule(code, {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
  });
  const module = {
    exports: /** @type {{ examples: Record<string, () => Promise<void>> }} */ ({ examples: {} }),
  };
  /** @type {(name: string, value: unknown, said: string) => Promise<void>} */
  const check = async (name, value, said) => {
    const wanted = /^'(?:[^'\\]|\\.)*'/.exec(said)?.[0] ?? said.split('; ')[0] ?? '';
    const shown = inspect(await value, { depth: 4, breakLength: Infinity, compact: true });
    if (!agree(shown, wanted)) complaints.push(`${name}: ${wanted} is ${shown}`);
  };
  const none = { parameters: {}, state: {} };
  new Function('require', 'module', 'exports', '__said', 'none', outputText)(
    createRequire(FILE),
    module,
    module.exports,
    check,
    none,
  );
  for (const [name, run] of Object.entries(module.exports.examples)) {
    await run().catch((/** @type {Error} */ error) => {
      complaints.push(`${name}: ${error.message}`);
    });
  }
  return complaints;
}

/** The names that an entry exports. @param {string} entry its declarations */
function exportsOf(entry) {
  const source = /** @type {ts.SourceFile} */ (program.getSourceFile(entry));
  return checker.getExportsOfModule(/** @type {ts.Symbol} */ (checker.getSymbolAtLocation(source)));
}

/** All public names, as imports. */
function importsOf() {
  const taken = new Set(['tf']);
  return Object.entries(ENTRIES)
    .toReversed()
    .map(([name, entry]) => {
      const names = exportsOf(entry)
        .map(({ name }) => name)
        .filter((name) => !taken.has(name) && taken.add(name));
      return `import { ${names.join(', ')} } from '${name}';`;
    })
    .join('\n');
}

/** An example whose expressions with an arrow are compared. @param {string} name @param {string} code */
function checked(name, code) {
  const file = ts.createSourceFile('example.ts', code, ts.ScriptTarget.Latest, true);
  let text = code;
  let says = false;
  for (const statement of [...file.statements].reverse()) {
    if (!ts.isExpressionStatement(statement)) continue;
    const said = /^;?\s*\/\/ → (.*)/.exec(code.slice(statement.getEnd()))?.[1];
    if (said === undefined) continue;
    // The next lines assume such a name.
    const end = says ? '' : ' return;';
    says = true;
    const expression = statement.expression.getText();
    text = `${text.slice(0, statement.getStart())}await __said(${JSON.stringify(name)}, ${expression}, ${JSON.stringify(said)});${end}${text.slice(statement.getEnd())}`;
  }
  return { text, says };
}

const NUMBER = /-?\d+(?:\.\d+)?(?:e[-+]?\d+)?/g;

/** Whether two texts are the same, but for digits that the second leaves out. @param {string} shown @param {string} wanted */
function agree(shown, wanted) {
  const plain = (/** @type {string} */ text) => text.replace(NUMBER, '#').replace(/(?<=\[) | (?=\])/g, '');
  if (plain(shown) !== plain(wanted)) return false;
  const numbers = shown.match(NUMBER) ?? [];
  return (wanted.match(NUMBER) ?? []).every((text, index) => {
    const digits = text.split('.')[1]?.length ?? 0;
    return Number(numbers[index]).toFixed(digits) === Number(text).toFixed(digits) || numbers[index] === text;
  });
}

/** @param {string} code @returns {string[]} */
function compileErrors(code) {
  /** @type {ts.CompilerOptions} */
  const options = {
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2023.d.ts'],
    module: ts.ModuleKind.Node20,
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: ['node'],
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (path) => path === FILE || fileExists(path);
  host.getSourceFile = (path, ...rest) =>
    path === FILE
      ? ts.createSourceFile(path, code, ts.ScriptTarget.ES2022, true)
      : getSourceFile(path, ...rest);
  const program = ts.createProgram([FILE], options, host);
  const file = /** @type {ts.SourceFile} */ (program.getSourceFile(FILE));
  return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map(
    ({ start = 0, messageText }) => {
      const line = file.text.slice(file.text.lastIndexOf('\n', start) + 1, file.text.indexOf('\n', start));
      return `${line.trim()}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
    },
  );
}
