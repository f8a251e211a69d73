/**
 * Requests of a front end while somebody types: completions, documentation, whether the code is complete.
 *
 * @module
 */

import type { CellCompiler } from '../compiler/cellCompiler';
import type { Declarations } from '../compiler/declarations';
import type { Documentation } from '../compiler/documentation';
import { integer, text } from './content';
import type { JsonObject } from './message';

/** Parts that assistance needs. */
export interface AssistanceParts {
  readonly compiler: CellCompiler;
  /** The number of cells run so far. */
  declarations(): Declarations;
  /** Runs the compiler where a stop cannot tear it apart, and with it the kernel that waits for it. */
  shield<T>(work: () => T): T;
}

/** Answers from the compiler, for code that follows the cells run so far. */
export class Assistance {
  constructor(readonly parts: AssistanceParts) {}

  /** The content of a `complete_reply`. */
  complete(request: JsonObject): JsonObject {
    const code = text(request, 'code');
    const position = toUtf16(code, integer(request, 'cursor_pos', codePoints(code)));
    const { compiler, declarations, shield } = this.parts;
    const { start, end, candidates } = shield(() => compiler.complete(declarations(), code, position));
    const [cursor_start, cursor_end] = [toCodePoints(code, start), toCodePoints(code, end)];
    const types = candidates.map(({ name, kind }) => ({
      text: name,
      type: kind,
      start: cursor_start,
      end: cursor_end,
    }));
    return {
      status: 'ok',
      matches: candidates.map(({ name }) => name),
      cursor_start,
      cursor_end,
      // JupyterLab shows these next to the names.
      metadata: { _jupyter_types_experimental: types },
    };
  }

  /** The content of an `inspect_reply`. */
  inspect(request: JsonObject): JsonObject {
    const code = text(request, 'code');
    const info = this.describe(code, toUtf16(code, integer(request, 'cursor_pos', codePoints(code))));
    const data = info === undefined ? {} : { 'text/plain': info.text, 'text/markdown': info.markdown };
    return { status: 'ok', found: info !== undefined, data, metadata: {} };
  }

  /** Type and documentation of the name at `position`, or of the function whose call contains it. */
  describe(code: string, position: number): Documentation | undefined {
    const { compiler, declarations, shield } = this.parts;
    for (const candidate of [position, position - 1, calledFunction(code, position)]) {
      const info =
        candidate >= 0 ? shield(() => compiler.inspect(declarations(), code, candidate)) : undefined;
      if (info !== undefined) return info;
    }
    return undefined;
  }

  /** The content of an `is_complete_reply`. */
  isComplete(request: JsonObject): JsonObject {
    const { compiler, shield } = this.parts;
    const code = text(request, 'code');
    if (questionIn(code) !== undefined) return { status: 'complete' };
    return { ...shield(() => compiler.completeness(code)) };
  }
}

/** A cell that asks about a name in its last line. */
export interface Question {
  readonly name: string;
  /** The code before it. */
  readonly code: string;
}

/** The name that a cell asks about: `name?`, `?name` or `name??` in its last line pages its documentation, as in IPython. */
export function questionIn(code: string): Question | undefined {
  const [, before = '', behind, infront] = QUESTION.exec(code) ?? [];
  const name = behind ?? infront;
  return name === undefined ? undefined : { name, code: before };
}

const NAME = String.raw`[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*`;
const NAMES = String.raw`${NAME}(?:\.#?${NAME})*`;
const QUESTION = new RegExp(String.raw`^((?:.*\n)*)[ \t]*(?:(${NAMES})\?{1,2}|\?{1,2}(${NAMES}))\s*$`, 'u');

/** Where the name ends whose argument list is open at `position`, or -1. */
function calledFunction(code: string, position: number): number {
  let depth = 0;
  for (let at = position - 1; at >= 0; at--) {
    if (code[at] === ')') depth++;
    else if (code[at] === '(' && depth-- === 0) return at - 1;
  }
  return -1;
}

/** Front ends count characters of Unicode, JavaScript counts units of UTF-16. */
function toUtf16(code: string, position: number): number {
  let units = 0;
  let left = position;
  for (const character of code) {
    if (left-- <= 0) break;
    units += character.length;
  }
  return units;
}

function toCodePoints(code: string, position: number): number {
  return codePoints(code.slice(0, position));
}

function codePoints(code: string): number {
  let count = 0;
  for (const _ of code) count++;
  return count;
}
