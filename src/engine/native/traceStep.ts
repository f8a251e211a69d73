import * as tf from '@tensorflow/tfjs';
import { TraceError } from '../refusals';
import { type BatchSource, type Member, mapNamed, type Named } from '../step';
import { type ArgumentType, argumentTypes, lossOf } from '../stepFunction';
import { requireSame } from './compareTraces';
import { retrace, trace } from './recorder';
import type { Trace } from './trace';

/** A member as a graph knows it: its trainable arrays, and its step for each size of batch. */
export interface TracedMember {
  readonly shapes: Named<readonly number[]>;
  /** The names of the scalars that steer the loss. */
  readonly inputs: readonly string[];
  /** The names of the loss's terms. */
  readonly terms: readonly string[];
  /** The arguments and results of each have the names of {@link stepNames}. */
  readonly traces: ReadonlyMap<number, Trace>;
}

/**
 * Traces each member's step for each size of batch.
 *
 * @throws TraceError if a step does something that a graph cannot repeat.
 */
export function traceMembers(
  members: readonly Member[],
  source: BatchSource,
  batchSizes: readonly number[],
): TracedMember[] {
  const traced: TracedMember[] = [];
  for (const member of members) {
    // Most members of a sweep do what the one before does: that is seen ten times sooner than traced.
    const last = traced.at(-1);
    traced.push(last && doesTheSame(last, member, source) ? last : traceMember(member, source, batchSizes));
  }
  return traced;
}

/** Traces twice, with different numbers: what differs would be frozen in a graph. */
function traceMember(member: Member, source: BatchSource, batchSizes: readonly number[]): TracedMember {
  const traces = batchSizes.map((batchSize) => {
    const first = traceStep(member, source, batchSize, 0);
    requireSame(first, traceStep(member, source, batchSize, 1));
    return [batchSize, first] as const;
  });
  return { ...formOf(member), traces: new Map(traces) };
}

/** What of a member the graph knows besides its step. */
function formOf({ step, initial }: Member): Omit<TracedMember, 'traces'> {
  return {
    shapes: mapNamed(initial.parameters, ({ shape }) => shape),
    inputs: Object.keys(step.inputs),
    terms: step.terms,
  };
}

function doesTheSame({ traces, ...form }: TracedMember, member: Member, source: BatchSource): boolean {
  if (JSON.stringify(form) !== JSON.stringify(formOf(member))) return false;
  try {
    for (const [batchSize, trace] of traces) retraceStep(trace, member, source, batchSize);
    return true;
  } catch (error) {
    // It does something else, which tracing will write down or refuse.
    if (error instanceof TraceError) return false;
    throw error;
  }
}

/**
 * Checks that a member's step still is what its trace says.
 *
 * @throws TraceError naming what is different now.
 */
export function retraceStep(before: Trace, member: Member, source: BatchSource, batchSize: number): void {
  retrace(before, argumentTypes(member, source, batchSize), lossOf(member, source, batchSize));
}

/** @param variant Another one makes other example numbers; the trace must not depend on them. */
function traceStep(member: Member, source: BatchSource, batchSize: number, variant: number): Trace {
  const types = argumentTypes(member, source, batchSize);
  const makeArguments = () => mapNamed(types, (type) => exampleTensor(type, variant));
  return trace(makeArguments, lossOf(member, source, batchSize));
}

/** Numbers between 0 and 1 that repeat nowhere, or a key; others from variant to variant. */
function exampleTensor({ shape, dtype }: ArgumentType, variant: number): tf.Tensor {
  if (dtype === 'int32') return tf.fill([...shape], variant, 'int32');
  const low = variant === 0 ? 0.1 : 0.2;
  return tf.linspace(low, low + 0.5, tf.util.sizeFromShape([...shape])).reshape([...shape]);
}
