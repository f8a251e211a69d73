import { platform } from '#platform';
import { controlsView, type State, type View, Widget } from './widget';

/** What every control can be given. */
export interface ControlOptions {
  /** Stands beside the control. */
  readonly label?: string;
}

/** How a control's value is kept in the state that the page knows. */
export interface Representation<T> {
  readonly view: View;
  /** Where in the state. */
  readonly key: string;
  readonly value: T;
  /** The rest of the state. */
  readonly state?: State;
  /** @throws RangeError or TypeError if the control cannot have this value */
  toState(value: T): unknown;
  /** @throws RangeError or TypeError if no value of this control is written so */
  fromState(written: unknown): T;
}

const STYLE_VIEW: View = {
  ...controlsView('DescriptionStyle'),
  view: { module: '@jupyter-widgets/base', name: 'StyleView' },
};

/** Styles by the width of the label: controls with equal ones share one. */
const styles = new Map<string, Widget>();

function labelStyle(width: string): Widget {
  const style = styles.get(width) ?? new Widget(STYLE_VIEW, { description_width: width });
  styles.set(width, style);
  return style;
}

/** A widget that holds one value, which the user and the program can change. */
export class Control<T> extends Widget {
  readonly #representation: Representation<T>;
  readonly #listeners = new Set<(value: T) => unknown>();
  #value: T;

  constructor(representation: Representation<T>, { label = '' }: ControlOptions = {}) {
    const { view, key, value, state } = representation;
    super(view, {
      ...state,
      description: label,
      style: labelStyle('initial'),
      [key]: representation.toState(value),
    });
    this.#representation = representation;
    this.#value = value;
  }

  /** The value at the moment. */
  get value(): T {
    return this.#value;
  }

  /** @throws RangeError or TypeError if the control cannot have this value */
  set value(value: T) {
    const { key, toState } = this.#representation;
    this.set({ [key]: toState(value) });
    this.#value = value;
    this.#tell();
  }

  /** Stands beside the control. */
  get label(): string {
    return String(this.get('description'));
  }

  set label(label: string) {
    this.set({ description: label });
  }

  /** Leaves room for so many characters of a label, so that controls below each other line up. */
  alignLabel(characters: number): void {
    this.set({ style: labelStyle(`${characters}ch`) });
  }

  /**
   * Calls `listener` with each new value, whoever changes it.
   *
   * @returns a function that ends this
   */
  onChange(listener: (value: T) => unknown): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The label and the value. */
  override toString(): string {
    const value = typeof this.#value === 'string' ? this.#value : platform.inspect(this.#value);
    return this.label === '' ? value : `${this.label}: ${value}`;
  }

  protected override accept(changes: State): State {
    const { key, fromState } = this.#representation;
    try {
      this.#value = fromState(changes[key]);
      return { [key]: changes[key] };
    } catch {
      return {};
    }
  }

  protected override changed(): unknown {
    return this.#tell();
  }

  /** A promise of what the listeners return, if one of them returns a promise. */
  #tell(): unknown {
    const results = [...this.#listeners].map((listener) => listener(this.#value));
    return results.some((result) => result instanceof Promise) ? Promise.all(results) : undefined;
  }
}

/**
 * A control whose value stands in the state as it is, under the name `value`.
 *
 * @param check Returns a permitted value; throws a RangeError or TypeError otherwise.
 */
export function plainControl<T>(
  view: View,
  value: unknown,
  check: (value: unknown) => T,
  state: State,
  options: ControlOptions,
): Control<T> {
  const representation = { view, key: 'value', value: check(value), state, toState: check, fromState: check };
  return new Control<T>(representation, options);
}
