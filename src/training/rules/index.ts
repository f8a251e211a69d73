/**
 * Habits of training: what happens at its start, in each step and between steps, besides lowering the loss.
 *
 * @module
 */
import { isKnownRule, type StepRule } from '../../model/stepRule';
import { refuseUnknownOptions, requireArray, requireText, show } from '../../numbers/arguments';
import { auxK, auxKOptions } from './auxK';
import { averageWeights } from './averageWeights';
import { clipGradient } from './clipGradient';
import { resample, resampleOptions } from './resample';
import { scaleInputs } from './scaleInputs';
import { seekL0 } from './seekL0';
import { startBias } from './startBias';
import { unitNormDecoder } from './unitNormDecoder';

export { type AuxKOptions, auxK } from './auxK';
export { averageWeights } from './averageWeights';
export { clipGradient } from './clipGradient';
export { type ResampleOptions, resample } from './resample';
export { scaleInputs } from './scaleInputs';
export { seekL0 } from './seekL0';
export { startBias } from './startBias';
export { unitNormDecoder } from './unitNormDecoder';

/** A rule as data, as a sweep has it: its name, or its name with its settings. */
export type RuleData = string | { readonly name: string; readonly [setting: string]: string | number };

// Each maker checks its own settings: what JSON brings may be anything.
type Settings = Readonly<Record<string, never>>;

const makers: Readonly<
  Record<string, { readonly keys: readonly string[]; make(settings: Settings): StepRule }>
> = {
  unitNormDecoder: { keys: [], make: unitNormDecoder },
  averageWeights: { keys: ['decay'], make: ({ decay }) => averageWeights(decay) },
  clipGradient: { keys: ['norm'], make: ({ norm }) => clipGradient(norm) },
  scaleInputs: { keys: [], make: scaleInputs },
  startBias: { keys: ['at'], make: ({ at }) => startBias(at) },
  auxK: { keys: Object.keys(auxKOptions), make: auxK },
  resample: { keys: Object.keys(resampleOptions), make: resample },
  // Required, so undefined is not among its types; it refuses that like any other wrong value.
  seekL0: { keys: ['target'], make: ({ target }) => seekL0(target as unknown as number) },
};

/** The settings of each rule, by its name. */
export const ruleSettings: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  Object.entries(makers).map(([name, { keys }]) => [name, keys]),
);

/**
 * A rule as data.
 *
 * @throws TypeError if it is not one of the library's.
 */
export function describeRule(rule: StepRule): { name: string } {
  const functions = Object.values(rule).some((value) => typeof value === 'function');
  if (functions && !isKnownRule(rule)) {
    throw new TypeError(
      `rules must be the library's, or data such as { name: 'seekL0', target: 8 }; got ${show(rule)}. ` +
        'A trial names its rules, so that other machines can make the same.',
    );
  }
  return functions ? { name: rule.name, ...rule.settings } : rule;
}

/**
 * Checks rules, and makes those that are data.
 *
 * @throws TypeError or RangeError naming what is permitted and what came in.
 */
export function defineRules(given: readonly (StepRule | RuleData)[]): StepRule[] {
  requireArray('rules', given, 'a list of rules such as unitNormDecoder()');
  const rules = given.map((rule, index): StepRule => {
    const { name, ...settings } = typeof rule === 'string' ? { name: rule } : Object(rule);
    requireText(`rules[${index}].name`, name);
    if (Object.values(settings).some((value) => typeof value === 'function' || typeof value === 'object')) {
      return rule as StepRule;
    }
    const maker = Object.hasOwn(makers, name) ? makers[name] : undefined;
    if (!maker) {
      const names = Object.keys(makers).map(show).join(', ');
      throw new TypeError(`rules[${index}] must be one of ${names}, or have functions; got ${show(rule)}`);
    }
    refuseUnknownOptions(name, settings, maker.keys);
    return maker.make(settings as Settings);
  });
  const names = rules.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) throw new RangeError(`rules must each be there once; got ${show(twice)} twice`);
  return rules;
}
