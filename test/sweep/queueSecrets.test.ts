import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type Certificate, selfSignedCertificate } from '../support/certificate';
import { TestRedis } from '../support/redis';
import { temporaryFolder } from '../support/temporary';
import { TestWorker } from './support/queueWorker';

const trusting = ({ certificateFile }: Certificate) => ({ NODE_EXTRA_CA_CERTS: certificateFile });

/**
 * A sweep as a notebook runs it, in a process of its own, since Node reads the trusted certificates when it starts: all that it
 * shows, and its error with everything that hangs on it.
 */
async function notebook(queue: string, { env = {}, store = temporaryFolder() } = {}): Promise<string> {
  const script = `
    const { inspect } = require('node:util');
    const { fromModule, liveParetoPlot, sweep } = require('sparselab');
    const show = (value) => console.log(inspect(value, { depth: Infinity, showHidden: true }));
    globalThis[Symbol.for('sparselab.cell')] = { signal: new AbortController().signal, display: show, shield: (work) => work() };
    const trainer = fromModule('test/sweep/support/own.cjs', 'parabola');
    sweep({ x: [1, 13] }, { trainer, queue: true, store: ${JSON.stringify(store)}, onProgress: liveParetoPlot() })
      .then((table) => console.log(String(table), table.toCSV(), inspect(table, { depth: Infinity })))
      .catch((error) => { console.log(String(error)); show(error); });`;
  const child = spawn(process.execPath, ['-e', script], {
    env: { ...process.env, ...env, SPARSELAB_QUEUE: queue },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  await once(child, 'close');
  return output;
}

/** The content of a folder's files, one after another. */
function contents(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'latin1'))
    .join('\n');
}

for (const encrypted of [false, true]) {
  describe(`a queue with a password${encrypted ? ' and TLS' : ''}`, () => {
    const certificate = encrypted ? selfSignedCertificate() : undefined;
    const env = certificate && trusting(certificate);
    let redis: TestRedis;
    let worker: TestWorker;
    before(async () => {
      redis = await TestRedis.start(certificate);
      worker = await TestWorker.start(redis.url, { ...(env && { env }) });
    });
    after(async () => {
      await worker.kill();
      await redis.dispose();
    });

    it('runs trials, and the password is in nothing that is shown, printed or kept', async () => {
      const store = temporaryFolder();
      const shown = await notebook(redis.url, { store, ...(env && { env }) });
      assert.match(shown, /1 of 2 trials done, 1 failed/);
      assert.match(shown, /13 brings bad luck/);
      assert.match(worker.output, /joined redis.*trial [0-9a-f]{12} done/s);
      const kept = [contents(store), contents(redis.folder)];
      assert.ok(kept.every((text) => text.includes('parabola')));
      for (const text of [shown, worker.output, ...kept]) assert.ok(!text.includes(redis.password));
    });

    it('refuses another password, and repeats neither', async () => {
      const wrong = redis.url.replace(redis.password, 'another-secret');
      const shown = await notebook(wrong, { ...(env && { env }) });
      assert.match(shown, /QueueError: queue rediss?:\/\/127\.0\.0\.1:\d+ cannot be used: WRONGPASS/);
      assert.ok(!shown.includes('another-secret') && !shown.includes(redis.password));
      await assert.rejects(TestWorker.start(wrong, { ...(env && { env }) }), (error: Error) => {
        assert.match(error.message, /the worker ended: .*WRONGPASS/s);
        return !error.message.includes('another-secret');
      });
    });
  });
}

describe('a queue with TLS', () => {
  const certificate = selfSignedCertificate();
  let redis: TestRedis;
  before(async () => {
    redis = await TestRedis.start(certificate);
  });
  after(() => redis.dispose());

  /** Neither side goes on, both say why, and nobody repeats the password. */
  const assertRefused = async (url: string, env: Record<string, string>, reason: RegExp) => {
    const shown = await notebook(url, { env });
    assert.match(shown, new RegExp(`QueueError: queue rediss?://.* cannot be used: .*${reason.source}`));
    assert.ok(!shown.includes(redis.password));
    await assert.rejects(TestWorker.start(url, { env }), (error: Error) => {
      assert.match(error.message, reason);
      return !error.message.includes(redis.password);
    });
  };

  it('is not trusted if its certificate is signed by somebody unknown', async () => {
    await assertRefused(redis.url, {}, /self.signed certificate/);
    await assertRefused(
      redis.url,
      trusting(selfSignedCertificate()),
      /self.signed certificate|unable to verify/,
    );
  });

  it('is not trusted under a name that its certificate does not have', async () => {
    const elsewhere = redis.url.replace('127.0.0.1', 'localhost');
    await assertRefused(elsewhere, trusting(certificate), /does not match certificate's altnames/);
  });

  it('is not talked to without TLS', async () => {
    await assertRefused(redis.url.replace('rediss:', 'redis:'), {}, /closed|ECONNRESET/);
  });
});
