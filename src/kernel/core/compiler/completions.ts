/**
 * Completions at a place, and the text that each replaces.
 *
 * @module
 */

import type * as Ts from 'typescript-js';

/** Names that can be typed. Positions count UTF-16 units. */
export interface Completions {
  readonly start: number;
  readonly end: number;
  readonly candidates: readonly { readonly name: string; readonly kind: string }[];
}

/** A name that is being typed. */
const WORD_BEFORE = /[\p{ID_Continue}$\u200c\u200d]*$/u;
const WORD_AFTER = /^[\p{ID_Continue}$\u200c\u200d]*/u;

/**
 * The candidates that begin with the typed text.
 *
 * @param info what the language service says
 * @param text the code that it was asked about
 * @param position in `text`
 */
export function completionsFrom(
  info: Ts.CompletionInfo | undefined,
  text: string,
  position: number,
): Completions {
  const before = text.slice(0, position);
  const word = {
    start: position - (WORD_BEFORE.exec(before)?.[0].length ?? 0),
    end: position + (WORD_AFTER.exec(text.slice(position))?.[0].length ?? 0),
  };
  if (info === undefined) return { start: position, end: position, candidates: [] };
  const whole = info.optionalReplacementSpan;
  const spanOf = ({ replacementSpan }: Ts.CompletionEntry) => replacementSpan ?? whole;
  // All of them replace one span: the widest, including the text before a narrower one.
  const starts = info.entries.map((entry) => spanOf(entry)?.start ?? word.start);
  const ends = info.entries.map((entry) => endOf(spanOf(entry)) ?? word.end);
  const start = Math.min(position, ...starts);
  const end = Math.max(position, ...ends);
  const typed = text.slice(start, position);
  const candidates = info.entries.flatMap((entry, index) => {
    const name = text.slice(start, starts[index]) + (entry.insertText ?? entry.name);
    return name.startsWith(typed) ? [{ name, kind: entry.kind as string }] : [];
  });
  return { start, end, candidates };
}

function endOf(span: Ts.TextSpan | undefined): number | undefined {
  return span && span.start + span.length;
}
