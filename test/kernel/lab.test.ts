import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { launchBrowser } from 'sparselab/dist/notebook/drawFigures';
import { Lab } from './lab';

describe('controls in JupyterLab', () => {
  it('a slider retrains while it is dragged, and the figure changes in its place', async (test) => {
    const browser = await launchBrowser().catch(() => undefined);
    if (browser === undefined) {
      test.skip('there is no Chromium, Chrome or Edge here; SPARSELAB_BROWSER can name one');
      return;
    }
    const lab = await Lab.open(
      browser,
      "import { interact, l1, loadDigits, logSlider, lossCurves, SparseAutoencoder, train } from 'sparselab';\nconst digits = loadDigits();",
      `await interact({ lambda: logSlider(1e-5, 1e-1) }, async ({ lambda, signal }) => {
  const model = new SparseAutoencoder({ inputDim: 64, hiddenDim: 16, seed: 1 });
  return lossCurves(await train(model, digits, { penalty: l1(lambda), epochs: 2, seed: 1, signal }));
});`,
    );
    try {
      await lab.runAll();
      await lab.figure(/L1, strength 0\.001/);
      const plots = lab.page.locator('.js-plotly-plot');
      await lab.page.evaluate("document.querySelector('.js-plotly-plot').dataset.first = 'yes'");
      await lab.drag(200);
      await lab.figure(/L1, strength 0\.1$/);
      assert.equal(await plots.count(), 1);
      assert.equal(await plots.getAttribute('data-first'), 'yes', 'the figure is still the same element');

      await lab.save();
      const saved = () => readFileSync(join(lab.folder, 'test.ipynb'), 'utf8');
      for (let tries = 0; tries < 100 && !saved().includes('strength 0.1"'); tries++)
        await lab.page.waitForTimeout(100);
      assert.match(saved(), /strength 0\.1"/, 'the last frame is saved');
      assert.match(saved(), /FloatLogSliderModel/, 'and so is the slider');

      await lab.page.reload();
      await lab.figure(/L1, strength 0\.1$/);
      await lab.connected();
      // Its state in the notebook has drawn the slider before the kernel's takes over: until then nobody hears it.
      const warning = lab.page.getByText('run this cell again');
      for (let tries = 0; tries < 20 && !(await warning.isVisible()); tries++) {
        await lab.drag(tries % 2 === 0 ? -150 : 150);
        await lab.page.waitForTimeout(500);
      }
      assert.ok(await warning.isVisible());
    } finally {
      await lab.close();
    }
  });
});
