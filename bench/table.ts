import type { Answer } from './contender';
import type { ContenderName, Work } from './work';

/** The results of a work's runs. */
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
  /** The loss of the first 50 steps of all; see {@link disagreements}. */
  readonly firstSteps?: number;
  /** Sparselab's median time as a fraction of this one's, and the largest that was aimed at. */
  readonly ratio: number;
  readonly aim?: number;
  /** The other answers of each run, run by run. */
  readonly more: Readonly<Record<string, readonly number[]>>;
}

/** Summarises a work's answers, by contender in order, and those of the warm-up. The first contender is Sparselab. */
export function summarise(
  work: Work,
  answers: ReadonlyMap<ContenderName, readonly Answer[]>,
  warmUps: ReadonlyMap<ContenderName, Answer> = new Map(),
): Result {
  const ours = median((answers.get(work.contenders[0] as ContenderName) ?? []).map(({ seconds }) => seconds));
  return {
    work: work.name,
    unit: work.unit,
    contenders: [...answers].map(([name, runs]) => {
      const times = runs.map(({ seconds }) => seconds);
      const { seconds: _, loss = Number.NaN, ...last } = runs.at(-1) ?? { seconds: 0 };
      const more = Object.fromEntries(
        Object.keys(last).map((key) => [key, runs.map((run) => run[key] as number)]),
      );
      const aim = work.aims[name];
      const firstSteps = warmUps.get(name)?.firstSteps;
      return {
        name,
        seconds: times,
        median: median(times),
        min: Math.min(...times),
        max: Math.max(...times),
        loss,
        ...(firstSteps !== undefined && { firstSteps }),
        ratio: ours / median(times),
        ...(aim !== undefined && { aim }),
        more,
      };
    }),
  };
}

/** The result as lines of text. */
export function formatResult({ work, unit, contenders }: Result): string {
  const rows = contenders.map(({ name, median: middle, min, max, loss, ratio, aim }) => [
    name,
    middle.toFixed(3),
    `${min.toFixed(3)}–${max.toFixed(3)}`,
    contenders[0]?.name === name ? '' : `${ratio.toFixed(2)}${aim === undefined ? '' : ` (aim ${aim})`}`,
    Number.isFinite(loss) ? loss.toPrecision(5) : '',
  ]);
  const head = ['', 'median s', 'range', 'our fraction', 'loss'];
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] as string).length)),
  );
  const lines = [head, ...rows].map((row) =>
    row.map((cell, column) => cell.padEnd(widths[column] as number)).join('  '),
  );
  for (const { name, more } of contenders) {
    for (const [key, values] of Object.entries(more)) {
      const [low, middle, high] = [Math.min(...values), median(values), Math.max(...values)].map((value) =>
        value.toPrecision(4),
      );
      lines.push(`${name}: ${key} ${middle} (${low} to ${high})`);
    }
  }
  return [`\n${work}: ${unit}`, ...lines.map((line) => `  ${line.trimEnd()}`)].join('\n');
}

/**
 * How far from Sparselab's a loss may be.
 *
 * In the first 50 steps from the same parameters, on the same batches, only float32's rounding differs: some 1e-6 of the loss. After
 * thousands of steps these differences have grown, as in any two programs that add up in another order (PyTorch's eager and its
 * compiled step end 0.09 % apart, we 0.12 % from them), so the end tells only gross errors. Contenders that draw batches of their own
 * come near in the end, and not at all in the beginning. `plain` is another training on purpose.
 *
 * A rounding to bfloat16 is off by 2⁻⁹ of a number at most, and six of them lead to an entry of x̂ (x, Wₑ, z, h, W_d and x̂). Were all off in
 * one direction, so were the squared error by 2 · 6 · 2⁻⁹ = 2.3 %. They go in all directions, and the mean over 784 entries of an example
 * has 1/√784 of that, 8e-4. Sparselab's float32 and bfloat16 were 3e-5 to 3e-4 apart. Sums that are cut off instead of rounded,
 * as TensorFlow without oneDNN has them, are 3e-3 off.
 */
const TOLERANCE = { firstSteps: 5e-5, bfloat16: 1e-3, end: 0.01, ownOrder: 0.05 };

const ownOrder: readonly ContenderName[] = ['keras', 'tfjs-layers', 'saelens'];

/** Contenders whose losses are not Sparselab's: they cannot have done the same work. And what a peer has found of a truth, and we not. */
export function disagreements({ contenders }: Result): string[] {
  const [{ loss: ours = Number.NaN, firstSteps: ourFirst = Number.NaN } = {}, ...others] = contenders;
  const inBfloat16 = others.some(({ name }) => name === 'float32');
  const ofFirst = inBfloat16 ? TOLERANCE.bfloat16 : TOLERANCE.firstSteps;
  const isOff = (theirs: number, own: number, tolerance: number) =>
    Number.isFinite(theirs) && Number.isFinite(own) && Math.abs(theirs - own) > tolerance * Math.abs(own);
  const unequal = others.flatMap(({ name, loss, firstSteps = Number.NaN }) => {
    if (name === 'plain') return [];
    const problems: string[] = [];
    if (isOff(firstSteps, ourFirst, ofFirst)) {
      problems.push(
        `NOT THE SAME WORK: ${name} had a loss of ${firstSteps} in the first steps, Sparselab ${ourFirst}`,
      );
    }
    if (isOff(loss, ours, ownOrder.includes(name) ? TOLERANCE.ownOrder : TOLERANCE.end)) {
      problems.push(`NOT THE SAME WORK: ${name} reached a loss of ${loss}, Sparselab ${ours}`);
    }
    return problems;
  });
  return [...unequal, ...shortfalls(contenders)];
}

/** The results of SAELens on a truth that Sparselab did not reach: its median lies below all runs of SAELens. */
function shortfalls([ours, ...others]: Result['contenders']): string[] {
  const theirs = others.find(({ name }) => name === 'saelens')?.more ?? {};
  return Object.entries(theirs).flatMap(([key, values]) => {
    const own = ours?.more[key];
    if (!own || !/ (mcc|f1)$/.test(key) || median(own) >= Math.min(...values)) return [];
    return [`BELOW SAELens: ${key} is ${median(own)}, its lowest ${Math.min(...values)}`];
  });
}

/** The median; for an even number of values the mean of the middle two. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] as number) + (sorted[Math.floor(middle)] as number)) / 2;
}
