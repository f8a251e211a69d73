/**
 * The graph that trains: variables, and a loop over steps for each size of batch.
 *
 *     feeds:   batches, schedule                      → a loop for each batch size → losses
 *     assign:  examples, piece by piece; parameters, both moments and state
 *     fetches: parameters, both moments and state
 *
 * @module
 */
import { scheduleWidth } from '../adam';
import type { Precision } from '../precision';
import { DataType } from './binding';
import { Graph } from './graph';
import { graphNames } from './names';
import { addSteps, type BatchFormat, type Feeds } from './stepLoop';
import type { TracedMember } from './traceStep';
import { addAssignment, addExamples, addState, read } from './variables';

/** Builds the graph, as the bytes of a SavedModel; the same arguments give the same bytes. */
export function trainingGraph(
  members: readonly TracedMember[],
  format: BatchFormat,
  precision: Precision,
): Uint8Array {
  const graph = new Graph();
  const examples = 'stored' in format ? addExamples(graph, format.stored) : undefined;
  const states = members.map((form, member) => addState(graph, form, member));
  const arrays = states.flatMap(({ parameters, state }) => [
    ...Object.values(parameters).flat(),
    ...Object.values(state),
  ]);
  addAssignment(graph, arrays);
  for (const { name, handle, dtype } of arrays) read(graph, handle, dtype, [], name);

  const feeds: Feeds = {
    batches: graph.placeholder(graphNames.batches, DataType.int32, [-1]),
    schedule: graph.placeholder(graphNames.schedule, DataType.float, [
      -1,
      members.reduce((width, { inputs }) => width + scheduleWidth(inputs.length), 0),
    ]),
  };
  const batchSizes = new Set(members.flatMap(({ traces }) => [...traces.keys()]));
  for (const batchSize of batchSizes) {
    addSteps(graph, batchSize, { members, states, examples, format, feeds, precision });
  }
  return graph.toSavedModel();
}
