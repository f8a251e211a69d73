/**
 * Documentation of a name for people: its type, and its doc comment with all of its tags.
 *
 * @module
 */

import type * as Ts from 'typescript-js';
import { inAuthorsWords } from './project';

/** The same in two forms. */
export interface Documentation {
  readonly text: string;
  readonly markdown: string;
}

/** How a form writes what is not plain words. */
interface Form {
  code(text: string): string;
  block(text: string): string;
  heading(text: string): string;
}

const TEXT: Form = {
  code: (text) => text,
  block: (text) => text,
  heading: (text) => `${text}:`,
};

const MARKDOWN: Form = {
  code: (text) => `\`${text}\``,
  block: (text) => `\`\`\`typescript\n${text}\n\`\`\``,
  heading: (text) => `**${text}**`,
};

/** Headings of tags; other tags keep their names. */
const HEADINGS: Readonly<Record<string, string>> = {
  param: 'Parameters',
  typeParam: 'Type parameters',
  returns: 'Returns',
  return: 'Returns',
  throws: 'Throws',
  example: 'Example',
  see: 'See also',
  deprecated: 'Deprecated',
};

/** Describes a name, or nothing where the compiler knows no more than that it does not know it. */
export function documentation(info: Ts.QuickInfo): Documentation | undefined {
  const type = signature(info);
  if (type === '' || type === 'any') return undefined;
  return { text: written(info, type, TEXT), markdown: written(info, type, MARKDOWN) };
}

/** Without what it says of how the name came here. */
function signature({ displayParts = [] }: Ts.QuickInfo): string {
  const text = inAuthorsWords(displayParts.map((part) => part.text).join(''));
  return text.replace(/^\(alias\) /, '').replace(/\n(import|export) .*$/, '');
}

function written({ documentation: words = [], tags = [] }: Ts.QuickInfo, type: string, form: Form): string {
  const sections = [form.block(type), prose(words, form).trim()];
  for (const name of new Set(tags.map((tag) => tag.name))) {
    const heading = form.heading(HEADINGS[name] ?? name);
    const texts = tags.filter((tag) => tag.name === name).map((tag) => tagText(tag, form));
    sections.push(`${heading}\n${form === MARKDOWN ? '\n' : ''}${texts.join('\n')}`);
  }
  return sections.filter((section) => section !== '').join('\n\n');
}

function tagText({ name, text = [] }: Ts.JSDocTagInfo, form: Form): string {
  if (name === 'example') return form.block(prose(text, TEXT).trim());
  const [first, ...rest] = text;
  if (first?.kind === 'parameterName' || first?.kind === 'typeParameterName') {
    return `- ${form.code(first.text)}: ${prose(rest, form).trim()}`;
  }
  return `- ${prose(text, form).trim()}`;
}

/** Words, in which links are names. */
function prose(parts: readonly Ts.SymbolDisplayPart[], form: Form): string {
  return parts
    .filter(({ kind }) => kind !== 'link')
    .map(({ kind, text }) => (kind.startsWith('link') ? form.code(text.trim()) : text))
    .join('');
}
