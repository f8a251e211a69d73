/**
 * Parts of a step that only some steps need. A product with a condition (a bool as a number: 1 or 0) is zero where the condition does
 * not hold, whatever the other factor is. What is there for that factor alone need not be computed then.
 *
 * In a graph these operations get their operands through Switch, which hands nothing on where the condition does not hold; Merge
 * takes what they made, or zeros.
 *
 * @module
 */
import { DataType } from './binding';
import { isConstant, type Operation, positionOf, type Trace, type ValueName } from './trace';

/** The conditions of a trace. */
export interface Conditions {
  /** The condition under which the operation at a position is needed, by its name, if there is one. */
  under(position: number): ValueName | undefined;
  /** The condition, and which operand it chooses, if the operation at a position is a product with one. */
  chosen(position: number): Chosen | undefined;
}

/** A product with a condition. */
export interface Chosen {
  /** A bool. */
  readonly condition: ValueName;
  readonly value: ValueName;
}

/** Finds the products with a condition, and what only they need. */
export function conditionsOf({ operations, results }: Trace): Conditions {
  const chosen = operations.map((entry) => (isConstant(entry) ? undefined : asChosen(entry, operations)));
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
    if (only !== undefined && others.length === 0) under[position] = only;
    const own = chosen[position];
    for (const input of entry.inputs)
      use(input, input === own?.value && under[position] === undefined ? own.condition : under[position]);
  }
  return { under: (position) => under[position], chosen: (position) => chosen[position] };
}

function asChosen(entry: Operation, operations: Trace['operations']): Chosen | undefined {
  if (entry.name !== 'Mul') return undefined;
  const entryOf = (name: ValueName) => positionOf(name).map((position) => operations[position])[0];
  const [a, b] = entry.inputs as [ValueName, ValueName];
  for (const [factor, value] of [
    [a, b],
    [b, a],
  ] as const) {
    const cast = entryOf(factor);
    if (!cast || isConstant(cast) || cast.name !== 'Cast' || cast.shapes[0]?.length !== 0) continue;
    const condition = cast.inputs[0] as ValueName;
    const from = entryOf(condition);
    if (from && !isConstant(from) && from.dtypes[0] === DataType.bool) return { condition, value };
  }
  return undefined;
}
