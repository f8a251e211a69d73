import { decoderL1, kl, l0Window, l1, lp, type Penalty } from '../model/penalties';
import type { ModuleExport } from './projectModules';
import { type Parameters, Registry } from './registry';
import type { Component } from './trial';

/**
 * A penalty by name, or a custom function that takes the settings by name and returns a Penalty. Parameters given
 * here are the same in every trial; those that the space names differ.
 */
export type PenaltyChoice =
  | 'l1'
  | 'kl'
  | 'decoderL1'
  | 'lp'
  | 'l0Window'
  | { readonly name: 'l1'; readonly lambda?: number }
  | { readonly name: 'kl'; readonly beta?: number; readonly rho?: number }
  | { readonly name: 'decoderL1'; readonly lambda?: number }
  | { readonly name: 'lp'; readonly lambda?: number; readonly p?: number }
  | {
      readonly name: 'l0Window';
      readonly lambda?: number;
      readonly bandwidth?: number;
      readonly target?: number;
    }
  | ModuleExport;

/** The penalties that the library knows. Each checks its own arguments: what JSON brings may be anything. */
const penalties = new Registry<(parameters: Parameters) => Penalty>(
  'penalty',
  "{ name: 'l1', lambda: 0.001 }",
  {
    l1: { keys: ['lambda'], use: ({ lambda }) => l1(lambda as number) },
    kl: { keys: ['beta', 'rho'], use: (parameters) => kl(parameters as { beta: number; rho: number }) },
    decoderL1: { keys: ['lambda'], use: ({ lambda }) => decoderL1(lambda as number) },
    lp: { keys: ['lambda', 'p'], use: (parameters) => lp(parameters as { lambda: number; p: number }) },
    l0Window: {
      keys: ['lambda', 'bandwidth', 'target'],
      use: (parameters) => l0Window(parameters as { lambda: number }),
    },
  },
);

/**
 * The penalty as a part of a specification.
 *
 * @param settings The values of this trial; they go before the parameters of the choice.
 * @throws TypeError if there is no such penalty or it has no such parameter.
 */
export function penaltyPart(choice: PenaltyChoice, settings: Parameters): Component {
  return penalties.part('penalty', choice, settings);
}

/**
 * The penalty that a part names.
 *
 * @throws TrialRefusedError if its module is another version here.
 * @throws RangeError or TypeError if the penalty refuses its parameters.
 */
export function loadPenalty(part: Component): Penalty {
  return penalties.use(part)(part.parameters);
}
