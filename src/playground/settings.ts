/**
 * The settings of the playground and their values. All of them are on lists: a slider moves along one, and what a link asks
 * for is one of its values or is refused.
 *
 * @module
 */

/** Data sets, as a menu names them. */
const data = {
  patches: 'photographs, in pieces',
  digits: 'handwritten digits, 8 × 8',
  bars: 'bars: the truth is known',
  mnist: 'MNIST, 28 × 28 (11 MB)',
  own: 'your own pictures',
} as const;

/** Penalties, and codes that need none. */
const method = {
  none: 'no penalty',
  l1: 'L1 penalty',
  decoderL1: 'L1, times decoder lengths',
  lp: 'Lp penalty, p = 0.5',
  kl: 'KL penalty',
  topK: 'TopK',
  batchTopK: 'BatchTopK',
  winnerTakeAll: 'winner-take-all',
  jumpRelu: 'JumpReLU with an L0 penalty',
  gated: 'gated, with L1',
  wrongAxis: 'L1 over the wrong axis (a mistake)',
} as const;

const scale = {
  one: 'as it should be',
  bytes: '255 times too large',
  twice: '255 times too small',
} as const;
const output = { linear: 'linear', sigmoid: 'sigmoid' } as const;
const mean = { kept: 'kept', subtracted: 'subtracted' } as const;
const revive = {
  none: 'nothing',
  auxK: 'AuxK: they explain what is left over',
  resample: 'resampling: they are remade',
} as const;
const rest = { spread: 'spread over all batches', small: 'a small last batch' } as const;

/** A setting with a menu: what each value is called. */
export interface Choice {
  readonly label: string;
  readonly names: Readonly<Record<string, string>>;
}

/** A setting with a slider. */
export interface Ladder {
  readonly label: string;
  /** The permitted values, from the smallest on. */
  readonly values: readonly number[];
}

/** Settings with a menu. */
export const choices = {
  data: { label: 'Data', names: data },
  method: { label: 'Penalty or code', names: method },
  scale: { label: 'Scale of the data', names: scale },
  output: { label: 'Output activation', names: output },
  mean: { label: "The data's mean is", names: mean },
  revive: { label: 'For dead units', names: revive },
  rest: { label: 'Examples left over', names: rest },
} as const satisfies Readonly<Record<string, Choice>>;

/** 1 and 3 times each power of ten. */
const powers = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) =>
    [1, 3].map((digit) => Number(`${digit}e${from + index}`)),
  ).flat();

/** Settings with a slider. */
export const ladders = {
  strength: { label: 'Strength', values: powers(-9, 0).concat(10) },
  k: { label: 'Active units, k', values: [1, 2, 3, 4, 6, 8, 12, 16, 24, 32] },
  rho: { label: 'Target activity ρ', values: [0.01, 0.02, 0.05, 0.1, 0.2, 0.5] },
  bandwidth: { label: 'Window ε', values: [1e-6, 1e-4, 0.01, 0.03, 0.05, 0.1, 0.3, 1] },
  target: { label: 'L0 to steer to', values: [0, 1, 2, 3, 4, 6, 8, 12, 16, 24] },
  units: { label: 'Hidden units', values: [4, 8, 16, 25, 36, 49, 64, 100, 144, 196, 256] },
  rate: { label: 'Learning rate', values: powers(-5, 1).concat(100) },
  batch: { label: 'Batch size', values: [8, 16, 32, 64, 128, 256, 512] },
  epochs: { label: 'Epochs', values: [5, 10, 20, 30, 60, 100, 200, 500, 1000] },
  seed: { label: 'Seed', values: [1, 2, 3, 4, 5, 6, 7, 8, 9] },
} as const satisfies Readonly<Record<string, Ladder>>;

type ChoiceName = keyof typeof choices;
type LadderName = keyof typeof ladders;

/** The name of a setting. */
export type SettingName = ChoiceName | LadderName;

/** All that determines a training of the playground. */
export type Settings = {
  readonly [name in ChoiceName]: keyof (typeof choices)[name]['names'];
} & { readonly [name in LadderName]: number };

/** Every setting's name, in the order of the page. */
export const settingNames: readonly SettingName[] = [
  'data',
  'method',
  'strength',
  'k',
  'rho',
  'bandwidth',
  'units',
  'rate',
  'batch',
  'epochs',
  'mean',
  'revive',
  'target',
  'output',
  'scale',
  'rest',
  'seed',
];

/** Photographs and TopK: a training with which all is well. */
export const defaults: Settings = {
  data: 'patches',
  method: 'topK',
  strength: 1e-3,
  k: 6,
  rho: 0.05,
  bandwidth: 0.05,
  units: 64,
  rate: 3e-3,
  batch: 128,
  epochs: 60,
  mean: 'subtracted',
  revive: 'none',
  target: 0,
  output: 'linear',
  scale: 'one',
  rest: 'spread',
  seed: 1,
};

/** The menu of a setting; `undefined` for a slider. */
export const choiceOf = (name: SettingName): Choice | undefined =>
  (choices as Readonly<Record<string, Choice>>)[name];

/** The permitted values of a slider; `undefined` for a menu. */
export const ladderOf = (name: SettingName): Ladder | undefined =>
  (ladders as Readonly<Record<string, Ladder>>)[name];

/** The label of a setting's control. */
export function labelOf(name: SettingName, { method }: Settings): string {
  if (name === 'strength') return method === 'kl' ? 'Strength β' : 'Strength λ';
  if (name === 'rho' && method === 'winnerTakeAll') return 'Share of examples per unit';
  return (choiceOf(name) ?? (ladderOf(name) as Ladder)).label;
}

/** A setting's value in words. */
export function valueText(name: SettingName, value: string | number): string {
  const choice = choiceOf(name);
  if (choice) return choice.names[value] as string;
  if (name === 'target' && value === 0) return 'none';
  return numberText(value as number);
}

/** A number as one writes it: 0.003, 1e-6. */
export const numberText = (value: number): string =>
  value !== 0 && Math.abs(value) < 1e-4 ? value.toExponential() : String(value);

/** Methods whose strength is a setting. */
const PENALTIES: readonly Settings['method'][] = [
  'l1',
  'decoderL1',
  'lp',
  'kl',
  'jumpRelu',
  'gated',
  'wrongAxis',
];

/** Methods whose L0 a rule can steer by the strength. */
const STEERED: readonly Settings['method'][] = ['l1', 'decoderL1', 'lp'];

/** Whether a setting has an effect with the others as they are. A setting without an effect is not shown, and no link holds it. */
export function isUsed(name: SettingName, { method, output }: Settings): boolean {
  switch (name) {
    case 'strength':
      return PENALTIES.includes(method);
    case 'k':
      return method === 'topK' || method === 'batchTopK';
    case 'rho':
      return method === 'kl' || method === 'winnerTakeAll';
    case 'bandwidth':
      return method === 'jumpRelu';
    case 'target':
      return STEERED.includes(method);
    case 'mean':
    case 'revive':
      return output === 'linear';
    default:
      return true;
  }
}

/** Settings that another value may have while a training goes on; any other one begins it again. */
export const LIVE: readonly SettingName[] = ['strength', 'rate', 'epochs'];

/** Settings that fit each other: no more active units than there are, and defaults for what is not used. */
export function fitted(settings: Settings): Settings {
  const used = Object.fromEntries(
    settingNames.map((name) => [name, (isUsed(name, settings) ? settings : UNUSED)[name]]),
  ) as unknown as Settings; // Object.fromEntries forgets which keys it was given.
  const { units } = used;
  const below = (most: number, values: readonly number[]) =>
    Math.max(...values.filter((value) => value <= most));
  return {
    ...used,
    k: Math.min(used.k, below(units, ladders.k.values)),
    target: used.target >= units ? 0 : used.target,
  };
}

/** The values of settings that are not used. */
const UNUSED: Settings = { ...defaults, mean: 'kept' };

/** The names of the settings in which two differ. */
export const differences = (one: Settings, other: Settings): SettingName[] =>
  settingNames.filter((name) => one[name] !== other[name]);
