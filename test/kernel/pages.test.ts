import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { sampled } from '../support/run';
import { browserFor, FRONT_ENDS, NotebookPage } from './notebookPage';

for (const frontEnd of sampled(Object.keys(FRONT_ENDS) as (keyof typeof FRONT_ENDS)[])) {
  describe(`controls in ${frontEnd}`, () => {
    it('a slider retrains while it is dragged, and the figure changes in its place', async (test) => {
      const browser = await browserFor(test);
      if (browser === undefined) return;
      const notebook = await NotebookPage.open(
        frontEnd,
        browser,
        "import { interact, l1, loadDigits, logSlider, lossCurves, SparseAutoencoder, train } from 'sparselab';\nconst digits = loadDigits();",
        `await interact({ lambda: logSlider(1e-5, 1e-1) }, async ({ lambda, signal }) => {
  const model = new SparseAutoencoder({ inputDim: 64, hiddenDim: 16, seed: 1 });
  return lossCurves(await train(model, digits, { penalty: l1(lambda), epochs: 2, seed: 1, signal }));
});`,
      );
      try {
        await notebook.runAll();
        await notebook.figure(/L1, strength 0\.001/);
        const plots = notebook.page.locator('.js-plotly-plot');
        await notebook.page.evaluate("document.querySelector('.js-plotly-plot').dataset.first = 'yes'");
        await notebook.drag(200);
        await notebook.figure(/L1, strength 0\.1$/);
        assert.equal(await plots.count(), 1);
        assert.equal(await plots.getAttribute('data-first'), 'yes', 'the figure is still the same element');

        await notebook.save();
        const saved = () => readFileSync(join(notebook.folder, 'test.ipynb'), 'utf8');
        for (let tries = 0; tries < 100 && !saved().includes('strength 0.1"'); tries++)
          await notebook.page.waitForTimeout(100);
        assert.match(saved(), /strength 0\.1"/, 'the last frame is saved');
        assert.match(saved(), /FloatLogSliderModel/, 'and so is the slider');

        await notebook.page.reload();
        await notebook.figure(/L1, strength 0\.1$/);
        await notebook.connected();
        // Its state in the notebook has drawn the slider before the kernel's takes over: until then nobody hears it.
        const warning = notebook.page.getByText('run this cell again');
        for (let tries = 0; tries < 20 && !(await warning.isVisible()); tries++) {
          await notebook.drag(tries % 2 === 0 ? -150 : 150);
          await notebook.page.waitForTimeout(500);
        }
        assert.ok(await warning.isVisible());
      } finally {
        await notebook.close();
      }
    });
  });

  describe(`the unit panel in ${frontEnd}`, () => {
    it("follows a training, keeps the reader's unit and order, and answers clicks in the saved notebook", async (test) => {
      const browser = await browserFor(test);
      if (browser === undefined) return;
      const notebook = await NotebookPage.open(
        frontEnd,
        browser,
        `import { kl, liveFigures, loadDigits, SparseAutoencoder, train, unitPanel } from 'sparselab';
const digits = loadDigits();
const model = new SparseAutoencoder({ inputDim: 64, hiddenDim: 12, hiddenActivation: 'sigmoid', seed: 1 });`,
        `await train(model, digits, {
  penalty: kl({ beta: 0.05, rho: 0.05 }), epochs: 1e6, progress: false,  // until it is stopped
  onProgress: liveFigures(() => unitPanel(model, digits.take(300), { target: 0.05 })),
});`,
      );
      try {
        const { page } = notebook;
        const unit = (number: number) => page.getByRole('option', { name: `unit ${number}:` });
        const chosen = page.locator('.bar[aria-selected="true"]');
        const order = () =>
          page.locator('.bar').evaluateAll((bars) => bars.map(({ id }) => Number(id.slice('unit-'.length))));
        const about = page.locator('.sparselab-units .about');
        const inOrder = Array.from({ length: 12 }, (_, number) => number);

        await notebook.runAll();
        await unit(7).click();
        await page.getByLabel('sort by').selectOption('number');
        assert.deepEqual(await order(), inOrder);
        const before = await about.innerText();
        assert.match(before, /^Unit 7/);
        // Two frames later it is still that unit and that order, with other numbers.
        for (let frame = 0, last = before; frame < 2; frame++) {
          await page.waitForFunction(
            `document.querySelector('.sparselab-units')?.shadowRoot.querySelector('.about')?.innerText !== ${JSON.stringify(last)}`,
          );
          last = await about.innerText();
        }
        assert.match(await about.innerText(), /^Unit 7/);
        assert.deepEqual(await order(), inOrder);
        assert.equal(await page.locator('.sparselab-units').count(), 1);
        await notebook.menu('Kernel', 'Interrupt Kernel');
        await page.getByText('KeyboardInterrupt').first().waitFor();

        // Keys choose units, and do not reach the notebook's own shortcuts.
        const cell = await page.locator('.jp-mod-active.jp-Cell').getAttribute('data-windowed-list-index');
        await page.getByRole('listbox').press('ArrowRight');
        await page.getByRole('listbox').press('ArrowUp');
        await page.getByRole('listbox').press('End');
        assert.match(await about.innerText(), /^Unit 11/);
        assert.match((await chosen.getAttribute('title')) ?? '', /^unit 11:/);
        assert.equal(
          await page.locator('.jp-mod-active.jp-Cell').getAttribute('data-windowed-list-index'),
          cell,
        );

        await notebook.save();
        const file = join(notebook.folder, 'test.ipynb');
        for (let tries = 0; tries < 100 && !readFileSync(file, 'utf8').includes('sparselab.units'); tries++)
          await page.waitForTimeout(100);
        assert.ok(statSync(file).size < 60_000, 'one frame is saved, however many were shown');
        await page.reload();
        await unit(3).click();
        assert.match(await about.innerText(), /^Unit 3/);
        assert.ok((await page.locator('.sparselab-units .inputs canvas').count()) > 0);
      } finally {
        await notebook.close();
      }
    });
  });
}
