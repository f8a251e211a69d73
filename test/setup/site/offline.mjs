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

    test('tells when there is a new version of the site, changes to it in the last tab, and never shows parts of two', async () => {
      const lesson = join(site().live, 'files', LESSON);
      const worker = join(site().live, '..', 'service-worker.js');
      const [notebook, script] = [readFileSync(lesson, 'utf8'), readFileSync(worker, 'utf8')];
      const title = () => tab.page.locator('.jp-Notebook:visible h1').first().innerText();
      try {
        writeFileSync(lesson, notebook.replace('# ', '# New: '));
        site().publish();
        await tab.page.close();
        tab = await visit.open(LESSON);
        assert.doesNotMatch(await title(), /New:/);
        await tab.page.evaluate(async () => {
          const registration = await Reflect.get(globalThis, 'navigator').serviceWorker.ready;
          while (registration.waiting === null) await new Promise((resolve) => setTimeout(resolve, 100));
        });
        assert.doesNotMatch(await title(), /New:/);
        // The one before may still be fading out.
        const reload = tab.page.locator('.jp-toast-button', { hasText: 'Reload' }).last();
        // The old version is still needed in another tab.
        const other = await visit.context.newPage();
        await other.goto(new URL('../jupyter-lite.json', tab.page.url()).href);
        await tab.page.bringToFront();
        await reload.click();
        await tab.page.locator('.Toastify__toast', { hasText: 'Close the other tabs' }).waitFor();
        await other.close();
        // The browser notices a moment later that a tab was closed.
        await tab.page.waitForTimeout(1000);
        await reload.click();
        await tab.page.locator('.jp-Notebook:visible h1', { hasText: 'New:' }).waitFor();
      } finally {
        writeFileSync(lesson, notebook);
        writeFileSync(worker, script);
      }
    });
  });
}
