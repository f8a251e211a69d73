/**
 * Symbols that the first versions of Node 20 do not have.
 *
 * @module
 */

/** Defines `Symbol.dispose` and `Symbol.asyncDispose` where they are missing: compiled `using` asks for them. */
export function completeSymbols(): void {
  for (const name of ['dispose', 'asyncDispose']) {
    if (!(name in Symbol)) Object.defineProperty(Symbol, name, { value: Symbol(`Symbol.${name}`) });
  }
}
