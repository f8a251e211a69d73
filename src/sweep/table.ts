import { DISPLAY, type MimeBundle } from '../page/cell';
import { linesOf, textTable } from '../page/textTable';
import type { SweepPoint } from '../plots/paretoPlot';
import type { Choice, Rule } from './choose';
import { allBut, groupRows, hasResult, meanOf, type SweepRow } from './row';
import { isDistribution, type Setting, type Settings, type Space } from './space';

/** A column of a table: a name, a type, a value or null for each row. */
export interface Column {
  readonly name: string;
  readonly type: 'number' | 'text' | 'boolean';
  readonly values: readonly (Setting | null)[];
}

/** The results of a sweep, one row per trial, in the order in which the search named them. */
export class SweepTable {
  readonly rows: readonly SweepRow[];
  /** Whether every trial was tried. A table seen through onProgress is still `running`. */
  readonly status: 'running' | 'finished' | 'stopped';
  /** Notices for people: workers that died or refused trials, damaged records of the store. */
  readonly notices: readonly string[];

  readonly #space: Space;

  /** @param space What the sweep was given: a setting's column has the type of all its values, not of those drawn so far. */
  constructor(
    rows: readonly SweepRow[],
    status: SweepTable['status'],
    notices: readonly string[] = [],
    space: Space = {},
  ) {
    this.rows = rows;
    this.status = status;
    this.notices = notices;
    this.#space = space;
  }

  /** The rows that have a result. */
  get done(): readonly SweepRow[] {
    return this.rows.filter(hasResult);
  }

  /**
   * The table by columns: settings, then metrics, then how each trial went. A name is there once: a metric `seconds` of
   * your own is the column `metric.seconds`, a setting `status` the column `setting.status`.
   */
  get columns(): Column[] {
    const names = (part: 'settings' | 'metrics') => [
      ...new Set(this.rows.flatMap((row) => Object.keys(row[part]))),
    ];
    const settings = names('settings');
    const taken = Object.keys(HOW_IT_WENT) as (keyof typeof HOW_IT_WENT)[];
    const free = (kind: string, name: string, others: readonly string[]) =>
      others.includes(name) ? `${kind}.${name}` : name;
    return [
      ...settings.map((name) =>
        this.#column(free('setting', name, taken), this.#typeOf(name), (row) => row.settings[name]),
      ),
      ...names('metrics').map((name) =>
        this.#column(free('metric', name, [...settings, ...taken]), 'number', (row) => row.metrics[name]),
      ),
      ...taken.map((name) => this.#column(name, HOW_IT_WENT[name], (row) => row[name])),
    ];
  }

  #column(name: string, type: Column['type'], value: (row: SweepRow) => Setting | undefined): Column {
    const values = this.rows.map((row) => {
      const cell = value(row);
      if (cell === undefined || Number.isNaN(cell)) return null;
      return type === 'text' ? exactText(cell) : cell;
    });
    return { name, type, values };
  }

  /** The type of a setting's values; several types are texts, as a column of a file has one type. */
  #typeOf(setting: string): Column['type'] {
    const listed = this.#space[setting] ?? [];
    const named = isDistribution(listed) ? [listed.low] : listed;
    const tried = this.rows.map(({ settings }) => settings[setting]).filter((value) => value !== undefined);
    const [type, ...others] = new Set([...named, ...tried].map((value) => typeof value));
    return others.length === 0 && (type === 'number' || type === 'boolean') ? type : 'text';
  }

  /**
   * The table as CSV (RFC 4180): a line of names, then one line per trial. Cells without a value are empty, an empty text
   * is `""`. Numbers are written so that reading them gives the same float64, −0 included.
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
   * The trial that a rule chooses, and why: {@link bestWithin}, {@link paretoKnee}, {@link oneStandardError}, or a
   * function of your own.
   *
   * @throws RangeError if no trial qualifies.
   */
  choose(rule: Rule): Choice {
    return rule(this.done);
  }

  /**
   * The trials with these settings: `table.where({ rho: 0.05 })`.
   *
   * @throws RangeError if no trial has them.
   */
  where(settings: Settings): SweepTable {
    const wanted = Object.entries(settings);
    const rows = this.rows.filter((row) => wanted.every(([name, value]) => row.settings[name] === value));
    if (rows.length === 0) throw new RangeError(`where needs trials with ${describe(settings)}; got none`);
    return new SweepTable(rows, this.status, this.notices, this.#space);
  }

  /**
   * One point for each value of a setting, for `paretoPlot`: L0 and mse, averaged over the seeds.
   *
   * @param setting The setting that is the strength. Default: `beta` or `lambda`.
   * @throws RangeError if no trial has such a setting, l0 and mse, or trials with one strength differ in more than the seed.
   *
   * @example paretoPlot(table.points())
   */
  points(setting = this.#strength): SweepPoint[] {
    const rows = this.#onFront('points', setting);
    requireSeedsOnly('points', rows, [setting], 'table.fronts() has each as a series of its own');
    return pointsOf(rows, setting);
  }

  /**
   * Fronts for `paretoPlot`, by name: one for each combination of the settings that differ besides the strength and the
   * seed, such as `rho 0.05, hiddenDim 8`. The name is empty where there is one front only.
   *
   * @param setting The setting that is the strength. Default: `beta` or `lambda`.
   * @throws RangeError if no trial has such a setting, l0 and mse.
   *
   * @example paretoPlot(table.fronts('beta'))
   */
  fronts(setting = this.#strength): Record<string, SweepPoint[]> {
    const differing = differingSettings(this.rows, [setting, 'seed']);
    const groups = groupRows(this.#onFront('fronts', setting), allBut(setting, 'seed'));
    return Object.fromEntries(
      groups.map((rows) => {
        const { settings } = rows[0] as SweepRow;
        const own = differing.filter((name) => name in settings).map((name) => [name, settings[name]]);
        return [describe(Object.fromEntries(own)), pointsOf(rows, setting)];
      }),
    );
  }

  get #strength(): string {
    return this.rows.some(({ settings }) => 'beta' in settings) ? 'beta' : 'lambda';
  }

  /** The trials that can be points of a front. */
  #onFront(method: string, setting: string): SweepRow[] {
    const rows = this.done.filter(
      ({ settings, metrics }) =>
        typeof settings[setting] === 'number' && Number.isFinite(metrics.l0) && Number.isFinite(metrics.mse),
    );
    if (rows.length > 0) return rows;
    throw new RangeError(
      `${method} needs trials with the setting '${setting}' and the metrics l0 and mse; got none`,
    );
  }

  /**
   * Settings and metrics of the trials that have them all, for `sweepCurve` and `sweepMap`: numbers, one list per trial.
   *
   * @param names Settings or metrics.
   * @throws RangeError if no trial has all of them, as finite numbers; or if trials that agree in the settings named
   * differ in another one than the seed, so that a mean over them would hide it.
   *
   * @example sweepCurve(table.values('lambda', 'mse'))
   * @example sweepCurve({ small: table.where({ hiddenDim: 8 }).values('lambda', 'mse'), … })
   */
  values<const Names extends readonly string[]>(...names: Names): { -readonly [K in keyof Names]: number }[] {
    const valuesOf = ({ settings, metrics }: SweepRow) =>
      names.map((name) => settings[name] ?? metrics[name]);
    const rows = this.done.filter((row) => valuesOf(row).every((value) => Number.isFinite(value)));
    if (rows.length === 0) {
      throw new RangeError(`values needs trials with the numbers ${names.join(', ')}; got none`);
    }
    const settings = names.filter((name) => rows.some((row) => name in row.settings));
    if (settings.length > 0) {
      requireSeedsOnly('values', rows, settings, 'choose with table.where({ … }), or name it as well');
    }
    // As many numbers as names, each of them just found to be one.
    return rows.map(valuesOf) as { -readonly [K in keyof Names]: number }[];
  }

  /** The table as lines of text, columns aligned: what a notebook shows. */
  toString(): string {
    const shown = this.columns.filter(
      ({ name, values }) => !HIDDEN.includes(name) && values.some((v) => v !== null),
    );
    const cells = this.rows.map((_, index) => shown.map(({ values }) => textCell(values[index] ?? null)));
    const notices = this.notices.map((notice) => `Note: ${linesOf(notice).join('\n      ')}`);
    const body =
      cells.length === 0 ? 'no trials' : textTable([shown.map(({ name }) => name), ...cells], () => true);
    return [body, ...notices].join('\n');
  }

  /** The display in a notebook. */
  [DISPLAY](): MimeBundle {
    return { 'text/plain': this.toString() };
  }
}

/** The columns on how each trial went. */
const HOW_IT_WENT = {
  status: 'text',
  seconds: 'number',
  engine: 'text',
  worker: 'text',
  error: 'text',
  id: 'text',
} as const;

/** Columns that a person seldom needs to see. */
const HIDDEN = ['id', 'worker', 'engine'];

const parquetTypes = { number: 'DOUBLE', text: 'STRING', boolean: 'BOOLEAN' } as const;

/** The points of a front: L0 and mse by strength, averaged over the trials that share it. */
function pointsOf(rows: readonly SweepRow[], setting: string): SweepPoint[] {
  return groupRows(rows, ({ settings }) => settings[setting]).map((members) => ({
    strength: members[0]?.settings[setting] as number,
    l0: meanOf(members, 'l0'),
    mse: meanOf(members, 'mse'),
  }));
}

/** Settings whose value is not the same in all trials, apart from some. */
function differingSettings(rows: readonly SweepRow[], except: readonly string[]): string[] {
  const names = new Set(rows.flatMap(({ settings }) => Object.keys(settings)));
  return [...names].filter(
    (name) => !except.includes(name) && new Set(rows.map(({ settings }) => settings[name])).size > 1,
  );
}

/** @throws RangeError if trials that agree in the settings named differ in another one than the seed. */
function requireSeedsOnly(
  method: string,
  rows: readonly SweepRow[],
  names: readonly string[],
  remedy: string,
): void {
  const mixed = groupRows(rows, ({ settings }) => names.map((name) => settings[name])).flatMap((members) =>
    differingSettings(members, [...names, 'seed']),
  );
  if (mixed.length === 0) return;
  const others = [...new Set(mixed)].join(', ');
  throw new RangeError(
    `${method} needs trials that differ in ${names.join(', ')} and the seed only; got several values of ${others}: ${remedy}`,
  );
}

/** Settings as a name: `rho 0.05, hiddenDim 8`. */
function describe(settings: Settings): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
}

/** A text that reads back as the same value. */
function exactText(cell: Setting): string {
  return Object.is(cell, -0) ? '-0' : String(cell);
}

function csvCell(cell: Setting | null): string {
  if (cell === null) return '';
  const text = exactText(cell);
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function textCell(cell: Setting | null): string {
  if (typeof cell === 'number') return exactText(Object.is(cell, -0) ? cell : Number(cell.toPrecision(4)));
  return cell === null ? '' : String(cell);
}
