/**
 * The files of the page's file browser, for cells: the page reads them when it is asked to.
 *
 * @module
 */

/** Where the library finds them. */
const OWN_FILES = Symbol.for('sparselab.ownFiles');

/** A question of the worker to the page. */
export interface FileQuestion {
  readonly number: number;
  readonly want: 'read' | 'list';
  /** From the notebook's folder. */
  readonly path: string;
}

/** The page's answer: the bytes of a file, the paths in a folder, or nothing if it is not there. */
export interface FileAnswer {
  readonly number: number;
  readonly bytes?: Uint8Array;
  readonly paths?: string[];
}

/** Asks the page. */
export class PageFiles {
  #asked = 0;
  readonly #waiting = new Map<number, (answer: FileAnswer) => void>();

  /** @param ask sends a question to the page */
  constructor(readonly ask: (question: FileQuestion) => void) {}

  /** Takes an answer of the page's. */
  hear(answer: FileAnswer): void {
    this.#waiting.get(answer.number)?.(answer);
    this.#waiting.delete(answer.number);
  }

  /** Offers the files to library code. */
  offer(): void {
    const offered = {
      read: async (path: string) => (await this.#answer('read', path)).bytes,
      list: async (path: string) => (await this.#answer('list', path)).paths,
    };
    Object.assign(globalThis, { [OWN_FILES]: offered });
  }

  #answer(want: FileQuestion['want'], path: string): Promise<FileAnswer> {
    const number = ++this.#asked;
    return new Promise((resolve) => {
      this.#waiting.set(number, resolve);
      this.ask({ number, want, path });
    });
  }
}
