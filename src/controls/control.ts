import { platform } from '#platform';
import { type OptionsOf, optional, string } from '../numbers/options';
import { Listeners } from './listeners';
import { controlsView, type State, type View, Widget } from './widget';

/** Option readers that all controls share, for {@link readOptions}. */
export const controlOptions = {
  /** Stands next to the control. */
  label: optional(string),
};

/** Options of every control. @interface */
export type ControlOptions = OptionsOf<typeof controlOptions>;

/** How a control's value is kept in the state that the page knows. */
export interface Representation<T> {
  readonly view: View;
  /** Where in the state. */
  readonly key: string;
  readonly value: T;
  /** The rest of the state. */
  readonly state?: State;
  /** The value that the control has when the program gives it this one. @throws RangeError or TypeError if it cannot have it */
  permitted(value: T): T;
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
  readonly #listeners = new Listeners<T>();
  #value: T;
  /** The value that the listeners know of. */
  #told: T;

  constructor(representation: Representation<T>, { label = '' }: ControlOptions = {}) {
    const { view, key, state } = representation;
    const value = representation.permitted(representation.value);
    super(view, {
      ...state,
      description: label,
      style: labelStyle('initial'),
      [key]: representation.toState(value),
    });
    this.#representation = representation;
    this.#value = value;
    this.#told = value;
  }

  /** The value at the moment. */
  get value(): T {
    return this.#value;
  }

  /** @throws RangeError or TypeError if the control cannot have this value */
  set value(value: T) {
    const { key, permitted, toState } = this.#representation;
    this.#value = permitted(value);
    this.set({ [key]: toState(this.#value) });
    this.#tell();
  }

  /** Stands next to the control. */
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
   * Calls `listener` with each new value, changed by the page or by code, until the cell that asks for it is run again.
   *
   * @returns a function that ends this
   */
  onChange(listener: (value: T) => unknown): () => void {
    return this.#listeners.add(listener);
  }

  /** The label and the value. */
  override toString(): string {
    const value = typeof this.#value === 'string' ? this.#value : platform.inspect(this.#value);
    return this.label === '' ? value : `${this.label}: ${value}`;
  }

  protected override accept(changes: State): State {
    const { key, fromState, toState } = this.#representation;
    try {
      this.#value = fromState(changes[key]);
    } catch {
      return {};
    }
    // As it is here: the page has it from a slider's arithmetic, say.
    return { [key]: toState(this.#value) };
  }

  /** Nothing is new where the page has only come to the same position again. */
  protected override changed(): unknown {
    return Object.is(this.#value, this.#told) ? undefined : this.#tell();
  }

  #tell(): unknown {
    this.#told = this.#value;
    return this.#listeners.tell(this.#value);
  }
}

/**
 * A control whose value is in the state unchanged, under the name `value`.
 *
 * @param check Returns a permitted value; throws a RangeError or TypeError otherwise.
 * @param fromPage The same for values from a page, where that differs.
 */
export function plainControl<T>(
  view: View,
  value: unknown,
  check: (value: unknown) => T,
  state: State,
  options: ControlOptions,
  fromPage = check,
): Control<T> {
  return new Control<T>(
    {
      view,
      key: 'value',
      value: value as T,
      state,
      permitted: check,
      toState: (permitted) => permitted,
      fromState: fromPage,
    },
    options,
  );
}
