import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  Dataset,
  explainUnit,
  loadDigits,
  SparseAutoencoder,
  tf,
  unitActivations,
  WordVectors,
} from 'sparselab';
import { identity } from '../features/support';

/** 40 examples of one number, 1 to 20 and twenty times 0: the unit fires for the first half. Labels by tens. */
const data = Dataset.fromRows(
  Array.from({ length: 40 }, (_, row) => [row < 20 ? 20 - row : 0, 1]),
  {
    labels: Uint8Array.from({ length: 40 }, (_, row) => Math.floor(row / 10)),
    classNames: ['a', 'b', 'c', 'd'],
  },
);
const unit = identity(2);
const game = (seed = 0) => explainUnit(unit, data, 0, { seed, imageShape: [1, 2] });

describe('explainUnit', () => {
  it('shows the strongest, and asks about three strong, three weak and six silent others', () => {
    for (let seed = 0; seed < 20; seed++) {
      const { shown, questions } = game(seed);
      assert.deepEqual(
        shown.map(({ row }) => row),
        [0, 1, 2, 3, 4, 5, 6, 7],
      );
      const rows = (kind: string) =>
        questions.filter(({ excitement }) => excitement === kind).map(({ row }) => row);
      // Twelve that fire are left, rows 8 to 19: the strongest fifth has at least the three that are needed.
      assert.deepEqual(
        rows('strong').sort((a, b) => a - b),
        [8, 9, 10],
      );
      assert.equal(rows('weak').length, 3);
      assert.ok(
        rows('weak').every((row) => row >= 14 && row < 20),
        'from the weaker half',
      );
      assert.equal(rows('silent').length, 6);
      assert.ok(rows('silent').every((row) => row >= 20));
      assert.equal(new Set([...shown, ...questions].map(({ row }) => row)).size, 20, 'each is there once');
    }
  });

  it('asks the same of the same seed, and something else of another', () => {
    assert.deepEqual(game(3).questions, game(3).questions);
    assert.notDeepEqual(game(3).questions, game(4).questions);
  });

  it('says truly what the unit does', () => {
    const digits = loadDigits();
    const model = new SparseAutoencoder({ inputDim: 64, hiddenDim: 16, seed: 2 });
    const own = unitActivations(model.encode(digits), 5).values;
    const { questions, shown } = explainUnit(model, digits, 5);
    assert.equal(questions.length, 12);
    for (const { row, activation, fires } of [...questions]) {
      assert.equal(activation, own[row]);
      assert.equal(fires, activation > 0);
    }
    const least = Math.min(...shown.map(({ activation }) => activation));
    assert.ok(questions.every(({ activation }) => activation <= least));
  });

  it('scores as by hand', () => {
    const { questions } = game();
    const scoreOf = (mark: (row: number, fires: boolean) => boolean) =>
      game().score(questions.map(({ row, fires }) => mark(row, fires)));
    const perfect = scoreOf((_, fires) => fires);
    assert.equal(perfect.score, 1);
    assert.deepEqual(perfect.right, { strong: [3, 3], weak: [3, 3], silent: [6, 6] });
    assert.equal(scoreOf((_, fires) => !fires).score, 0);
    // All marked: ½ (6/6 + 0/6); none: ½ (0/6 + 6/6). That is chance.
    assert.equal(scoreOf(() => true).score, 1 / 2);
    assert.equal(scoreOf(() => false).score, perfect.chance);
    // Only the strong: ½ (3/6 + 6/6).
    const strong = scoreOf((row) => row < 14);
    assert.equal(strong.score, (3 / 6 + 6 / 6) / 2);
    assert.deepEqual(strong.right, { strong: [3, 3], weak: [0, 3], silent: [6, 6] });
  });

  it('puts the score next to labels and to the mean of what was shown', () => {
    const one = game();
    const result = one.score(one.questions.map(() => false));
    const rows = one.questions.map(({ row }) => row);
    // Rows 8 and 9 are an a, the other four that fire a b; the silent are c and d. So all b's are ½ (4/6 + 6/6).
    assert.deepEqual(result.bestLabel, { labels: ['b'], score: (4 / 6 + 1) / 2 });
    assert.deepEqual(result.bestTwoLabels, { labels: ['a', 'b'], score: 1 });
    // The shown point along [16.5, 1]: nearest are those with the largest first number, and those fire.
    assert.equal(result.nearestToShown, 1);
    assert.ok(rows.includes(8) && rows.includes(9));
    assert.match(
      String(result),
      /yours: strong 0 of 3, weak 0 of 3, silent 6 of 6 +50\nchance +50\nnearest to the shown +100\nbest label: b +83.3\nbest two labels: a, b +100/,
    );
  });

  it('has no labels where there are none, as words have none', () => {
    const rows = Array.from({ length: 30 }, (_, row) => [row < 15 ? 15 - row : 0, 1]);
    const words = new WordVectors(
      rows.map((_, row) => `word${row}`),
      Dataset.fromRows(rows),
    );
    const one = explainUnit(unit, words, 0);
    const result = one.score(one.questions.map(({ fires }) => fires));
    assert.deepEqual([result.score, result.bestLabel, result.bestTwoLabels], [1, undefined, undefined]);
  });

  it('keeps the scores of all answers', () => {
    const one = game();
    const first = one.score(one.questions.map(() => true));
    const second = one.score(one.questions.map(({ fires }) => fires));
    assert.deepEqual(one.scores, [first, second]);
    assert.match(String(one), /^Unit 0: 12 examples to mark, score 100 %$/);
  });

  it('makes do with what there is: few that fire, few that are silent', () => {
    const few = (firing: number, silent: number) =>
      Dataset.fromRows(Array.from({ length: firing + silent }, (_, row) => [row < firing ? row + 1 : 0, 1]));
    const counts = (firing: number, silent: number) => {
      const { shown, questions } = explainUnit(unit, few(firing, silent), 0, { imageShape: [1, 2] });
      const fires = questions.filter((one) => one.fires).length;
      return [shown.length, fires, questions.length - fires];
    };
    assert.deepEqual(counts(3, 100), [1, 2, 6]);
    assert.deepEqual(counts(9, 100), [3, 6, 6]);
    assert.deepEqual(counts(100, 2), [8, 10, 2]);
    assert.throws(
      () => counts(2, 100),
      /unit must fire for at least 3 examples, and not for all 102; unit 0 fires for 2/,
    );
    assert.throws(() => counts(10, 0), /not for all 10; unit 0 fires for 10/);
  });

  it('shows the game without saying the answers', () => {
    const one = game();
    const display = one[Symbol.for('Jupyter.display') as keyof typeof one] as unknown as () => Record<
      string,
      string
    >;
    const shown = display.call(one);
    assert.equal((shown['text/html'] ?? '').split('<img ').length - 1, 8 + 12);
    assert.doesNotMatch(shown['text/html'] ?? '', /strong|weakest|silent/);
  });

  it('refuses an answer that is not one mark per example, and a unit that there is not', () => {
    const one = game();
    assert.throws(() => one.score([true]), { message: 'answer must hold one mark per example, 12; got 1' });
    assert.throws(() => one.score(Array(12).fill(1) as never), {
      message: 'answer[0] must be true or false; got 1',
    });
    assert.throws(
      () => one.score('all' as never),
      /answer must be an array of true and false, 12 in all; got 'all'/,
    );
    assert.equal(one.scores.length, 0);
    assert.throws(() => explainUnit(unit, data, 2), { message: 'unit must be in [0, 1]; got 2' });
  });

  it('leaves no tensor behind', () => {
    const before = tf.memory().numTensors;
    game();
    assert.equal(tf.memory().numTensors, before);
  });
});
