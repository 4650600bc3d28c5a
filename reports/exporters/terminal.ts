/**
 * The end of a run, for a terminal: the terms, the figures, their caveats, and the answer last, where the eye is when
 * the command ends. Made from the same view as every other report. Pure.
 */
import { styleText } from 'node:util';
import { letterMarks, type MarkedFlag } from '../../core/text/flags.ts';
import { formatTime, THIN } from '../../core/text/format.ts';
import { hang, wrap } from '../../core/text/layout.ts';
import { answersOf } from '../charts/answers.ts';
import { tallyText } from '../claims/ledger.ts';
import { glossaryOf } from '../view/glossary.ts';
import type { Statement } from '../view/statement.ts';
import type { ReportView } from '../view/view.ts';
import { armsTable, scaleTable } from './terminal/arms.ts';
import { outageTables, revocationTable } from './terminal/faults.ts';
import { explainedTable, primitivesTable, profileTable } from './terminal/hot-path.ts';
import { latencyTable } from './terminal/latency.ts';
import { indented, type Output, type Style } from './terminal/text.ts';

export interface TerminalOptions {
  /** Whether the terminal shows colours. */
  readonly colour: boolean;
  /** Of the terminal, in characters. */
  readonly width: number;
  /** The folder of the run as the user would type it; without it, no files are named. */
  readonly directory?: string;
}

/** Lines of fewer characters cannot hold a figure beside a name; longer ones are hard to read. */
const LEAST_WIDTH = 60;
const MOST_WIDTH = 100;

const TABLES = [
  armsTable,
  scaleTable,
  latencyTable,
  primitivesTable,
  explainedTable,
  profileTable,
  revocationTable,
  outageTables,
] as const;

function section(title: string, lines: readonly string[], { paint }: Output): string[] {
  return lines.length === 0 ? [] : [paint('bold', title), ...lines.map(indented)];
}

function terms(view: ReportView, output: Output): string[] {
  const all = glossaryOf(view);
  const longest = Math.max(...all.map(({ term }) => term.length));
  const lines = all.flatMap(({ term, meaning }) => hang(`${term.padEnd(longest)}  `, meaning, output.width - 2));
  return section('How to read this (the answer is at the end)', lines, output);
}

function head({ run }: ReportView): string {
  const { cpuModel, cores } = run.environment;
  const parts = [formatTime(run.startedAt), `${cpuModel}, ${cores} cores`, `${run.config.profile} profile`];
  return `Tollgate: what authentication costs. ${parts.join(' · ')}`;
}

function warnings(view: ReportView, output: Output): string[] {
  const lines = view.warnings.flatMap((warning) => hang('- ', warning, output.width - 2));
  return section('Warnings', lines, output).map((line, index) => (index === 0 ? output.paint('red', line) : line));
}

function caveats({ flags }: ReportView, output: Output): string[] {
  const lines = flags.flatMap(({ letter, title, advice, figures }) => {
    // A flag of the run as a whole stands beside no figure.
    const whole = figures > 0 ? '' : ' (the whole run)';
    return hang(`${letter}  `, `${title}${whole}: ${advice}`, output.width - 2);
  });
  return section('Caveats (the letters after †)', lines, output);
}

/** The sentence and the letters of its caveats. */
function withMarks({ text, figures }: Statement, flags: readonly MarkedFlag[]): string {
  const marks = letterMarks(figures, flags);
  return marks === '' ? text : `${text} ${marks}`;
}

function answer(view: ReportView, output: Output): string[] {
  const { aa, claims, flags } = view;
  const judged = claims.filter(({ verdict }) => verdict !== 'not measured');
  const tested = `Of ${claims.length} common claims about sessions and tokens, this run tests ${judged.length}`;
  const ledger = judged.length === 0 ? [] : [`${tested}: ${tallyText(judged)}.`];
  const sentences = [
    ...answersOf(view).map((one) => withMarks(one, flags)),
    ...(aa === null || !aa.holds ? [] : [aa.sentence]),
    ...ledger,
  ];
  return section(
    'Answer',
    sentences.flatMap((sentence) => wrap(sentence, output.width - 2)),
    output,
  );
}

function files(directory: string, output: Output): string[] {
  return [
    `${output.paint('bold', 'Report')}: ${directory}/report.html (open it in a browser)`,
    indented(`Claims one by one: npm run claims -- ${directory}`),
    indented('Same folder: summary.md, figures.csv, charts/, run.json'),
  ];
}

/** The whole text, with a line feed at its end. */
export function renderTerminal(view: ReportView, { colour, width, directory }: TerminalOptions): string {
  const output: Output = {
    width: Math.max(LEAST_WIDTH, Math.min(MOST_WIDTH, width)),
    paint: (style: Style, text: string) => (colour ? styleText(style, text, { validateStream: false }) : text),
  };
  const blocks = [
    wrap(head(view), output.width),
    terms(view, output),
    ...TABLES.map((table) => table(view, output)),
    caveats(view, output),
    warnings(view, output),
    answer(view, output),
    directory === undefined ? [] : files(directory, output),
  ].filter((lines) => lines.length > 0);
  // Breaks are made, so that the space which forbids one can be an ordinary space, as every font has it.
  return `\n${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`.replaceAll(THIN, ' ');
}
