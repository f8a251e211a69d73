import { parse } from 'papaparse';
import { requireArray, requireText, show } from '../numbers/arguments';
import { fileKind } from '../numbers/fileKind';
import { type OptionsOf, oneOf, optional, readOptions, text, value } from '../numbers/options';
import { Dataset } from './dataset';
import { readOwnFile } from './ownFile';

/** How {@link loadCsv} reads a table, for {@link readOptions}. */
const csvOptions = {
  /** The columns to take, by name, in this order. Default: all but `label`, in the order of the file. */
  columns: optional(value<readonly string[]>()),
  /** The column with the class of each row. Default: there is none. */
  label: optional(text),
  /**
   * What is done to the numbers of each column: `minmax` makes its smallest 0 and its largest 1, `standard` makes its mean 0 and
   * its standard deviation (divisor: the number of rows) 1. A column of equal numbers becomes 0. Default: `none`.
   */
  scaling: optional(oneOf(['none', 'minmax', 'standard']), 'none'),
};

/** How {@link loadCsv} reads a table. @interface */
export type CsvOptions = OptionsOf<typeof csvOptions>;

/** A label is stored as one byte. */
const MOST_CLASSES = 256;

/** A number as programs write it: `-1`, `.5`, `1e-3`. Neither `0x1` nor `1,5`. */
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/**
 * A table of your own: a file of comma-separated values (commas, tabs, semicolons or bars; UTF-8) whose first line names the
 * columns. One example per row, one number per column.
 *
 * The file is next to the notebook. In a browser, drop it into the file browser on the left. The data set's `columnNames` are the
 * columns that were taken; its `classNames` are the different texts of the label column, in the order of the alphabet.
 *
 * @param path from the notebook's folder
 * @throws Error if there is no such file, or it is not such a table
 * @throws RangeError naming row (1 is the first below the names) and column of a number that is missing or not one, or the columns
 *   that there are if one is asked for that there is not
 * @example
 * const flowers = await loadCsv('flowers.csv', { label: 'species', scaling: 'minmax' });
 */
export async function loadCsv(path: string, options: CsvOptions = {}): Promise<Dataset> {
  requireText('path', path);
  const { columns, label: asked, scaling } = readOptions('loadCsv', options, csvOptions);
  const label = asked?.normalize('NFC');
  const [names, rows] = tableOf(path, await readOwnFile(path));
  const taken = columns === undefined ? names.filter((name) => name !== label) : requireNames(columns);
  if (taken.length === 0) throw new RangeError('columns must hold at least one name; got none');
  const labelPlace = label === undefined ? undefined : placeOf(path, 'label', label, names);
  const places = taken.map((name) => placeOf(path, 'columns', name, names));
  const values = new Float32Array(rows.length * taken.length);
  for (const [row, cells] of rows.entries()) {
    for (const [column, place] of places.entries()) {
      const cell = cells[place] as string;
      values[row * taken.length + column] = numberIn(path, cell, row, taken[column] as string);
    }
  }
  scaleColumns(values, taken.length, scaling);
  return new Dataset({
    name: path,
    values,
    count: rows.length,
    dim: taken.length,
    columnNames: taken,
    ...(labelPlace !== undefined && classesOf(path, names[labelPlace] as string, rows, labelPlace)),
  });
}

/** The names of the columns and the rows below them. */
function tableOf(path: string, bytes: Uint8Array): [names: string[], rows: string[][]] {
  const kind = bytes.length > 0 ? fileKind(bytes) : undefined;
  if (kind !== undefined) throw new Error(`${path} must be a table; got another file: ${kind}`);
  let content: string;
  try {
    content = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new Error(`${path} must be text in UTF-8; it is not`, { cause });
  }
  // The parser takes one kind of line ends per file. Letters that look the same become the same, whatever system wrote them.
  const lines = content.replace(/\r\n?/g, '\n').normalize('NFC');
  const { data: all, errors } = parse<string[]>(lines, { skipEmptyLines: true });
  // A line of blanks is empty, too; a row of empty cells is not.
  const data = all.filter((cells) => cells.length > 1 || cells[0]?.trim() !== '');
  // Where nothing separates columns there is one column.
  const problem = errors.find(({ type }) => type !== 'Delimiter');
  if (problem) throw new Error(`${path} must be a table; row ${problem.row}: ${problem.message}`);
  const [first = [], ...rows] = data;
  const names = first.map((name) => name.trim());
  if (rows.length === 0)
    throw new Error(`${path} must hold column names and at least one row; got ${data.length} rows`);
  if (names.every((name) => NUMBER.test(name)))
    throw new Error(`${path} must begin with the names of its columns; got ${show(names)}`);
  const twice = names.find((name, index) => name === '' || names.indexOf(name) !== index);
  if (twice !== undefined)
    throw new Error(`${path} must name each column differently; got ${show(twice)} in ${show(names)}`);
  for (const [row, cells] of rows.entries()) {
    if (cells.length !== names.length)
      throw new RangeError(
        `${path} must have ${names.length} cells per row; got ${cells.length} in row ${row + 1}`,
      );
  }
  return [names, rows];
}

function requireNames(columns: readonly string[]): readonly string[] {
  const names = Array.from(requireArray('columns', columns, 'an array of names'));
  for (const [index, name] of names.entries()) requireText(`columns[${index}]`, name);
  return names.map((name) => name.normalize('NFC'));
}

function placeOf(path: string, option: string, name: string, names: readonly string[]): number {
  const place = names.indexOf(name);
  if (place < 0)
    throw new RangeError(
      `${option} must be names of ${path}, ${names.map(show).join(', ')}; got ${show(name)}`,
    );
  return place;
}

function numberIn(path: string, cell: string, row: number, column: string): number {
  const trimmed = cell.trim();
  const found = Math.fround(Number(trimmed));
  if (NUMBER.test(trimmed) && Number.isFinite(found)) return found;
  const got = trimmed === '' ? 'nothing' : show(trimmed);
  throw new RangeError(
    `${path} must hold a number in each cell; got ${got} in row ${row + 1}, column ${show(column)}`,
  );
}

/** Labels and their names. */
function classesOf(path: string, label: string, rows: readonly string[][], place: number) {
  const texts = rows.map((cells) => (cells[place] as string).trim());
  const missing = texts.indexOf('');
  if (missing >= 0)
    throw new RangeError(
      `${path} must hold a class in each row; got nothing in row ${missing + 1}, column ${show(label)}`,
    );
  const classNames = [...new Set(texts)].sort();
  if (classNames.length > MOST_CLASSES)
    throw new RangeError(
      `label must have at most ${MOST_CLASSES} classes; ${show(label)} has ${classNames.length}`,
    );
  return { classNames, labels: Uint8Array.from(texts, (name) => classNames.indexOf(name)) };
}

/** Scales each column, in place. */
function scaleColumns(values: Float32Array, columns: number, scaling: 'none' | 'minmax' | 'standard'): void {
  if (scaling === 'none') return;
  const rows = values.length / columns;
  for (let column = 0; column < columns; column++) {
    const own = Float64Array.from({ length: rows }, (_, row) => values[row * columns + column] as number);
    const mean = own.reduce((sum, each) => sum + each / rows, 0);
    const deviation = Math.sqrt(own.reduce((sum, each) => sum + (each - mean) ** 2 / rows, 0));
    const smallest = own.reduce((least, each) => Math.min(least, each));
    const range = own.reduce((most, each) => Math.max(most, each)) - smallest;
    const [shift, size] = scaling === 'minmax' ? [smallest, range] : [mean, deviation];
    for (const [row, each] of own.entries()) {
      values[row * columns + column] = range === 0 ? 0 : (each - shift) / size;
    }
  }
}
