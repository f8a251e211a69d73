import { kl, l1, type Penalty } from '../model/penalties';
import { show } from '../numbers/arguments';
import { canonicalJson, type Json } from '../provenance/canonicalJson';
import { loadFunction, type ModuleExport, modulePart } from './projectModules';
import type { Part } from './trial';

/**
 * A penalty by name, or a function of one's own that takes the settings by name and returns a Penalty. Parameters given
 * here are the same in every trial; those that the space names differ.
 */
export type PenaltyChoice =
  | 'l1'
  | 'kl'
  | { readonly name: 'l1'; readonly lambda?: number }
  | { readonly name: 'kl'; readonly beta?: number; readonly rho?: number }
  | ModuleExport;

type Parameters = Readonly<Record<string, Json>>;

const penalties: Record<'l1' | 'kl', { keys: readonly string[]; make(parameters: Parameters): Penalty }> = {
  // Both check their own arguments: what JSON brings may be anything.
  l1: { keys: ['lambda'], make: ({ lambda }) => l1(lambda as number) },
  kl: {
    keys: ['beta', 'rho'],
    make: (parameters) => kl(parameters as unknown as Parameters & { beta: number; rho: number }),
  },
};

/**
 * The penalty as a part of a specification.
 *
 * @param settings The values of this trial; they go before the parameters of the choice.
 * @throws TypeError if there is no such penalty or it has no such parameter.
 */
export function penaltyPart(choice: PenaltyChoice, settings: Parameters): Part {
  if (typeof choice === 'object' && choice !== null && 'module' in choice) {
    const part = modulePart(choice);
    return { ...part, parameters: { ...part.parameters, ...settings } };
  }
  const { name, ...fixed } = typeof choice === 'string' ? { name: choice } : (choice ?? {});
  if (typeof name !== 'string' || !Object.hasOwn(penalties, name)) {
    throw new TypeError(
      `penalty must be ${Object.keys(penalties).map(show).join(', ')}, one of them with parameters, or fromModule(…); ` +
        `got ${show(choice)}. A trial names its penalty, so that other machines can make the same.`,
    );
  }
  const { keys } = penalties[name];
  const parameters = { ...fixed, ...settings };
  const unknown = Object.keys(parameters).find((key) => !keys.includes(key));
  if (unknown !== undefined) {
    throw new TypeError(`penalty '${name}' has no parameter ${show(unknown)}; it has ${keys.join(', ')}`);
  }
  return { name, parameters: JSON.parse(canonicalJson(parameters, 'penalty')) as Parameters };
}

/**
 * The penalty that a part names.
 *
 * @throws TrialRefusedError if its module is another version here.
 * @throws RangeError or TypeError if the penalty refuses its parameters.
 */
export function loadPenalty({ name, parameters, module }: Part): Penalty {
  if (module) return loadFunction({ name, parameters, module })(parameters as never) as Penalty;
  const penalty = Object.hasOwn(penalties, name) ? penalties[name as keyof typeof penalties] : undefined;
  if (!penalty)
    throw new TypeError(`penalty must be one of ${Object.keys(penalties).join(', ')}; got ${show(name)}`);
  return penalty.make(parameters);
}
