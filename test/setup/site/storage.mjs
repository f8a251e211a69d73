import assert from 'node:assert/strict';
import { after, before, describe } from 'node:test';

const LESSON = '00-start-here.ipynb';

const IMPORTS = `import { clearTrainingCache, l1, loadDigits, SparseAutoencoder, trainCached } from 'sparselab';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';`;

/** A training that is kept; with another seed it is another one. @param {number} seed */
const training = (seed, units = 16) => `{
  const model = new SparseAutoencoder({ inputDim: 64, hiddenDim: ${units}, seed: ${seed} });
  const history = await trainCached(model, loadDigits(), { penalty: l1(0.001), epochs: 1, seed: 1, progress: false });
  console.log(history.fromCache ? 'from the cache' : 'trained', history.last.mse);
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
    before(async () => {
      if (site() === undefined) return;
      visit = await site().visit();
      tab = await visit.open(LESSON);
      await tab.run(IMPORTS);
    });
    after(() => visit?.close());

    test('outlast a reload and a restart: a training, a text and each line of a log', async () => {
      const { text: trained } = await tab.run(training(1));
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
        const { text: read } = await tab.run(
          `[readdirSync('runs').join(), readFileSync('runs/a.txt', 'utf8'), readFileSync('runs/log', 'utf8'),
            (readFileSync('runs/large') as Uint8Array).reduce((sum, byte) => sum + byte, 0)].join(' ')`,
        );
        assert.equal(read, "'a.txt,large,log ρ̂ 0;1;2; 1400000'");
      }
    });
  });
}
