/**
 * Names in a training graph.
 *
 * @module
 */

/** Names of the graph's inputs and outputs. */
export const graphNames = {
  /** Fed: what names the batches, one after another: the row numbers of their examples, or their keys; int32. */
  batches: 'batches',
  /** Fed: a row for each step, of each member's numbers (see `adam.ts`); float32. */
  schedule: 'schedule',
  /** Fetched: every step's terms, member after member, float32 [steps, terms]; runs as many steps as `schedule` has. */
  losses: (batchSize: number) => `losses/${batchSize}`,
  /** An array that outlives a run: fetched under this name, fed under `assign/` + name together with all others. */
  state: (member: number, group: string, name: string) => `${group}/${member}/${plain(name)}`,
  assign: (name: string) => `assign/${name}`,
  /** Fetched: assigns the state. */
  stateAssigned: 'state_assigned',
  /** Fed, int32: how many examples `examplesAllocated`, when fetched, makes room for. */
  exampleCount: 'example_count',
  examplesAllocated: 'examples_allocated',
  /** Fed: some examples, and their row numbers (int32), which `examplesWritten`, when fetched, writes. */
  exampleChunk: 'example_chunk',
  chunkRows: 'chunk_rows',
  examplesWritten: 'examples_written',
};

/** A name in the letters that TensorFlow allows: ρ becomes .3c1 */
function plain(name: string): string {
  return name.replace(/[^A-Za-z0-9]/gu, (letter) => `.${letter.codePointAt(0)?.toString(16)}`);
}
