import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  Dataset,
  intruderGame,
  intruderRounds,
  intruderScore,
  oddOneOut,
  Random,
  SparseAutoencoder,
  tf,
  topActivating,
  unitWords,
  WordVectors,
  wordParts,
} from 'sparselab';

/** Words in four groups of twenty, each around a direction of its own in six numbers: g0w0 … g3w19. */
function groups(seed: number, spread = 0.2): WordVectors {
  const random = new Random(seed);
  const names = Array.from({ length: 80 }, (_, i) => `g${i % 4}w${Math.floor(i / 4)}`);
  const rows = names.map((_, i) =>
    Array.from({ length: 6 }, (__, d) => (d === i % 4 ? 1 : 0) + spread * random.normal()),
  );
  return new WordVectors(names, Dataset.fromRows(rows));
}

/** A code whose unit j is active for group j. */
const codeOfGroups = tf.tensor2d(
  Array.from({ length: 80 }, (_, i) => Array.from({ length: 4 }, (__, j) => (j === i % 4 ? 1 + i / 100 : 0))),
);

/** A code that knows nothing of the groups. */
const noise = (seed: number) => {
  const random = new Random(seed);
  return { values: Float32Array.from({ length: 80 * 40 }, () => random.normal()), shape: [80, 40] as const };
};

describe('unitWords', () => {
  const h = tf.tensor2d([
    [0, 2, -1],
    [1, 4, -2],
    [3, 0, 0],
    [3, 1, 0],
  ]);
  const words = ['june', 'july', 'salt', 'pepper', 'never'];

  it('lists for each unit the words that excite it, strongest first, of equals the earlier', () => {
    assert.deepEqual(unitWords(h, words, { count: 2 }), [
      { unit: 0, words: ['salt', 'pepper'], activations: [3, 3], active: 3 },
      { unit: 1, words: ['july', 'june'], activations: [4, 2], active: 3 },
      { unit: 2, words: [], activations: [], active: 0 },
    ]);
  });

  it('agrees with topActivating where a unit is active', () => {
    const { values, shape } = noise(1);
    const code = { values: values.map(Math.abs), shape };
    const many = Array.from({ length: 80 }, (_, row) => `w${row}`);
    for (const { unit, words: list, activations } of unitWords(code, many, { units: [7, 0] })) {
      const top = topActivating(code, unit);
      assert.deepEqual(
        list,
        top.map(({ row }) => `w${row}`),
      );
      assert.deepEqual(
        activations,
        top.map(({ activation }) => activation),
      );
    }
  });

  it('refuses rows without words, and units that do not exist', () => {
    assert.throws(() => unitWords(h, ['a', 'b']), /words must hold one per row of activations, 4; got 2/);
    assert.throws(() => unitWords(h, words, { units: [3] }), /units\[0\] must be in \[0, 2\]; got 3/);
    assert.throws(() => unitWords(h, words, { count: 0 }), /count must be/);
  });
});

describe('wordParts', () => {
  const words = new WordVectors(
    ['east', 'up'],
    Dataset.fromRows([
      [3, 4],
      [0, 2],
    ]),
  );
  const model = new SparseAutoencoder({ inputDim: 2, hiddenDim: 3, seed: 4 });

  it('gives parts that, with the bias, add up to the cosine of x̂ and x', () => {
    for (const word of words.words) {
      const x = words.vectorOf(word);
      const xHat = model.forward({ values: x, shape: [1, 2] }).reconstruction.values;
      const cosine =
        ((x[0] as number) * (xHat[0] as number) + (x[1] as number) * (xHat[1] as number)) /
        (Math.hypot(...x) * Math.hypot(...xHat));
      const { parts, bias, similarity } = wordParts(model, words, word);
      const sum = parts.reduce((total, part) => total + part.similarity, bias);
      assert.ok(Math.abs(sum - cosine) < 1e-6, `${sum} for ${cosine}`);
      assert.ok(Math.abs(similarity - cosine) < 1e-6);
    }
  });

  it('lists active units only, the one that adds most first', () => {
    const { parts } = wordParts(model, words, 'east');
    const h = model.encode({ values: Float32Array.of(3, 4), shape: [1, 2] }).values;
    assert.deepEqual(
      parts.map(({ unit }) => unit).sort(),
      [0, 1, 2].filter((unit) => h[unit] !== 0),
    );
    for (const [i, part] of parts.entries())
      assert.ok(i === 0 || part.similarity <= (parts[i - 1]?.similarity as number));
  });

  it('takes a word as it was typed, and proposes others for one that it does not have', () => {
    assert.equal(wordParts(model, words, '  EAST ').word, 'east');
    assert.throws(() => wordParts(model, words, 'eats'), /got 'eats'. Spelled like it: 'east'/);
    const other = new SparseAutoencoder({ inputDim: 3, hiddenDim: 3 });
    assert.throws(
      () => wordParts(other, words, 'up'),
      /words\.vectors must have 3 columns, the model's inputDim/,
    );
  });
});

describe('wordParts at the edge', () => {
  const words = new WordVectors(
    ['nothing', 'up'],
    Dataset.fromRows([
      [0, 0],
      [0, 2],
    ]),
  );

  it('is 0 for a vector of zeros, which is like none', () => {
    const model = new SparseAutoencoder({ inputDim: 2, hiddenDim: 3, seed: 4 });
    assert.deepEqual(wordParts(model, words, 'nothing'), {
      word: 'nothing',
      parts: [],
      bias: 0,
      similarity: 0,
    });
  });

  it('refuses an output that is not linear, for which the parts do not add up, and what is not words', () => {
    const model = new SparseAutoencoder({ inputDim: 2, hiddenDim: 3, outputActivation: 'sigmoid' });
    assert.throws(() => wordParts(model, words, 'up'), {
      name: 'RangeError',
      message: "model must have a linear output, or its parts do not add up; got outputActivation 'sigmoid'",
    });
    assert.throws(() => wordParts(model, words.vectors as never, 'up'), {
      name: 'TypeError',
      message: /^words must be words with vectors, as loadWords\(\) returns; got an object \(Dataset\)/,
    });
  });
});

describe('the intruder game', () => {
  const words = groups(1);

  it('draws five of the ten words that excite a unit most, and one that does not belong', () => {
    const rounds = intruderRounds(codeOfGroups, words.words, { rounds: 3, seed: 5 });
    assert.equal(rounds.length, 4 * 3);
    const tops = unitWords(codeOfGroups, words.words);
    for (const { unit, words: six, intruder } of rounds) {
      assert.equal(new Set(six).size, 6);
      for (const [place, word] of six.entries())
        assert.equal(tops[unit]?.words.includes(word), place !== intruder, `${word} of ${unit}`);
      // It is a typical word of another unit.
      assert.ok(tops.some((other) => other.words.includes(six[intruder] as string)));
    }
    assert.deepEqual(intruderRounds(codeOfGroups, words.words, { rounds: 3, seed: 5 }), rounds);
    assert.notDeepEqual(intruderRounds(codeOfGroups, words.words, { rounds: 3, seed: 6 }), rounds);
  });

  it('puts the intruder at every place equally often', () => {
    const places = new Array<number>(6).fill(0);
    for (const { intruder } of intruderRounds(codeOfGroups, words.words, { rounds: 300 }))
      places[intruder] = (places[intruder] as number) + 1;
    // 1200 rounds: 200 each, with a standard deviation of √(1200 · 1/6 · 5/6) = 12.9.
    for (const count of places) assert.ok(Math.abs(count - 200) < 4 * 12.9, `${places}`);
  });

  it('is won by a judge that has seen other numbers, if the units have themes', () => {
    // The judge's vectors have noise of their own: nothing but the groups is the same.
    assert.ok(
      intruderScore(intruderRounds(codeOfGroups, words.words, { rounds: 10 }), groups(2)).score > 0.95,
    );
    // Words without groups: nothing can be found.
    const { score, chance } = intruderScore(
      intruderRounds(codeOfGroups, words.words, { rounds: 100 }),
      groups(3, 1e6),
    );
    assert.equal(chance, 1 / 6);
    assert.ok(Math.abs(score - chance) < 0.08, `${score}`);
  });

  it('flatters random units if the judge sees what they see, and not if it sees other numbers', () => {
    // Two unrelated halves: a unit that looks along a direction of one half knows nothing of the other.
    const [seen, unseen] = [groups(4, 1e6), groups(5, 1e6)];
    const random = new Random(6);
    const directions = tf.tensor2d(
      Array.from({ length: 6 }, () => Array.from({ length: 60 }, () => random.normal())),
    );
    const h = tf.tidy(() => tf.matMul<tf.Tensor2D>(seen.normalized().vectors.toTensor(), directions));
    const rounds = intruderRounds(h, seen.words);
    const circular = intruderScore(rounds, seen).score;
    const fair = intruderScore(rounds, unseen).score;
    assert.ok(circular > 0.6, `${circular}`);
    assert.ok(fair < 0.35, `${fair}`);
  });

  it('says of each unit how often its intruder was found', () => {
    const drawn = intruderRounds(codeOfGroups, words.words, { rounds: 4 });
    const { score, units, rounds } = intruderScore(drawn, groups(2));
    assert.deepEqual(
      units.map(({ unit }) => unit),
      [0, 1, 2, 3],
    );
    assert.equal(
      units.reduce((sum, each) => sum + each.score / 4, 0),
      score,
    );
    assert.equal(rounds.filter(({ pick, intruder }) => pick === intruder).length / rounds.length, score);
  });

  it('refuses codes without two units of ten words', () => {
    const one = tf.tensor2d(Array.from({ length: 80 }, () => [1, 0]));
    assert.throws(
      () => intruderRounds(one, words.words),
      /activations must have at least 2 units with 10 words; got 1/,
    );
    assert.throws(() => intruderScore([], words), /rounds must hold at least one round; got 0/);
  });

  it('has no round for units that all words excite alike: nothing is an intruder there', () => {
    const alike = tf.ones<tf.Rank.R2>([80, 2]);
    assert.deepEqual(intruderRounds(alike, words.words), []);
  });
});

describe('oddOneOut', () => {
  const plane = new WordVectors(
    ['a', 'b', 'c', 'far', 'long'],
    Dataset.fromRows([
      [1, 0.1],
      [1, 0],
      [1, -0.1],
      [-0.1, 1],
      [90, 3],
    ]),
  );

  it('is the word with the smallest sum of cosines, whatever the lengths', () => {
    assert.equal(oddOneOut(['a', 'far', 'b', 'long'], plane), 1);
    assert.equal(oddOneOut(['long', 'a', 'b', 'c', 'far'], plane), 4);
  });

  it('refuses fewer than three words, and words it does not know', () => {
    assert.throws(() => oddOneOut(['a', 'b'], plane), /among must hold at least 3 words; got 2/);
    assert.throws(() => oddOneOut(['a', 'b', 'd'], plane), /word must be one of the 5; got 'd'/);
    assert.throws(
      () => oddOneOut(['a', 'b', 'c'], plane.vectors as never),
      /judge must be words with vectors/,
    );
    assert.throws(() => intruderScore([{}] as never, plane), /rounds\[0\]\.words must be an array of words/);
  });
});

describe('intruderGame', () => {
  const round = (unit: number, intruder: number, pick: number) => ({
    unit,
    words: [0, 1, 2].map((place) => `u${unit}${place === intruder ? 'stranger' : `w${place}`}`),
    intruder,
    pick,
  });

  it('shows one round after the other, and counts per kind what the player and the judge found', () => {
    const game = intruderGame({ good: [round(1, 0, 0), round(2, 1, 0)], raw: [round(3, 2, 2)] });
    const order: string[] = [];
    for (let turn = 0; turn < 3; turn++) {
      order.push(String(game.words?.[0]).slice(0, 2));
      assert.match(String(game), /\[u\d.*\] \[u\d.*\] \[u\d/);
      const found = (game.words as string[]).findIndex((word) => word.endsWith('stranger'));
      game.pick((game.words as string[])[0]?.startsWith('u3') ? (found + 1) % 3 : found);
    }
    assert.equal(game.words, undefined);
    assert.deepEqual(game.tally, [
      { name: 'good', played: 2, found: 2, judge: 1 },
      { name: 'raw', played: 1, found: 0, judge: 1 },
    ]);
    const result =
      /good \(rounds (\d), (\d)\): you 2 of 2, the judge 1; raw \(round (\d)\): you 0 of 1, the judge 1/.exec(
        String(game),
      );
    assert.deepEqual(result?.slice(1).sort(), ['1', '2', '3']);
    assert.equal(order.indexOf('u3'), Number(result?.[3]) - 1);
    game.pick(0); // After the last round nothing happens.
    assert.equal(game.tally[0]?.played, 2);
  });

  it('refuses a place that does not exist, and a game without rounds', () => {
    const game = intruderGame({ good: [round(1, 0, 0)] });
    assert.throws(() => game.pick(3), /place must be in \[0, 2\]; got 3/);
    assert.throws(() => intruderGame({ good: [] }), /rounds must hold at least one round; got 0/);
    assert.throws(() => intruderGame({ good: [{}] } as never), /rounds\.good\[0\]\.words must be an array/);
    // A round that nobody judged, and one whose intruder is not among its words.
    const { pick, ...unjudged } = round(1, 0, 0);
    assert.equal(pick, 0);
    assert.throws(
      () => intruderGame({ good: [unjudged] } as never),
      /rounds\.good\[0\]\.pick must be an integer/,
    );
    assert.throws(
      () => intruderGame({ good: [round(1, 3, 0)] }),
      /rounds\.good\[0\]\.intruder must be in \[0, 2\]; got 3/,
    );
  });
});
