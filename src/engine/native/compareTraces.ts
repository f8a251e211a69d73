import { TraceError, unlike } from '../refusals';
import { DataType } from './binding';
import { type Constant, isConstant, type Operation, type Trace, valueName } from './trace';

/**
 * Checks that a step does the same every time it is called: a graph repeats what it did when it was traced.
 *
 * @throws TraceError naming what differs between two traces of the same step.
 */
export function requireSame(first: Trace, second: Trace): void {
  const difference = findDifference(first, second);
  if (difference) throw new TraceError(unlike(difference));
}

function findDifference(first: Trace, second: Trace): string | undefined {
  for (const position of first.operations.keys()) {
    const difference = entryDifference(first, position, second.operations[position]);
    if (difference) return difference;
  }
  if (first.operations.length !== second.operations.length) {
    return `${first.operations.length} operations became ${second.operations.length}`;
  }
  const changed = Object.keys(first.results).find((name) => first.results[name] !== second.results[name]);
  return changed && `the result ${changed} became another value`;
}

/** The difference between the entry at a position of a trace and the current one. */
export function entryDifference(
  trace: Trace,
  position: number,
  after: Operation | Constant | undefined,
): string | undefined {
  const before = trace.operations[position];
  if (!before || !after || before.name !== after.name) {
    return `operation ${before?.name ?? 'nothing'} became ${after?.name ?? 'nothing'}`;
  }
  if (isConstant(before) && isConstant(after)) {
    if (sameConstant(before, after)) return undefined;
    return `a constant changed from ${showConstant(before)} to ${showConstant(after)}${usedBy(trace, position)}`;
  }
  if (!isConstant(before) && !isConstant(after) && !sameOperation(before, after)) {
    return `operation ${before.name} got other inputs, options or shapes`;
  }
  return undefined;
}

function sameConstant(a: Constant, b: Constant): boolean {
  return a.dtype === b.dtype && same(a.shape, b.shape) && same(a.values, b.values);
}

function sameOperation(a: Operation, b: Operation): boolean {
  return (
    same(a.inputs, b.inputs) &&
    same(a.shapes.flat(), b.shapes.flat()) &&
    same(Object.keys(a.attributes), Object.keys(b.attributes)) &&
    Object.entries(a.attributes).every(([name, value]) => same(value, b.attributes[name] ?? []))
  );
}

function same(a: ArrayLike<number | string>, b: ArrayLike<number | string>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false;
  return true;
}

function showConstant({ dtype, shape, values }: Constant): string {
  const shown = dtype === DataType.bool ? [...values.slice(0, 3)].map(Boolean) : [...values.slice(0, 3)];
  const more = values.length > shown.length ? ', …' : '';
  return shape.length === 0 ? `${shown[0]}` : `[${shown.join(', ')}${more}] (shape [${shape}])`;
}

function usedBy({ operations }: Trace, position: number): string {
  const name = valueName(position, 0);
  const user = operations.find((entry) => !isConstant(entry) && entry.inputs.includes(name));
  return user ? ` (used by ${user.name})` : '';
}
