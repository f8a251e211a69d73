import type { MimeBundle } from '../page/cell';
import type { SweepPoint } from '../plots/sweepFront';
import type { Choice, Rule } from './choose';
import type { Setting, Settings } from './space';

/** One trial of a sweep. */
export interface SweepRow {
  /** The hash of the trial's specification. */
  readonly id: string;
  readonly settings: Settings;
  /** `missing`: the sweep was stopped before the trial ended. */
  readonly state: 'done' | 'failed' | 'missing';
  /** The measured numbers by name; empty unless done. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Whether the training ran to its end, or its loss stopped being finite and the last finite model was measured. */
  readonly end?: 'finished' | 'diverged';
  /** What ran it. */
  readonly engine?: string;
  /** Seconds of training, on the machine that did it. */
  readonly seconds?: number;
  /** Host and process that ran it. */
  readonly worker?: string;
  /** Whether it was not run now: the store had it, or a sweep that was stopped before. */
  readonly served: boolean;
  /** Why it failed. */
  readonly error?: string;
}

/** A column of a table: a name, a type, a value or null for each row. */
export interface Column {
  readonly name: string;
  readonly type: 'number' | 'text' | 'boolean';
  readonly values: readonly (Setting | null)[];
}

/** The results of a sweep, a row a trial, in the order in which the search named them. */
export class SweepTable {
  readonly rows: readonly SweepRow[];
  /** Whether every trial was tried. A table seen through onProgress is still `running`. */
  readonly end: 'running' | 'finished' | 'stopped';
  /** What a person should know: workers that died or refused trials, damaged records of the store. */
  readonly notices: readonly string[];

  constructor(rows: readonly SweepRow[], end: SweepTable['end'], notices: readonly string[] = []) {
    this.rows = rows;
    this.end = end;
    this.notices = notices;
  }

  /** The rows that have a result. */
  get done(): readonly SweepRow[] {
    return this.rows.filter(({ state }) => state === 'done');
  }

  /**
   * The table by columns: settings, then metrics, then how each trial went. A name is there once: a metric `seconds` of
   * one's own is the column `metric.seconds`, a setting `state` the column `setting.state`.
   */
  get columns(): Column[] {
    const names = (part: 'settings' | 'metrics') => [
      ...new Set(this.rows.flatMap((row) => Object.keys(row[part]))),
    ];
    const column = (name: string, value: (row: SweepRow) => Setting | undefined): Column => {
      const values = this.rows.map((row) => {
        const cell = value(row);
        return cell === undefined || Number.isNaN(cell) ? null : cell;
      });
      const type = typeOf(values);
      // Values of several types are all texts: a column of a file has one type.
      return {
        name,
        type,
        values: type === 'text' ? values.map((cell) => (cell === null ? null : String(cell))) : values,
      };
    };
    const settings = names('settings');
    const free = (kind: string, name: string, taken: readonly string[]) =>
      taken.includes(name) ? `${kind}.${name}` : name;
    return [
      ...settings.map((name) => column(free('setting', name, HOW_IT_WENT), (row) => row.settings[name])),
      ...names('metrics').map((name) =>
        column(free('metric', name, [...settings, ...HOW_IT_WENT]), ({ metrics }) => metrics[name]),
      ),
      ...HOW_IT_WENT.map((name) => column(name, (row) => row[name])),
    ];
  }

  /**
   * The table as CSV (RFC 4180): a line of names, then a line a trial; cells without a value are empty. Numbers are
   * written so that reading them gives the same float64.
   */
  toCSV(): string {
    const { columns } = this;
    const line = (cells: readonly (Setting | null)[]) => `${cells.map(csvCell).join(',')}\r\n`;
    const rows = this.rows.map((_, index) => line(columns.map(({ values }) => values[index] ?? null)));
    return [line(columns.map(({ name }) => name)), ...rows].join('');
  }

  /**
   * The table as a Parquet file, for pandas, Polars, Arrow, DuckDB: numbers as float64, texts as strings.
   *
   * @example writeFileSync('sweep.parquet', await table.toParquet())
   */
  async toParquet(): Promise<Uint8Array> {
    // An ES module, loaded only when somebody asks for a file.
    const { parquetWriteBuffer } = await import('hyparquet-writer');
    const buffer = parquetWriteBuffer({
      columnData: this.columns.map(({ name, type, values }) => ({
        name,
        type: parquetTypes[type],
        nullable: true,
        data: [...values],
      })),
    });
    return new Uint8Array(buffer);
  }

  /**
   * The trial that a rule chooses, and why: {@link bestUnder}, {@link kneeOfFront}, {@link oneStandardError}, or a
   * function of one's own.
   *
   * @throws RangeError if no trial qualifies.
   */
  choose(rule: Rule): Choice {
    return rule(this.done);
  }

  /**
   * A point for each value of a setting, for `sweepFront`: L0 and mse, averaged over the trials that share it.
   *
   * @param setting The setting that is the strength; `lambda` or `beta` unless told.
   * @throws RangeError if no trial has such a setting, l0 and mse.
   *
   * @example sweepFront(table.points())
   */
  points(setting?: string): SweepPoint[] {
    const name = setting ?? (this.rows.some(({ settings }) => 'beta' in settings) ? 'beta' : 'lambda');
    const groups = new Map<number, SweepRow[]>();
    for (const row of this.done) {
      const { [name]: strength } = row.settings;
      const { l0, mse } = row.metrics;
      if (typeof strength !== 'number' || !Number.isFinite(l0) || !Number.isFinite(mse)) continue;
      groups.set(strength, [...(groups.get(strength) ?? []), row]);
    }
    if (groups.size === 0) {
      throw new RangeError(
        `points needs trials with the setting '${name}' and the metrics l0 and mse; got none`,
      );
    }
    const mean = (rows: readonly SweepRow[], metric: string) =>
      rows.reduce((sum, { metrics }) => sum + (metrics[metric] as number), 0) / rows.length;
    return [...groups].map(([strength, rows]) => ({
      strength,
      l0: mean(rows, 'l0'),
      mse: mean(rows, 'mse'),
    }));
  }

  /**
   * Settings and metrics of the trials that have them all, for `sweepCurve` and `sweepMap`: numbers, a list a trial.
   *
   * @param names Settings or metrics.
   * @throws RangeError if no trial has all of them, as finite numbers.
   *
   * @example sweepCurve(table.values('lambda', 'mse'))
   */
  values<const Names extends readonly string[]>(...names: Names): { -readonly [K in keyof Names]: number }[] {
    const rows = this.done
      .map(({ settings, metrics }) => names.map((name) => settings[name] ?? metrics[name]))
      .filter((row) => row.every((value) => Number.isFinite(value)));
    if (rows.length === 0) {
      throw new RangeError(`values needs trials with the numbers ${names.join(', ')}; got none`);
    }
    // As many numbers as names, each of them just found to be one.
    return rows as { -readonly [K in keyof Names]: number }[];
  }

  /** The table as lines of text, columns aligned: what a notebook shows. */
  toString(): string {
    const shown = this.columns.filter(
      ({ name, values }) => !HIDDEN.includes(name) && values.some((v) => v !== null),
    );
    const cells = [
      shown.map(({ name }) => name),
      ...this.rows.map((_, index) => shown.map(({ values }) => textCell(values[index] ?? null))),
    ];
    const widths = shown.map((_, column) => Math.max(...cells.map((row) => (row[column] as string).length)));
    const lines = cells.map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] as number))
        .join('  ')
        .trimEnd(),
    );
    return [...lines, ...this.notices.map((notice) => `Note: ${notice}`)].join('\n');
  }

  /** What a notebook shows. */
  [Symbol.for('Jupyter.display')](): MimeBundle {
    return { 'text/plain': this.toString() };
  }
}

/** The columns on how each trial went. */
const HOW_IT_WENT = ['state', 'end', 'seconds', 'engine', 'worker', 'error', 'id'] as const;

/** Columns that a person seldom needs to see. */
const HIDDEN = ['id', 'worker', 'engine', 'end'];

const parquetTypes = { number: 'DOUBLE', text: 'STRING', boolean: 'BOOLEAN' } as const;

function typeOf(values: readonly (Setting | null)[]): Column['type'] {
  const types = new Set(values.filter((value) => value !== null).map((value) => typeof value));
  if (types.size === 1 && types.has('number')) return 'number';
  return types.size === 1 && types.has('boolean') ? 'boolean' : 'text';
}

function csvCell(cell: Setting | null): string {
  const text = cell === null ? '' : String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function textCell(cell: Setting | null): string {
  if (typeof cell === 'number') return String(Number(cell.toPrecision(4)));
  return cell === null ? '' : String(cell);
}
