/**
 * Asks the person at the front end for a line of text: `input_request` and `input_reply` on the stdin channel.
 *
 * @module
 */

import type { Platform } from '../platform';
import type { Cell } from '../runtime/cell';
import { SystemPromise } from '../runtime/systemPromise';
import type { Io, Message } from './message';

/** The front end has nobody to ask, as when a notebook is executed by a program. */
export class StdinNotImplementedError extends Error {
  override readonly name = 'StdinNotImplementedError';

  constructor() {
    super('nobody can be asked for input here: the front end runs this code with allow_stdin false');
  }
}

interface Prompt {
  readonly cell: Cell;
  answer(value: string): void;
  fail(reason: unknown): void;
}

/** The questions that wait for an answer. */
export class Prompts {
  readonly #waiting: Prompt[] = [];

  constructor(
    readonly io: Io,
    readonly platform: Platform,
  ) {}

  /**
   * Shows `prompt` and an input field below the cell.
   *
   * @param password whether what is typed stays hidden
   * @throws StdinNotImplementedError if the request that runs the cell does not allow it
   * @throws KeyboardInterrupt if the cell is stopped meanwhile
   */
  ask(cell: Cell, prompt: string, password: boolean): Promise<string> {
    return new SystemPromise((resolve, reject) => {
      const { request, signal } = cell;
      signal.throwIfAborted();
      if (request.content.allow_stdin !== true) throw new StdinNotImplementedError();
      const settle = (deliver: () => void) => {
        signal.removeEventListener('abort', stop);
        const index = this.#waiting.indexOf(waiting);
        if (index >= 0) this.#waiting.splice(index, 1);
        deliver();
      };
      const fail = (reason: unknown) => settle(() => reject(reason));
      const stop = () => fail(signal.reason);
      const waiting: Prompt = { cell, fail, answer: (value) => settle(() => resolve(value)) };
      signal.addEventListener('abort', stop);
      this.#waiting.push(waiting);
      this.io.reply('stdin', request, 'input_request', { prompt, password });
    });
  }

  /** Takes a message of the stdin channel. Front ends answer in order; not all of them say what. */
  receive({ header, content }: Message): void {
    const [oldest] = this.#waiting;
    if (header.msg_type !== 'input_reply' || typeof content.value !== 'string' || oldest === undefined) {
      this.platform.log(
        `dropped a message: nothing on stdin has been asked for that ${JSON.stringify(header.msg_type)} answers`,
      );
      return;
    }
    oldest.answer(content.value);
  }

  /** After a cell has ended, front ends take its input field away. */
  abandon(cell: Cell): void {
    for (const prompt of [...this.#waiting]) {
      if (prompt.cell === cell)
        prompt.fail(new Error('the cell ended before it was answered: await input(…)'));
    }
  }
}
