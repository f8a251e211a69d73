/**
 * A control for each setting: menus and sliders of the browser's own, each with its label and its value.
 *
 * @module
 */
import {
  choiceOf,
  isUsed,
  type Ladder,
  labelOf,
  ladderOf,
  type SettingName,
  type Settings,
  settingNames,
  valueText,
} from '../settings';

/** The settings that are always in sight; the rest is folded away. */
const FIRST = settingNames.slice(0, settingNames.indexOf('epochs') + 1);

interface Control {
  readonly row: HTMLElement;
  show(settings: Settings): void;
}

/** The controls of all settings. */
export class Controls {
  readonly #controls: ReadonlyMap<SettingName, Control>;

  /**
   * @param first where the important ones go
   * @param more where the others go
   * @param onChange called with a setting's new value: while a slider moves, too, if `moving`
   */
  constructor(
    first: HTMLElement,
    more: HTMLElement,
    onChange: (name: SettingName, value: string | number, moving: boolean) => void,
  ) {
    this.#controls = new Map(
      settingNames.map((name) => {
        const control = choiceOf(name) ? menu(name, onChange) : slider(name, onChange);
        (FIRST.includes(name) ? first : more).append(control.row);
        return [name, control];
      }),
    );
  }

  /** Shows these settings. */
  show(settings: Settings): void {
    for (const [name, control] of this.#controls) {
      control.row.hidden = !isUsed(name, settings);
      control.show(settings);
    }
  }
}

function row(name: SettingName): { row: HTMLElement; label: HTMLLabelElement } {
  const element = document.createElement('div');
  element.className = 'setting';
  const label = document.createElement('label');
  label.htmlFor = `setting-${name}`;
  element.append(label);
  return { row: element, label };
}

function menu(
  name: SettingName,
  onChange: (name: SettingName, value: string, moving: boolean) => void,
): Control {
  const { row: element, label } = row(name);
  const select = document.createElement('select');
  select.id = `setting-${name}`;
  for (const [value, text] of Object.entries(choiceOf(name)?.names ?? {}))
    select.add(new Option(text, value));
  select.addEventListener('change', () => onChange(name, select.value, false));
  element.append(select);
  return {
    row: element,
    show(settings) {
      label.textContent = labelOf(name, settings);
      select.value = String(settings[name]);
    },
  };
}

function slider(
  name: SettingName,
  onChange: (name: SettingName, value: number, moving: boolean) => void,
): Control {
  const { row: element, label } = row(name);
  const { values } = ladderOf(name) as Ladder;
  const output = document.createElement('output');
  output.htmlFor.add(`setting-${name}`);
  // The slider itself tells its value.
  output.setAttribute('aria-live', 'off');
  const input = document.createElement('input');
  Object.assign(input, {
    type: 'range',
    id: `setting-${name}`,
    min: '0',
    max: String(values.length - 1),
    step: '1',
  });
  const chosen = () => values[Number(input.value)] as number;
  const tell = (value: number) => {
    output.textContent = valueText(name, value);
    // Its position says nothing to those who hear it.
    input.setAttribute('aria-valuetext', valueText(name, value));
  };
  input.addEventListener('input', () => {
    tell(chosen());
    onChange(name, chosen(), true);
  });
  input.addEventListener('change', () => onChange(name, chosen(), false));
  element.append(output, input);
  return {
    row: element,
    show(settings) {
      label.textContent = labelOf(name, settings);
      const value = settings[name] as number;
      input.value = String(values.indexOf(value));
      tell(value);
    },
  };
}
