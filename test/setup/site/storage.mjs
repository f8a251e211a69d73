import assert from 'node:assert/strict';
import { after, before, describe } from 'node:test';

const LESSON = '00-start-here.ipynb';

/** The imports of these cells. */
export const IMPORTS = `import { clearTrainingCache, l1, loadDigits, SparseAutoencoder, sweep, trainCached } from 'sparselab';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';`;

/** A training that is kept; with another seed it is another one. @param {number} seed */
export const training = (seed, units = 16) => `{
  const model = new SparseAutoencoder({ inputDim: 64, hiddenDim: ${units}, seed: ${seed} });
  const history = await trainCached(model, loadDigits(), { penalty: l1(0.001), epochs: 1, seed: 1, progress: false });
  console.log(history.fromCache ? 'from the cache' : 'trained', history.last.mse);
}`;

/** A sweep with a store: its trials' results, and whether they were there before. */
const SWEEP = `{
  const { rows } = await sweep({ lambda: [0, 0.01], seed: [1] }, {
    data: 'digits', model: { hiddenDim: 8 }, penalty: 'l1', train: { epochs: 1 }, store: 'sweeps/a',
  });
  console.log(rows.map(({ cached, metrics }) => [cached, metrics.mse]).join(' '));
}`;

/**
 * Files of cells: what lasts, and what is said when it cannot.
 *
 * @param {() => import('./testSite.mjs').TestSite} site
 * @param {(title: string, check: () => Promise<void>) => void} test
 */
export function storageTests(site, test) {
  describe('files that cells write', () => {
    /** @type {import('./testSite.mjs').Visit} */
    let visit;
    /** @type {import('./testSite.mjs').Tab} */
    let tab;
    /** @type {import('playwright-core').CDPSession} */
    let devTools;
    before(async () => {
      if (site() === undefined) return;
      visit = await site().visit();
      // From the start, as Chromium asks only from time to time how much room there is; enough for the notebook, which saves itself.
      devTools = await visit.context.newCDPSession(await visit.context.newPage());
      await devTools.send('Storage.overrideQuotaForOrigin', { origin: visit.origin, quotaSize: 40_000_000 });
      tab = await visit.open(LESSON);
      await tab.run(IMPORTS);
    });
    after(() => visit?.close());

    test('outlast a reload and a restart: a training, a sweep, a text and each line of a log', async () => {
      const { text: trained } = await tab.run(training(1));
      const { text: swept } = await tab.run(SWEEP);
      assert.match(swept, /^false,0\.\d+ false,0\.\d+/m);
      await tab.run(
        `import { appendFileSync } from 'node:fs';
        writeFileSync('runs/a.txt', 'first'); writeFileSync('runs/a.txt', 'ρ̂');
        writeFileSync('runs/large', new Uint8Array(200_000).fill(7));
        for (let i = 0; i < 3; i++) appendFileSync('runs/log', i + ';');`,
      );
      for (const again of [() => tab.reload(), () => tab.restartKernel()]) {
        await again();
        await tab.run(IMPORTS);
        const { text } = await tab.run(training(1));
        assert.match(text, /^From the cache: this training was done before/);
        assert.equal(text.split('\n')[1], trained.trim().replace('trained', 'from the cache'));
        assert.equal((await tab.run(SWEEP)).text.trim(), swept.trim().replaceAll('false', 'true'));
        const { text: read } = await tab.run(
          `[readdirSync('runs').join(), readFileSync('runs/a.txt', 'utf8'), readFileSync('runs/log', 'utf8'),
            (readFileSync('runs/large') as Uint8Array).reduce((sum, byte) => sum + byte, 0)].join(' ')`,
        );
        assert.equal(read, "'a.txt,large,log ρ̂ 0;1;2; 1400000'");
      }
    });

    test('are kept of two tabs, also of one file that both add to', async () => {
      const other = await visit.open(LESSON);
      for (const each of [tab, other]) {
        await each.run("import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';");
      }
      await tab.run("writeFileSync('both/one', '1'); appendFileSync('both/log', 'a');");
      await other.run("writeFileSync('both/two', '2'); appendFileSync('both/log', 'b');");
      await tab.run("appendFileSync('both/log', 'c');");
      for (const each of [tab, other]) {
        const { text } = await each.run(
          "[readdirSync('both').join(), readFileSync('both/log', 'utf8')].join(' ')",
        );
        assert.equal(text, "'log,one,two abc'");
      }
      await other.page.close();
    });

    test('say it once when there is no more room, and are stored when there is some again', async () => {
      await tab.restartKernel();
      await tab.run(IMPORTS);
      // An earlier content of the file, which is stored until there is room for the new one.
      await tab.run("writeFileSync('big', 'small')");
      const written = await tab.run("writeFileSync('big', new Uint8Array(50_000_000)); 'done'");
      assert.match(
        written.text,
        /A file that cells wrote \(50\.0 MB\) will be gone when this page is left or loaded again: the browser has no more room/,
      );
      assert.match(written.text, /clearTrainingCache\(\)[\s\S]*'done'$/);
      // Another tab replaces a file that has no room here: the later content is the file, in both.
      const other = await visit.open(LESSON);
      await tab.run("writeFileSync('twice', new Uint8Array(50_000_000))");
      await other.run(`${IMPORTS}\nwriteFileSync('twice', 'later')`);
      for (const each of [tab, other]) {
        assert.equal((await each.run("readFileSync('twice', 'utf8')")).text, "'later'");
      }
      await other.page.close();
      // The lesson goes on, and is not told again.
      const { text } = await tab.run(`${training(2)}\n(readFileSync('big') as Uint8Array).length`);
      assert.match(text, /^trained [\d.]+\s+50000000$/);
      await devTools.send('Storage.overrideQuotaForOrigin', { origin: visit.origin });
      assert.match((await tab.run('[clearTrainingCache(), 1].length')).text, /^2$/);
      await tab.reload();
      await tab.run(IMPORTS);
      assert.equal((await tab.run("(readFileSync('big') as Uint8Array).length")).text, '50000000');
      assert.match((await tab.run(training(1))).text, /^trained/);
    });

    test('are gone when the browser is told to clear them, and stored again from the next cell on', async () => {
      await tab.run("writeFileSync('cleared', 'x')");
      await devTools.send('Storage.clearDataForOrigin', { origin: visit.origin, storageTypes: 'indexeddb' });
      assert.equal((await tab.run("existsSync('cleared')")).text, 'false');
      assert.equal((await tab.run("writeFileSync('later', 'y'); 'done'")).text, "'done'");
      await tab.reload();
      await tab.run(IMPORTS);
      assert.equal((await tab.run("readFileSync('later', 'utf8')")).text, "'y'");
    });

    test('are said to be gone after a reload where the browser stores nothing', async () => {
      const closed = await site().visitWithoutStorage();
      const own = await closed.open(LESSON);
      await own.page.locator('.Toastify__toast', { hasText: 'This browser stores nothing' }).waitFor();
      await own.run(IMPORTS);
      assert.match(
        (await own.run(training(1))).text,
        /will be gone when this page is left or loaded again: the browser lets it store nothing/,
      );
      assert.match((await own.run(training(1))).text, /^From the cache/);
      // The address says which lesson is open.
      await own.reload();
      await own.run(IMPORTS);
      assert.match((await own.run(training(1))).text, /^trained/);
      await closed.close();
    });
  });
}
