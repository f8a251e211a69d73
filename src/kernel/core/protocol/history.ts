/**
 * The code of this session.
 *
 * @module
 */

import { flag, integer } from './content';
import type { JsonObject } from './message';

/** The number of this session. A kernel remembers no other: each start begins a new history. */
const SESSION = 1;

interface HistoryEntry {
  readonly line: number;
  readonly code: string;
  output: string | null;
}

/** One session's history. */
export class History {
  readonly #entries: HistoryEntry[] = [];

  /** Adds a cell. */
  add(line: number, code: string): void {
    this.#entries.push({ line, code, output: null });
  }

  /** Notes the result of the last cell, as text. */
  setOutput(line: number, output: string): void {
    const last = this.#entries.at(-1);
    if (last?.line === line) last.output = output;
  }

  /** The content of a `history_reply`. */
  reply(request: JsonObject): JsonObject {
    const output = flag(request, 'output', false);
    const history = this.#select(request).map((entry) => [
      SESSION,
      entry.line,
      output ? [entry.code, entry.output] : entry.code,
    ]);
    return { status: 'ok', history };
  }

  #select(request: JsonObject): readonly HistoryEntry[] {
    const { hist_access_type: access } = request;
    switch (access) {
      case 'range':
        return this.#range(request);
      case 'tail':
        return lastOf(this.#entries, integer(request, 'n', undefined));
      case 'search':
        return this.#search(request);
      default:
        throw new TypeError(`hist_access_type must be range, tail or search; got ${JSON.stringify(access)}`);
    }
  }

  /** Lines `start` to `stop`, without the latter; as in IPython, negative ones count back from the end, and no `stop` means all. */
  #range(request: JsonObject): readonly HistoryEntry[] {
    const session = integer(request, 'session', 0);
    if (session !== 0 && session !== SESSION) return [];
    const end = (this.#entries.at(-1)?.line ?? 0) + 1;
    const line = (number: number) => (number < 0 ? number + end : number);
    const start = line(integer(request, 'start', 0));
    const stop = line(integer(request, 'stop', 0)) || end;
    return this.#entries.filter((entry) => entry.line >= start && entry.line < stop);
  }

  #search(request: JsonObject): readonly HistoryEntry[] {
    const pattern = typeof request.pattern === 'string' ? request.pattern : '*';
    let found = this.#entries.filter(({ code }) => matches(code, pattern));
    if (flag(request, 'unique', false)) {
      // The last of equal cells stays, in its place.
      found = [...new Map(found.toReversed().map((entry) => [entry.code, entry])).values()].reverse();
    }
    return lastOf(found, integer(request, 'n', undefined));
  }
}

function lastOf<T>(list: readonly T[], n: number | undefined): readonly T[] {
  return n === undefined ? list : n > 0 ? list.slice(-n) : [];
}

/**
 * Whether a string matches a pattern, in which `*` stands for anything and `?` for any one character. Only the newest `*`
 * takes in more when what follows it does not fit; a regular expression tries all of them in turn, and many take for ever.
 */
function matches(text: string, pattern: string): boolean {
  let at = 0;
  let next = 0;
  let star: { readonly next: number; at: number } | undefined;
  while (at < text.length) {
    const wanted = pattern[next];
    if (wanted === '*') star = { next: ++next, at };
    else if (wanted === '?' || wanted === text[at]) {
      next++;
      at++;
    } else if (star !== undefined) {
      next = star.next;
      at = ++star.at;
    } else return false;
  }
  return /^\**$/.test(pattern.slice(next));
}
