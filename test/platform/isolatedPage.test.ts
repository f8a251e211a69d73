import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { build } from 'esbuild';
import { browserFor } from '../kernel/notebookPage';

/** Compiled, this file is in build/test/platform. */
const ROOT = join(__dirname, '..', '..', '..');

/** A worker's script: it trains with one, two and three threads, as far as the page may have them. */
const SCRIPT = `
  const { backendReady, l1, SparseAutoencoder } = require('./dist/index.js');
  const { initialState } = require('./dist/engine/index.js');
  const { compiledRunner } = require('./dist/engine/wasm/compiledRunner.js');
  const { Team } = require('./dist/engine/wasm/threads.js');
  const { objectiveStep } = require('./dist/model/loss.js');
  const { platform } = require('./dist/platform/web/index.js');

  const [dim, count] = [200, 512];
  const values = Float32Array.from({ length: count * dim }, (_, i) => Math.max(0, Math.sin(i * i)));
  const rows = Int32Array.from({ length: count }, (_, row) => row);

  async function outcome(threads) {
    const { architecture, parameters } = new SparseAutoencoder({ inputDim: dim, hiddenDim: 150, seed: 1 });
    const member = {
      step: objectiveStep(architecture, { penalty: l1(0.01) }),
      initial: initialState(parameters),
      learningRate: 1e-3,
    };
    const team = new Team(threads);
    const runner = compiledRunner([member], { values, count, dim, scale: 1 }, [128], undefined, team);
    while (team.size < threads) await new Promise((resolve) => setTimeout(resolve, 5));
    runner.run(rows, 128);
    const { encoderWeights } = runner.states()[0].parameters;
    const size = team.size;
    team.end();
    return { size, weights: Array.from(encoderWeights.values) };
  }

  backendReady()
    .then(async () => {
      const several = platform.threads.count > 1 ? [2, 3] : [];
      const outcomes = [];
      for (const threads of [1, ...several]) outcomes.push(await outcome(threads));
      postMessage({ isolated: crossOriginIsolated, outcomes });
    })
    .catch((error) => postMessage({ error: String(error.stack) }));
`;

const PAGE = `<script>
  new Worker('worker.js').onmessage = ({ data }) => { window.answer = data; };
</script>`;

const ISOLATING = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

interface Answer {
  readonly error?: string;
  readonly isolated: boolean;
  readonly outcomes: readonly { readonly size: number; readonly weights: readonly number[] }[];
}

test('threads share a training in a page that is isolated, with the same bits; in any other there is one', async (context) => {
  const browser = await browserFor(context);
  if (!browser) return;
  const { outputFiles } = await build({
    stdin: { contents: SCRIPT, resolveDir: ROOT },
    absWorkingDir: ROOT,
    bundle: true,
    platform: 'browser',
    format: 'iife',
    write: false,
    logLevel: 'silent',
  });
  const files: Record<string, readonly [type: string, body: string | Buffer | undefined]> = {
    '': ['text/html', PAGE],
    'worker.js': ['text/javascript', outputFiles[0]?.text],
  };
  const answers: Answer[] = [];
  for (const headers of [ISOLATING, {}]) {
    const server = createServer(({ url = '' }, response) => {
      const name = url.slice(1);
      const path = join(ROOT, name.replace(/^packages/, 'node_modules'));
      const stored = /^packages\/[\w@/.-]+\.wasm$/.test(name) && existsSync(path);
      const [type, body] = files[name] ?? ['application/wasm', stored ? readFileSync(path) : undefined];
      response.writeHead(body ? 200 : 404, { ...headers, 'Content-Type': type }).end(body);
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await page.waitForFunction('window.answer', undefined, { timeout: 120_000 });
    answers.push(await page.evaluate<Answer>('window.answer'));
    await page.close();
    server.close();
  }
  await browser.close();
  const [isolated, plain] = answers as [Answer, Answer];
  for (const { error } of answers) assert.equal(error, undefined);
  assert.deepEqual([isolated.isolated, plain.isolated], [true, false]);
  assert.equal(plain.outcomes.length, 1);
  const [alone, ...shared] = [...plain.outcomes, ...isolated.outcomes];
  // A machine of one processor has no more in an isolated page either.
  for (const { size, weights } of shared) assert.deepEqual(weights, alone?.weights, `${size} threads`);
  context.diagnostic(`${shared.map(({ size }) => size).join(', ')} threads`);
});
