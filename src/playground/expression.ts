/**
 * Calls of the library as data, so that one description can be carried out, and printed as a lesson's code.
 *
 * @module
 */

/** A value, or how to get it. */
export type Expression =
  | undefined
  | number
  | string
  | boolean
  | readonly Expression[]
  | { readonly [name: string]: Expression }
  | Call
  | Code;

/** The library's exports by name. */
export type Names = Readonly<Record<string, unknown>>;

/** A call of one of the library's functions. */
export class Call {
  readonly args: readonly Expression[];

  constructor(
    readonly name: string,
    ...args: readonly Expression[]
  ) {
    this.args = args;
  }
}

/** Code for which there is no shorter description, with the names that it takes from the library. */
export class Code {
  constructor(
    readonly text: string,
    readonly names: readonly string[],
    /** The value of the expression. */
    readonly value: (names: Names) => unknown,
  ) {}
}

/** The value of an expression. */
export function evaluate(expression: Expression, names: Names): unknown {
  if (expression instanceof Call) {
    const call = names[expression.name] as (...args: unknown[]) => unknown;
    return call(...expression.args.map((argument) => evaluate(argument, names)));
  }
  if (expression instanceof Code) return expression.value(names);
  if (Array.isArray(expression)) return expression.map((item) => evaluate(item, names));
  if (typeof expression !== 'object') return expression;
  return Object.fromEntries(
    Object.entries(expression).map(([name, value]) => [name, evaluate(value, names)]),
  );
}

/** An expression as TypeScript. */
export function print(expression: Expression): string {
  if (expression instanceof Call) return `${expression.name}(${expression.args.map(print).join(', ')})`;
  if (expression instanceof Code) return expression.text;
  if (typeof expression === 'string') return `'${expression}'`;
  if (Array.isArray(expression)) return `[${expression.map(print).join(', ')}]`;
  if (typeof expression !== 'object') return String(expression);
  const entries = Object.entries(expression).filter(([, value]) => value !== undefined);
  return `{ ${entries.map(([name, value]) => `${name}: ${print(value)}`).join(', ')} }`;
}

/** The names of the library that an expression uses. */
export function namesIn(expression: Expression): string[] {
  if (expression instanceof Call) return [expression.name, ...expression.args.flatMap(namesIn)];
  if (expression instanceof Code) return [...expression.names];
  if (Array.isArray(expression)) return expression.flatMap(namesIn);
  return typeof expression === 'object' ? Object.values(expression).flatMap(namesIn) : [];
}
