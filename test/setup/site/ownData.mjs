import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe } from 'node:test';
import { root } from '../../../src/setup/paths.mjs';

/** A JPEG of 16 × 8 pixels by Pillow 13.0.0, 200 on the left and 40 on the right. */
const JPEG =
  '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAIBAQEBAQIBAQECAgICAgQDAgICAgUEBAMEBgUGBgYFBgYGBwkIBgcJBwYGCAsICQoKCgoKBggLDAsKDAkKCgr/2wBDAQICAgICAgUDAwUKBwYHCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgr/wgARCAAIABADASIAAhEBAxEB/8QAFgABAQEAAAAAAAAAAAAAAAAAAAgJ/8QAFAEBAAAAAAAAAAAAAAAAAAAAAP/aAAwDAQACEAMQAAABpDL8P//EABQQAQAAAAAAAAAAAAAAAAAAABD/2gAIAQEAAQUCP//EABQRAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQMBAT8Bf//EABQRAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQIBAT8Bf//EABQQAQAAAAAAAAAAAAAAAAAAABD/2gAIAQEABj8CP//EABQQAQAAAAAAAAAAAAAAAAAAABD/2gAIAQEAAT8hP//aAAwDAQACAAMAAAAQA//EABQRAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQMBAT8Qf//EABQRAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQIBAT8Qf//EABQQAQAAAAAAAAAAAAAAAAAAABD/2gAIAQEAAT8QP//Z';

/** A PNG of 3 × 2 pixels, by Pillow, too. */
const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAIAAAASFvFNAAAAGElEQVR4nGP4z8DAAMH///9nYGDgEpEDAEUzBjdzMFouAAAAAElFTkSuQmCC';

/** The reader's files. @type {Readonly<Record<string, Buffer>>} */
const FILES = {
  'flowers.csv': Buffer.from('species,height,width\nröse,1,10\ntulip,2.5,30\nröse,4,20\n'),
  'one.jpg': Buffer.from(JPEG, 'base64'),
  'two.png': Buffer.from(PNG, 'base64'),
};

/**
 * Files that a reader puts into the file browser.
 *
 * @param {() => import('./testSite.mjs').TestSite} site
 * @param {(title: string, check: () => Promise<void>) => void} test
 */
export function ownDataTests(site, test) {
  describe("a reader's own files, put into the file browser", () => {
    test('are read to the same numbers as on Node', async () => {
      const visit = await site().visit();
      const tab = await visit.open('00-start-here.ipynb');
      await upload(tab, FILES);
      const code = `const flowers = await loadCsv('flowers.csv', { label: 'species', scaling: 'standard' });
const pictures = await loadImages(['one.jpg', 'two.png'], { size: [4, 4], invert: true });
const summary = JSON.stringify([...flowers.values, ...flowers.labels!, ...flowers.classNames!, ...pictures.values]);`;
      const here = await tab.run(
        `import { loadCsv, loadImages } from 'sparselab';\n${code}\nconsole.log(summary)`,
      );
      assert.equal(here.text.trim(), JSON.stringify(await onNode()));
      const missing = await tab.run("await loadCsv('flower.csv')");
      assert.match(missing.text, /'flower\.csv' must be a file .* there is none, but .*flowers\.csv/);
      await visit.close();
    });
  });
}

/** The same by Node. */
async function onNode() {
  /** @type {typeof import('../../../src/index.js')} */
  const { loadCsv, loadImages } = createRequire(import.meta.url)(join(root, 'dist', 'index.js'));
  const folder = join(root, 'build', 'test-own-data');
  mkdirSync(folder, { recursive: true });
  try {
    for (const [name, bytes] of Object.entries(FILES)) writeFileSync(join(folder, name), bytes);
    const at = (/** @type {string} */ name) => join(folder, name);
    const flowers = await loadCsv(at('flowers.csv'), { label: 'species', scaling: 'standard' });
    const pictures = await loadImages([at('one.jpg'), at('two.png')], { size: [4, 4], invert: true });
    return [...flowers.values, ...(flowers.labels ?? []), ...(flowers.classNames ?? []), ...pictures.values];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Uploads files by the file browser, and waits until they are listed. @param {import('./testSite.mjs').Tab} tab @param {Readonly<Record<string, Buffer>>} files */
async function upload({ page }, files) {
  const chooser = page.waitForEvent('filechooser');
  await page.locator('[data-jp-item-name="uploader"]').click();
  await (await chooser).setFiles(
    Object.entries(files).map(([name, buffer]) => ({ name, buffer, mimeType: 'application/octet-stream' })),
  );
  for (const name of Object.keys(files))
    await page.locator('.jp-DirListing').getByText(name, { exact: true }).first().waitFor();
}
