import { canonicalJson } from '../provenance/canonicalJson';
import type { TrainingTrial, TrialSpec } from './trial';

/** Models that train in one graph at most: more would not be faster. */
const MOST_TOGETHER = 16;

/** Hidden units that train in one graph at most: wide models gain little from company and need much memory. */
const MOST_UNITS = 4096;

/**
 * Trials that can train together, on the same batches: they may differ in model, penalty, weight decay and learning
 * rate.
 *
 * @param most Trials a group at most.
 * @returns The places of each group's trials in the list; groups and places in the order of the list.
 */
export function trialGroups(specs: readonly TrialSpec[], most = MOST_TOGETHER): number[][] {
  const groups: number[][] = [];
  const open = new Map<string, { group: number[]; units: number }>();
  for (const [index, spec] of specs.entries()) {
    if (spec.kind === 'custom') {
      groups.push([index]);
      continue;
    }
    const key = batchesOf(spec);
    const units = Number(spec.model.hiddenDim ?? 0);
    let last = open.get(key);
    if (!last || last.group.length >= most || last.units + units > MOST_UNITS) {
      last = { group: [], units: 0 };
      groups.push(last.group);
      open.set(key, last);
    }
    last.group.push(index);
    last.units += units;
  }
  return groups;
}

/** The settings that a training's batches and records depend on. */
function batchesOf({ code, data, seed, train }: TrainingTrial): string {
  const { epochs = null, batchSize = null, recordsPerEpoch = null, precision = null } = train;
  return canonicalJson({ code, data, seed, epochs, batchSize, recordsPerEpoch, precision });
}
