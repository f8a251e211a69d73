import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { ContenderName } from './work';

/** A contender's answer to one run. */
export interface Answer {
  readonly seconds: number;
  /** The mean of the loss over the run's steps, of all its models. */
  readonly loss: number;
  /** The same over the first 50 steps from the shared parameters, by who takes the shared batches: what shows that all do the same. */
  readonly firstSteps?: number;
  /** Its other answers, such as MCC. */
  readonly [more: string]: number;
}

/**
 * A contender in a process of its own, which waits between its runs: so all keep warm, and none disturbs another.
 *
 * It prints a line `{"ready": version}`, then for each line `{"run": n}` that it reads one {@link Answer}.
 */
export class Contender {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  #errors = '';

  private constructor(
    readonly name: ContenderName,
    command: string,
    args: readonly string[],
    env: NodeJS.ProcessEnv,
  ) {
    this.#child = spawn(command, args, { env: { ...process.env, ...env } });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
    this.#child.stderr.on('data', (text) => {
      this.#errors = (this.#errors + text).slice(-4000);
    });
  }

  /** Starts a contender and waits until it is ready. */
  static async start(
    name: ContenderName,
    command: string,
    args: readonly string[],
    env: NodeJS.ProcessEnv = {},
  ): Promise<Contender> {
    const contender = new Contender(name, command, args, env);
    await contender.#next('ready');
    return contender;
  }

  /** Lets it do its work once; `number` says which time it is, from 0. */
  async run(number: number): Promise<Answer> {
    this.#child.stdin.write(`${JSON.stringify({ run: number })}\n`);
    return (await this.#next('seconds')) as unknown as Answer; // #next() has checked that it is one.
  }

  /** Ends it. */
  stop(): void {
    this.#child.stdin.end();
    this.#child.kill();
  }

  /** The next line that is an object with this key; whatever else a library prints is passed over. */
  async #next(key: string): Promise<Record<string, unknown>> {
    for (;;) {
      const { value, done } = await this.#lines.next();
      if (done) throw new Error(`${this.name} ended before it answered:\n${this.#errors}`);
      if (!value.startsWith('{')) continue;
      const message = JSON.parse(value) as Record<string, unknown>;
      if (key in message) return message;
    }
  }
}
