import { after, before, describe, it } from 'node:test';
import { firefoxTests } from './site/firefox.mjs';
import { lessonTests } from './site/lesson.mjs';
import { wholeLessonTests } from './site/lessons.mjs';
import { ownDataTests } from './site/ownData.mjs';
import { parityTests } from './site/parity.mjs';
import { roughTests } from './site/rough.mjs';
import { DEADLINE_MS, TestSite } from './site/testSite.mjs';

describe('the live course, from a subfolder', () => {
  /** @type {TestSite | undefined} */
  let opened;
  before(async () => {
    opened = await TestSite.open();
  });
  after(() => opened?.close());

  const site = () => /** @type {TestSite} */ (opened);
  /** @param {string} title @param {() => Promise<void>} check */
  const test = (title, check, timeout = DEADLINE_MS) =>
    it(title, { timeout }, async (context) => {
      if (opened === undefined) context.skip('there is no Chromium, Chrome or Edge here');
      else await check();
    });

  lessonTests(site, test);
  parityTests(site, test);
  wholeLessonTests('01-', () => site().visit(), test);
  ownDataTests(site, test);
  roughTests(site, test);
  firefoxTests(site);
});
