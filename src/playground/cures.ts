/**
 * The cures that `diagnose` recommends, as settings.
 *
 * @module
 */
import type { Diagnosis } from '../index';
import {
  differences,
  fitted,
  isUsed,
  type Ladder,
  labelOf,
  ladderOf,
  ladders,
  type SettingName,
  type Settings,
  valueText,
} from './settings';

/** A change of settings that a diagnosis recommends. */
export interface Cure {
  readonly settings: Settings;
  /** The changes in words: `Learning rate 1 → 0.1`. */
  readonly words: string;
}

type Change = (settings: Settings, text: string) => Partial<Settings>;

/** The cure of a diagnosis; `undefined` if no setting of the page is what it asks for. */
export function cureOf({ name, cure }: Diagnosis, settings: Settings): Cure | undefined {
  const change = name === 'dead units' ? revival(cure) : cures[name];
  const cured = fitted({ ...settings, ...change(settings, cure) });
  const changed = differences(settings, cured);
  if (changed.length === 0) return undefined;
  const words = changed.map(
    (setting) =>
      `${labelOf(setting, cured)} ${valueText(setting, settings[setting])} → ${valueText(setting, cured[setting])}`,
  );
  return { settings: cured, words: words.join(', ') };
}

const slower: Change = (settings) => ({ rate: moved('rate', settings.rate, 1 / 10) });
const weaker: Change = (settings) => ({ strength: moved('strength', settings.strength, 1 / 10) });
const scaled: Change = () => ({ scale: 'one' });
const longer: Change = (settings) => ({
  epochs: moved('epochs', settings.epochs, 10),
  rate: Math.max(settings.rate, 3e-3),
});

const cures: Readonly<Record<Exclude<Diagnosis['name'], 'dead units'>, Change>> = {
  diverged: slower,
  'learning rate too large': (settings) => ({ rate: Math.min(3e-3, moved('rate', settings.rate, 1 / 10)) }),
  'loss rises': slower,
  'loss still falls': longer,
  'nothing learned': (settings) => {
    if (settings.scale !== 'one') return { scale: 'one' };
    return settings.rate < 1e-3
      ? { rate: 3e-3 }
      : settings.rate > 0.01
        ? { rate: 3e-3 }
        : weaker(settings, '');
  },
  'always-on units': (settings) =>
    settings.method === 'none'
      ? { method: 'l1', strength: 3e-3 }
      : { strength: moved('strength', settings.strength, 10) },
  'mean activation off target': (settings) => ({
    strength: moved('strength', settings.strength, 10),
    rate: 1e-2,
    epochs: moved('epochs', settings.epochs, 3),
  }),
  'penalty too strong': (settings) => ({
    strength: Math.min(1e-3, moved('strength', settings.strength, 1 / 10)),
  }),
  'penalty too weak': (settings) => ({ strength: Math.max(1e-3, moved('strength', settings.strength, 10)) }),
  'penalty over the wrong axis': () => ({ method: 'l1' }),
  'code not sparse': (settings) => {
    if (isUsed('k', settings)) return { k: 6 };
    if (isUsed('strength', settings)) return { strength: moved('strength', settings.strength, 10) };
    return settings.method === 'winnerTakeAll' ? { rho: 0.05 } : { method: 'l1', strength: 3e-3 };
  },
  'threshold off target': (settings, text) => {
    const least = Number(/batchSize of (\d+)/.exec(text)?.[1]);
    if (!(least > 0)) return longer(settings, text);
    // Winners are whole examples, and larger batches make fewer steps, over which the threshold is a mean.
    return {
      batch: ladders.batch.values.find((value) => value >= 2 * least) ?? 512,
      epochs: moved('epochs', settings.epochs, 3),
    };
  },
  'strength without effect': (_, text) => ({
    bandwidth: nearest('bandwidth', Number(/bandwidth: ([\d.e+-]+\d)/.exec(text)?.[1] ?? 0.05)),
  }),
  'target L0 missed': (settings, text) => {
    const start = /start from: ([\d.e+-]+\d)/.exec(text)?.[1];
    return start === undefined ? longer(settings, text) : { strength: nearest('strength', Number(start)) };
  },
  'small last batch': () => ({ rest: 'spread' }),
  'data out of range': scaled,
  'data scale': scaled,
};

/** The change that wakes dead units, which the cure names in the library's words. */
function revival(cure: string): Change {
  if (cure.includes('subtractDecoderBias')) return () => ({ mean: 'subtracted', output: 'linear' });
  if (cure.includes('auxK')) return () => ({ revive: 'auxK' });
  if (cure.includes('resample')) return () => ({ revive: 'resample' });
  return cure.includes('learningRate') ? slower : () => ({});
}

/** A slider's value times a factor, on its ladder. */
const moved = (name: SettingName, value: number, factor: number): number => nearest(name, value * factor);

/** The value of a slider that is nearest by its ratio. */
function nearest(name: SettingName, wanted: number): number {
  const { values } = ladderOf(name) as Ladder;
  return values.reduce((best, value) =>
    Math.abs(Math.log(value / wanted)) < Math.abs(Math.log(best / wanted)) ? value : best,
  );
}
