import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import ts from 'typescript-js';
import { jupyterEnvironment } from '../../src/setup/jupyter.mjs';
import { root, venvPython } from '../../src/setup/paths.mjs';
import { runOrFail } from '../../src/setup/processes.mjs';
import { LIBRARY, writeLibrary } from '../../src/setup/site/library.mjs';
import { writePlayground } from '../../src/setup/site/playground.mjs';
import { serveFolder } from '../../src/setup/site/serve.mjs';

const require = createRequire(import.meta.url);
/** @type {typeof import('../../src/notebook/browsers.js')} */
const { launchBrowser } = require(join(root, 'dist', 'notebook', 'browsers.js'));
/** @type {typeof import('../../src/playground/presets.js')} */
const { ailments } = require(join(root, 'dist', 'playground', 'presets.js'));
/** @type {typeof import('../support/run.js')} */
const { sampled } = require(join(root, 'build', 'test', 'support', 'run.js'));
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

/** Where the site is: a folder of a server that has others, too. */
const served = join(root, 'build', 'test-playground');
const PATH = '/courses/sparse/';
const LESSON = '02-the-l1-penalty';

/** As a page has it that is neither encrypted nor this machine's own. */
const HOST = 'school.test';
const DEADLINE_MS = 120_000;

describe('the playground in Chromium, from a subfolder, over plain http', () => {
  /** @type {import('playwright-core').Browser | undefined} */
  let browser;
  /** @type {import('node:http').Server | undefined} */
  let server;
  let origin = '';
  /** Requests to other origins, and for what is not there. @type {string[]} */
  const wrong = [];
  /** The files that were asked for. @type {Set<string>} */
  const requested = new Set();
  /** Errors of the pages' scripts. @type {string[]} */
  const thrown = [];

  before(async () => {
    browser = await launchBrowser([`--host-resolver-rules=MAP ${HOST} 127.0.0.1`]).catch((error) => {
      if (process.env.CI) throw error;
      return undefined;
    });
    if (browser === undefined) return;
    rmSync(served, { recursive: true, force: true });
    const site = join(served, PATH);
    mkdirSync(served, { recursive: true });
    const runner = join(root, 'src', 'notebook', 'runLessons.py');
    const copies = join(root, 'docs', 'lessons');
    await runOrFail(
      venvPython(),
      [runner, LESSON, '--no-execute', '--live', 'live', '--notebooks', copies, '--site', site],
      {
        env: jupyterEnvironment(),
        problem: 'The pages could not be written.',
        remedy: 'Read the lines above.',
      },
    );
    await writeLibrary(join(site, LIBRARY));
    await writePlayground(site);
    server = await serveFolder(served, 0);
    const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
    origin = `http://${HOST}:${port}`;
  });
  after(async () => {
    await browser?.close();
    server?.closeAllConnections();
    server?.close();
    rmSync(served, { recursive: true, force: true });
  });

  /** @param {string} title @param {(open: typeof opened) => Promise<void>} check */
  const test = (title, check) =>
    it(title, { timeout: DEADLINE_MS }, async (context) => {
      if (browser === undefined) return context.skip('there is no Chromium, Chrome or Edge here');
      await check(opened);
      for (const visit of browser.contexts()) await visit.close();
    });

  /**
   * A page of the site in a browser that has never been there.
   * @param {string} path
   * @param {import('playwright-core').BrowserContextOptions} [options]
   */
  async function opened(path, options = {}) {
    const visit = await /** @type {import('playwright-core').Browser} */ (browser).newContext({
      serviceWorkers: 'block',
      viewport: { width: 1280, height: 900 },
      ...options,
    });
    visit.setDefaultTimeout(DEADLINE_MS);
    visit.on('request', (request) => {
      if (/^https?:/.test(request.url()) && !request.url().startsWith(origin)) wrong.push(request.url());
    });
    visit.on('response', (response) => {
      requested.add(new URL(response.url()).pathname);
      if (response.status() >= 400 && !response.url().endsWith('/favicon.ico')) wrong.push(response.url());
    });
    const page = await visit.newPage();
    page.on('pageerror', (error) => thrown.push(error.message));
    await page.goto(`${origin}${PATH}${path}`);
    return page;
  }

  /** @param {import('playwright-core').Page} page */
  const status = (page) => page.locator('#status').textContent();

  /** Waits until the training rests, and says what the page then says. @param {import('playwright-core').Page} page */
  async function rested(page) {
    await page.locator('#status', { hasText: /diagnose finds/ }).waitFor();
    return /** @type {string} */ (await status(page));
  }

  /** Trains as fast as it goes. @param {import('playwright-core').Page} page */
  const hurry = (page) => page.locator('#slow').uncheck();

  // Code for the page is text here: the types of this folder know no page.

  /** How many colours a canvas has. @param {import('playwright-core').Page} page @param {string} selector @returns {Promise<number>} */
  const colours = (page, selector) =>
    page.evaluate(`(() => {
      const canvas = document.querySelector('${selector}');
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      return new Set(new Uint32Array(data.buffer)).size;
    })()`);

  /** @param {import('playwright-core').Page} page */
  async function violations(page) {
    await page.evaluate(axe);
    /** @type {{ id: string, nodes: { html: string, failureSummary: string }[] }[]} */
    const found = await page.evaluate(async () => (await Reflect.get(globalThis, 'axe').run()).violations);
    return found.flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.html}\n${node.failureSummary}`),
    );
  }

  test('draws a dictionary by itself, and goes on to numbers in words', async (open) => {
    const page = await open('playground.html');
    await page.locator('#epoch', { hasText: /^[1-9]/ }).waitFor();
    // 64 units of 8 × 8 weights are not all of a few colours.
    assert.ok((await colours(page, '#dictionary')) > 50);
    await hurry(page);
    assert.match(
      await rested(page),
      /^Done\. After 60 epochs \d+ % of the variance is unexplained, with 6\.0 of 64/,
    );
    assert.match(
      (await page.locator('#dictionary').getAttribute('aria-label')) ?? '',
      /64 units, each a picture of 8 × 8/,
    );
  });

  test('trains the model of the code that it gives, to the last bit on the WebAssembly of Node', async (open) => {
    const page = await open('playground.html#data=digits&method=l1&mean=kept&epochs=20&units=25');
    // While it trains, another strength and another rate.
    await page.locator('#epoch', { hasText: /^[2-9]/ }).waitFor();
    await page.locator('#setting-strength').press('ArrowRight');
    await page.locator('#epoch', { hasText: /^[5-9]/ }).waitFor();
    await page.locator('#setting-rate').press('ArrowLeft');
    await hurry(page);
    await rested(page);
    const code = await page.locator('#code').inputValue();
    assert.match(code, /mayChange: \['strength', 'learningRate'\]/);
    const compiled = ts.transpileModule(code, {
      compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
    }).outputText;
    const body = compiled.replace('"use strict";', '');
    const { stdout, stderr } = spawnSync(process.execPath, ['-e', `(async () => {${body}})()`], {
      cwd: root,
      env: { ...process.env, SPARSELAB_BACKEND: 'wasm', SPARSELAB_PROGRESS: 'off' },
      encoding: 'utf8',
    });
    assert.equal(await page.locator('#mse').getAttribute('data-value'), stdout.trim(), stderr);
  });

  test('shows each ailment that diagnose knows, by its name, and offers a cure', async (open) => {
    const page = await open('playground.html#epochs=5');
    await hurry(page);
    for (const [name, { title }] of sampled(Object.entries(ailments))) {
      await page.locator('#preset').selectOption({ label: title });
      await page.locator('#diagnoses h3', { hasText: new RegExp(`^${name}$`) }).waitFor();
      await page.locator('#status', { hasText: name }).waitFor();
      const box = page.locator('.diagnosis', {
        has: page.locator('h3', { hasText: new RegExp(`^${name}$`) }),
      });
      assert.match((await box.locator('button').textContent()) ?? '', /^Try it: .+ → /, name);
    }
    await page.locator('.diagnosis button').first().click();
    await page
      .locator('#preset option:checked', { hasText: 'Your own settings' })
      .waitFor({ state: 'attached' });
  });

  test('is what a link says, and says so in its address; garbage is refused gently', async (open) => {
    const page = await open('playground.html#data=digits&method=kl&strength=0.1&units=36&epochs=5');
    assert.equal(await page.locator('#setting-method').inputValue(), 'kl');
    assert.equal(await page.locator('#setting-units').getAttribute('aria-valuetext'), '36');
    await page.locator('#setting-units').press('ArrowRight');
    const { hash } = new URL(page.url());
    assert.equal(hash, '#data=digits&method=kl&strength=0.1&units=49&epochs=5');
    const again = await open(`playground.html${hash}`);
    assert.equal(await again.locator('#setting-units').getAttribute('aria-valuetext'), '49');
    const garbage = await open('playground.html#units=-1&data=%3Cscript%3E&x=1');
    assert.match(
      (await garbage.locator('#complaint').textContent()) ?? '',
      /“units” must be a number from 4 to 256; the link says “-1”, and 4 was taken\..*“<script>”.*no setting “x”/,
    );
    await garbage.locator('#epoch', { hasText: /^[1-9]/ }).waitFor();
  });

  test('is steered by the keyboard alone', async (open) => {
    const page = await open('playground.html#data=digits&method=l1&epochs=5', { reducedMotion: 'reduce' });
    // A reader who wants pages to keep still starts it.
    await page.locator('#run:enabled').waitFor();
    assert.equal(await status(page), 'Press Run to train.');
    const tabTo = async (/** @type {string} */ id) => {
      for (let presses = 0; presses < 60; presses++) {
        await page.keyboard.press('Tab');
        if ((await page.evaluate('document.activeElement?.id')) === id) return;
      }
      assert.fail(`${id} is not reached by Tab`);
    };
    await tabTo('run');
    const outline = await page.evaluate('getComputedStyle(document.activeElement).outlineStyle');
    assert.equal(outline, 'solid');
    await page.keyboard.press('Enter');
    assert.match(await rested(page), /^Done\. After 5 epochs/);
    // Numbers that change while it trains are not read out; the sentence at rest is.
    const live = await page.evaluate(`
      [...document.querySelectorAll('output:not([aria-live=off]), [role=status], [role=alert], [aria-live=polite]')].map(({ id }) => id)`);
    assert.deepEqual(live, ['complaint', 'status', 'copied']);
    const pictures = await page.evaluate(`
      [...document.querySelectorAll('main [role=img]')].filter((each) => each.checkVisibility()).map((each) => each.getAttribute('aria-label'))`);
    assert.match(
      /** @type {string[]} */ (pictures).join('\n'),
      /^The dictionary: 64 units.*\nThe unexplained variance over 5 epochs, at the end \d+ %\.\n.*active units.*\n.*exactly zero.*\n8 examples/,
    );
    await tabTo('step');
    await page.keyboard.press('Space');
    await page.locator('#status', { hasText: /After 6 epochs/ }).waitFor();
    await tabTo('reset');
    await page.keyboard.press('Enter');
    await page.locator('#epoch', { hasText: /^0 of 5$/ }).waitFor();
    assert.equal(await page.locator('#unexplained').textContent(), '–');
    await tabTo('setting-units');
    await page.keyboard.press('End');
    await page.locator('#status', { hasText: /of 256 units/ }).waitFor();
    await tabTo('copy-code');
    await page.keyboard.press('Enter');
    await page.locator('#copied', { hasText: 'The code' }).waitFor();
  });

  test('learns from pictures of the reader’s own, and says what it cannot read', async (open) => {
    const page = await open('playground.html#epochs=5');
    await hurry(page);
    const files = page.locator('#pictures');
    await files.setInputFiles({
      name: 'notes.txt',
      mimeType: 'text/plain',
      buffer: Buffer.from('no picture'),
    });
    await page.locator('#complaint', { hasText: 'notes.txt must be a picture' }).waitFor();
    await files.setInputFiles(join(root, 'docs', 'features.png'));
    await page
      .locator('#setting-data option:checked', { hasText: 'your own pictures' })
      .waitFor({ state: 'attached' });
    await rested(page);
    assert.match(await page.locator('#code').inputValue(), /Dataset\.fromRows\(rows\)/);
  });

  test('rests while nobody sees it', async (open) => {
    const page = await open('playground.html#epochs=1000');
    await page.locator('#epoch', { hasText: /^[1-9]/ }).waitFor();
    const hide = (/** @type {boolean} */ hidden) =>
      page.evaluate(`
        Object.defineProperty(document, 'hidden', { value: ${hidden}, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));`);
    await hide(true);
    await rested(page);
    assert.equal(await page.locator('#run').textContent(), 'Run');
    await hide(false);
    assert.equal(await page.locator('#run').textContent(), 'Pause');
  });

  test('says, where it was opened from a disk, that it must come from a web server', async (open) => {
    const page = await open('playground.html');
    await page.goto(pathToFileURL(join(served, PATH, 'playground.html')).href);
    await page.locator('#complaint', { hasText: 'must come from a web server' }).waitFor();
  });

  test('runs small on the front page; without scripts it shows a picture', async (open) => {
    requested.clear();
    const page = await open('index.html');
    await page.locator('#demonstration .epoch strong', { hasText: /^[1-9]/ }).waitFor();
    const bytes = [...requested]
      .filter((path) => path.includes('/live/'))
      .map((path) => readFileSync(join(served, path)))
      .map((file) => Math.min(file.length, gzipSync(file).length));
    const megabytes = bytes.reduce((sum, each) => sum + each, 0) / 1e6;
    // As docs/browser.md says.
    assert.ok(megabytes <= 1.3, `${megabytes.toFixed(2)} MB in ${bytes.length} files`);
    assert.ok((await colours(page, '#demonstration canvas')) > 50);
    const lessons = page.locator('.lessons > li');
    assert.equal(await lessons.count(), 11);
    for (const lesson of await lessons.all()) {
      const picture = lesson.locator('img');
      await picture.scrollIntoViewIfNeeded();
      assert.match((await picture.getAttribute('alt')) ?? '', /\w/);
      await picture.evaluate((image) => Reflect.get(image, 'decode').call(image));
      assert.match(
        (await lesson.getByText('Run this lesson').getAttribute('href')) ?? '',
        /^live\/lab\/index\.html\?path=\d\d-/,
      );
    }
    const still = await open('index.html', { javaScriptEnabled: false });
    assert.ok(await still.locator('#demonstration img').isVisible());
    assert.ok(!(await still.locator('#demonstration canvas').isVisible()));
  });

  test('has no violation that axe knows, light or dark; neither have the front page and a lesson', async (open) => {
    for (const colorScheme of sampled(/** @type {const} */ (['light', 'dark']))) {
      const page = await open('playground.html#data=digits&method=l1&strength=1&epochs=5', { colorScheme });
      await hurry(page);
      await rested(page);
      assert.deepEqual(await violations(page), [], colorScheme);
      const front = await open('index.html', { colorScheme, reducedMotion: 'reduce' });
      assert.deepEqual(await violations(front), [], colorScheme);
    }
    assert.deepEqual(await violations(await open(`${LESSON}.html`)), []);
  });

  test('fits a phone: nothing is wider than 375 pixels', async (open) => {
    for (const path of ['playground.html#data=bars&method=jumpRelu&epochs=5', 'index.html']) {
      const page = await open(path, { viewport: { width: 375, height: 667 } });
      if (path.startsWith('playground')) {
        await hurry(page);
        await rested(page);
      }
      const width = await page.evaluate('document.documentElement.scrollWidth');
      assert.equal(width, 375, path);
    }
  });

  test('asked no other origin for anything, nor this one for what is not there, and threw nothing', async () => {
    assert.deepEqual({ wrong, thrown }, { wrong: [], thrown: [] });
  });
});
