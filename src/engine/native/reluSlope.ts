/**
 * The slope of relu. tf writes its gradient with `step(z)`, which tfjs-node executes as five operations on arrays of z's size:
 * whether z is NaN, whether it is above zero, zeros, and two choices. The sign of h = relu(z) is the same number in one.
 *
 * @module
 */
import { type Constant, isConstant, type Operation, positionOf, type Trace, type ValueName } from './trace';

/** The trace with sign(relu(z)) in place of each step(z) of which it has relu(z). */
export function withReluSlope(trace: Trace): Trace {
  const { operations } = trace;
  const entryOf = (name: ValueName | undefined): Operation | Constant | undefined =>
    name === undefined ? undefined : positionOf(name).map((position) => operations[position])[0];
  const made = (name: ValueName | undefined, by: string): Operation | undefined => {
    const entry = entryOf(name);
    return entry && !isConstant(entry) && entry.name === by ? entry : undefined;
  };
  const isAll = (name: ValueName | undefined, number: number): boolean => {
    const entry = entryOf(made(name, 'Fill')?.inputs[1] ?? name);
    return entry !== undefined && isConstant(entry) && entry.values.every((value) => value === number);
  };
  const relus = new Map<ValueName, ValueName>();
  return {
    ...trace,
    operations: operations.map((entry, position) => {
      if (isConstant(entry)) return entry;
      if (entry.name === 'Relu') relus.set(entry.inputs[0] as ValueName, `%${position}:0`);
      const z = stepOf(entry);
      const h = z === undefined ? undefined : relus.get(z);
      return h === undefined ? entry : { ...entry, name: 'Sign', inputs: [h] };
    }),
  };

  /** The z of which an operation is the last of step(z). */
  function stepOf({ name, inputs: [isNan, z, otherwise] }: Operation): ValueName | undefined {
    const choice = made(otherwise, 'Select');
    const above = made(choice?.inputs[0], 'Greater');
    const isStep =
      name === 'Select' &&
      made(isNan, 'IsNan')?.inputs[0] === z &&
      above?.inputs[0] === z &&
      isAll(above?.inputs[1], 0) &&
      isAll(choice?.inputs[1], 1) &&
      isAll(choice?.inputs[2], 0);
    return isStep ? z : undefined;
  }
}
