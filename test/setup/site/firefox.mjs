import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { root } from '../../../src/setup/paths.mjs';
import { wholeLessonTests } from './lessons.mjs';
import { IMPORTS, training } from './storage.mjs';
import { DEADLINE_MS, IN_WHOLE_RUN } from './testSite.mjs';

const require = createRequire(import.meta.url);
/** @type {typeof import('../../../src/notebook/browsers.js')} */
const { launchFirefox } = require(join(root, 'dist', 'notebook', 'browsers.js'));

/** @param {() => import('./testSite.mjs').TestSite} site */
export function firefoxTests(site) {
  describe('the live course in Firefox', IN_WHOLE_RUN, () => {
    /** @type {import('playwright-core').Browser | undefined} */
    let firefox;
    /** @type {import('./testSite.mjs').Visit} */
    let visit;
    /** @type {import('./testSite.mjs').Tab} */
    let tab;

    before(async () => {
      if (site() === undefined) return;
      firefox = await launchFirefox(site().firefoxPreferences).catch((error) => {
        if (process.env.CI) throw error;
        return undefined;
      });
      if (firefox === undefined) return;
      visit = await site().visit({ browser: firefox });
      tab = await visit.open('02-the-l1-penalty.ipynb');
    });
    after(() => firefox?.close());

    /** @param {string} title @param {() => Promise<void>} check */
    const test = (title, check, timeout = DEADLINE_MS) =>
      it(title, { timeout }, async (context) => {
        if (firefox === undefined) context.skip('there is no Firefox here');
        else await check();
      });

    test("shows lesson 2's first figure when its cells are run up to it", async () => {
      await tab.notebook.figure(await tab.notebook.runUpTo('penaltyCurve('));
    });

    test('names the lines of the cell in a traceback, also after an await and of what an earlier cell declared', async () => {
      await tab.run(
        'async function late(ms: number) {\n  await new Promise((done) => setTimeout(done, ms));\n  throw new RangeError("too late");\n}',
      );
      const { status, text } = await tab.run('\nawait late(1);');
      assert.equal(status, 'error');
      assert.match(text, /^RangeError: too late\nIn\[\d+\]:\n[\s\S]*> 3 \| {3}throw new RangeError/);
      assert.match((await tab.run('(0 as any)\n  .no();')).text, /at In\[\d+\]:2:/);
    });

    test('ends a loop that never pauses when it is stopped, and keeps what was computed', async () => {
      await tab.run('let turns = 0;');
      const loop = "console.log('begun'); for (;;) turns++;";
      assert.equal(await tab.notebook.stop(loop), 'error: KeyboardInterrupt');
      assert.equal((await tab.run('turns > 1000')).text, 'true');
    });

    test('has a training and a file still after a reload', async () => {
      // The lesson has imported what it takes.
      const { text: trained } = await tab.run(training(1));
      await tab.run("import { writeFileSync } from 'node:fs';\nwriteFileSync('kept.txt', 'ρ̂');");
      await tab.reload();
      await tab.run(IMPORTS);
      assert.match((await tab.run(training(1))).text, /^From the cache[\s\S]*from the cache/);
      assert.match(trained, /^trained/);
      assert.equal((await tab.run("readFileSync('kept.txt', 'utf8')")).text, "'ρ̂'");
    });

    test('redraws a figure while its slider is dragged', async () => {
      // Firefox draws nothing in a window that another covers.
      await tab.page.close();
      tab = await visit.open('03-the-kl-penalty.ipynb');
      const cell = await tab.notebook.runUpTo('await interact({ rho: slider(');
      await tab.notebook.figure(cell);
      await tab.drag(cell, 150);
    });

    test('asked no other origin for anything, and this one for nothing that is not there', async () => {
      assert.deepEqual([visit.foreign, visit.missing], [[], []]);
    });

    wholeLessonTests('00-', () => site().visit(firefox && { browser: firefox }), test);
  });
}
