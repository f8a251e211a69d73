/**
 * Habits of training: what happens at its start, in each step and between steps, besides lowering the loss.
 *
 * @module
 */
import { isKnownRule, type StepRule } from '../../model/stepRule';
import { requireArray, requireObject, requireText, show } from '../../numbers/arguments';
import { Makers, maker } from '../../numbers/makers';
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

/** The library's rules by name: made from the data of a sweep. */
export const rulesByName = new Makers<StepRule>({
  unitNormDecoder: maker([], unitNormDecoder),
  averageWeights: maker(['decay'], ({ decay }) => averageWeights(decay)),
  clipGradient: maker(['norm'], ({ norm }) => clipGradient(norm)),
  scaleInputs: maker([], scaleInputs),
  startBias: maker(['at'], ({ at }) => startBias(at)),
  auxK: maker(Object.keys(auxKOptions), auxK),
  resample: maker(Object.keys(resampleOptions), resample),
  seekL0: maker(['target'], ({ target }) => seekL0(target)),
});

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

const RULE = "a rule such as auxK(), its name, or an object with a name and functions such as 'settle'";

/**
 * Checks rules, and makes those that are data.
 *
 * @throws TypeError or RangeError naming the permitted values and the value.
 */
export function defineRules(given: readonly (StepRule | RuleData)[]): StepRule[] {
  requireArray('rules', given, 'a list of rules such as unitNormDecoder()');
  const rules = given.map((rule, index): StepRule => {
    if (typeof rule !== 'string') requireObject(`rules[${index}]`, rule, RULE);
    const { name, ...settings } = typeof rule === 'string' ? { name: rule } : rule;
    requireText(`rules[${index}].name`, name);
    if (Object.values(settings).some((value) => typeof value === 'function' || typeof value === 'object')) {
      return rule as StepRule;
    }
    const made = rulesByName.make(name, settings);
    if (!made) {
      const names = rulesByName.names.map(show).join(', ');
      throw new TypeError(`rules[${index}] must be one of ${names}, or have functions; got ${show(rule)}`);
    }
    return made;
  });
  const names = rules.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) throw new RangeError(`rules must each be there once; got ${show(twice)} twice`);
  return rules;
}
