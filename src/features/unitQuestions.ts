/**
 * Questions to a learner about a unit, and the score of the answer: the pure part of `explainUnit`.
 *
 * @module
 */
import { className } from '../datasets/examples';
import { requireArray, show } from '../numbers/arguments';
import { dot, mean } from '../numbers/arithmetic';
import { Random } from '../numbers/random';
import { rowAt } from '../numbers/values';
import { DISPLAY, INSPECT, type MimeBundle } from '../page/cell';
import { type Table, table } from '../page/table';
import { type Codes, rowsAt } from './codes';
import { firingRows } from './readUnit';
import type { ActivatingExample } from './topActivating';
import { unitActivations } from './unitActivations';

/** How many examples are asked about: half of them excite the unit, half of those weakly. */
export const QUESTIONS = 12;

/** How strongly the example of a question excites the unit. */
export type Excitement = 'strong' | 'weak' | 'silent';

/** One of the twelve examples. */
export interface UnitQuestion extends ActivatingExample {
  readonly excitement: Excitement;
  /** Whether the unit fires for it. */
  readonly fires: boolean;
}

/** The examples of a unit that are shown, and those that are asked about. */
export interface UnitQuestions {
  /** Examples that excite the unit most, the strongest first. */
  readonly shown: readonly ActivatingExample[];
  /** Other examples, in random order. */
  readonly questions: readonly UnitQuestion[];
}

/**
 * Draws the examples that are shown and those that are asked about. Among the firing examples that are not shown, the strong
 * ones come from the strongest fifth, the weak ones from the weaker half.
 *
 * @throws RangeError if the unit fires for too few examples, or for all.
 */
export function drawQuestions(codes: Codes, unit: number, shownCount: number, seed: number): UnitQuestions {
  const own = unitActivations(codes.activations, unit).values;
  const firing = firingRows(own, codes.threshold);
  const isFiring = new Set(firing);
  const silent = Array.from(own.keys()).filter((row) => !isFiring.has(row));
  if (firing.length < 3 || silent.length === 0) {
    throw new RangeError(
      `unit must fire for at least 3 examples, and not for all ${own.length}; unit ${unit} fires for ${firing.length}`,
    );
  }
  // A unit that fires seldom shows fewer; one that is hardly ever silent is asked about with fewer silent examples.
  const quiet = Math.min(QUESTIONS / 2, silent.length);
  const loud = Math.min(QUESTIONS - quiet, firing.length - 1);
  const shown = firing.slice(0, Math.min(shownCount, firing.length - loud));
  const hidden = firing.slice(shown.length);
  const strongCount = Math.ceil(loud / 2);
  const strongest = Math.max(strongCount, Math.ceil(hidden.length / 5));
  const weakest = Math.max(loud - strongCount, Math.floor(hidden.length / 2));
  const random = new Random(seed, unit);
  const drawn = (rows: readonly number[], count: number, excitement: Excitement) =>
    Array.from(random.permutation(rows.length).subarray(0, count), (place): UnitQuestion => {
      const row = rows[place] as number;
      return { row, activation: own[row] as number, excitement, fires: excitement !== 'silent' };
    });
  const questions = [
    ...drawn(hidden.slice(0, strongest), strongCount, 'strong'),
    ...drawn(hidden.slice(Math.max(strongest, hidden.length - weakest)), loud - strongCount, 'weak'),
    ...drawn(silent, quiet, 'silent'),
  ];
  return {
    shown: shown.map((row) => ({ row, activation: own[row] as number })),
    questions: Array.from(random.permutation(questions.length), (place) => questions[place] as UnitQuestion),
  };
}

/** An answer by a rule, and its score. */
export interface LabelBaseline {
  /** The classes that are marked. */
  readonly labels: readonly string[];
  readonly score: number;
}

/** The content of {@link ExplanationScore}. */
export interface ExplanationScoreInit {
  readonly score: number;
  readonly right: Readonly<Record<Excitement, readonly [right: number, of: number]>>;
  readonly nearestToShown: number;
  readonly bestLabel: LabelBaseline | undefined;
  readonly bestTwoLabels: LabelBaseline | undefined;
}

/** The score of an explanation, next to the scores of rules that understand nothing: a cell shows it as a table. */
export class ExplanationScore {
  /** Balanced accuracy: ½ (marked among those that fire + unmarked among the silent), as fractions. 1 is perfect. */
  readonly score: number;
  /**
   * The fractions of right answers for the examples that excite the unit strongly, for those that excite it weakly, and for the
   * silent ones.
   */
  readonly right: Readonly<Record<Excitement, readonly [right: number, of: number]>>;
  /** ½: what every answer gets on average that does not depend on the examples, such as marking all. */
  readonly chance = 0.5;
  /** The score of marking as many as fire, those most like the mean of the shown by the cosine. */
  readonly nearestToShown: number;
  /** The class that scores best on these twelve if all its examples are marked; `undefined` where there are no labels. */
  readonly bestLabel: LabelBaseline | undefined;
  /** The two classes that do. */
  readonly bestTwoLabels: LabelBaseline | undefined;

  constructor({ score, right, nearestToShown, bestLabel, bestTwoLabels }: ExplanationScoreInit) {
    this.score = score;
    this.right = right;
    this.nearestToShown = nearestToShown;
    this.bestLabel = bestLabel;
    this.bestTwoLabels = bestTwoLabels;
  }

  /** The score and its baselines, a row each. */
  get table(): Table {
    const parts = Object.entries(this.right).map(([kind, [right, of]]) => `${kind} ${right} of ${of}`);
    const labels = ({ labels, score }: LabelBaseline, name: string) =>
      [`${name}: ${labels.join(', ')}`, score] as const;
    const rows: (readonly [string, number])[] = [
      [`yours: ${parts.join(', ')}`, this.score],
      ['chance', this.chance],
      ['nearest to the shown', this.nearestToShown],
      ...(this.bestLabel ? [labels(this.bestLabel, 'best label')] : []),
      ...(this.bestTwoLabels ? [labels(this.bestTwoLabels, 'best two labels')] : []),
    ];
    return table(rows.map(([answer, score]) => ({ answer, 'score, %': 100 * score })));
  }

  toString(): string {
    return this.table.toString();
  }

  [INSPECT](): string {
    return this.toString();
  }

  /** The display in a notebook. */
  [DISPLAY](): MimeBundle {
    return this.table[DISPLAY]();
  }
}

/** Balanced accuracy of marks, one per question. */
export function balancedAccuracy(questions: readonly UnitQuestion[], marks: readonly boolean[]): number {
  const rightOf = (fires: boolean) =>
    mean(questions.flatMap((one, index) => (one.fires === fires ? [Number(marks[index] === fires)] : [])));
  return (rightOf(true) + rightOf(false)) / 2;
}

/** Scores of rules that understand nothing: {@link ExplanationScore} explains them. */
export type Baselines = Pick<ExplanationScoreInit, 'nearestToShown' | 'bestLabel' | 'bestTwoLabels'>;

export function baselinesOf(codes: Codes, { shown, questions }: UnitQuestions): Baselines {
  return {
    nearestToShown: balancedAccuracy(questions, nearestToShown(codes, shown, questions)),
    bestLabel: bestLabels(codes, questions, 1),
    bestTwoLabels: bestLabels(codes, questions, 2),
  };
}

/** @throws TypeError or RangeError if there is not one mark per question. */
export function scoreMarks(
  questions: readonly UnitQuestion[],
  marks: readonly boolean[],
  baselines: Baselines,
): ExplanationScore {
  requireArray('answer', marks, `an array of true and false, ${questions.length} in all`);
  if (marks.length !== questions.length)
    throw new RangeError(`answer must hold one mark per example, ${questions.length}; got ${marks.length}`);
  for (const [index, mark] of marks.entries()) {
    if (typeof mark !== 'boolean')
      throw new TypeError(`answer[${index}] must be true or false; got ${show(mark)}`);
  }
  const count = (excitement: Excitement) => {
    const asked = questions.flatMap((one, index) => (one.excitement === excitement ? [index] : []));
    const right = asked.filter((index) => marks[index] === questions[index]?.fires).length;
    return [right, asked.length] as const;
  };
  return new ExplanationScore({
    score: balancedAccuracy(questions, marks),
    right: { strong: count('strong'), weak: count('weak'), silent: count('silent') },
    ...baselines,
  });
}

/** Marks as many as fire, those most like the mean of the shown. */
function nearestToShown(
  { x }: Codes,
  shown: readonly ActivatingExample[],
  questions: readonly UnitQuestion[],
): boolean[] {
  const columns = x.shape[1];
  const { values: examples } = rowsAt(
    x,
    shown.map(({ row }) => row),
  );
  const centre = Float64Array.from({ length: columns }, (_, i) =>
    mean(shown.map((_, index) => examples[index * columns + i] as number)),
  );
  const cosines = questions.map(({ row }) => {
    const example = rowAt(x, row);
    return dot(example, centre) / (Math.hypot(...example) || 1);
  });
  const firing = questions.filter(({ fires }) => fires).length;
  const order = [...cosines.keys()].sort((a, b) => (cosines[b] as number) - (cosines[a] as number) || a - b);
  const marked = new Set(order.slice(0, firing));
  return questions.map((_, index) => marked.has(index));
}

/** The best score of a judge that answers these questions by one class, or by two. */
function bestLabels(
  { dataset }: Codes,
  questions: readonly UnitQuestion[],
  count: 1 | 2,
): LabelBaseline | undefined {
  const { labels } = dataset;
  if (!labels) return undefined;
  const present = [...new Set(questions.map(({ row }) => labels[row] as number))].sort((a, b) => a - b);
  const choices =
    count === 1
      ? present.map((one) => [one])
      : present.flatMap((one, index) => present.slice(index + 1).map((other) => [one, other]));
  const [best] = choices
    .map((chosen) => ({
      labels: chosen.map((label) => className(dataset, label)),
      score: balancedAccuracy(
        questions,
        questions.map(({ row }) => chosen.includes(labels[row] as number)),
      ),
    }))
    .sort((a, b) => b.score - a.score);
  return best;
}
