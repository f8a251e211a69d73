import { activationOf } from './activations';
import type { Architecture } from './architecture';

/** Where units count as active that never reach zero. */
const ACTIVE = 0.1;

/** A unit of this form counts as active where its activation is above this: a relu's zeros are exact, others' are not. */
export function activeThreshold({ hiddenActivation }: Architecture): number {
  return activationOf(hiddenActivation).sparse ? 0 : ACTIVE;
}
