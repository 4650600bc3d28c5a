/** The advice for a terminal. Pure. */
import { sizeText } from '../../core/advise/adr.ts';
import type { Advice, ArmAdvice } from '../../core/advise/advise.ts';
import type { RunEvidence } from '../../core/advise/evidence.ts';
import type { Flips } from '../../core/advise/flips.ts';
import { sharedReasons, sharedText } from '../../core/advise/grouped.ts';
import type { Carries } from '../../core/advise/inverse.ts';
import type { Needs } from '../../core/advise/needs.ts';
import type { Verdict } from '../../core/advise/reason.ts';
import { answerTexts, carriesTexts, flipTexts, lagText, needsTexts } from '../../core/advise/sentences.ts';
import { bytesText, integerText, latencyText, listText, moneyText, rangeText } from '../../core/advise/words.ts';
import { formatTime } from '../../core/text/format.ts';
import { type Column, columnsOf, hang, wrap } from '../../core/text/layout.ts';

export interface Answer {
  readonly run: RunEvidence;
  readonly needs: Needs;
  readonly advice: Advice;
  readonly flips: Flips;
  /** The load that each arm can carry, if requested. */
  readonly carries: readonly { readonly name: string; readonly load: Carries }[];
}

export interface TextOptions {
  readonly width: number;
  readonly paint: (style: 'bold' | 'dim' | 'green' | 'red', text: string) => string;
}

const INDENT = '  ';

/** More arms than this are only named. */
const MOST_ROWS = 10;

function rankedLines(arms: readonly ArmAdvice[], width: number): string[] {
  const rest = arms.slice(MOST_ROWS).map(({ name }) => name);
  const more = rest.length === 0 ? [] : hang(`${INDENT}and `, `${listText(rest)}: --json gives their figures`, width);
  return [...rankedTable(arms.slice(0, MOST_ROWS), width), ...more];
}

function rankedTable(ranked: readonly ArmAdvice[], width: number): string[] {
  const column = (head: string, cell: (arm: ArmAdvice) => string): Column => ({
    head,
    cells: ranked.map(cell),
    align: 'right',
  });
  const sized = (show: (sizing: NonNullable<ArmAdvice['sizing']>) => string) => (arm: ArmAdvice) =>
    arm.sizing === null ? '—' : show(arm.sizing);
  const names: Column = { head: 'arm', cells: ranked.map(({ name }) => name), align: 'left' };
  const columns = [
    column('place', ({ place }) => (place === null ? '—' : String(place))),
    column(
      'replicas',
      sized(({ replicas }) => rangeText(replicas, integerText)),
    ),
    column(
      'companions',
      sized(({ companions }) => (companions.high === 0 ? '—' : rangeText(companions, integerText))),
    ),
    column(
      'Redis nodes',
      sized(({ redisNodes }) => (redisNodes.high === 0 ? 'none' : rangeText(redisNodes, integerText))),
    ),
    column(
      'Redis memory',
      sized(({ redisBytes }) => (redisBytes === null ? '—' : redisBytes.high === 0 ? 'none' : bytesText(redisBytes))),
    ),
    column(
      'network',
      sized(({ wireBytesPerSecond }) => (wireBytesPerSecond === null ? '—' : bytesText(wireBytesPerSecond, 'B/s'))),
    ),
    column(
      'p99 (model)',
      sized(({ p99Ms }) => latencyText(p99Ms)),
    ),
    column('revoked', ({ lag }) => (lag === null ? '—' : lagText(lag.read))),
    column(
      'a month',
      sized(({ money }) => (money === null ? '—' : moneyText(money))),
    ),
  ];
  const filled = columns.filter(({ cells }) => cells.some((cell) => cell !== '—'));
  return columnsOf(names, filled, width - INDENT.length).map((line) => `${INDENT}${line}`.trimEnd());
}

/** Each reason once. */
function reasonTexts(arms: readonly ArmAdvice[], verdicts: readonly Verdict[], needs: Needs): string[] {
  return sharedReasons(arms, verdicts, needs).map(sharedText);
}

const OUT: readonly Verdict[] = ['breaks', 'unknown'];

/** The figures of the first arms, by their names in figures.csv. */
function restsOn({ advice, run }: Answer): string {
  const first = advice.ranked.filter(({ name }) => advice.first.includes(name));
  const figures = first.flatMap(({ sizing, reasons }) => [
    ...(sizing?.figures ?? []),
    ...reasons.flatMap((reason) => reason.figures),
  ]);
  const names = new Set(figures.map(({ experiment, metric }) => `${experiment}/${metric}`));
  if (advice.certainty === 'supported' || advice.certainty === 'tied') {
    const [pair] = run.pairs;
    if (pair !== undefined) names.add(`${pair.ratio.experiment}/${pair.ratio.metric}`);
  }
  return names.size === 0 ? 'what the arms declare' : [...names].join(', ');
}

export function adviceText(answer: Answer, { width, paint }: TextOptions): string {
  const { run, needs, advice, flips, carries } = answer;
  const paragraph = (text: string) => wrap(text, width);
  const items = (texts: readonly string[]) => texts.flatMap((text) => hang(`${INDENT}- `, text, width));
  const section = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : ['', paint('bold', title), ...lines];
  const from = `${run.reference ? 'Reference run, made elsewhere' : 'Run'} ${run.runId}, ${formatTime(run.startedAt)}: ${run.machine}.${run.complete ? '' : ' It is not complete.'}`;
  const [verdict = '', ...more] = answerTexts(advice, needs, run);
  const first = advice.ranked.filter(({ name }) => advice.first.includes(name));
  const [head] = first;
  return [
    ...paragraph(`Requirements: ${needsTexts(needs).join('; ')}.`).map((line) => paint('dim', line)),
    ...paragraph(from).map((line) => paint('dim', line)),
    '',
    ...paragraph(verdict).map((line) => paint('bold', line)),
    ...items(more),
    ...(head === undefined
      ? []
      : section(
          `${head.name}${first.length === 1 ? '' : ', which has the lowest estimate'}`,
          items([head.title, ...sizeText(head, needs)]),
        )),
    ...section('Mind', items(reasonTexts(first, ['caution'], needs))),
    ...section('Arms that meet the requirements', advice.ranked.length === 0 ? [] : rankedLines(advice.ranked, width)),
    ...section('Capacity, with costs at the upper ends of their intervals', items(carriesTexts(carries))),
    ...section('Ruled out', items(reasonTexts(advice.ruledOut, OUT, needs))),
    ...section('Not judged', items(reasonTexts(advice.open, OUT, needs))),
    ...section('What would change the first place', items(flipTexts(flips, advice.first))),
    ...section('Not measured', items(advice.missing.map(({ what, command }) => `${what}: ${command}`))),
    ...section('Rests on', [
      ...items([restsOn(answer), `validity flags: ${advice.flags.length === 0 ? 'none' : listText(advice.flags)}`]),
    ]),
  ].join('\n');
}
