import type { Control } from '../controls/control';
import { type Button, button, html } from '../controls/inputs';
import { Box } from '../controls/outputs';
import { requireArray, requireInteger, requireObject } from '../numbers/arguments';
import { Random } from '../numbers/random';
import { escapeHtml } from '../page/escapeHtml';
import type { JudgedRound } from './intruders';

/** The score of a player in rounds of one kind. */
export interface IntruderTally {
  /** The rounds' name. */
  readonly name: string;
  /** Rounds played. */
  readonly played: number;
  /** Rounds in which the player found the intruder. */
  readonly found: number;
  /** Rounds, of those played, in which the judge found it. */
  readonly judge: number;
}

interface NamedRound extends JudgedRound {
  readonly name: string;
}

/** The intruder game on a page: {@link intruderGame}. */
export class IntruderGame extends Box {
  readonly #rounds: readonly NamedRound[];
  readonly #names: readonly string[];
  readonly #picks: number[] = [];
  readonly #buttons: readonly Button[];
  readonly #note: Control<string>;

  constructor(rounds: Readonly<Record<string, readonly JudgedRound[]>>, seed: number) {
    requireObject('rounds', rounds, 'rounds by name');
    const all = Object.entries(rounds).flatMap(([name, own]) =>
      requireArray(`rounds.${name}`, own, 'an array of rounds').map((round, index) => ({
        ...requireJudged(`rounds.${name}[${index}]`, round),
        name,
      })),
    );
    if (all.length === 0) throw new RangeError('rounds must hold at least one round; got 0');
    const buttons = Array.from({ length: Math.max(...all.map(({ words }) => words.length)) }, () =>
      button('–'),
    );
    const note = html('<i>Which word does not belong to the others? Press it.</i>');
    // On a narrow page, a second row is better than truncated words.
    super('VBox', [new Box('HBox', buttons, { flex_flow: 'row wrap' }), note]);
    this.#note = note;
    this.#buttons = buttons;
    this.#names = Object.keys(rounds);
    this.#rounds = Array.from(new Random(seed).permutation(all.length), (index) => all[index] as NamedRound);
    for (const [place, each] of buttons.entries()) each.onClick(() => this.pick(place));
    this.#showRound();
  }

  /** The words that are shown; `undefined` when all rounds are played. */
  get words(): readonly string[] | undefined {
    return this.#rounds[this.#picks.length]?.words;
  }

  /** How the player did so far, for each kind of rounds. */
  get tally(): IntruderTally[] {
    const played = this.#rounds.slice(0, this.#picks.length);
    return this.#names.map((name) => {
      const own = played.flatMap((round, i) =>
        round.name === name ? [{ ...round, mine: this.#picks[i] }] : [],
      );
      return {
        name,
        played: own.length,
        found: own.filter(({ mine, intruder }) => mine === intruder).length,
        judge: own.filter(({ pick, intruder }) => pick === intruder).length,
      };
    });
  }

  /**
   * Takes the word at this place for the intruder, as pressing it does, and shows the next round. After the last nothing happens.
   *
   * @throws RangeError if there is no such place
   */
  pick(place: number): void {
    const round = this.#rounds[this.#picks.length];
    if (round === undefined) return;
    requireInteger('place', place, { min: 0, max: round.words.length - 1 });
    this.#picks.push(place);
    const stranger = round.words[round.intruder] as string;
    const five = round.words.filter((word) => word !== stranger).join(', ');
    const verdict =
      place === round.intruder
        ? `✓ Yes, ${stranger}.`
        : `✗ You said ${round.words[place]}; it was ${stranger}.`;
    const last = this.words === undefined ? ` ${this.#result()}` : '';
    this.#note.value = escapeHtml(
      `${verdict} The five: ${five} (unit ${round.unit}). Round ${this.#picks.length} of ${this.#rounds.length}.${last}`,
    );
    this.#showRound();
  }

  /** One line per kind of rounds, where nothing can be pressed. */
  override toString(): string {
    const line = this.words === undefined ? this.#result() : this.words.map((word) => `[${word}]`).join(' ');
    return `Which word does not belong to the others?\n${line}`;
  }

  /** The kind of a round stays hidden until the end: a player who knows it plays differently. */
  #result(): string {
    const lines = this.tally.map(({ name, played, found, judge }) => {
      const own = this.#rounds.flatMap((round, i) => (round.name === name ? [i + 1] : []));
      const which = `${own.length === 1 ? 'round' : 'rounds'} ${own.join(', ')}`;
      return `${name} (${which}): you ${found} of ${played}, the judge ${judge}`;
    });
    return `${lines.join('; ')}; guessing would find one in ${this.#buttons.length}.`;
  }

  #showRound(): void {
    for (const [place, each] of this.#buttons.entries()) each.label = this.words?.[place] ?? '–';
  }
}

/** A round that was judged, with places that there are. */
function requireJudged(name: string, round: JudgedRound): JudgedRound {
  requireObject(name, round, 'a round of intruderScore');
  const { length } = requireArray(`${name}.words`, round.words, 'an array of words');
  for (const place of ['intruder', 'pick'] as const)
    requireInteger(`${name}.${place}`, round[place], { min: 0, max: length - 1 });
  return round;
}

/**
 * The intruder game: six words, and the player presses the one that does not belong. Rounds of several kinds come mixed. The
 * end shows the kind of each, with the judge's answer.
 *
 * @param rounds Rounds by name, from {@link intruderScore}: `{ TopK: scored.rounds.slice(0, 6), … }`.
 * @param seed Mixes them. Default: 0.
 * @returns what a cell shows; `tally` has the score
 * @throws TypeError if they are not rounds by name, judged; RangeError if there is no round, or one has no such place
 *
 * @example
 * const june = { unit: 3, words: ['june', 'salt', 'april'], intruder: 1, pick: 1 };
 * const game = intruderGame({ TopK: [june] });
 * game.pick(0);
 * game.tally // → [{ name: 'TopK', played: 1, found: 0, judge: 1 }]
 */
export function intruderGame(
  rounds: Readonly<Record<string, readonly JudgedRound[]>>,
  seed = 0,
): IntruderGame {
  return new IntruderGame(rounds, requireInteger('seed', seed, { min: 0 }));
}
