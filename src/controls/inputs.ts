import { requireObject, show } from '../numbers/arguments';
import { value as anyValue, boolean, readOptions, string } from '../numbers/options';
import { Control, type ControlOptions, controlOptions, plainControl } from './control';
import { Listeners } from './listeners';
import { controlsView, type State, Widget } from './widget';

/**
 * A choice of one among several values.
 *
 * @param choices The values, or an object of values by the names that they are shown under.
 * @param options The first choice is made by default.
 * @throws RangeError if there is nothing to choose from, or `value` is not among the choices.
 *
 * @example dropdown([16, 64, 256], { value: 64, label: 'hidden units' })
 * @example dropdown({ 'L1': l1(1e-3), 'none': undefined })
 */
export function dropdown<T>(
  choices: readonly T[] | Readonly<Record<string, T>>,
  options: ControlOptions & { readonly value?: T } = {},
): Control<T> {
  readOptions('dropdown', options, { ...controlOptions, value: anyValue<unknown>() });
  requireObject('choices', choices, 'an array of choices, or choices by name');
  const named: readonly (readonly [string, T])[] = Array.isArray(choices)
    ? (choices as readonly T[]).map((choice) => [String(choice), choice])
    : Object.entries(choices);
  const [first] = named;
  if (first === undefined) throw new RangeError('choices must not be empty; got none');
  const names = named.map(([name]) => name);
  const indexOf = (value: T) => named.findIndex(([, choice]) => Object.is(choice, value));
  return new Control<T>(
    {
      view: controlsView('Dropdown'),
      key: 'index',
      value: 'value' in options ? (options.value as T) : first[1],
      state: { _options_labels: names },
      permitted: (value) => {
        if (indexOf(value) >= 0) return value;
        throw new RangeError(`value must be one of ${names.join(', ')}; got ${show(value)}`);
      },
      toState: indexOf,
      fromState: (index) => {
        const choice = Number.isInteger(index) ? named[index as number] : undefined;
        if (choice === undefined) throw new RangeError(`index must be that of a choice; got ${show(index)}`);
        return choice[1];
      },
    },
    options,
  );
}

/**
 * A box to tick.
 *
 * @example checkbox(false, { label: 'tied weights' })
 */
export function checkbox(value = false, options: ControlOptions = {}): Control<boolean> {
  readOptions('checkbox', options, controlOptions);
  const check = (given: unknown) => boolean('value', given as boolean);
  return plainControl(controlsView('Checkbox'), value, check, { indent: false }, options);
}

/**
 * A field for a line of text; it changes when the user presses Enter or leaves it.
 *
 * @example textField('', { label: 'name' })
 */
export function textField(value = '', options: ControlOptions = {}): Control<string> {
  return textControl('Text', value, options, { continuous_update: false });
}

/**
 * A piece of HTML that the program can replace: `value` is its source.
 *
 * @example const note = html('<b>ready</b>'); note.value = '<i>training</i>';
 */
export function html(value = '', options: ControlOptions = {}): Control<string> {
  return textControl('HTML', value, options);
}

function textControl(
  name: string,
  value: string,
  options: ControlOptions,
  state: State = {},
): Control<string> {
  readOptions(name === 'HTML' ? 'html' : 'textField', options, controlOptions);
  const check = (given: unknown) => string('value', given as string);
  return plainControl(controlsView(name), value, check, state, options);
}

/** Something to press. */
export class Button extends Widget {
  readonly #listeners = new Listeners<undefined>();

  constructor(label: string) {
    super(controlsView('Button'), { description: label });
  }

  /** Its label. */
  get label(): string {
    return String(this.get('description'));
  }

  set label(label: string) {
    this.set({ description: label });
  }

  /**
   * Calls `listener` each time the button is pressed, until the cell that asks for it is run again.
   *
   * @returns a function that ends this
   */
  onClick(listener: () => unknown): () => void {
    return this.#listeners.add(listener);
  }

  override toString(): string {
    return `[${this.label}]`;
  }

  protected override receiveEvent({ event }: State): unknown {
    if (event !== 'click') return undefined;
    return this.#listeners.tell(undefined);
  }
}

/**
 * A button.
 *
 * @example
 * const again = button('Train again');
 * again.onClick(() => console.log('pressed'));
 * again
 */
export function button(label: string): Button {
  return new Button(label);
}
