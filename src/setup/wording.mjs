/**
 * Wording that readers who are not native speakers have to read twice, and what to write instead: docs/writing.md explains
 * each. Only patterns without false alarms are looked for.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './paths.mjs';
import { runOrFail } from './processes.mjs';

/**
 * @typedef {object} Pattern
 * @property {RegExp} words
 * @property {string} instead what to write
 *
 * @typedef {object} Found
 * @property {number} line counted from 1
 * @property {string} words as they stand in the text
 * @property {string} instead
 */

const THINGS =
  'batch|byte|cell|curve|epoch|example|feature|file|folder|image|line|notebook|number|operation|pixel|row|step|student|trial|unit';

/** @type {readonly Pattern[]} */
export const PATTERNS = [
  { words: /\bunless told\b/, instead: '"Default: …"' },
  { words: /\bIt looks as if\b/, instead: 'the mistake, then what to do' },
  {
    words: /(?:^|[.:] )Who(?:ever)? (?!is |are |can |may |has |does )[a-z]+s\b/,
    instead: 'the noun as the subject',
  },
  {
    // A comment or an item of a list whose first sentence has such a clause as its subject, and is not a question.
    words: /^\s*(?:\/\*\*|\*|\/\/|#:?|"""|-)\s+(?:What|Who)(?:ever)? (?=[^?]*\.(?:\s|\*|$))[a-z]+/,
    instead: 'the noun as the subject',
  },
  { words: /\bwhoever\b/, instead: 'the noun, such as "the caller" or "the user"' },
  { words: /\bwhat came in\b/, instead: '"the value"' },
  { words: /\btak(?:es?|en|ing) the place of\b/, instead: '"replaces"' },
  { words: /\blook(?:s|ed|ing)? whether\b/, instead: '"checks whether", "checks that"' },
  { words: /\banew\b/, instead: '"again", or a verb with "re-"' },
  { words: /\b(?:that|which) (?:is|are) none\b/, instead: '"is not", or "invalid"' },
  { words: /\bone's own\b/, instead: '"custom", or "your own"' },
  { words: /\bin the place of\b/, instead: '"instead of"' },
  { words: /\b(?:inside|outside) of\b/, instead: '"inside", "outside"' },
  { words: /\bmust be a text\b/, instead: '"a string"' },
  { words: /\b(?:mends|mended)\b/, instead: '"fixes", "restores"' },
  { words: /\bexchanged\b/, instead: '"swapped"' },
  { words: /\b(?:of|every|first|last|by|below|that) so many\b/i, instead: '"this many"' },
  { words: /\bwhom\b/, instead: 'the noun, such as "the sender"' },
  { words: /\bone an? (?:row|run|line|feature|target|class)\b/, instead: '"per"' },
  {
    words:
      /\b(?:that|which|what|it) (?:is|are) no (?!(?:longer|more|other|such|better|worse|larger|smaller)\b)[a-z]/,
    instead: '"is not a"',
  },
  {
    words: new RegExp(`\\b(?:${THINGS})s? an? (?:${THINGS})\\b(?! (?:is|are|was|has|have|that|which)\\b)`),
    instead: '"per"',
  },
];

/** The places in a text where one of the patterns stands. @param {string} text @returns {Found[]} */
export function findWording(text) {
  return text.split('\n').flatMap((line, index) =>
    PATTERNS.flatMap(({ words, instead }) => {
      const found = words.exec(line);
      return found ? [{ line: index + 1, words: found[0].trim(), instead }] : [];
    }),
  );
}

/** Names every place in the project's texts. @returns {Promise<boolean>} whether there is none */
export async function checkWording() {
  const files = await runOrFail('git', ['ls-files', '*.md', '*.ts', '*.mjs', '*.js', '*.py', '*.ipynb'], {
    cwd: root,
    problem: 'git could not list the files.',
    remedy: 'Run it in a clone of the repository.',
  });
  // The page that explains the patterns holds them, and so do this file and its test. docs/lessons is generated.
  const skipped = /(?:^docs\/(?:lessons\/|writing\.md$)|\/wording\.(?:test\.)?mjs$)/;
  let clean = true;
  for (const path of files.split('\n').filter((name) => name && !skipped.test(name))) {
    for (const { line, words, instead } of findWording(textOf(path))) {
      console.log(`${path}:${line}: "${words}"; write ${instead}`);
      clean = false;
    }
  }
  return clean;
}

/** A file's text; of a notebook only its cells, one after another. @param {string} path */
function textOf(path) {
  const text = readFileSync(join(root, path), 'utf8');
  if (!path.endsWith('.ipynb')) return text;
  /** @type {{ cells: { source: string | string[] }[] }} */
  const { cells } = JSON.parse(text);
  return cells.map(({ source }) => [source].flat().join('')).join('\n');
}
