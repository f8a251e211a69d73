import assert from 'node:assert/strict';
import { createReadStream } from 'node:fs';
import { after, before, describe } from 'node:test';
import { IN_WHOLE_RUN, Tab } from './testSite.mjs';

const LESSON = '00-start-here.ipynb';

const IS_DATA = /\/data\/[0-9a-f]{64}\.bin$/;

/**
 * Data sets and all else over a bad line.
 *
 * @param {() => import('./testSite.mjs').TestSite} site
 * @param {(title: string, check: () => Promise<void>) => void} test
 */
export function dataTests(site, test) {
  describe('data sets of the live course', () => {
    /** @type {import('./testSite.mjs').Visit} */
    let visit;
    /** @type {import('./testSite.mjs').Tab} */
    let tab;
    before(async () => {
      if (site() === undefined) return;
      visit = await site().visit();
      tab = await visit.open(LESSON);
    });
    after(() => visit?.close());

    const load = () => tab.run("import { loadMnist } from 'sparselab';\nloadMnist().training.count");

    test('say what is wrong with the line, and load when the cell is run again', async () => {
      let pieces = 0;
      /** @type {[RegExp, import('./testSite.mjs').Fault][]} */
      const faults = [
        [/the connection was lost/, ({ socket }) => socket.destroy() !== undefined],
        [/the server answered 503/, (_, response) => response.writeHead(503).end() !== undefined],
        [
          /the server answered 404: the published site lacks/,
          (_, response) => response.writeHead(404).end() !== undefined,
        ],
        [
          /a web page came instead/,
          (_, response) => response.end('<!DOCTYPE html><title>Log in</title>') !== undefined,
        ],
        [/does not have the right checksum/, (_, response) => response.end('something else') !== undefined],
      ];
      for (const [message, answer] of faults) {
        // Each time one more piece comes, and is kept.
        const good = ++pieces;
        let seen = 0;
        site().fault = (request, response) =>
          IS_DATA.test(request.url ?? '') && ++seen > 1 ? answer(request, response) : false;
        const { status, text } = await load();
        assert.equal(status, 'error');
        assert.match(text, message);
        assert.match(
          text,
          new RegExp(`after ${((good * 524288) / 1e6).toFixed(1)} of 9.\\d MB, which are kept`),
        );
      }
      site().fault = undefined;
      assert.match((await load()).text, /60000$/);
    });

    test('show a bar that moves while they come', async () => {
      site().fault = (request, response) => {
        if (!IS_DATA.test(request.url ?? '')) return false;
        setTimeout(
          () => createReadStream(site().file(decodeURIComponent(request.url ?? ''))).pipe(response),
          80,
        );
        return true;
      };
      const other = await site().visit();
      tab = await other.open(LESSON);
      const bars = await (await tab.kernel()).evaluateHandle((kernel) => {
        /** @type {string[]} */
        const bars = [];
        kernel.iopubMessage.connect((/** @type {any} */ _, /** @type {any} */ { header, content }) => {
          if (header.msg_type === 'update_display_data') bars.push(content.data['text/plain']);
        });
        return bars;
      });
      const { text } = await load();
      const moved = await bars.jsonValue();
      await other.close();
      site().fault = undefined;
      assert.ok(new Set(moved).size > 5, moved.join('\n'));
      assert.match(text, /train-images-idx3-ubyte\.gz: \d\.\d of 9\.\d MB · .* left/);
      assert.match(text, /60000$/);
    });

    test('come once: after a reload nothing is fetched again', async () => {
      tab = await visit.open(LESSON);
      visit.requested.clear();
      assert.match((await load()).text, /60000$/);
      assert.deepEqual(
        [...visit.requested].filter((path) => IS_DATA.test(path)),
        [],
      );
    });

    test('are read from a server that calls packed files compressed, as some do by their names', async () => {
      site().fault = ({ url = '' }, response) => {
        const { pathname } = new URL(url, 'http://localhost');
        if (!/\.gz(\.|ip$|$)/.test(pathname)) return false;
        response.setHeader('Content-Encoding', 'gzip');
        createReadStream(site().file(decodeURIComponent(pathname))).pipe(response);
        return true;
      };
      const other = await site().visit();
      tab = await other.open(LESSON);
      const { text } = await tab.run(
        "import { loadDigits, loadFashionMnist, loadNaturalPictures, loadWords } from 'sparselab';\n" +
          '[loadDigits(), loadFashionMnist().test, loadNaturalPictures(), loadWords().vectors].map(({ count }) => count).join()',
      );
      await other.close();
      site().fault = undefined;
      assert.equal(text, "'1797,1000,7,20000'");
    });
  });

  describe('what a bad line lost of the live course', IN_WHOLE_RUN, () => {
    test('is fetched again with the next cell, if it was the engine', async () => {
      const other = await site().visit();
      site().fault = ({ url = '', socket }) => url.endsWith('.wasm') && socket.destroy() !== undefined;
      const own = await other.open(LESSON);
      const ready = "import { backendReady } from 'sparselab';\n(await backendReady()).name";
      const { text } = await own.run(ready);
      assert.match(text, /tfjs-backend-wasm-simd\.wasm could not be fetched/);
      site().fault = undefined;
      assert.equal((await own.run(ready)).text, "'wasm'");
      await other.close();
    });

    test('is loaded again by a restart, if it was the kernel', async () => {
      const other = await site().visit();
      site().fault = ({ url = '', socket }) =>
        /declarations|kernel\.js/.test(url) && socket.destroy() !== undefined;
      const page = await other.context.newPage();
      await page.goto(other.address(LESSON));
      const dialog = page.locator('.jp-Dialog', { hasText: 'The kernel could not be loaded' });
      await dialog.waitFor();
      site().fault = undefined;
      await dialog.locator('button', { hasText: 'Restart' }).click();
      const again = new Tab(page);
      await again.kernelIsIdle();
      assert.equal((await again.run('1 + 1')).text, '2');
      await other.close();
    });
  });
}
