/**
 * The public surface as text: every name that `sparselab` exports, its kind, its signatures or members, and the first sentence
 * of its documentation. A test holds `test/surface.txt` against it, so that no name changes unseen.
 */
import { join } from 'node:path';
import ts from 'typescript-js';
import { root } from './paths.mjs';

/** Where the surface is written down. */
export const surfaceFile = join(root, 'test', 'surface.txt');

const FORMAT = ts.TypeFormatFlags.NoTruncation | ts.TypeFormatFlags.InTypeAlias;

/** Another package's names are its own affair. */
const FOREIGN = new Set(['tf']);

/** The declarations of each entry point, by its name. */
export const ENTRIES = {
  sparselab: join(root, 'dist', 'index.d.ts'),
  'sparselab/teaching': join(root, 'dist', 'teaching.d.ts'),
};

/** The surface of the built library. @returns {string} */
export function surface() {
  return Object.entries(ENTRIES)
    .map(([name, file]) => `# ${name}\n\n${surfaceOf(file)}`)
    .join('\n');
}

/** @param {string} entry */
function surfaceOf(entry) {
  const program = ts.createProgram([entry], {
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2022,
    strict: true,
  });
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(entry);
  const module = source && checker.getSymbolAtLocation(source);
  if (!module) throw new Error(`${entry} must be a module: run npm run check first`);
  return (
    checker
      .getExportsOfModule(module)
      .filter(({ name }) => !FOREIGN.has(name))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map((symbol) => describe(symbol, checker, source))
      .join('\n\n')
      .concat('\n')
      // From which file a type comes is no matter of the surface.
      .replace(/import\("[^"]*"\)\./g, '')
  );
}

/** @param {ts.Symbol} exported @param {ts.TypeChecker} checker @param {ts.SourceFile} source */
function describe(exported, checker, source) {
  const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
  const doc = firstSentence(ts.displayPartsToString(symbol.getDocumentationComment(checker)));
  return [exported.name, ...(doc ? [`  ${doc}`] : []), ...signatures(symbol, checker, source)].join('\n');
}

/** @param {ts.Symbol} symbol @param {ts.TypeChecker} checker @param {ts.SourceFile} source @returns {string[]} */
function signatures(symbol, checker, source) {
  /** @param {ts.Type} type */
  const text = (type) => checker.typeToString(type, source, FORMAT);
  if (symbol.flags & ts.SymbolFlags.Class) {
    const statics = members(checker.getTypeOfSymbol(symbol), checker, source).filter(
      (line) => !/^ {2}prototype\b/.test(line),
    );
    return [
      ...statics.map((line) => `  static ${line.trimStart()}`),
      ...members(checker.getDeclaredTypeOfSymbol(symbol), checker, source),
    ];
  }
  if (
    symbol.flags & ts.SymbolFlags.Interface ||
    symbol.getJsDocTags().some(({ name }) => name === 'interface')
  )
    return members(checker.getDeclaredTypeOfSymbol(symbol), checker, source);
  if (symbol.flags & ts.SymbolFlags.TypeAlias)
    return [`  = ${text(checker.getDeclaredTypeOfSymbol(symbol))}`];
  if (symbol.flags & ts.SymbolFlags.Namespace)
    return checker.getExportsOfModule(symbol).map(({ name }) => `  .${name}`);
  const type = checker.getTypeOfSymbol(symbol);
  const calls = type.getCallSignatures();
  if (calls.length === 0) return [`  : ${text(type)}`];
  return calls.map((call) => `  ${checker.signatureToString(call, source, FORMAT)}`);
}

/** A line for each public member. @param {ts.Type} type @param {ts.TypeChecker} checker @param {ts.SourceFile} source */
function members(type, checker, source) {
  return (
    checker
      .getPropertiesOfType(type)
      .filter((member) => member.declarations?.every((declaration) => !isHidden(declaration)))
      // The compiler lists those of a mapped type in whatever order.
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map((member) => {
        const optional = member.flags & ts.SymbolFlags.Optional ? '?' : '';
        const name = ts.unescapeLeadingUnderscores(member.escapedName).replace(/^__@(\w+)@\d+$/, '[$1]');
        return `  ${name}${optional}: ${checker.typeToString(checker.getTypeOfSymbol(member), source, FORMAT)}`;
      })
  );
}

/** @param {ts.Declaration} declaration */
function isHidden(declaration) {
  return (
    (ts.getCombinedModifierFlags(declaration) & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected)) !==
      0 ||
    ('name' in declaration && ts.isPrivateIdentifier(/** @type {ts.Node} */ (declaration.name)))
  );
}

/** @param {string} doc */
function firstSentence(doc) {
  return (/^[\s\S]*?\.(?=\s|$)/.exec(doc)?.[0] ?? doc).replace(/\s+/g, ' ').trim();
}
