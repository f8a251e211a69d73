import { requireArray } from '../numbers/arguments';
import { integer, type OptionsOf, optional, readOptions } from '../numbers/options';
import { DISPLAY, INSPECT, type MimeBundle } from './cell';
import { escapeHtml } from './escapeHtml';
import { linesOf, textTable } from './textTable';

/** Possible values of a table's cell. A number that is not finite stands for "there is none". */
export type TableCell = string | number | boolean | undefined;

/** A row: its cells by the names of their columns. */
export type TableRow = Readonly<Record<string, TableCell>>;

/** The text of a cell without a value. */
const NONE = '–';

const WRITTEN_NUMBER = /^[-−+]?\d[\d,.]*( ?%)?$/;

/** Rows of values with named columns, shown as a table. */
export class Table {
  readonly rows: readonly TableRow[];
  /** The columns, in the order in which the rows first name them. */
  readonly columns: readonly string[];
  readonly #digits: number;

  /** @param digits Significant digits of numbers. */
  constructor(rows: readonly TableRow[], digits: number) {
    this.rows = rows;
    this.columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
    this.#digits = digits;
  }

  /** The table as lines of text: strings at the left of their columns, numbers at the right, two blanks or more between columns. */
  toString(): string {
    const rows = [this.columns, ...this.rows.map((row) => this.#texts(row))];
    return textTable(rows, (column) => this.#isText(column));
  }

  [INSPECT](): string {
    return this.toString();
  }

  /** The display in a notebook. */
  [DISPLAY](): MimeBundle {
    // Front ends put everything at the right.
    const styles = this.columns.map((_, column) => (this.#isText(column) ? ' style="text-align: left"' : ''));
    const line = (tag: 'th' | 'td', texts: readonly string[]) => {
      const cells = texts.map(
        (text, column) => `<${tag}${styles[column]}>${linesOf(text).map(escapeHtml).join('<br>')}</${tag}>`,
      );
      return `<tr>${cells.join('')}</tr>`;
    };
    const body = this.rows.map((row) => line('td', this.#texts(row))).join('');
    return {
      'text/plain': this.toString(),
      'text/html': `<table><thead>${line('th', this.columns)}</thead><tbody>${body}</tbody></table>`,
    };
  }

  /** Whether a column holds texts, such as names or lists of words; numbers written as strings are not. */
  #isText(column: number): boolean {
    return this.rows.some((row) => {
      const value = row[this.columns[column] as string];
      return typeof value === 'string' && !WRITTEN_NUMBER.test(value);
    });
  }

  #texts(row: TableRow): string[] {
    return this.columns.map((column) => textOf(row[column], this.#digits));
  }
}

const tableOptions = {
  /** Significant digits of numbers that are not whole. Default: 3. */
  digits: optional(integer({ min: 1, max: 15 }), 3),
};

/** How {@link table} shows numbers. @interface */
export type TableOptions = OptionsOf<typeof tableOptions>;

/**
 * Shows rows as a table: make it a cell's last expression.
 *
 * @param rows One object a row; its keys are the columns, its numbers are rounded only for showing.
 * @throws RangeError if `digits` is not an integer from 1 to 15.
 * @throws TypeError if the rows are not an array, or there is no such option.
 *
 * @example table([{ λ: 0, MSE: 0.0099953 }, { λ: 0.001, MSE: 0.0231478 }])
 * //     λ      MSE
 * //     0     0.01
 * // 0.001   0.0231
 */
export function table(rows: readonly TableRow[], options: TableOptions = {}): Table {
  const { digits } = readOptions('table', options, tableOptions);
  return new Table(requireArray('rows', rows, 'an array of objects, one per row'), digits);
}

function textOf(value: TableCell, digits: number): string {
  if (value === undefined) return NONE;
  if (typeof value !== 'number') return String(value);
  return Number.isFinite(value) ? shortened(value, digits) : NONE;
}

/** A number as it is if it is short, as settings are; else rounded, its last zeros kept: they were measured. */
function shortened(value: number, digits: number): string {
  const exact = String(value);
  const whole = Math.trunc(Math.abs(value)).toString().length;
  const rounded = value.toPrecision(Math.min(100, Math.max(digits, whole)));
  return exact.length <= rounded.length ? exact : rounded;
}
