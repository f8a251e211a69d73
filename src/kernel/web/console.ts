/**
 * `console` of cells: what they print goes below them, as Node would print it.
 *
 * @module
 */

import { format, inspect } from 'node-inspect-extracted';
import type { Cells } from '../core/runtime/cell';

type Print = (...values: readonly unknown[]) => void;

/**
 * Takes the place of the browser's console for code of cells. Code that belongs to no cell still prints to the browser's.
 *
 * @returns closes groups that a cell has left open
 */
export function redirectConsole(cells: Cells): () => void {
  const { console } = globalThis;
  const { log } = console;
  const counts = new Map<string, number>();
  const timers = new Map<string, number>();
  let indentation = '';

  const printTo =
    (stream: 'stdout' | 'stderr'): Print =>
    (...values) => {
      const text = `${format(...values)}\n`;
      const cell = cells.current;
      if (cell === undefined) log.call(console, text);
      else cell.output.stream(stream, indentation === '' ? text : text.replace(/^(?=.)/gm, indentation));
    };
  const out = printTo('stdout');
  const problem = printTo('stderr');
  const elapsed = (label: string) =>
    `${label}: ${(performance.now() - (timers.get(label) ?? 0)).toFixed(3)}ms`;
  const group: Print = (...values) => {
    if (values.length > 0) out(...values);
    indentation += '  ';
  };

  Object.assign(console, {
    log: out,
    info: out,
    debug: out,
    error: problem,
    warn: problem,
    dir: (value: unknown, options?: object) => out(inspect(value, options)),
    table: (value: unknown) => out(value),
    trace: (...values: unknown[]) => problem(new Error(format(...values)).stack?.replace(/^Error/, 'Trace')),
    assert(condition: unknown, ...values: unknown[]) {
      if (!condition)
        problem(...(values.length === 0 ? ['Assertion failed'] : ['Assertion failed:', ...values]));
    },
    count(label = 'default') {
      counts.set(label, (counts.get(label) ?? 0) + 1);
      out(`${label}: ${counts.get(label)}`);
    },
    countReset: (label = 'default') => counts.delete(label),
    time: (label = 'default') => timers.set(label, performance.now()),
    timeLog: (label = 'default', ...values: unknown[]) => out(elapsed(label), ...values),
    timeEnd(label = 'default') {
      out(elapsed(label));
      timers.delete(label);
    },
    group,
    groupCollapsed: group,
    groupEnd() {
      indentation = indentation.slice(2);
    },
    clear: () => cells.current?.clearOutput(),
  });
  return () => {
    indentation = '';
  };
}
