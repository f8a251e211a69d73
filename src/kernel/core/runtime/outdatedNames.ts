/**
 * Names that a cell has failed to declare again. They keep the value of before, so that what uses them may judge code
 * that its reader has long changed: a later cell says so.
 */
export class OutdatedNames {
  readonly #names = new Set<string>();

  /** Notes names that a cell declares and has not got to. */
  add(names: readonly string[]): void {
    for (const name of names) this.#names.add(name);
  }

  /** Forgets names that a cell declares which does run. */
  settle(names: readonly string[]): void {
    for (const name of names) this.#names.delete(name);
  }

  /** The note for the reader of a cell that uses such names. */
  noteOn(used: ReadonlySet<string>): string | undefined {
    const names = [...this.#names].filter((name) => used.has(name));
    if (names.length === 0) return undefined;
    const [verb, pronoun, object] =
      names.length === 1 ? ['is', 'it was', 'it'] : ['are', 'they were', 'them'];
    return `${names.join(' and ')} ${verb} still what ${pronoun} before: the cell that declares ${object} again has failed.\n`;
  }
}
