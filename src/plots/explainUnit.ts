import {
  type Box,
  type Button,
  button,
  type Control,
  checkbox,
  hbox,
  html,
  type OutputArea,
  outputArea,
  vbox,
} from '../controls';
import type { Examples } from '../datasets/examples';
import { Codes } from '../features/codes';
import type { ActivatingExample } from '../features/topActivating';
import {
  type Baselines,
  baselinesOf,
  drawQuestions,
  type ExplanationScore,
  scoreMarks,
  type UnitQuestion,
  type UnitQuestions,
} from '../features/unitQuestions';
import type { SparseAutoencoder } from '../model/autoencoder';
import { integer, type OptionsOf, optional, readOptions, value } from '../numbers/options';
import { percent, short } from '../numbers/shown';
import { DISPLAY, INSPECT, type MimeBundle } from '../page/cell';
import { type ExampleLook, exampleLook } from './dashboard/look';
import { STYLE } from './dashboard/style';
import type { ImageShape } from './imageTiles';

const explainUnitOptions = {
  /** The same seed asks about the same examples. Default: 0. */
  seed: optional(integer({ min: 0 }), 0),
  /** How many of the unit's strongest examples are shown. Default: 8. */
  shown: optional(integer({ min: 1, max: 20 }), 8),
  /** Height and width of an input image. Default: the Dataset's, or a square. */
  imageShape: optional(value<ImageShape>()),
};

/** Options of {@link explainUnit}. @interface */
export type ExplainUnitOptions = OptionsOf<typeof explainUnitOptions>;

/** A unit to explain, as {@link explainUnit} makes it: make it a cell's last expression, mark, and press *Score*. */
export class UnitExplanation {
  readonly unit: number;
  /** The examples that are shown, the strongest first. */
  readonly shown: readonly ActivatingExample[];
  /** The twelve examples that are asked about, in the order in which they stand, with the answers: look at them later. */
  readonly questions: readonly UnitQuestion[];
  /** The scores of all answers so far. After the first one you have seen what is right. */
  readonly scores: ExplanationScore[] = [];
  readonly #baselines: Baselines;
  readonly #look: ExampleLook;

  constructor(unit: number, { shown, questions }: UnitQuestions, baselines: Baselines, look: ExampleLook) {
    this.#baselines = baselines;
    this.#look = look;
    this.unit = unit;
    this.shown = shown;
    this.questions = questions;
  }

  /**
   * Scores an answer, and adds it to {@link scores}.
   *
   * @param answer For each of the {@link questions}, whether the unit should fire for it.
   * @throws TypeError or RangeError if there is not one true or false per question.
   *
   * @example game.score(game.questions.map(({ row }) => mnist.test.labels[row] === 7)).score
   */
  score(answer: readonly boolean[]): ExplanationScore {
    const result = scoreMarks(this.questions, answer, this.#baselines);
    this.scores.push(result);
    return result;
  }

  /** The questions, and the last score. */
  toString(): string {
    const last = this.scores.at(-1);
    const asked = `Unit ${this.unit}: ${this.questions.length} examples to mark`;
    return last ? `${asked}, score ${percent(last.score, 0)}` : `${asked}; score([true, false, …]) judges`;
  }

  [INSPECT](): string {
    return this.toString();
  }

  /** The display in a notebook: the game; where there are no controls, a static version, and `score` takes the answer. */
  [DISPLAY](): MimeBundle {
    const boxes = this.questions.map(({ row }, index) =>
      checkbox(false, { label: this.#look.plain(row) ?? String(index + 1) }),
    );
    const done = button('Score');
    const place = outputArea();
    done.onClick(() => {
      const marks = boxes.map((box) => box.value);
      return place.show(this.score(marks), html(styled(this.#answers(marks))));
    });
    const game = this.#game(boxes, done, place);
    return { ...game[DISPLAY](), 'text/html': styled(this.#static()), 'text/plain': this.toString() };
  }

  #game(boxes: readonly Control<boolean>[], done: Button, place: OutputArea): Box {
    const cards = boxes.map((box, index) => {
      const { row } = this.questions[index] as UnitQuestion;
      if (this.#look.plain(row) !== undefined) return box;
      return vbox(html(`<div class="sparselab-dashboard card">${this.#look.example(row)}</div>`), box);
    });
    const lines = Array.from({ length: Math.ceil(cards.length / CARDS) }, (_, line) =>
      hbox(...cards.slice(line * CARDS, (line + 1) * CARDS)),
    );
    return vbox(html(styled(this.#intro())), ...lines, done, place);
  }

  #intro(): string {
    const shown = this.shown.map(({ row }) => `<li>${this.#look.example(row)}</li>`);
    return (
      `<p>These examples excite unit ${this.unit} most. What do they have in common?</p><ol class="examples">${shown.join('')}</ol>` +
      `<p>Now mark those of the next ${this.questions.length} for which it should fire, even if weakly.</p>`
    );
  }

  #list(note: (question: UnitQuestion, index: number) => string): string {
    const items = this.questions.map(
      (one, index) => `<li>${this.#look.example(one.row)} <span>${note(one, index)}</span></li>`,
    );
    return `<ol class="examples">${items.join('')}</ol>`;
  }

  #static(): string {
    return `${this.#intro()}${this.#list((_, index) => String(index + 1))}`;
  }

  #answers(marks: readonly boolean[]): string {
    return this.#list(({ activation, excitement, fires }, index) => {
      const sign = marks[index] === fires ? '✓' : '✗';
      return `${sign} ${excitement}, ${short(activation)}`;
    });
  }
}

/** How many of the examples are side by side. */
const CARDS = 4;

const styled = (content: string): string =>
  `<style>${STYLE}</style><div class="sparselab-dashboard">${content}</div>`;

/**
 * A game that tests whether you know what a unit stands for. It shows examples that excite the unit most, then twelve others:
 * three that excite it strongly (from the strongest fifth of those that are left), three weakly (from the weaker half) and six
 * for which it is silent. Mark those for which it should fire; the score is shown next to those of rules without understanding:
 *
 *     score = ½ (marked among those that fire / 6 + unmarked among the silent / 6)      balanced accuracy; chance is ½
 *
 * - **nearest to the shown**: the six examples whose cosine with the mean of the shown ones is largest,
 * - **best label, best two labels**: all examples of the class, or of the two classes, that score best on these very twelve.
 *
 * A unit fires where |h| is above 0; units that are never 0, such as sigmoids, where it is above 0.1. An explanation that does no
 * better than a label says no more than the label. A unit that fires seldom shows fewer examples,
 * one that is hardly ever silent asks about fewer silent ones.
 *
 * Reference: Karvonen et al., "SAEBench", 2025 ("automated interpretability", where a language model is the judge).
 *
 * @param data Examples that the model was preferably not trained on: pictures, or words.
 * @throws RangeError if there is no such unit, it fires for fewer than 3 examples or for all, the rows are not images of that
 *   shape, or an option is out of its range.
 *
 * @example
 * const game = explainUnit(model, mnist.test, 57, { seed: 1 });
 * game // as a cell's last expression: mark, and press Score
 * @example
 * const game = explainUnit(model, mnist.test, 57);
 * game.score([true, false, true, true, false, false, true, false, false, true, false, true]) // without controls
 */
export function explainUnit(
  model: SparseAutoencoder,
  data: Examples,
  unit: number,
  options: ExplainUnitOptions = {},
): UnitExplanation {
  const { seed, shown, imageShape } = readOptions('explainUnit', options, explainUnitOptions);
  const codes = new Codes(model, data);
  const questions = drawQuestions(codes, unit, shown, seed);
  const look = exampleLook(codes, data, imageShape);
  return new UnitExplanation(unit, questions, baselinesOf(codes, questions), look);
}
