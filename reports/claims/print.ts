/** The ledger as a table for a terminal, and as JSON. Pure. */
import type { Figure, Run } from '../../core/results/schema.ts';
import { formatEstimate } from '../../core/text/format.ts';
import { wrap } from '../../core/text/layout.ts';
import type { Verdict } from './claim.ts';
import { type LedgerEntry, referenceTo, tallyText, verdictText } from './ledger.ts';

export interface PrintOptions {
  /** The width of the terminal in columns. */
  readonly columns: number;
  /** Whether to print the figures too. */
  readonly figures: boolean;
  readonly paint: (style: 'bold' | 'dim' | 'green' | 'red' | 'yellow', text: string) => string;
}

const COLOURS = {
  holds: 'green',
  'holds only if': 'yellow',
  'does not hold': 'red',
  inconclusive: 'dim',
  'not measured': 'dim',
} as const satisfies Record<Verdict, string>;

const NUMBER_WIDTH = 4;
const GAP = 2;

interface Column {
  readonly lines: readonly string[];
  readonly width: number;
  readonly paint: (text: string) => string;
}

function sideBySide(columns: readonly Column[]): string[] {
  const height = Math.max(...columns.map(({ lines }) => lines.length));
  return Array.from({ length: height }, (_, i) =>
    columns
      .map(({ lines, width, paint }) => {
        const text = lines[i] ?? '';
        // Painted after padding, because escape sequences have no width on the screen.
        return paint(text) + ' '.repeat(Math.max(0, width - text.length));
      })
      .join('')
      .trimEnd(),
  );
}

function rowOf(entry: LedgerEntry, { columns, figures, paint }: PrintOptions): string[] {
  const { claim, verdict, because, contrary, turns } = entry;
  const room = columns - NUMBER_WIDTH - 2 * GAP;
  const [left, middle] = [Math.floor(room * 0.28), Math.floor(room * 0.24)];
  const right = room - left - middle;
  const why = [
    because,
    ...(contrary === null ? [] : [`Contrary to common belief: ${contrary}`]),
    ...(turns === null ? [] : [turns]),
  ];
  const references = figures
    ? entry.figures.flatMap(({ label, figure }) => [`${label}: ${formatEstimate(figure)}`, `  ${referenceTo(figure)}`])
    : [];
  const plain = (text: string) => text;
  return [
    ...sideBySide([
      { lines: [String(claim.number).padStart(2)], width: NUMBER_WIDTH, paint: plain },
      { lines: wrap(claim.statement, left), width: left + GAP, paint: plain },
      {
        lines: wrap(verdictText(entry), middle),
        width: middle + GAP,
        paint: (text) => (text === '' ? '' : paint(COLOURS[verdict], text)),
      },
      { lines: why.flatMap((text) => wrap(text, right)), width: right, paint: plain },
    ]),
    ...references.map((line) => paint('dim', ' '.repeat(NUMBER_WIDTH) + line)),
  ];
}

export function ledgerText(run: Run, ledger: readonly LedgerEntry[], options: PrintOptions): string {
  const head = options.paint('bold', `Claims about sessions and tokens, judged by run ${run.runId}`);
  const rows = ledger.map((entry) => rowOf(entry, options).join('\n'));
  return `${[head, `${tallyText(ledger)}.`, '', rows.join('\n\n')].join('\n')}\n`;
}

interface JsonFigure extends Figure {
  readonly label: string;
  readonly reference: string;
}

export interface JsonLedger {
  readonly runId: string;
  readonly claims: readonly {
    readonly number: number;
    readonly id: string;
    readonly statement: string;
    readonly experiments: readonly string[];
    readonly verdict: Verdict;
    readonly condition: string | null;
    readonly text: string;
    readonly because: string;
    readonly contrary: string | null;
    readonly turns: string | null;
    readonly figures: readonly JsonFigure[];
  }[];
}

export function ledgerJson(run: Run, ledger: readonly LedgerEntry[]): JsonLedger {
  return {
    runId: run.runId,
    claims: ledger.map((entry) => {
      const { claim, verdict, condition, because, contrary, turns, figures } = entry;
      const { number, id, statement, experiments } = claim;
      return {
        number,
        id,
        statement,
        experiments,
        verdict,
        condition,
        text: verdictText(entry),
        because,
        contrary,
        turns,
        figures: figures.map(({ label, figure }) => ({ label, reference: referenceTo(figure), ...figure })),
      };
    }),
  };
}
