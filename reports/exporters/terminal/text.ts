/** Parts of terminal tables: columns of figures, titles and colours. Pure. */
import type { Figure } from '../../../core/results/schema.ts';
import { letterMarks, type MarkedFlag } from '../../../core/text/flags.ts';
import { formatDuration, formatParts, formatSignificant, formatValue, THIN } from '../../../core/text/format.ts';
import { type Column, columnsOf, GAP, widthOf, wrap } from '../../../core/text/layout.ts';

export type Style = 'bold' | 'dim' | 'red' | 'yellow' | 'green';

/** The layout and colours of the output. */
export interface Output {
  /** Characters in a line. */
  readonly width: number;
  /** Returns the text unchanged if colour is not wanted. */
  readonly paint: (style: Style, text: string) => string;
}

const ABSENT = '—';

/** A number, and separately its suffix, so that numbers are right-aligned and intervals left-aligned. */
export interface Cell {
  readonly number: string;
  readonly rest: string;
}

export function cellColumn(head: string, cells: readonly Cell[]): Column {
  const number = Math.max(0, ...cells.map((cell) => cell.number.length));
  const rest = Math.max(0, ...cells.map((cell) => cell.rest.length));
  const text = (cell: Cell) => cell.number.padStart(number) + (rest === 0 ? '' : ` ${cell.rest.padEnd(rest)}`);
  return { head, cells: cells.map(text), align: 'right' };
}

export function textColumn(head: string, cells: readonly string[]): Column {
  return { head, cells, align: 'left' };
}

/** A unit that is in the head of the column, or that needs no name. */
function isNamed(head: string, unit: string): boolean {
  return unit === '' || unit === 'commands' || head.includes(unit) || (unit === 'B' && /bytes/i.test(head));
}

/**
 * A column of figures with their intervals, one in each row. If all have the same unit, it is in the head.
 * @param unit `title`: the title of the table names the unit, so that no column does
 */
export function figureColumn(
  head: string,
  figures: readonly (Figure | null)[],
  flags: readonly MarkedFlag[],
  unit: 'column' | 'title' = 'column',
): Column {
  const known = figures.map((figure) => (figure === null ? null : { figure, ...formatParts(figure) }));
  const units = [...new Set(known.flatMap((one) => (one === null ? [] : [one.unit])))];
  const [shared] = units;
  const inHead = units.length === 1 && shared !== undefined;
  const cells = known.map((one): Cell => {
    if (one === null) return { number: ABSENT, rest: '' };
    const range = one.range !== null ? `[${one.range}]` : '';
    const rest = [range, letterMarks([one.figure], flags)].filter((part) => part !== '').join(' ');
    return { number: inHead ? one.number : formatValue(one.figure), rest };
  });
  const title = inHead && unit === 'column' && !isNamed(head, shared) ? `${head},${THIN}${shared}` : head;
  return cellColumn(title, cells);
}

/** A column without intervals, to two or three digits: durations, each in its own unit, and shares. */
export function plainColumn(head: string, figures: readonly (Figure | null)[], flags: readonly MarkedFlag[]): Column {
  const cells = figures.map((figure): Cell => {
    if (figure === null) return { number: ABSENT, rest: '' };
    const { value, unit } = figure;
    const number = unit === 'ms' ? formatDuration(value) : `${formatSignificant(value)}${THIN}${unit}`;
    return { number, rest: letterMarks([figure], flags) };
  });
  return cellColumn(head, cells);
}

/** A table with its title. Empty columns are omitted. */
export function titled(title: string, first: Column, others: readonly Column[], { width, paint }: Output): string[] {
  const filled = others.filter(({ cells }) => cells.some((cell) => cell.trim() !== ABSENT));
  const lines = columnsOf(first, filled, width - INDENT.length, (head) => paint('dim', head));
  return [...wrap(title, width).map((line) => paint('bold', line)), ...lines.map(indented)];
}

/**
 * A single-block table with its title: columns that do not fit are dropped, the last ones in `byWorth` first. If not
 * even the first fits, each row is a list. @param byWorth the columns, the most important first @param order of the
 * columns' heads in the table
 */
export function fitted(
  title: string,
  first: Column,
  byWorth: readonly Column[],
  { width, paint }: Output,
  order: (column: Column) => number = (column) => byWorth.indexOf(column),
): string[] {
  const filled = byWorth.filter(({ cells }) => cells.some((cell) => cell.trim() !== ABSENT));
  const heading = wrap(title, width).map((line) => paint('bold', line));
  let room = width - INDENT.length - widthOf(first);
  const kept: Column[] = [];
  for (const column of filled) {
    const needed = GAP.length + widthOf(column);
    if (needed > room) continue;
    room -= needed;
    kept.push(column);
  }
  if (filled.length > 0 && kept.length === 0) return [...heading, ...stacked(first, filled).map(indented)];
  const lines = columnsOf(
    first,
    kept.toSorted((a, b) => order(a) - order(b)),
    width - INDENT.length,
    (head) => paint('dim', head),
  );
  return [...heading, ...lines.map(indented)];
}

/** Each row as its name and, below it, its cells. */
function stacked(first: Column, columns: readonly Column[]): string[] {
  return first.cells.flatMap((name, row) => [
    name.trim(),
    ...columns.map(({ head, cells }) => indented(`${head}: ${(cells[row] ?? ABSENT).trim().replaceAll(/ +/g, ' ')}`)),
  ]);
}

const INDENT = '  ';

export const indented = (line: string) => (line === '' ? '' : `${INDENT}${line}`);
