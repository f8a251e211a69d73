import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe } from 'node:test';
import { root } from '../../../src/setup/paths.mjs';
import { WHOLE } from './testSite.mjs';

const require = createRequire(import.meta.url);
const compiled = (/** @type {string} */ name) => require(join(root, 'build', 'test', 'notebooks', name));
/** @type {{ readLessons(): { name: string, cells: { id: string, type: string, source: string }[] }[] }} */
const { readLessons } = compiled('lessons.js');
/** @type {{ wrongNumbers(texts: readonly string[], printed: (cell: string) => string): string[] }} */
const { wrongNumbers } = compiled('prose.js');

/** Set to `all` or to a part of names, it chooses the lessons that run whole; a short run of the tests has none. */
const CHOSEN = process.env.SPARSELAB_LESSONS;

/** How long a lesson may take where others work, too, in milliseconds. */
const LESSON_MS = 1_200_000;

/**
 * Runs lessons whole, as they are.
 *
 * @param {string} usual the part of a name of the one that runs where none is chosen
 * @param {() => Promise<import('./testSite.mjs').Visit>} visit
 * @param {(title: string, check: () => Promise<void>, timeout: number) => void} test
 */
export function wholeLessonTests(usual, visit, test) {
  if (!WHOLE && CHOSEN === undefined) return;
  const chosen = readLessons().filter(({ name }) => CHOSEN === 'all' || name.includes(CHOSEN ?? usual));
  describe('a lesson, run from its first cell to its last', () => {
    for (const { name, cells } of chosen) {
      test(
        `${name}: no cell fails, and the numbers of its text are printed`,
        async () => {
          const visitor = await visit();
          try {
            const tab = await visitor.open(`${name}.ipynb`);
            /** @type {Map<string, string>} */
            const texts = new Map();
            for (const { id, type, source } of cells) {
              if (type !== 'code') continue;
              const { status, text } = await tab.run(source);
              assert.equal(status, 'ok', `${id}: ${text}`);
              texts.set(id, text);
            }
            const markdown = cells.map(({ source }) => source);
            assert.deepEqual(
              wrongNumbers(markdown, (id) => texts.get(id) ?? ''),
              [],
            );
            assert.deepEqual(visitor.foreign, []);
          } finally {
            await visitor.close();
          }
        },
        LESSON_MS,
      );
    }
  });
}
