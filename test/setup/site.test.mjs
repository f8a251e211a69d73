import { after, before, describe, it } from 'node:test';
import { dataTests } from './site/data.mjs';
import { lessonTests } from './site/lesson.mjs';
import { offlineTests } from './site/offline.mjs';
import { storageTests } from './site/storage.mjs';
import { studentTests } from './site/students.mjs';
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
  storageTests(site, test);
  dataTests(site, test);
  offlineTests(site, test);
  studentTests(site, test);
});
