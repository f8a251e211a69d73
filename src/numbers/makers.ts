import { refuseUnknownOptions } from './arguments';

/** How a named thing is made from settings that are data. */
export interface Maker<T> {
  /** The names of its settings. */
  readonly keys: readonly string[];
  readonly make: (settings: Readonly<Record<string, never>>) => T;
  /** A call that shows what the name needs: `topK(32)`. For those that have no default. */
  readonly example: string | undefined;
}

/**
 * A maker.
 *
 * @param make Gets the settings by name, and checks them: what JSON brings may be anything.
 */
export function maker<T, K extends string>(
  keys: readonly K[],
  make: (settings: Readonly<Record<K, never>>) => T,
  example?: string,
): Maker<T> {
  return { keys, make, example };
}

/** The activations and rules that the library can make by name, for sweeps and files. */
export class Makers<T> {
  readonly #makers: Readonly<Record<string, Maker<T>>>;

  constructor(makers: Readonly<Record<string, Maker<T>>>) {
    this.#makers = makers;
  }

  /** Every name. */
  get names(): string[] {
    return Object.keys(this.#makers);
  }

  /** The maker of that name, if there is one. */
  find(name: string): Maker<T> | undefined {
    return Object.hasOwn(this.#makers, name) ? this.#makers[name] : undefined;
  }

  /** The settings that go with a name; none if it is not known. */
  settingsOf(name: string): readonly string[] {
    return this.find(name)?.keys ?? [];
  }

  /**
   * Makes what has that name; `undefined` if there is no such name.
   *
   * @throws TypeError or RangeError if it has no such setting, or refuses one.
   */
  make(name: string, settings: Readonly<Record<string, unknown>>): T | undefined {
    const maker = this.find(name);
    if (!maker) return undefined;
    refuseUnknownOptions(name, settings, maker.keys);
    return maker.make(settings as Readonly<Record<string, never>>);
  }
}
