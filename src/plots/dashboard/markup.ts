/**
 * Pieces of HTML that a dashboard's sections share. Headings are roles: as elements, those of a notebook's outputs would
 * mix with the notebook's own.
 *
 * @module
 */

/** Which units and inputs have a section that a link can lead to; none in a notebook's output. */
export interface Links {
  readonly units: readonly number[];
  readonly inputs: readonly number[];
}

/** A cell that no line break may cut. */
const NUMBER = /^[\d.e−+-]+$/;

export const heading = (level: number, html: string): string =>
  `<div role="heading" aria-level="${level}" class="h${level}">${html}</div>`;

/** A link to a section, where there is one. */
export function linkTo(links: Links, kind: 'unit' | 'input', number: number, html: string): string {
  const there = kind === 'unit' ? links.units : links.inputs;
  return there.includes(number) ? `<a href="#${kind}-${number}">${html}</a>` : html;
}

/** A table; the first cell of each row names the row. @param kind a class */
export function tableOf(columns: readonly string[], rows: readonly (readonly string[])[], kind = ''): string {
  const head = columns.map((column) => `<th scope="col">${column}</th>`).join('');
  const body = rows.map(
    ([first = '', ...others]) =>
      `<tr><th scope="row">${first}</th>${others.map((cell) => `<td${NUMBER.test(cell) ? ' class="number"' : ''}>${cell}</td>`).join('')}</tr>`,
  );
  return `<table class="${kind}"><thead><tr>${head}</tr></thead><tbody>${body.join('')}</tbody></table>`;
}
