/**
 * Rows of cells as lines of text: columns are aligned, with two blanks or more between them. A cell of several lines takes
 * several, each below the one before.
 *
 * @param isLeft Whether a column's cells are aligned to the left.
 */
export function textTable(rows: readonly (readonly string[])[], isLeft: (column: number) => boolean): string {
  const cells = rows.map((row) => row.map((text) => linesOf(text.replaceAll('\t', '    '))));
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...cells.flatMap((row) => (row[column] as string[]).map((line) => line.length))),
  );
  const lines = cells.flatMap((row) => {
    const height = Math.max(...row.map((texts) => texts.length));
    return Array.from({ length: height }, (_, line) =>
      row
        // The lines of one text keep their common left edge.
        .map((texts, column) => {
          const width = widths[column] as number;
          const own = Math.max(...texts.map(({ length }) => length));
          return (texts[line] ?? '').padEnd(own)[isLeft(column) ? 'padEnd' : 'padStart'](width);
        })
        .join('  ')
        .trimEnd(),
    );
  });
  return lines.join('\n');
}

/** The lines of a string, whatever ends them. */
export function linesOf(text: string): string[] {
  return text.split(/\r\n|[\r\n]/);
}
