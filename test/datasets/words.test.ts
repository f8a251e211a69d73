import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Dataset, loadWords, WordVectors } from 'sparselab';

/** Four words in the plane: east and eastern point nearly alike, west the other way. */
const compass = new WordVectors(
  ['east', 'eastern', 'north', 'west'],
  Dataset.fromRows([
    [2, 0],
    [3, 3 / 4],
    [0, 1],
    [-1, 0],
  ]),
);

describe('loadWords', () => {
  const words = loadWords();

  it('has 20,000 words, the most frequent first, each with 100 numbers', () => {
    assert.equal(String(words), '20,000 words with vectors of 100 numbers');
    assert.deepEqual(words.words.slice(0, 5), ['the', 'of', 'to', 'and', 'in']);
    assert.equal(new Set(words.words).size, 20_000);
    assert.equal(loadWords(), words);
  });

  it('has GloVe’s numbers, up to half a step of one byte', () => {
    // The first numbers of `the` in glove.6B.100d.txt.
    const published = [-0.038194, -0.24487, 0.72812, -0.39961, 0.083172];
    const stored = words.vectorOf('the');
    const step = Math.max(...stored.map(Math.abs)) / 127;
    for (const [i, value] of published.entries())
      assert.ok(Math.abs((stored[i] as number) - value) <= 0.51 * step, `${stored[i]} for ${value}`);
  });

  it('knows which words are like which', () => {
    const near = (word: string) => words.nearest(word, 5).map((each) => each.word);
    assert.deepEqual(near('january').slice(0, 3).sort(), ['december', 'february', 'october']);
    assert.ok(near('frog').includes('frogs'), `${near('frog')}`);
    assert.ok(near('king').includes('queen') || near('king').includes('prince'), `${near('king')}`);
  });

  it('leaves out what schools do not print', () => {
    for (const word of ['porn', 'milf', 'negro']) assert.equal(words.has(word), false, word);
  });

  it('gives fewer words where fewer are asked for: the most frequent', () => {
    const few = loadWords({ count: 100 });
    assert.deepEqual(few.words, words.words.slice(0, 100));
    assert.deepEqual(few.vectorOf('of'), words.vectorOf('of'));
    assert.throws(() => loadWords({ count: 20_001 }), /count must be in \[1, 20000\]; got 20001/);
  });
});

describe('WordVectors', () => {
  it('orders words by the angle between their vectors', () => {
    const [first, second, last] = compass.nearest('east', 3);
    // eastern: cos = 3 / √(3² + 0.75²) = 3 / 3.0923
    assert.deepEqual([first?.word, first?.cosine.toFixed(4)], ['eastern', '0.9701']);
    assert.deepEqual(second, { word: 'north', cosine: 0 });
    assert.deepEqual(last, { word: 'west', cosine: -1 });
  });

  it('takes any vector, of any length', () => {
    assert.equal(compass.nearest([0, 17], 1)[0]?.word, 'north');
    assert.equal(compass.nearest(Float32Array.of(-0.1, 0), 1)[0]?.word, 'west');
  });

  it('proposes other spellings of a word that it does not have', () => {
    assert.throws(
      () => compass.rowOf('easterly'),
      /^RangeError: word must be one of the 4; got 'easterly'. Spelled like it: 'eastern', 'east', /,
    );
  });

  it('finds a word as it was typed: in upper case, with blanks around it', () => {
    assert.equal(compass.rowOf(' West\n'), 3);
    assert.equal(compass.has('NORTH'), true);
    assert.equal(compass.has(''), false);
    assert.throws(() => compass.rowOf(''), /word must be one of the 4; got ''. Spelled like it/);
    assert.throws(() => compass.rowOf(7 as never), /word must be a string; got 7/);
    // A word in upper case is found as it is.
    assert.equal(new WordVectors(['US', 'us'], Dataset.fromRows([[1], [2]])).rowOf('US'), 0);
  });

  it('lists the spellings nearest to a text', () => {
    // eastern shares ^e, ea, as, st, te, er of easter’s seven pairs and its own eight; east ^e, ea, as, st.
    assert.deepEqual(compass.spelledLike('Easter', 2), ['eastern', 'east']);
    assert.deepEqual(compass.spelledLike('èástern', 2), ['eastern', 'east']);
    assert.throws(() => compass.spelledLike('x', 5), /count must be in \[1, 4\]; got 5/);
  });

  it('gives the same words with vectors of length 1, or with some of their numbers', () => {
    const unit = compass.normalized();
    assert.deepEqual(unit.vectorOf('east'), Float32Array.of(1, 0));
    assert.deepEqual(unit.words, compass.words);
    assert.deepEqual(compass.vectorOf('east'), Float32Array.of(2, 0));
    assert.deepEqual(compass.columns(1, 2).vectorOf('eastern'), Float32Array.of(0.75));
    assert.throws(() => compass.columns(1, 1), /end must be in \[2, 2\]; got 1/);
    assert.throws(() => compass.columns(2, 3), /start must be in \[0, 1\]; got 2/);
  });

  it('refuses what is not one word per vector, and vectors without a direction', () => {
    const one = Dataset.fromRows([[1, 2]]);
    assert.throws(() => new WordVectors(['a', 'b'], one), /words must hold one word per vector, 1; got 2/);
    const two = Dataset.fromRows([[1], [2]]);
    assert.throws(() => new WordVectors(['a', 'a'], two), /words must differ; got 'a' at 0 and 1/);
    assert.throws(() => compass.nearest([0, 0]), /to must have a length above 0; got 0/);
    assert.throws(() => compass.nearest([1]), /to must have 2 numbers; got 1/);
    assert.throws(() => compass.nearest('east', 4), /count must be in \[1, 3\]; got 4/);
    assert.throws(() => compass.nearest(7 as never), /to must be a word or an array of numbers; got 7/);
  });
});
