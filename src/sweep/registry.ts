import { show } from '../numbers/arguments';
import { canonicalJson, isPlainObject, type Json } from '../provenance/canonicalJson';
import { loadFunction, type ModuleExport, modulePart } from './projectModules';
import type { Component } from './trial';

/** The arguments of a part besides its data. */
export type Parameters = Readonly<Record<string, Json>>;

/** Something that a trial can name. */
export interface Entry<F> {
  /** The names of its parameters. */
  readonly keys: readonly string[];
  /** Parameters as a specification has them. @throws RangeError or TypeError if one is wrong */
  check?(parameters: Readonly<Record<string, unknown>>): Record<string, unknown>;
  /** Its function. */
  readonly use: F;
}

/**
 * The parts that trials can name: data sets, penalties or metrics. A choice is a name, a name with parameters, or a function of a
 * module of the project; a part of a specification is its choice as data.
 */
export class Registry<F extends (...values: never[]) => unknown> {
  readonly #kind: string;
  readonly #example: string;
  readonly #entries: Readonly<Record<string, Entry<F>>>;

  /**
   * @param kind What an entry is called: `penalty`.
   * @param example A name with parameters, for messages.
   */
  constructor(kind: string, example: string, entries: Readonly<Record<string, Entry<F>>>) {
    this.#kind = kind;
    this.#example = example;
    this.#entries = entries;
  }

  /**
   * A choice as a part of a specification.
   *
   * @param role What error messages call the argument.
   * @param settings Parameters that go before those of the choice.
   * @throws RangeError or TypeError if there is no such entry, it has no such parameter, or refuses one.
   */
  part(role: string, choice: unknown, settings: Parameters = {}): Component {
    if (isPlainObject(choice) && 'module' in choice) {
      const part = modulePart(choice as unknown as ModuleExport);
      return { ...part, parameters: { ...part.parameters, ...settings } };
    }
    const { name, ...fixed } = isPlainObject(choice) ? choice : { name: choice };
    const entry = this.#find(name);
    if (typeof name !== 'string' || !entry) {
      const names = Object.keys(this.#entries).map(show).join(', ');
      throw new TypeError(
        `${role} must be ${names}, one of them with parameters such as ${this.#example}, or fromModule(…); ` +
          `got ${show(choice)}. A trial names its ${this.#kind}, so that other machines can make the same.`,
      );
    }
    const parameters = { ...fixed, ...settings };
    const unknown = Object.keys(parameters).find((key) => !entry.keys.includes(key));
    if (unknown !== undefined) {
      const known = entry.keys.join(', ') || 'none';
      throw new TypeError(`${this.#kind} '${name}' has no parameter ${show(unknown)}; it has ${known}`);
    }
    // Refuses what JSON cannot hold, and copies: the caller may change its object later.
    const checked = canonicalJson(entry.check?.(parameters) ?? parameters, role);
    return { name, parameters: JSON.parse(checked) as Parameters };
  }

  /**
   * The function that a part names: one of the library, or of this machine's copy of a module.
   *
   * @throws TrialRefusedError if its module is another version here.
   * @throws TypeError if there is no such entry.
   */
  use({ name, parameters, module }: Component): F {
    if (module) return loadFunction({ name, parameters, module }) as unknown as F;
    const entry = this.#find(name);
    if (!entry) throw new TypeError(`${this.#kind} ${show(name)} is not known here`);
    return entry.use;
  }

  #find(name: unknown): Entry<F> | undefined {
    return typeof name === 'string' && Object.hasOwn(this.#entries, name) ? this.#entries[name] : undefined;
  }
}
