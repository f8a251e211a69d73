import { canonicalJson } from './canonicalJson';
import type { TrialSpec } from './trial';

/**
 * Models that train in one graph at most: more would not be faster, and a process that dies takes all of them with it.
 */
export const MOST_TOGETHER = 16;

/**
 * Trials that can train together, on the same batches: they may differ in model, penalty, weight decay and learning
 * rate.
 *
 * @param most Trials a group at most.
 * @returns The places of each group's trials in the list; groups and places in the order of the list.
 */
export function trialGroups(specs: readonly TrialSpec[], most = MOST_TOGETHER): number[][] {
  const groups: number[][] = [];
  const open = new Map<string, number[]>();
  for (const [index, spec] of specs.entries()) {
    const key = batchesOf(spec);
    let group = key === undefined ? undefined : open.get(key);
    if (!group || group.length >= most) {
      group = [];
      groups.push(group);
      if (key !== undefined) open.set(key, group);
    }
    group.push(index);
  }
  return groups;
}

/** What the order of a training's batches and its records depend on; nothing for a trainer of the user's own. */
function batchesOf(spec: TrialSpec): string | undefined {
  if (spec.kind === 'own') return undefined;
  const { epochs = null, batchSize = null, recordsPerEpoch = null } = spec.train;
  return canonicalJson({
    code: spec.code,
    data: spec.data,
    seed: spec.seed,
    epochs,
    batchSize,
    recordsPerEpoch,
  });
}
