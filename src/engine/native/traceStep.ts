import * as tf from '@tensorflow/tfjs';
import { lossAndGradients } from '../differentiate';
import { type BatchSource, isExampleSource, KEY_LENGTH, type Member, mapNamed, type Named } from '../step';
import { requireSame } from './compareTraces';
import { type Trace, trace } from './trace';
import { stepNames, type TracedMember } from './trainingGraph';

/**
 * Traces a member's step for each size of batch, twice, with different numbers: what differs would be frozen in a
 * graph.
 *
 * @throws TraceError if the step does something that a graph cannot repeat.
 */
export function traceMember(
  member: Member,
  source: BatchSource,
  batchSizes: readonly number[],
): TracedMember {
  const { step, initial } = member;
  return {
    shapes: mapNamed(initial.parameters, ({ shape }) => shape),
    inputs: Object.keys(step.inputs),
    terms: step.terms,
    traces: new Map(
      batchSizes.map((batchSize) => {
        const first = traceStep(member, source, batchSize, 0);
        requireSame(first, traceStep(member, source, batchSize, 1));
        return [batchSize, first];
      }),
    ),
  };
}

/**
 * Traces the loss and its gradients.
 *
 * @param variant Another one makes other example numbers; the trace must not depend on them.
 */
export function traceStep(
  { step, initial }: Member,
  source: BatchSource,
  batchSize: number,
  variant: number,
): Trace {
  // Not tf.tidy: it takes functions that return tensors only.
  tf.engine().startScope();
  try {
    const parameters = mapNamed(initial.parameters, ({ shape }) => exampleTensor(shape, variant));
    const batchArgument = isExampleSource(source)
      ? tf.fill([KEY_LENGTH], variant, 'int32')
      : exampleTensor([batchSize, source.dim], variant);
    const inputs = mapNamed(step.inputs, () => exampleTensor([], variant) as tf.Scalar);
    const args = {
      [stepNames.batch]: batchArgument,
      ...renamed(parameters, stepNames.parameter),
      ...renamed(inputs, stepNames.input),
    };
    return trace(args, () => {
      const batch = isExampleSource(source)
        ? source.sample(batchArgument as tf.Tensor1D, batchSize)
        : (batchArgument as tf.Tensor2D);
      const { terms, gradients } = lossAndGradients(step, parameters, batch, inputs);
      return { ...renamed(terms, stepNames.term), ...renamed(gradients, stepNames.gradient) };
    });
  } finally {
    tf.engine().endScope();
  }
}

/** Numbers between 0 and 1 that repeat nowhere and differ from variant to variant. */
function exampleTensor(shape: readonly number[], variant: number): tf.Tensor {
  const size = tf.util.sizeFromShape([...shape]);
  const low = variant === 0 ? 0.1 : 0.2;
  return tf.linspace(low, low + 0.5, size).reshape([...shape]);
}

function renamed<T>(named: Named<T>, rename: (name: string) => string): Named<T> {
  return Object.fromEntries(Object.entries(named).map(([name, entry]) => [rename(name), entry]));
}
