/**
 * A kernel in a process of its own and a client that speaks the Jupyter protocol with it.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import {
  decode,
  encode,
  type Header,
  type JsonObject,
  type Message,
  newHeader,
  Signer,
} from 'sparselab/dist/kernel/node/wire/message';
import { Dealer, Request, Subscriber } from 'zeromq';

/** The project's folder; the tests run in build/test/kernel. */
export const ROOT = resolve(__dirname, '..', '..', '..');
export const NOTEBOOKS = join(ROOT, 'notebooks');

/** Environments of a kernel: the engine that this machine has, and the one that every machine has. */
export const ENGINES: Readonly<Record<string, NodeJS.ProcessEnv>> = {
  'the best engine of this machine': {},
  WebAssembly: { SPARSELAB_BACKEND: 'wasm' },
};

/** Far more than anything here takes; a test that meets it fails. */
const DEADLINE_MS = 240_000;

/** The outcome of one request. */
export interface Outcome {
  /** The content of the reply. */
  readonly reply: JsonObject;
  /** Everything published on its behalf, in order. */
  readonly published: readonly Message[];
}

/** An error as front ends see it. */
export interface CellError {
  readonly ename: string;
  readonly evalue: string;
  /** Joined, without colours. */
  readonly traceback: string;
}

interface Pending {
  reply?: Message;
  readonly published: Message[];
  idle: boolean;
  check(): void;
}

/** A running kernel. */
export class TestKernel {
  readonly #pending = new Map<string, Pending>();
  readonly #session = randomUUID();
  // A front end's stdin is told from others' by the identity of its shell.
  readonly shell = new Dealer({ linger: 0, routingId: this.#session });
  readonly stdin = new Dealer({ linger: 0, routingId: this.#session });
  readonly control = new Dealer({ linger: 0 });
  readonly iopub = new Subscriber({ linger: 0, receiveHighWaterMark: 0 });
  readonly heartbeat = new Request({ linger: 0 });
  /** Of requests; those that a kernel's end leaves without a reply would keep the test's process waiting. */
  readonly #deadlines = new Set<NodeJS.Timeout>();
  readonly #sending = new Map<Dealer, Promise<void>>();
  /** Everything published, also on nobody's behalf. */
  readonly published: Message[] = [];
  /** The kernel's questions on stdin. */
  readonly questions: Message[] = [];
  /** The kernel's own stderr. */
  log = '';

  private constructor(
    readonly process: ChildProcess,
    readonly ports: readonly number[],
    readonly signer: Signer,
    readonly folder: string,
  ) {
    process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.log += text;
    });
    this.#receive(this.shell, false);
    this.#receive(this.control, false);
    this.#receive(this.iopub, true);
    this.#receiveQuestions();
  }

  /** Starts a kernel and waits until it answers. */
  static async start({
    cwd = NOTEBOOKS,
    key = 'secret',
    root = ROOT,
    parent = process.pid,
    untyped = false,
    env = {} as NodeJS.ProcessEnv,
  } = {}): Promise<TestKernel> {
    const folder = mkdtempSync(join(tmpdir(), 'kernel-'));
    const ports = await freePorts(5);
    const [shell_port, control_port, stdin_port, iopub_port, hb_port] = ports;
    const connection = { transport: 'tcp', ip: '127.0.0.1', key, signature_scheme: 'hmac-sha256' };
    const file = join(folder, 'connection.json');
    writeFileSync(
      file,
      JSON.stringify({ ...connection, shell_port, control_port, stdin_port, iopub_port, hb_port }),
    );
    const main = join(root, 'dist', 'kernel', 'node', 'main.js');
    const child = spawn(
      process.execPath,
      ['--no-force-async-hooks-checks', main, file, ...(untyped ? ['--untyped'] : [])],
      {
        cwd,
        stdio: ['ignore', 'ignore', 'pipe'],
        env: { ...process.env, JPY_PARENT_PID: String(parent), ...env },
      },
    );
    const kernel = new TestKernel(child, ports, new Signer('hmac-sha256', key), folder);
    const address = (port: number | undefined) => `tcp://127.0.0.1:${port}`;
    kernel.shell.connect(address(shell_port));
    kernel.stdin.connect(address(stdin_port));
    kernel.control.connect(address(control_port));
    kernel.iopub.connect(address(iopub_port));
    kernel.iopub.subscribe();
    kernel.heartbeat.connect(address(hb_port));
    await within('the welcome on iopub', () =>
      kernel.published.some((m) => m.header.msg_type === 'iopub_welcome'),
    );
    await kernel.request('shell', 'kernel_info_request', {});
    return kernel;
  }

  /** Sends a message and waits for `idle` and, if it is a request, for its reply. */
  request(
    channel: 'shell' | 'control',
    type: string,
    content: JsonObject,
    buffers: readonly Uint8Array[] = [],
    metadata: JsonObject = {},
  ): Promise<Outcome> {
    const header = newHeader(type, this.#session, 'test');
    const expectsReply = type.endsWith('_request');
    const outcome = new Promise<Outcome>((resolve) => {
      const pending: Pending = {
        published: [],
        idle: false,
        check: () => {
          if ((expectsReply && pending.reply === undefined) || !pending.idle) return;
          this.#pending.delete(header.msg_id);
          resolve({ reply: pending.reply?.content ?? {}, published: pending.published });
        },
      };
      this.#pending.set(header.msg_id, pending);
    });
    this.send(channel, this.#frames(header, content, buffers, metadata));
    return this.#before(outcome, () => `${type} ${JSON.stringify(content).slice(0, 200)}\n${this.log}`);
  }

  #before<T>(promise: Promise<T>, what: () => string): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`waited in vain for ${what()}`)), DEADLINE_MS);
      this.#deadlines.add(timer);
      promise.then(resolve, reject).finally(() => clearTimeout(timer));
    });
  }

  /** Answers what the kernel has asked on stdin. */
  answer(value: unknown): void {
    this.send('stdin', this.#frames(newHeader('input_reply', this.#session, 'test'), { value }));
  }

  #frames(
    header: Header,
    content: JsonObject,
    buffers: readonly Uint8Array[] = [],
    metadata: JsonObject = {},
  ): (Uint8Array | string)[] {
    const json = JSON.stringify(content);
    return encode({ identities: [], header, parentHeader: {}, metadata, json, buffers }, this.signer);
  }

  /** Sends frames as they are, after those sent before. */
  send(channel: 'shell' | 'control' | 'stdin', frames: (Uint8Array | string)[]): void {
    const socket = this[channel];
    this.#sending.set(
      socket,
      (this.#sending.get(socket) ?? Promise.resolve()).then(() => socket.send(frames)),
    );
  }

  /** Runs a cell, whatever becomes of it. */
  execute(code: string, options: JsonObject = {}, metadata: JsonObject = {}): Promise<Outcome> {
    const content = {
      code,
      silent: false,
      store_history: true,
      user_expressions: {},
      allow_stdin: false,
      stop_on_error: true,
      ...options,
    };
    return this.request('shell', 'execute_request', content, [], metadata);
  }

  /** Runs a cell that must succeed; the text of its result, or `undefined`. */
  async run(code: string): Promise<string | undefined> {
    const outcome = await this.execute(code);
    assert.equal(outcome.reply.status, 'ok', `${code}\n${outcome.reply.traceback}`);
    const result = contents(outcome, 'execute_result')[0]?.data as JsonObject | undefined;
    return result?.['text/plain'] as string | undefined;
  }

  /** Runs a cell that must fail; its error. */
  async fail(code: string): Promise<CellError> {
    return errorOf(await this.execute(code));
  }

  /** Runs a cell that must succeed; what it wrote to stdout. */
  async print(code: string): Promise<string> {
    const outcome = await this.execute(code);
    assert.equal(outcome.reply.status, 'ok', `${code}\n${outcome.reply.traceback}`);
    return streamText(outcome.published, 'stdout');
  }

  /** Stops the running cell the way front ends do. */
  async interrupt(): Promise<void> {
    const { reply } = await this.request('control', 'interrupt_request', {});
    assert.deepEqual(reply, { status: 'ok' });
  }

  /** Ends the kernel. */
  async stop(): Promise<void> {
    for (const timer of this.#deadlines) clearTimeout(timer);
    if (this.process.exitCode === null && this.process.signalCode === null) {
      const exited = once(this.process, 'exit');
      this.process.kill('SIGKILL');
      await exited;
    }
    for (const socket of [this.shell, this.control, this.stdin, this.iopub, this.heartbeat]) socket.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #receiveQuestions(): Promise<void> {
    for await (const frames of this.stdin) this.questions.push(decode(frames, this.signer));
  }

  async #receive(socket: AsyncIterable<Buffer[]>, isIopub: boolean): Promise<void> {
    for await (const frames of socket) {
      const message = decode(frames, this.signer);
      if (isIopub) this.published.push(message);
      const pending = this.#pending.get(message.parentHeader.msg_id ?? '');
      if (pending === undefined) continue;
      if (isIopub) pending.published.push(message);
      else pending.reply = message;
      if (message.header.msg_type === 'status' && message.content.execution_state === 'idle')
        pending.idle = true;
      pending.check();
    }
  }
}

/** The contents of the messages of one type. */
export function contents(outcome: Pick<Outcome, 'published'>, type: string): JsonObject[] {
  return outcome.published.filter(({ header }) => header.msg_type === type).map(({ content }) => content);
}

/** All text of a stream. */
export function streamText(published: readonly Message[], name: 'stdout' | 'stderr'): string {
  return contents({ published }, 'stream')
    .filter((content) => content.name === name)
    .map(({ text }) => text)
    .join('');
}

/** The error of a cell that has failed; the reply and the published message must agree. */
export function errorOf(outcome: Outcome): CellError {
  assert.equal(outcome.reply.status, 'error', 'the cell was expected to fail');
  const [error] = contents(outcome, 'error');
  assert.ok(error !== undefined, 'an error message was expected');
  const { ename, evalue, traceback } = error;
  assert.deepEqual(
    { ename, evalue, traceback },
    {
      ename: outcome.reply.ename,
      evalue: outcome.reply.evalue,
      traceback: outcome.reply.traceback,
    },
  );
  return {
    ename: String(ename),
    evalue: String(evalue),
    traceback: plain((traceback as string[]).join('\n')),
  };
}

/** Text without colours. */
export function plain(text: string): string {
  return stripVTControlCharacters(text);
}

/** Waits until something is so. */
export async function within(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + DEADLINE_MS;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await sleep(10);
  }
}

export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}
