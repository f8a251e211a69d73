import type { Json } from '../../provenance/canonicalJson';
import type { TrialSpec } from '../trial';

/** Messages to a process that runs trials. */
export interface RunMessage {
  readonly specs: readonly TrialSpec[];
  /** The process ends itself when it uses more memory. */
  readonly megabytes?: number | undefined;
}

/** Its answers. `index` is the trial's place in the list that it was given. */
export type Answer =
  | { readonly type: 'ready'; readonly engine: string }
  | { readonly type: 'progress'; readonly index: number; readonly fraction: number }
  | { readonly type: 'result'; readonly index: number; readonly result: Json }
  | { readonly type: 'failure'; readonly index: number; readonly reason: string; readonly refused: boolean }
  | { readonly type: 'finished' };

/** The guard's message on standard error before it ends the process. */
export const MEMORY_EXCEEDED = 'sparselab: more memory than the limit:';
