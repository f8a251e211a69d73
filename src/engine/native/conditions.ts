/**
 * Parts of a step that only some steps need. Where one bool of the step chooses between a value and zeros (tf.where, as `onlyIf`
 * writes it), whatever is there for that value alone need not be computed in the steps in which the bool is false.
 *
 * In a graph these operations get their operands through Switch, which hands nothing on where the condition does not hold; Merge
 * takes what they made, or zeros.
 *
 * @module
 */
import { isConstant, type Operation, positionOf, type Trace, type ValueName } from './trace';

/** The conditions of a trace. */
export interface Conditions {
  /** The condition under which the operation at a position is needed, by its name, if there is one. */
  under(position: number): ValueName | undefined;
  /** The condition, and the value that it chooses, if the operation at a position chooses between a value and zeros. */
  chosen(position: number): Chosen | undefined;
}

/** A choice between a value and zeros. */
export interface Chosen {
  /** A bool. */
  readonly condition: ValueName;
  readonly value: ValueName;
}

/** Finds the choices between a value and zeros, and what only they need. */
export function conditionsOf({ operations, results }: Trace): Conditions {
  const chosen = operations.map((entry) => (isConstant(entry) ? undefined : asChosen(entry, operations)));
  const isFixed = fixedOf(operations);
  const under = new Array<ValueName | undefined>(operations.length);
  /** For each operation the conditions of its uses; `undefined` among them for a use that is always there. */
  const uses = operations.map(() => new Set<ValueName | undefined>());
  const use = (name: ValueName, condition: ValueName | undefined) =>
    positionOf(name).map((position) => uses[position]?.add(condition));
  for (const name of Object.values(results)) use(name, undefined);
  for (let position = operations.length - 1; position >= 0; position--) {
    const entry = operations[position];
    if (!entry || isConstant(entry)) continue;
    const [only, ...others] = uses[position] ?? [];
    // Switch holds operands back, so there must be one, and the condition must be there already.
    const canWait = only !== undefined && positionOf(only).every((before) => before < position);
    if (canWait && others.length === 0 && !isFixed[position]) under[position] = only;
    const own = chosen[position];
    for (const input of entry.inputs)
      use(input, input === own?.value && under[position] === undefined ? own.condition : under[position]);
  }
  return { under: (position) => under[position], chosen: (position) => chosen[position] };
}

/** Which entries are made of constants alone. */
function fixedOf(operations: Trace['operations']): boolean[] {
  const isFixed: boolean[] = [];
  for (const entry of operations) {
    const from = isConstant(entry) ? [] : entry.inputs.map(positionOf);
    isFixed.push(from.every(([position]) => position !== undefined && isFixed[position]));
  }
  return isFixed;
}

function asChosen({ name, inputs }: Operation, operations: Trace['operations']): Chosen | undefined {
  if (name !== 'Select') return undefined;
  const [condition, value, otherwise] = inputs as [ValueName, ValueName, ValueName];
  const [bool, zero] = [sourceOf(condition, operations), sourceOf(otherwise, operations)];
  if (!bool || isConstant(bool.entry) || bool.entry.shapes[0]?.length !== 0) return undefined;
  const isZero = zero && isConstant(zero.entry) && zero.entry.values.every((number) => number === 0);
  return isZero ? { condition: bool.name, value } : undefined;
}

/** The value that another repeats, as tf.where broadcasts its operands. */
function sourceOf(name: ValueName, operations: Trace['operations']) {
  const entry = positionOf(name).map((position) => operations[position])[0];
  if (!entry) return undefined;
  if (isConstant(entry) || !['Tile', 'Reshape'].includes(entry.name)) return { name, entry };
  return sourceOf(entry.inputs[0] as ValueName, operations);
}
