import * as tf from '@tensorflow/tfjs';
import { TraceError } from '../refusals';
import { type BatchSource, type Member, mapNamed, type Named } from '../step';
import {
  type ArgumentType,
  argumentTypes,
  lossOf,
  settlingOf,
  settlingTypes,
  type Traceable,
} from '../stepFunction';
import { requireSame } from './compareTraces';
import { retrace, trace } from './recorder';
import type { Trace } from './trace';

/** A member as a graph knows it: its trainable arrays, and its step for each size of batch. */
export interface TracedMember {
  readonly shapes: Named<readonly number[]>;
  /** The arrays that no gradient moves. */
  readonly stateShapes: Named<readonly number[]>;
  /** The names of the scalars that steer the loss. */
  readonly inputs: readonly string[];
  /** The names of the loss's terms. */
  readonly terms: readonly string[];
  /** The arguments and results of each have the names of {@link stepNames}. */
  readonly traces: ReadonlyMap<number, Trace>;
  /** Changes after Adam's update, if there are any. */
  readonly settling?: Trace;
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
  const twice = (types: Named<ArgumentType>, body: Traceable) => {
    const first = traceWith(types, body, 0);
    requireSame(first, traceWith(types, body, 1));
    return first;
  };
  const traces = batchSizes.map((batchSize) => {
    const step = lossOf(member, source, batchSize);
    return [batchSize, twice(argumentTypes(member, source, batchSize), step)] as const;
  });
  const settling = settlingOf(member);
  return {
    ...formOf(member),
    traces: new Map(traces),
    ...(settling && { settling: twice(settlingTypes(member), settling) }),
  };
}

/** The graph's knowledge about a member besides its step. */
function formOf({ step, initial }: Member): Omit<TracedMember, 'traces' | 'settling'> {
  return {
    shapes: mapNamed(initial.parameters, ({ shape }) => shape),
    stateShapes: mapNamed(initial.state, ({ shape }) => shape),
    inputs: Object.keys(step.inputs),
    terms: step.terms,
  };
}

function doesTheSame(traced: TracedMember, member: Member, source: BatchSource): boolean {
  const { traces: _, settling, ...form } = traced;
  if (JSON.stringify(form) !== JSON.stringify(formOf(member))) return false;
  if (!settling !== !member.step.settle) return false;
  try {
    for (const check of retraces(traced, member, source)) check();
    return true;
  } catch (error) {
    // It does something else, which tracing will write down or refuse.
    if (error instanceof TraceError) return false;
    throw error;
  }
}

/**
 * Checks that a member's step still does the same as its traces: one for each size of batch, and one for the changes after
 * Adam's update. Each throws a TraceError naming what is different now.
 */
export function retraces(
  { traces, settling }: TracedMember,
  member: Member,
  source: BatchSource,
): (() => void)[] {
  const steps = [...traces].map(
    ([batchSize, before]) =>
      () =>
        retrace(before, argumentTypes(member, source, batchSize), lossOf(member, source, batchSize)),
  );
  if (!settling) return steps;
  return [...steps, () => retrace(settling, settlingTypes(member), settlingOf(member) as Traceable)];
}

/** @param variant Another one makes other example numbers; the trace must not depend on them. */
function traceWith(types: Named<ArgumentType>, body: Traceable, variant: number): Trace {
  return trace(() => mapNamed(types, (type) => exampleTensor(type, variant)), body);
}

/** Numbers between 0 and 1 that repeat nowhere, or a key; others from variant to variant. */
function exampleTensor({ shape, dtype }: ArgumentType, variant: number): tf.Tensor {
  if (dtype === 'int32') return tf.fill([...shape], variant, 'int32');
  const low = variant === 0 ? 0.1 : 0.2;
  return tf.linspace(low, low + 0.5, tf.util.sizeFromShape([...shape])).reshape([...shape]);
}
