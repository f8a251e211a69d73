import { type ChildProcess, fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Limits } from '../executors/executor';
import { parseResult, type TrialResult, type TrialSpec } from '../trial';
import { type Answer, MEMORY_EXCEEDED, type RunMessage } from './messages';

/** A process ended while it had trials to run; they may run elsewhere. */
export class ProcessDiedError extends Error {
  override readonly name = 'ProcessDiedError';
}

/** A trial used more than it may: it would do so elsewhere too. */
export class LimitExceededError extends Error {
  override readonly name = 'LimitExceededError';
}

/** Reports from the trials of one call. */
export interface RunListener {
  onProgress(index: number, share: number): void;
  onResult(index: number, result: TrialResult): void;
  /** @param refused Whether this process cannot, rather than the trial. */
  onFailure(index: number, reason: string, refused: boolean): void;
}

/** The last lines that a process wrote to standard error, for when it dies. */
const KEPT_CHARACTERS = 2000;
/** The longest that a timer can wait, 24 days: one that should wait longer would end at once. */
const LONGEST_MILLISECONDS = 2 ** 31 - 1;
/** Harmless lines that TensorFlow writes to standard error. */
const ENGINE_CHATTER = /^(WARNING: All log messages before absl|[IW]\d{4} ).*\n?/gm;

/** A process of its own that runs trials, one call after another. */
export class TrialProcess {
  /** Its engine. */
  engine = '';
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;
  #ended: string | undefined;
  #errors = '';
  #onAnswer: (answer: Answer) => void = () => {};
  #onEnd: () => void = () => {};

  private constructor(processes: number) {
    this.#child = fork(join(__dirname, 'main.js'), [], {
      // The Node options of the notebook's kernel are not for this process.
      execArgv: [],
      env: { ...threadShare(processes), ...process.env, SPARSELAB_PROGRESS: 'off' },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#errors = (this.#errors + text).slice(-KEPT_CHARACTERS);
    });
    this.#child.on('message', (answer: Answer) => {
      try {
        this.#onAnswer(answer);
      } catch (error) {
        // A trial's own code can send anything: an error in it ends the trial, not the listener.
        this.#errors += `\nit sent an invalid answer: ${(error as Error).message}`;
        this.kill();
      }
    });
    // A message to a process that is just dying fails; that it died is told below.
    this.#child.on('error', () => {});
    this.#exited = new Promise((resolve) => {
      this.#child.on('close', (code, signal) => {
        this.#ended = signal ? `signal ${signal}` : `exit code ${code}`;
        this.#onEnd();
        resolve();
      });
    });
  }

  /**
   * Starts a process and waits until its engine is up.
   *
   * @param processes How many such processes share this machine: each takes its share of the processor's threads.
   * @throws ProcessDiedError with its last output, if it does not start.
   */
  static start(processes: number): Promise<TrialProcess> {
    const started = new TrialProcess(processes);
    return new Promise((resolve, reject) => {
      started.#onAnswer = (answer) => {
        if (answer.type !== 'ready') return;
        started.engine = answer.engine;
        resolve(started);
      };
      started.#onEnd = () => reject(started.#death());
    });
  }

  /** Its process id. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /**
   * Runs trials; ends when each has given a result or a failure.
   *
   * @throws LimitExceededError if it used more time or memory than it may; the process is gone then.
   * @throws ProcessDiedError if the process ended; trials that had not answered by then have not run.
   */
  run(specs: readonly TrialSpec[], limits: Limits | undefined, listener: RunListener): Promise<void> {
    let overtime: LimitExceededError | undefined;
    let timer: NodeJS.Timeout | undefined;
    const { seconds, megabytes } = limits ?? {};
    if (seconds !== undefined) {
      timer = setTimeout(
        () => {
          overtime = new LimitExceededError(`it took longer than its limit of ${seconds} s`);
          this.kill();
        },
        Math.min(seconds * 1000, LONGEST_MILLISECONDS),
      );
    }
    return new Promise<void>((resolve, reject) => {
      if (this.#ended) {
        reject(this.#death());
        return;
      }
      this.#onEnd = () => reject(overtime ?? this.#death());
      this.#onAnswer = (answer) => {
        if (answer.type === 'progress') listener.onProgress(answer.index, answer.fraction);
        if (answer.type === 'result') listener.onResult(answer.index, parseResult(answer.result));
        if (answer.type === 'failure') listener.onFailure(answer.index, answer.reason, answer.refused);
        if (answer.type === 'finished') resolve();
      };
      const message: RunMessage = { specs, megabytes };
      this.#child.send(message, () => {});
    }).finally(() => clearTimeout(timer));
  }

  /** Ends it at once; its unfinished work is lost. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** Ends it and waits until it is gone. */
  async end(): Promise<void> {
    this.kill();
    await this.#exited;
  }

  #death(): ProcessDiedError | LimitExceededError {
    const [, memory] = this.#errors.split(MEMORY_EXCEEDED);
    if (memory !== undefined) {
      return new LimitExceededError(`it used more memory than its limit: ${memory.trim()}`);
    }
    const words = this.#errors.replace(ENGINE_CHATTER, '').trim();
    return new ProcessDiedError(`its process ended by ${this.#ended}${words && `: ${words}`}`);
  }
}

/**
 * The engine's threads, split between processes, so that they do not crowd each other out: as in this process one for
 * an operation, but fewer operations at once.
 */
function threadShare(processes: number): Record<string, string> {
  const operations = Math.max(1, Math.floor(availableParallelism() / processes));
  return { TF_NUM_INTRAOP_THREADS: '1', TF_NUM_INTEROP_THREADS: String(operations) };
}
