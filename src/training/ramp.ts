import type { Scheduled } from '../engine';
import { type Range, requireInteger, requireNumber } from '../numbers/arguments';
import { integer, number, type OptionsOf, optional, readOptions } from '../numbers/options';

const rampOptions = {
  /** The number of steps at the start that rise in a line: step t = 1, 2, … has v·t/warmUp. Default: 0. */
  warmUp: optional(integer({ min: 0 }), 0),
  /** The number of steps at the end that fall in a line: step t has v·(T − t + 1)/decay. Default: 0. */
  decay: optional(integer({ min: 0 }), 0),
  /** Where v itself goes, in a line from the first step to the last. Default: it stays. */
  to: optional(number()),
};

/**
 * How a number v changes over the T steps of a training. A number that is fed to the steps: another one needs no other graph.
 *
 * @example
 * // λ and η rise over 500 steps, η falls to zero over the last 2000, p goes from its value to 0.5.
 * schedule: { strength: { warmUp: 500 }, learningRate: { warmUp: 500, decay: 2000 }, p: { to: 0.5 } }
 *
 * @interface
 */
export type Ramp = OptionsOf<typeof rampOptions>;

/**
 * A number that follows a ramp.
 *
 * @param range What the number may be.
 * @throws RangeError naming the ramp, the permitted range and the value.
 */
export function ramped(name: string, value: number, ramp: Ramp, steps: number, range?: Range): Scheduled {
  const path = `schedule.${name}`;
  const { warmUp, decay, to = value } = readOptions(path, ramp, rampOptions, `${path}.`);
  requireInteger(`${path}.warmUp`, warmUp, { min: 0, max: steps });
  requireInteger(`${path}.decay`, decay, { min: 0, max: steps - warmUp });
  requireNumber(`${path}.to`, to, range);
  return (taken) => {
    const now = value + ((to - value) * taken) / Math.max(1, steps - 1);
    const rising = warmUp > 0 ? Math.min(1, (taken + 1) / warmUp) : 1;
    const falling = decay > 0 ? Math.min(1, (steps - taken) / decay) : 1;
    return now * rising * falling;
  };
}
