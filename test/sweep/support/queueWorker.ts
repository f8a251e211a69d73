import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** Compiled, this file is in build/test/sweep/support. */
const root = join(__dirname, '..', '..', '..', '..');

interface WorkerOptions {
  /** The copy of the project that it runs from. */
  readonly folder?: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** A worker of a queue, as `npm run worker` runs it after set-up. */
export class TestWorker {
  /** Everything it printed. */
  output = '';
  readonly #process: ChildProcess;

  private constructor(url: string, { folder = root, args = [], env = {} }: WorkerOptions) {
    this.#process = spawn(process.execPath, [join(folder, 'dist', 'sweep', 'queue', 'main.js'), ...args], {
      // So the password is in no list of processes.
      env: { ...process.env, ...env, SPARSELAB_QUEUE: url },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
      });
    }
  }

  /** Starts one and waits until it has joined. The caller ends it. */
  static async start(url: string, options: WorkerOptions = {}): Promise<TestWorker> {
    const worker = new TestWorker(url, options);
    // The last line of its greeting: its code is there, too.
    await worker.says(/leave with Ctrl-C/);
    return worker;
  }

  /** Waits until its output matches. */
  async says(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.output)) {
      if (this.#process.exitCode !== null) throw new Error(`the worker ended: ${this.output}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  get pid(): number {
    return this.#process.pid as number;
  }

  /** Asks it to leave. @returns Its exit code. */
  async leave(): Promise<number | null> {
    this.#process.kill('SIGTERM');
    if (this.#process.exitCode === null) await once(this.#process, 'exit');
    return this.#process.exitCode;
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    this.#process.kill('SIGKILL');
    await once(this.#process, 'exit');
  }
}
