import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe } from 'node:test';
import { root } from '../../../src/setup/paths.mjs';

/**
 * Accidents: recursion and output without end, a reload in the middle, a server with strict rules.
 *
 * @param {() => import('./testSite.mjs').TestSite} site
 * @param {(title: string, check: () => Promise<void>) => void} test
 */
export function roughTests(site, test) {
  describe('a page that is treated roughly', () => {
    /** @type {import('./testSite.mjs').Visit} */
    let visit;
    /** @type {import('./testSite.mjs').Tab} */
    let tab;

    before(async () => {
      if (site() === undefined) return;
      visit = await site().visit();
      tab = await visit.open('03-the-kl-penalty.ipynb');
    });
    after(() => visit?.close());

    test('redraws a figure while its slider is dragged', async () => {
      const cell = await tab.notebook.runUpTo('await interact({ rho: slider(');
      await tab.notebook.figure(cell);
      await tab.drag(cell, 150);
    });

    test('answers recursion without end with an error of its own line, and goes on', async () => {
      const deep = await tab.run(
        'function down(n: number): number {\n  return down(n + 1) + 1;\n}\ndown(0);',
      );
      assert.equal(deep.status, 'error');
      // The stack may be full before the function's first line or in its second.
      assert.match(
        deep.text,
        /^RangeError: Maximum call stack size exceeded\nIn\[\d+\]:\n[\s\S]*at down \(In\[\d+\]:2:10\)/,
      );
      assert.equal((await tab.run('1 + 1')).text, '2');
    });

    test('bears a flood of output: all of it comes, and the page answers meanwhile', async () => {
      const flood = tab.run("for (let line = 0; line < 100_000; line++) console.log('line', line);");
      assert.equal(await tab.page.evaluate(() => 1 + 1), 2);
      const { status, text } = await flood;
      assert.equal(status, 'ok');
      const lines = text.trim().split('\n');
      assert.deepEqual([lines.length, lines[0], lines.at(-1)], [100_000, 'line 0', 'line 99999']);
    });

    test('stops a flood that has no end', async () => {
      const flood = "for (let line = 0; ; line++) console.log('line', line);";
      assert.equal(await tab.notebook.stop(flood), 'error: KeyboardInterrupt');
    });

    test('is itself again after a reload in the middle of a loop without end', async () => {
      const kernel = await tab.kernel();
      await kernel.evaluate(
        (kernel) =>
          new Promise((begun) => {
            const future = kernel.requestExecute({ code: "console.log('begun'); for (;;) {}" });
            future.done.catch(() => {});
            future.onIOPub = (/** @type {any} */ { header }) =>
              header.msg_type === 'stream' && begun(undefined);
          }),
      );
      await tab.reload();
      assert.equal((await tab.run('const after = 1; after')).text, '1');
    });

    test('gives the notebook the width of a phone, also where another one was open', async () => {
      const phone = await visit.context.newPage();
      await phone.setViewportSize({ width: 390, height: 844 });
      // The browser's other page has left a lesson, which comes first; then this one comes again, when it is open already.
      for (const _ of ['beside another one', 'again']) {
        await phone.goto(visit.address('00-start-here.ipynb'));
        const heading = phone.locator('.jp-NotebookPanel:not(.lm-mod-hidden) h1', { hasText: 'Start here' });
        // A heading is drawn twice, so it is looked for each time.
        const width = async () => (await heading.first().boundingBox())?.width ?? 0;
        while ((await width()) <= 200) await phone.waitForTimeout(100);
        // Run is one tap away.
        await phone.locator('.jp-NotebookPanel:not(.lm-mod-hidden) [data-jp-item-name="run"]').waitFor();
        assert.ok((await width()) > 200, `${await width()} of 390 pixels`);
      }
      // As soon as another lesson is there, the page is loaded again.
      const lesson = (/** @type {string} */ title) =>
        phone.locator('.jp-NotebookPanel:not(.lm-mod-hidden) h1', { hasText: title }).first().waitFor();
      await phone.goto(visit.address('02-the-l1-penalty.ipynb'));
      await lesson('The L1 penalty');
      await phone.reload();
      await lesson('The L1 penalty');
      await phone.close();
    });

    test('says which rule of the server forbids it to run', async () => {
      const page = await visit.context.newPage();
      site().fault = underPolicy("script-src 'self' 'wasm-unsafe-eval'");
      await page.goto(visit.address('00-start-here.ipynb'));
      const line = await page.getByRole('alert').innerText();
      site().fault = undefined;
      assert.match(
        line,
        /Content-Security-Policy forbids .* script-src-elem does not allow 'inline'\. docs\/browser\.md/,
      );
      await page.close();
    });

    test('runs under the rules that docs/browser.md names, with no such line', async () => {
      const docs = readFileSync(join(root, 'docs', 'browser.md'), 'utf8').replaceAll('\n', ' ');
      const [, policy = ''] = /`(default-src [^`]+)`/.exec(docs) ?? [];
      site().fault = underPolicy(policy);
      const own = await visit.open('00-start-here.ipynb');
      const { text } = await own.run(
        "import { backendReady } from 'sparselab';\n(await backendReady()).name",
      );
      site().fault = undefined;
      assert.equal(text, "'wasm'");
      assert.equal(await own.page.locator('#sparselab-policy').count(), 0);
      await own.page.close();
    });

    test('shows the beginning of an array that holds more than the page could list', async () => {
      const { text } = await tab.run('new Float32Array(60_000 * 784)');
      assert.match(text, /^Float32Array\(47040000\) \[\s+0, 0, [\s\S]*\.{3} 47039900 more items\s\]$/);
    });

    test('says below its cell what a timer throws', async () => {
      const { status, text } = await tab.run(
        "setTimeout(() => {\n  throw new Error('too late');\n}, 1);\nawait new Promise((done) => setTimeout(done, 50));",
      );
      assert.equal(status, 'ok');
      assert.match(text, /^Uncaught Error: too late\nIn\[\d+\]:[\s\S]*> 2 \|/);
    });

    test('asked no other origin for anything, and this one for nothing that is not there', async () => {
      assert.deepEqual([visit.foreign, visit.missing], [[], []]);
    });
  });
}

/** Has the server send everything under a policy. @param {string} policy @returns {import('./testSite.mjs').Fault} */
const underPolicy = (policy) => (_, response) => {
  response.setHeader('Content-Security-Policy', policy);
  return false;
};
