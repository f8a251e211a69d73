import { ailments, type Preset, starts } from '../presets';
import { differences, type Settings } from '../settings';

/** The presets, from the first to the last of the menu. */
const groups: readonly { label: string; presets: readonly Preset[] }[] = [
  { label: 'All is well, or nearly', presets: starts },
  { label: 'What goes wrong', presets: Object.values(ailments) },
];
const all = groups.flatMap(({ presets }) => presets);

/** The menu of trainings to begin with. */
export class PresetMenu {
  readonly #menu: HTMLSelectElement;

  constructor(menu: HTMLSelectElement, choose: (preset: Preset) => void) {
    this.#menu = menu;
    menu.add(new Option('Your own settings', ''));
    for (const { label, presets } of groups) {
      const group = document.createElement('optgroup');
      group.label = label;
      for (const preset of presets) group.append(new Option(preset.title, String(all.indexOf(preset))));
      menu.append(group);
    }
    menu.addEventListener('change', () => {
      const preset = menu.value === '' ? undefined : all[Number(menu.value)];
      if (preset) choose(preset);
    });
  }

  /** Shows the preset that has these settings, if there is one. */
  show(settings: Settings): void {
    const preset = all.findIndex((each) => differences(each.settings, settings).length === 0);
    this.#menu.value = preset < 0 ? '' : String(preset);
  }
}
