/**
 * Settings in the fragment of a page's address, so that a link shows the same: `#data=digits&method=l1&strength=0.003`.
 *
 * @module
 */
import {
  choiceOf,
  defaults,
  fitted,
  isUsed,
  type Ladder,
  ladderOf,
  type SettingName,
  type Settings,
  settingNames,
} from './settings';

/** The fragment of settings, without its `#`: what differs from the defaults. */
export function fragmentOf(settings: Settings): string {
  const used = settingNames.filter((name) => isUsed(name, settings) && settings[name] !== defaults[name]);
  return used.map((name) => `${name}=${settings[name]}`).join('&');
}

/**
 * The settings of a fragment. What is not permitted is replaced by what is nearest, or by the default.
 *
 * @returns The settings, and a sentence for each thing that was refused.
 */
export function settingsOf(fragment: string): { settings: Settings; complaints: string[] } {
  const complaints: string[] = [];
  const read: Record<string, string | number> = { ...defaults };
  for (const [name, text] of new URLSearchParams(fragment.replace(/^#/, ''))) {
    if (!isSetting(name)) {
      complaints.push(`There is no setting “${shortened(name)}”.`);
      continue;
    }
    const { value, complaint } = permitted(name, text);
    read[name] = value;
    if (complaint !== undefined) complaints.push(complaint);
  }
  if (read.data === 'own') {
    read.data = defaults.data;
    complaints.push('Your own pictures are in no link: drop them onto the page again.');
  }
  return { settings: fitted(read as unknown as Settings), complaints };
}

const isSetting = (name: string): name is SettingName => (settingNames as readonly string[]).includes(name);

/** The permitted value that a string asks for, or the one to take instead. */
function permitted(name: SettingName, text: string): { value: string | number; complaint?: string } {
  const choice = choiceOf(name);
  if (choice) {
    if (Object.hasOwn(choice.names, text)) return { value: text };
    const known = Object.keys(choice.names).join(', ');
    return instead(name, `one of ${known}`, text, defaults[name]);
  }
  const { values } = ladderOf(name) as Ladder;
  const [least, most] = [values[0] as number, values.at(-1) as number];
  const asked = text.trim() === '' ? Number.NaN : Number(text);
  if (values.includes(asked)) return { value: asked };
  const range = `a number from ${least} to ${most}`;
  if (!Number.isFinite(asked)) return instead(name, range, text, defaults[name]);
  const nearest = values.reduce((best, value) =>
    distance(value, asked) < distance(best, asked) ? value : best,
  );
  if (asked >= least && asked <= most) return instead(name, 'a value of its slider', text, nearest);
  return instead(name, range, text, nearest);
}

const instead = (name: string, wanted: string, got: string, value: string | number) => ({
  value,
  complaint: `“${name}” must be ${wanted}; the link says “${shortened(got)}”, and ${value} was taken.`,
});

/** How far two numbers are apart as a slider has them: by their ratio where both are positive. */
const distance = (a: number, b: number): number =>
  a > 0 && b > 0 ? Math.abs(Math.log(a / b)) : 1000 + Math.abs(a - b);

const shortened = (text: string): string => (text.length > 40 ? `${text.slice(0, 40)}…` : text);
