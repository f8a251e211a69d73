import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type Context, createContext, Script } from 'node:vm';
import { build, type Metafile } from 'esbuild';
import * as sparselab from 'sparselab';

/** Compiled, this file is in build/test/platform. */
const ROOT = join(__dirname, '..', '..', '..');
const SITE = 'http://localhost/';

/** The channels that the library has opened: as long as one is, Node does not end. */
const channels: { readonly port1: { close(): void } }[] = [];

/** What a web worker has besides the language itself, as far as Node has the same: all that a bundle may use. */
const WEB_NAMES = `
  AbortController AbortSignal Blob TextDecoder TextEncoder URL atob btoa clearInterval clearTimeout console crypto
  performance queueMicrotask setInterval setTimeout
`;

/** A web worker, as far as the library can tell; the site is the project's folder. */
function webWorker(): Context {
  const names = WEB_NAMES.trim().split(/\s+/) as (keyof typeof globalThis)[];
  const worker = {
    ...Object.fromEntries(names.map((name) => [name, globalThis[name]])),
    MessageChannel: class extends MessageChannel {
      constructor() {
        super();
        channels.push(this);
      }
    },
    WorkerGlobalScope: class {},
    importScripts() {},
    location: { href: SITE },
    fetch: async (address: string) =>
      new Response(readFileSync(join(ROOT, address.slice(SITE.length))), {
        headers: { 'Content-Type': address.endsWith('.wasm') ? 'application/wasm' : 'text/plain' },
      }),
  };
  const context = createContext(Object.assign(worker, { self: worker }));
  // Only pages that are isolated from all others have it.
  new Script('delete globalThis.SharedArrayBuffer').runInContext(context);
  return context;
}

describe('the library in a web page', () => {
  let bundle: string;
  let files: string[];
  before(async () => {
    const { outputFiles, metafile } = await build({
      entryPoints: [join(ROOT, 'dist', 'index.js')],
      absWorkingDir: ROOT,
      bundle: true,
      platform: 'browser',
      format: 'iife',
      globalName: 'sparselab',
      write: false,
      metafile: true,
      logLevel: 'silent',
    });
    bundle = (outputFiles[0] as { text: string }).text;
    files = Object.keys((metafile as Metafile).inputs);
  });

  after(() => {
    for (const { port1 } of channels) port1.close();
  });

  it('is bundled without a module of Node, native engine, queue or process', () => {
    const own = files.filter((file) => file.startsWith('dist/'));
    assert.ok(own.includes('dist/platform/web/index.js'));
    assert.deepEqual(
      own.filter((file) =>
        /^dist\/(platform\/node|sweep\/process|kernel|notebook|assignments\/remote)\//.test(file),
      ),
      [],
    );
    assert.deepEqual(
      files.filter((file) => /node_modules\/(bullmq|ioredis|@tensorflow\/tfjs-node)\//.test(file)),
      [],
    );
  });

  it('computes, trains and draws where there is only what a web worker has', async () => {
    const context = webWorker();
    new Script(bundle, { filename: 'sparselab.js' }).runInContext(context);
    const seen: Awaited<ReturnType<typeof program>> = await new Script(
      `(${program})(sparselab)`,
    ).runInContext(context);
    const here = await program(sparselab);
    assert.equal(seen.backend, 'wasm');
    assert.ok(
      seen.losses.every((value, index) => Math.abs(value / (here.losses[index] as number) - 1) < 1e-5),
    );
    assert.match(seen.history, /^History: L1 × 0.1, finished, 3 epochs/);
    assert.match(seen.figure, /data:image\/png;base64,iVBORw0KGgo/);
  });
});

/** Runs in the page, as text, and here. */
async function program(library: typeof import('sparselab')) {
  const { SparseAutoencoder, backendReady, kl, l1, loss, train, weightImages } = library;
  const model = new SparseAutoencoder({ inputDim: 4, hiddenDim: 3, hiddenActivation: 'sigmoid', seed: 1 });
  const x = { values: Float32Array.of(0.1, 0.9, 0.3, 0.5), shape: [1, 4] } as const;
  const losses = [l1(0.1), kl({ beta: 3, rho: 0.05 })].map((penalty) => loss(model, x, { penalty }).total);
  const { name: backend } = await backendReady();
  const history = await train(model, x, { epochs: 3, penalty: l1(0.1), progress: false });
  const figure = JSON.stringify(weightImages(model.encoderWeights, { imageShape: [2, 2] }));
  return { losses, backend, history: String(history), figure };
}
