import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Certificate } from './certificate';

/** A Redis of a test's own: on loopback, with a password. The caller disposes of it. */
export class TestRedis {
  readonly password = randomBytes(12).toString('hex');
  readonly #folder = mkdtempSync(join(tmpdir(), 'sparselab-redis-'));
  readonly #certificate: Certificate | undefined;
  #port = 0;
  #process: ChildProcess | undefined;

  private constructor(certificate?: Certificate) {
    this.#certificate = certificate;
  }

  /**
   * Starts one that keeps what it holds on disk, so that it survives a restart.
   *
   * @param certificate It speaks TLS, and nothing else, if it is given one.
   */
  static async start(certificate?: Certificate): Promise<TestRedis> {
    const redis = new TestRedis(certificate);
    redis.#port = await freePort();
    await redis.start();
    return redis;
  }

  get url(): string {
    return `redis${this.#certificate ? 's' : ''}://:${this.password}@127.0.0.1:${this.#port}`;
  }

  /** Where it keeps what it holds. */
  get folder(): string {
    return this.#folder;
  }

  /** @param settings Lines of redis.conf that are to be different. */
  async start(settings: Readonly<Record<string, string>> = {}): Promise<void> {
    const options = {
      bind: '127.0.0.1',
      ...this.#ports(),
      requirepass: this.password,
      dir: this.#folder,
      appendonly: 'yes',
      save: '',
      ...settings,
    };
    const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
    const server = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'ignore'] });
    this.#process = server;
    await new Promise<void>((resolve, reject) => {
      server.on('error', (error) => reject(new Error(`these tests need redis-server: ${error.message}`)));
      server.on('exit', (code) => reject(new Error(`redis-server ended with ${code}`)));
      server.stdout.setEncoding('utf8').on('data', (text: string) => {
        if (text.includes('Ready to accept connections')) resolve();
      });
    });
  }

  #ports(): Record<string, string | number> {
    if (!this.#certificate) return { port: this.#port };
    const { certificateFile, keyFile } = this.#certificate;
    return {
      port: 0,
      'tls-port': this.#port,
      'tls-cert-file': certificateFile,
      'tls-key-file': keyFile,
      'tls-auth-clients': 'no',
    };
  }

  /** Ends it: politely, or as a power cut would. */
  async stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const server = this.#process;
    this.#process = undefined;
    if (!server || server.exitCode !== null || server.signalCode !== null) return;
    server.kill(signal);
    await once(server, 'exit');
  }

  /** Ends it and removes what it kept. */
  async dispose(): Promise<void> {
    await this.stop('SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return address.port;
}
