/**
 * The numbers in a lesson's text. One that was measured carries a comment that says where it is printed and how far it
 * may be off:
 *
 *     The error rose to 0.023<!-- costs: MSE @ sparse ±5% -->.
 *
 * - `costs` is the id of the cell that prints it.
 * - `MSE` is a column of the table there, or the words in front of the number.
 * - `@ sparse` chooses the table's row by its first column; without it the first row is meant.
 * - `×100` in front of the tolerance says that the text has a hundred times the number: 16 % for 0.16.
 *
 * @module
 */

/** A number that the text states. */
export interface HeldNumber {
  readonly stated: number;
  readonly cell: string;
  readonly label: string;
  readonly row: string | undefined;
  readonly scale: number;
  /** Relative. */
  readonly tolerance: number;
  /** The number as the text has it, for messages. */
  readonly text: string;
}

const HELD = /([\d,]+(?:\.\d+)?)(?: %)?<!-- ([\w-]+): (.+?)(?: @ (.+?))?(?: ×(\d+))? ±([\d.]+)% -->/g;

/** The measured numbers of a text. */
export function heldNumbers(markdown: string): HeldNumber[] {
  return Array.from(markdown.matchAll(HELD), ([text, stated, cell, label, row, scale, tolerance]) => ({
    stated: Number((stated as string).replaceAll(',', '')),
    cell: cell as string,
    label: label as string,
    row,
    scale: Number(scale ?? 1),
    tolerance: Number(tolerance) / 100,
    text,
  }));
}

/** Decimals and percentages that nothing holds, outside code, formulas and addresses. */
export function looseNumbers(markdown: string): string[] {
  const prose = markdown
    .replace(HELD, '')
    .replace(/```[\s\S]*?```/g, '')
    .replace(/`[^`]*`/g, '')
    .replace(/\$\$[\s\S]*?\$\$/g, '')
    .replace(/\$[^$]*\$/g, '')
    .replace(/\]\([^)]*\)/g, ']');
  return prose.match(/\d+\.\d+|\d+ %/g) ?? [];
}

/** The number that a cell's text has for a label and a row; undefined if there is none. */
export function printedNumber(
  text: string,
  { label, row }: Pick<HeldNumber, 'label' | 'row'>,
): number | undefined {
  const lines = text.split('\n').map((line) => line.trim().split(/ {2,}/));
  const header = lines.findIndex((cells) => cells.length > 1 && cells.includes(label));
  if (header >= 0) {
    const column = (lines[header] as string[]).indexOf(label);
    const found = lines.slice(header + 1).find((cells) => row === undefined || cells[0] === row);
    return asNumber(found?.[column]);
  }
  const after = text.indexOf(label);
  return after < 0
    ? undefined
    : asNumber(/\d+(?:\.\d+)?(?:e[+-]?\d+)?/.exec(text.slice(after + label.length))?.[0]);
}

/** Text has a minus sign only in formulas, so sizes are compared: `−0.7` in the text is 0.7. */
function asNumber(text: string | undefined): number | undefined {
  const number = Math.abs(Number(text));
  return text === undefined || Number.isNaN(number) ? undefined : number;
}

/**
 * The numbers of a lesson's text that its cells have not printed, one line each.
 *
 * @param texts the lesson's markdown
 * @param printed the text that a cell has shown, by its id
 */
export function wrongNumbers(texts: readonly string[], printed: (cell: string) => string): string[] {
  return texts.flatMap(heldNumbers).flatMap((held) => {
    const found = printedNumber(printed(held.cell), held);
    if (found === undefined) return [`${held.text}: nothing printed for it`];
    const value = held.scale * found;
    const holds = Math.abs(held.stated - value) <= held.tolerance * held.stated;
    return holds ? [] : [`${held.text}, but ${value} is printed`];
  });
}
