/**
 * The end of a run, for a terminal: the figures, their flags and limits, and the answer last, where the eye is when
 * the command ends. A run of several experiments is summarised, and a single one is printed in full. Uses the same
 * view as every other report. Pure.
 */
import { styleText } from 'node:util';
import { FLAG_MARK, flagScope, letterMarks, type MarkedFlag } from '../../core/text/flags.ts';
import { formatCores, formatEstimate, formatTime, THIN } from '../../core/text/format.ts';
import { hang, wrap } from '../../core/text/layout.ts';
import { shellWord } from '../../core/text/shell.ts';
import type { ThresholdResult } from '../../core/thresholds/judge.ts';
import { answersOf } from '../charts/answers.ts';
import { usualPercent } from '../view/glossary.ts';
import type { Statement } from '../view/statement.ts';
import type { ReportView } from '../view/view.ts';
import { armsTable, briefArmsTable, scaleTable } from './terminal/arms.ts';
import { limitLines, revoked, underLoad } from './terminal/brief.ts';
import { capacityTable } from './terminal/capacity.ts';
import { outageTables, revocationTable } from './terminal/faults.ts';
import { explainedTable, primitivesTable, profileTable } from './terminal/hot-path.ts';
import { latencyTable } from './terminal/latency.ts';
import { indented, type Output, type Style } from './terminal/text.ts';

export interface TerminalOptions {
  /** Whether the terminal shows colours. */
  readonly colour: boolean;
  /** The width of the terminal, in characters. */
  readonly width: number;
  /** The folder of the run as the user would type it; without it, no files are named. */
  readonly directory?: string;
  /** The results of the limits on figures, if there are any. */
  readonly limits?: readonly ThresholdResult[];
}

/** Shorter lines cannot hold a figure next to a name; longer ones are hard to read. */
const LEAST_WIDTH = 60;
const MOST_WIDTH = 100;

/** The parts for a single experiment. */
const IN_FULL = [
  armsTable,
  scaleTable,
  latencyTable,
  capacityTable,
  primitivesTable,
  explainedTable,
  profileTable,
  revocationTable,
  outageTables,
] as const;
/** The parts for several experiments; the report has the rest. */
const IN_BRIEF = [briefArmsTable, underLoad, revoked] as const;
/** A screen: the brief end of a run fits, with a line for the next prompt. */
const MOST_LINES = 44;
/** The baseline, the ordinary session and token, and a line for the others. */
const FEWEST_ROWS = 4;
const MOST_ROWS = 40;
/** The number of sentences about the ordinary session and token; the tables above and the report cover the rest. */
const MOST_SENTENCES = 2;

function isBrief({ run }: ReportView): boolean {
  return new Set(run.figures.map(({ experiment }) => experiment)).size > 1;
}

function section(title: string, lines: readonly string[], { paint }: Output): string[] {
  return lines.length === 0 ? [] : [paint('bold', title), ...lines.map(indented)];
}

function head({ run }: ReportView, width: number): string[] {
  const { cpuModel, cores } = run.environment;
  const parts = [formatTime(run.startedAt), `${cpuModel}, ${formatCores(cores)}`, run.config.profile];
  const line = `Tollgate: ${parts.join(' · ')}`;
  const whole = `${line} profile`;
  return wrap(whole.length <= width ? whole : line, width);
}

function warnings(view: ReportView, output: Output): string[] {
  const lines = view.warnings.flatMap((warning) => hang('- ', warning, output.width - 2));
  return section('Warnings', lines, output).map((line, index) => (index === 0 ? output.paint('red', line) : line));
}

const LETTERS = new RegExp(`${FLAG_MARK}([A-Za-z,]+)`, 'g');

/** The meaning of the marks. @param shown the text that contains them: other letters are explained in the report */
function legend(view: ReportView, shown: readonly string[], output: Output): string[] {
  const { run, flags, ranking } = view;
  const percent = usualPercent(run.figures);
  if (percent === null) return [];
  const ties = ranking === null ? '' : '; = no difference found';
  const letters = new Set(
    shown.flatMap((line) => [...line.matchAll(LETTERS)].flatMap(([, all = '']) => all.split(','))),
  );
  const marked = flags
    .filter(({ letter, figures }) => figures === 0 || letters.has(letter))
    .map(({ letter, title, figures }) => `${letter} ${title}${figures > 0 ? '' : ' (whole run)'}`);
  const caveat = marked.length === 0 ? '' : `; †${marked.join(', ')}`;
  return wrap(`[low–high] ${percent} % interval${ties}${caveat}`, output.width).map((line) =>
    output.paint('dim', line),
  );
}

/** The flags, with the advice for each. */
function caveats({ flags }: ReportView, output: Output): string[] {
  const lines = flags.flatMap((flag) => {
    const { letter, title, advice, figures } = flag;
    const whole = figures > 0 ? '' : ` (${flagScope(flag)})`;
    return hang(`${letter}  `, `${title}${whole}: ${advice}`, output.width - 2);
  });
  return section('Caveats (the letters after †)', lines, output);
}

/** The sentence with the letters of its flags. */
function withMarks({ text, figures }: Statement, flags: readonly MarkedFlag[]): string {
  const marks = letterMarks(figures, flags);
  return marks === '' ? text : `${text} ${marks}`;
}

/** When to choose what: only the needs, since the figures are above and in the report. */
function choice({ verdict }: ReportView): string[] {
  const parts = verdict.choices.map(
    ({ choose, clauses }) => `${choose} if ${clauses.map(({ need }) => need).join(', or ')}`,
  );
  return parts.length === 0 ? [] : [`Choose ${parts.join('; ')}.`];
}

function answer(view: ReportView, output: Output): string[] {
  const { aa, flags } = view;
  const sentences = [
    ...(aa === null || !aa.holds ? [] : [`A/A check: ${formatEstimate(aa.figure)} the baseline, as it should be`]),
    ...answersOf(view)
      .slice(0, view.headline.length > 0 ? MOST_SENTENCES : undefined)
      .map((one) => withMarks(one, flags)),
    ...choice(view),
  ];
  return section(
    'Answer',
    sentences.flatMap((sentence) => wrap(sentence, output.width - 2)),
    output,
  );
}

function files({ claims }: ReportView, directory: string, output: Output): string[] {
  const judged = claims.filter(({ verdict }) => verdict !== 'not measured').length;
  const tested =
    judged === 0 ? [] : [`${judged} of ${claims.length} claims judged: npm run claims -- ${shellWord(directory)}`];
  const lines = [`Report: ${directory}/report.html`, ...tested];
  const whole = lines.join(' · ');
  return (whole.length <= output.width ? [whole] : lines).map((line) =>
    line.replace(/^Report/, output.paint('bold', 'Report')),
  );
}

/** The whole text, ending in a line feed. */
export function renderTerminal(view: ReportView, options: TerminalOptions): string {
  const { colour, width, directory, limits = [] } = options;
  const output: Output = {
    width: Math.max(LEAST_WIDTH, Math.min(MOST_WIDTH, width)),
    paint: (style: Style, text: string) => (colour ? styleText(style, text, { validateStream: false }) : text),
  };
  const named = directory === undefined ? [] : files(view, directory, output);
  const limited = limitLines(limits, output);
  const end = [warnings(view, output), answer(view, output)];
  const whole = (tables: readonly (readonly string[])[], between: readonly (readonly string[])[]) =>
    [head(view, output.width), ...tables, ...between, ...end].filter((lines) => lines.length > 0);
  const inFull = () =>
    whole(
      IN_FULL.map((table) => table(view, output)),
      [limited, caveats(view, output), named],
    );
  const inBrief = (most: number) => {
    const tables = IN_BRIEF.map((table) => table(view, output, most));
    return whole(tables, [[...limited, ...legend(view, [...tables, ...end].flat(), output), ...named]]);
  };
  const blocks = isBrief(view) ? fitting(inBrief) : inFull();
  // Line breaks are final, so no-break spaces can become ordinary ones, which every font has.
  return `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`.replaceAll(THIN, ' ');
}

/** Renders as many rows as fit on a screen. */
function fitting(render: (most: number) => (readonly string[])[]): (readonly string[])[] {
  for (let most = MOST_ROWS; most > FEWEST_ROWS; most -= 1) {
    const blocks = render(most);
    if (blocks.flat().length + blocks.length - 1 <= MOST_LINES) return blocks;
  }
  return render(FEWEST_ROWS);
}
