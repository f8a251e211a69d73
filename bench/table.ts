import type { Answer } from './contender';
import type { ContenderName, Work } from './work';

/** What a work's runs came to. */
export interface Result {
  readonly work: string;
  readonly unit: string;
  readonly contenders: readonly ContenderResult[];
}

export interface ContenderResult {
  readonly name: ContenderName;
  /** Seconds of each run, the warm-up not among them. */
  readonly seconds: readonly number[];
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** The loss of the last run. */
  readonly loss: number;
  /** Sparselab's median time as a share of this one's, and the largest that was aimed at. */
  readonly ratio: number;
  readonly aim?: number;
  readonly more: Readonly<Record<string, number>>;
}

/** Summarises a work's answers, by contender in order. The first contender is Sparselab. */
export function summarise(work: Work, answers: ReadonlyMap<ContenderName, readonly Answer[]>): Result {
  const ours = median((answers.get(work.contenders[0] as ContenderName) ?? []).map(({ seconds }) => seconds));
  return {
    work: work.name,
    unit: work.unit,
    contenders: [...answers].map(([name, runs]) => {
      const times = runs.map(({ seconds }) => seconds);
      const { seconds: _, loss = Number.NaN, ...more } = runs.at(-1) ?? { seconds: 0, loss: Number.NaN };
      const aim = work.aims[name];
      return {
        name,
        seconds: times,
        median: median(times),
        min: Math.min(...times),
        max: Math.max(...times),
        loss,
        ratio: ours / median(times),
        ...(aim !== undefined && { aim }),
        more,
      };
    }),
  };
}

/** The result as lines of text. */
export function formatResult({ work, unit, contenders }: Result): string {
  const rows = contenders.map(({ name, median: middle, min, max, loss, ratio, aim, more }) => [
    name,
    middle.toFixed(3),
    `${min.toFixed(3)}–${max.toFixed(3)}`,
    contenders[0]?.name === name ? '' : `${ratio.toFixed(2)}${aim === undefined ? '' : ` (aim ${aim})`}`,
    Number.isFinite(loss) ? loss.toPrecision(5) : '',
    Object.entries(more)
      .map(([key, value]) => `${key} ${value.toPrecision(5)}`)
      .join(', '),
  ]);
  const head = ['', 'median s', 'range', 'our share', 'loss', ''];
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] as string).length)),
  );
  const lines = [head, ...rows].map((row) =>
    row.map((cell, column) => cell.padEnd(widths[column] as number)).join('  '),
  );
  return [`\n${work}: ${unit}`, ...lines.map((line) => `  ${line.trimEnd()}`)].join('\n');
}

/** How far from Sparselab's a loss may be: in the same order of batches it is the same, in another nearly. */
const TOLERANCE = { sameOrder: 1e-3, ownOrder: 0.05 };

const ownOrder: readonly ContenderName[] = ['keras', 'tfjs-layers', 'saelens'];

/** Contenders whose loss is not Sparselab's: they cannot have done the same work. */
export function disagreements({ contenders }: Result): string[] {
  const [{ loss: ours = Number.NaN } = {}, ...others] = contenders;
  return others
    .filter(({ name, loss }) => {
      const tolerance = ownOrder.includes(name) ? TOLERANCE.ownOrder : TOLERANCE.sameOrder;
      return Number.isFinite(loss) && Math.abs(loss - ours) > tolerance * Math.abs(ours);
    })
    .map(({ name, loss }) => `${name} reached a loss of ${loss}, Sparselab ${ours}`);
}

/** The median; for an even number of values the mean of the middle two. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] as number) + (sorted[Math.floor(middle)] as number)) / 2;
}
