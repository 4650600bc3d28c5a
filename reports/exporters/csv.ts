import type { Figure } from '../../core/results/schema.ts';
import { formatFactors } from '../../core/text/format.ts';
import type { Exporter } from './exporter.ts';

type Cell = string | number;

export const FIGURE_COLUMNS: readonly (readonly [name: string, cell: (figure: Figure) => Cell])[] = [
  ['experiment', (figure) => figure.experiment],
  ['arm', (figure) => figure.arm ?? ''],
  ['factors', (figure) => formatFactors(figure.factors)],
  ['metric', (figure) => figure.metric],
  ['unit', (figure) => figure.unit],
  ['value', (figure) => figure.value],
  ['low', (figure) => figure.low],
  ['high', (figure) => figure.high],
  ['confidence', (figure) => figure.confidence],
  ['blocks', (figure) => figure.blocks],
  ['forks', (figure) => figure.forks],
  ['source', (figure) => figure.source],
  ['flags', (figure) => figure.flags.join(';')],
];

/** What makes a spreadsheet run a text as a formula (OWASP, "CSV Injection"): also in full width, and after blanks. */
const FORMULA = /^(?:[\t\r\n]|\s*[=+\-@＝＋－＠])/;

/**
 * One field according to RFC 4180. A text that could run as a formula gets an apostrophe before it; numbers are
 * unchanged, so that −1 stays a number.
 */
export function csvField(cell: Cell): string {
  if (typeof cell === 'number') return String(cell);
  const text = FORMULA.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Rows according to RFC 4180, each with its line end. */
export function csvTable(rows: readonly (readonly Cell[])[]): string {
  return rows.map((row) => `${row.map(csvField).join(',')}\r\n`).join('');
}

/** The tidy table, with all digits: for machines, while the other files are for readers. */
export const csv: Exporter = {
  name: 'csv',
  render(view) {
    const rows = [
      FIGURE_COLUMNS.map(([name]) => name),
      ...view.whole.figures.map((figure) => FIGURE_COLUMNS.map(([, cell]) => cell(figure))),
    ];
    return [{ path: 'figures.csv', content: csvTable(rows) }];
  },
};
