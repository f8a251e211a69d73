import assert from 'node:assert/strict';
import nodeFs, { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type Context, createContext, Script } from 'node:vm';
import { gzipSync, inflateSync } from 'node:zlib';
import { build } from 'esbuild';
import * as sparselab from 'sparselab';
import { platform as node } from 'sparselab/dist/platform/node';
import type { Platform } from 'sparselab/dist/platform/platform';
import { temporaryFolder } from '../support/temporary';

/** Compiled, this file is in build/test/platform. */
const ROOT = join(__dirname, '..', '..', '..');
const SITE = 'http://localhost/';

/** The channels that the library has opened: as long as one is, Node does not end. */
const channels: { readonly port1: { close(): void } }[] = [];

/** Globals of a web worker besides the language itself that Node also has: a bundle may use no others. */
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
    fetch: async (address: string) => {
      // Bytes that the library has made.
      if (address.startsWith('blob:')) return fetch(address);
      return new Response(
        readFileSync(join(ROOT, address.slice(SITE.length).replace(/^packages/, 'node_modules'))),
        {
          headers: { 'Content-Type': address.endsWith('.wasm') ? 'application/wasm' : 'text/plain' },
        },
      );
    },
  };
  const context = createContext(Object.assign(worker, { self: worker }));
  // Only pages that are isolated from all others have it.
  new Script('delete globalThis.SharedArrayBuffer').runInContext(context);
  return context;
}

/** A module of the library, bundled for a web page, with the files that went into it. */
async function bundled(entry: string, globalName: string): Promise<{ code: string; files: string[] }> {
  const { outputFiles, metafile } = await build({
    entryPoints: [join(ROOT, 'dist', entry)],
    absWorkingDir: ROOT,
    bundle: true,
    platform: 'browser',
    format: 'iife',
    globalName,
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  return { code: outputFiles[0]?.text as string, files: Object.keys(metafile.inputs) };
}

describe('the library in a web page', () => {
  let bundle: string;
  let files: string[];
  before(async () => {
    ({ code: bundle, files } = await bundled('index.js', 'sparselab'));
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
      `(${program})(sparselab, ${JSON.stringify(temporaryFolder())})`,
    ).runInContext(context);
    const here = await program(sparselab, temporaryFolder());
    assert.equal(seen.backend, 'wasm');
    assert.ok(
      seen.losses.every((value, index) => Math.abs(value / (here.losses[index] as number) - 1) < 1e-5),
    );
    assert.match(seen.history, /^History: 0.1 × L1, finished, 3 epochs/);
    assert.match(seen.figure, /data:image\/png;base64,iVBORw0KGgo/);
    // Files end with the page: what was saved comes as a link. On Node it is a file.
    const [, link = ''] =
      /^<a download="unit\.html" href="data:text\/html;base64,([^"]*)">/.exec(seen.saved) ?? [];
    assert.equal(Buffer.from(link, 'base64').toString('utf8'), seen.page);
    assert.match(seen.page, /Unit 0 of 3/);
    assert.equal(here.saved, '');
  });
});

describe('the platform of a web page', () => {
  let web: Platform;
  let globalOf: Context;
  before(async () => {
    const { code } = await bundled('platform/web/index.js', 'web');
    const context = webWorker();
    globalOf = context;
    new Script(code).runInContext(context);
    web = (context as { web: { platform: Platform } }).web.platform;
  });
  after(() => {
    for (const { port1 } of channels) port1.close();
  });

  it('hashes, packs and prints as Node does', () => {
    const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i % 7);
    assert.equal(web.sha256('ρ̂', bytes), node.sha256('ρ̂', bytes));
    assert.deepEqual([...web.gunzip(gzipSync(bytes))], [...bytes]);
    assert.deepEqual([...inflateSync(web.deflate(bytes))], [...bytes]);
    assert.equal(web.inspect({ a: [1, 'x'] }), node.inspect({ a: [1, 'x'] }));
    assert.match(web.randomId(), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('unpacks gzip as Node does, and refuses with its codes what was cut, damaged or promised wrongly', () => {
    const text = Uint8Array.from({ length: 5000 }, (_, i) => (i * i) % 251);
    const whole = new Uint8Array(gzipSync(text));
    const changed = (place: number) => whole.map((byte, index) => (index === place ? byte ^ 1 : byte));
    const end = whole.length;
    const files: Record<string, Uint8Array> = {
      whole,
      'with other bytes behind it': Buffer.concat([whole, Buffer.from('trailing')]),
      'with zeros behind it': Buffer.concat([whole, Buffer.alloc(9)]),
      'two members': Buffer.concat([whole, whole]),
      'of stored blocks': gzipSync(text, { level: 0 }),
      'of nothing': gzipSync(''),
      empty: new Uint8Array(0),
      'no gzip': Buffer.from('no gzip at all, but long enough'),
      'of another method': changed(2),
      'cut in its header': whole.subarray(0, 9),
      'cut in its data': whole.subarray(0, end >> 1),
      'cut in its trailer': whole.subarray(0, end - 3),
      'cut before its trailer': whole.subarray(0, end - 8),
      'with another checksum': changed(end - 5),
      'with another length': changed(end - 2),
    };
    const outcome = (platform: Platform, bytes: Uint8Array, most?: number) => {
      try {
        return [...platform.gunzip(bytes, most)];
      } catch (error) {
        return (error as { code: string }).code;
      }
    };
    for (const [name, bytes] of Object.entries(files)) {
      // Of two faults either may be found first.
      const isRight = typeof outcome(node, bytes) !== 'string';
      for (const most of isRight ? [undefined, 1e4, 5000, 4999] : [undefined, 1e4]) {
        assert.deepEqual(outcome(web, bytes, most), outcome(node, bytes, most), `${name}, at most ${most}`);
      }
    }
  });

  it('keeps files as Node does: whole, appended, listed by name, gone when removed', async () => {
    const folder = temporaryFolder();
    const tried = [];
    for (const { files } of [web, node]) {
      const path = (name: string) => files.join(folder, name);
      files.makeFolder(folder);
      files.write(path('b'), Uint8Array.of(1, 2));
      files.append(path('a'), Uint8Array.of(3), { create: true });
      files.append(path('a'), Uint8Array.of(4, 5));
      const log = files.openLog(path('c'));
      await log.append(Uint8Array.of(6));
      await log.close();
      assert.throws(() => files.append(path('a'), Uint8Array.of(0), { create: true }), /EEXIST/);
      assert.throws(() => files.read(path('none')), { code: 'ENOENT' });
      files.remove(path('b'));
      tried.push({
        names: Array.from(files.list(folder), ({ name, bytes }) => `${name}: ${bytes}`),
        read: [...files.read(path('a'), 1)],
        exists: ['a', 'b', 'c'].map((name) => files.exists(path(name))),
      });
      for (const name of ['a', 'c']) files.remove(path(name));
    }
    const expected = {
      names: ['a: 3', 'c: 1'],
      read: [4, 5],
      exists: [true, false, true],
    };
    assert.deepEqual(tried, [expected, expected]);
  });

  it("reads the user's own files as Node does, from the kernel's offer or from what a cell has written", async () => {
    const folder = temporaryFolder();
    nodeFs.mkdirSync(join(folder, 'in'));
    nodeFs.writeFileSync(join(folder, 'in', 'b.csv'), 'x');
    nodeFs.writeFileSync(join(folder, 'a.csv'), 'ρ');
    const offer = {
      read: async (path: string) =>
        nodeFs.existsSync(path) ? new Uint8Array(nodeFs.readFileSync(path)) : undefined,
      list: async (path: string) => (nodeFs.existsSync(path) ? ['a.csv', 'in/b.csv'] : undefined),
    };
    Object.assign(globalOf, { [Symbol.for('sparselab.ownFiles')]: offer });
    for (const { ownFiles } of [web, node]) {
      assert.deepEqual(await ownFiles.list(folder), ['a.csv', 'in/b.csv']);
      assert.deepEqual([...(await ownFiles.read(join(folder, 'a.csv')))], [0xcf, 0x81]);
      await assert.rejects(ownFiles.read(join(folder, 'none')), { code: 'ENOENT' });
      await assert.rejects(ownFiles.list(join(folder, 'none')), { code: 'ENOENT' });
    }
    web.files.write(join(folder, 'written'), Uint8Array.of(7));
    assert.deepEqual([...(await web.ownFiles.read(join(folder, 'written')))], [7]);
  });
});

describe('node:fs for cells in a web page', () => {
  it('lists, reads and removes what was written as Node does', async () => {
    const { code } = await bundled('platform/web/nodeFs.js', 'web');
    const context = webWorker();
    new Script(code).runInContext(context);
    const folder = temporaryFolder();
    const seen = [(context as { web: typeof nodeFs }).web, nodeFs].map((fs) => {
      fs.mkdirSync(`${folder}/runs/0.1`, { recursive: true });
      fs.writeFileSync(`${folder}/runs/0.1/b`, 'ρ̂');
      fs.writeFileSync(`${folder}/runs/a`, Uint8Array.of(1));
      const names = [fs.readdirSync(`${folder}/runs`), fs.readdirSync(`${folder}/runs/0.1`)];
      const text = fs.readFileSync(`${folder}/runs/0.1/b`, 'utf8');
      assert.throws(() => fs.rmSync(`${folder}/runs`), /directory/);
      fs.rmSync(`${folder}/runs`, { recursive: true });
      fs.rmSync(`${folder}/runs`, { recursive: true, force: true });
      assert.throws(() => fs.rmSync(`${folder}/runs`), { code: 'ENOENT' });
      assert.throws(() => fs.readdirSync(`${folder}/runs`), { code: 'ENOENT' });
      return { names, text, there: fs.existsSync(`${folder}/runs`) };
    });
    const expected = { names: [['0.1', 'a'], ['b']], text: 'ρ̂', there: false };
    assert.deepEqual(JSON.parse(JSON.stringify(seen)), [expected, expected]);
  });
});

/** Runs in the page, as text, and here. */
async function program(library: typeof import('sparselab'), folder: string) {
  const { SparseAutoencoder, backendReady, kl, l1, loss, train, unitDashboard, weightImages } = library;
  const model = new SparseAutoencoder({ inputDim: 4, hiddenDim: 3, hiddenActivation: 'sigmoid', seed: 1 });
  const x = { values: Float32Array.of(0.1, 0.9, 0.3, 0.5), shape: [1, 4] } as const;
  const losses = [l1(0.1), kl({ beta: 3, rho: 0.05 })].map((penalty) => loss(model, x, { penalty }).total);
  const { name: backend } = await backendReady();
  const history = await train(model, x, { epochs: 3, penalty: l1(0.1), progress: false });
  const figure = JSON.stringify(weightImages(model.encoderWeights, { imageShape: [2, 2] }));
  const data = library.Dataset.fromRows([[0.1, 0.9, 0.3, 0.5]], { imageShape: [2, 2] });
  const dashboard = unitDashboard(model, data, 0);
  const saved = dashboard.save(`${folder}/unit.html`);
  const shown = (saved as unknown as Record<symbol, () => Record<string, string>>)[
    Symbol.for('Jupyter.display')
  ]?.();
  return {
    losses,
    backend,
    history: String(history),
    figure,
    page: dashboard.html,
    saved: shown?.['text/html'] ?? '',
  };
}
