import assert from 'node:assert/strict';
import test from 'node:test';
import { findWording } from '../../src/setup/wording.mjs';

const wordsIn = (/** @type {string} */ text) => findWording(text).map(({ words }) => words);

test('each pattern is found where it stands, with what to write instead', () => {
  assert.deepEqual(findWording('A text.\n/** Steps. 400 unless told. */'), [
    { line: 2, words: 'unless told', instead: '"Default: …"' },
  ]);
  for (const [text, words] of [
    ['It looks as if λ is missing.', 'It looks as if'],
    ['Whoever makes tensors tidies them.', 'Whoever makes'],
    ['  /** What a notebook shows: a line. */', '/** What a'],
    ['// What is left has a row as well.', '// What is'],
    ['- Who opens it later, sees less.', '- Who opens'],
    ['It is offered to whoever accepts it.', 'whoever'],
    ['naming the range and what came in', 'what came in'],
    ['The new one takes the place of the old one.', 'takes the place of'],
    ['It looks whether the file is there.', 'looks whether'],
    ['The page is loaded anew.', 'anew'],
    ['got something that is none', 'that is none'],
    ["a penalty of one's own", "one's own"],
    ['one line a trial', 'line a trial'],
    ['in the place of a figure', 'in the place of'],
    ['a value outside of the cell', 'outside of'],
    ['the axes are exchanged', 'exchanged'],
    ['after every so many steps', 'every so many'],
    ['to whom it belongs', 'whom'],
    ['labels must be one a row', 'one a row'],
    ['refuses what is no model', 'what is no m'],
  ]) {
    assert.deepEqual(wordsIn(/** @type {string} */ (text)), [words]);
  }
});

test('plain sentences are left alone', () => {
  for (const text of [
    'Who may answer? Who can see the panel?',
    'undefined if there is none',
    '- What will the fraction be? Predict it.',
    '## What works there',
    '// What now?',
    'Draw one line per trial; a unit a trial is about.',
    'inside the cell, outside the project',
    'Default: 128.',
    'a lesson that is no longer new; a wait that is no better',
  ]) {
    assert.deepEqual(wordsIn(text), []);
  }
});
