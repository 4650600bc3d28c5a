/** Plain text in lines and columns, for a terminal. Pure; widths count characters, one column each. */

/** Breaks a text at spaces into lines of at most `width`. A longer word gets its own line. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** A paragraph whose first line begins with `first` and whose other lines are indented by as much. */
export function hang(first: string, text: string, width: number): string[] {
  const indent = ' '.repeat(first.length);
  return wrap(text, width - first.length).map((line, index) => `${index === 0 ? first : indent}${line}`);
}

/** Rows of cells as aligned lines, two spaces between columns; all columns but the first are aligned to the right. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map((row) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  '),
  );
}

export interface Column {
  readonly head: string;
  /** All have the same length. */
  readonly cells: readonly string[];
  readonly align: 'left' | 'right';
}

export const GAP = '  ';

/** The width of a column in a table whose head breaks at its spaces. */
export function widthOf({ head, cells }: Column): number {
  return Math.max(...head.split(' ').map((word) => word.length), ...cells.map((cell) => cell.length));
}

/** Heads are aligned to the bottom of the tallest one. */
function block(columns: readonly Column[], paintHead: (text: string) => string): string[] {
  const widths = columns.map(widthOf);
  const heads = columns.map(({ head }, i) => wrap(head, widths[i] ?? 0));
  const height = Math.max(...heads.map((lines) => lines.length));
  const pad = (text: string, i: number) =>
    columns[i]?.align === 'right' ? text.padStart(widths[i] ?? 0) : text.padEnd(widths[i] ?? 0);
  const headLines = Array.from({ length: height }, (_, y) =>
    heads.map((lines, i) => pad(lines[y - height + lines.length] ?? '', i)).join(GAP),
  );
  const rows = Array.from({ length: columns[0]?.cells.length ?? 0 }, (_, y) =>
    columns.map(({ cells }, i) => pad(cells[y] ?? '', i)).join(GAP),
  );
  return [...headLines.map((line) => paintHead(line.trimEnd())), ...rows.map((line) => line.trimEnd())];
}

/**
 * Columns side by side. Those that do not fit go into another table below, which repeats the first column. A single
 * column that is still too wide keeps its width.
 */
export function columnsOf(
  first: Column,
  others: readonly Column[],
  width: number,
  paintHead: (text: string) => string = (text) => text,
): string[] {
  const groups: Column[][] = [];
  let room = 0;
  for (const column of others) {
    const needed = GAP.length + widthOf(column);
    const last = groups.at(-1);
    if (last !== undefined && needed <= room) last.push(column);
    else {
      groups.push([column]);
      room = width - widthOf(first);
    }
    room -= needed;
  }
  return groups.flatMap((group, index) => [...(index === 0 ? [] : ['']), ...block([first, ...group], paintHead)]);
}
