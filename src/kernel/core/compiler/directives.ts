/**
 * Directives in a doc comment at the top of a cell, as tslab has them: `@module name` makes it a module in memory that others
 * import as `./name`; `@browser` is meant for a page.
 *
 * @module
 */

import type { TypeScript } from './system';

/** A cell's second role. */
export interface Directives {
  readonly module: string | undefined;
  /** An invalid name of a module. */
  readonly misnamed: string | undefined;
  readonly isForBrowser: boolean;
}

/** Reads the comments before the first token. */
export function readDirectives(ts: TypeScript, source: string): Directives {
  const comments = (ts.getLeadingCommentRanges(source, 0) ?? [])
    .map(({ pos, end }) => source.slice(pos, end))
    .filter((comment) => comment.startsWith('/**'))
    .join('\n');
  const marked = /^[\s/*]*@module\b[ \t]*(.*?)[ \t]*(\*\/)?[ \t]*$/m.exec(comments)?.[1];
  const isName = marked !== undefined && /^\w+$/.test(marked);
  return {
    module: isName ? marked : undefined,
    misnamed: isName ? undefined : marked,
    isForBrowser: /^[\s/*]*@browser\b/m.test(comments),
  };
}

/** The effect on such a cell, in one line for its reader. */
export function noteOn({ module, misnamed, isForBrowser }: Directives): string | undefined {
  const notes = [
    module === undefined ? '' : `@module: other cells can import this one as './${module}', too.\n`,
    misnamed === undefined
      ? ''
      : `@module needs a name of letters, digits and _; got ${JSON.stringify(misnamed)}. Other cells cannot import this one.\n`,
    isForBrowser ? '@browser: there is no page here; the cell runs in the kernel, like any other.\n' : '',
  ];
  return notes.join('') || undefined;
}
