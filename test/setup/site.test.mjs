import { after, before, describe, it } from 'node:test';
import { lessonTests } from './site/lesson.mjs';
import { DEADLINE_MS, TestSite } from './site/testSite.mjs';

describe('the live course in Chromium, from a subfolder', () => {
  /** @type {TestSite | undefined} */
  let opened;
  before(async () => {
    opened = await TestSite.open();
  });
  after(() => opened?.close());

  const site = () => /** @type {TestSite} */ (opened);
  /** @param {string} title @param {() => Promise<void>} check */
  const test = (title, check) =>
    it(title, { timeout: DEADLINE_MS }, async (context) => {
      if (opened === undefined) context.skip('there is no Chromium, Chrome or Edge here');
      else await check();
    });

  lessonTests(site, test);
});
