/** The published benchmarks and their replays as Markdown. Pure. */
import { formatEstimate, formatSignificant, THIN } from '../core/text/format.ts';
import { escapeMarkdown, markdownTable } from '../core/text/markdown.ts';
import type { PublishedBenchmark, PublishedFigure } from './benchmark.ts';
import { FINDINGS, type Finding, type FindingName, sideOf, type Unit } from './finding.ts';
import type { Measured } from './measured.ts';
import type { Replay } from './replays/replay.ts';

export function publishedText({ value, unit }: { readonly value: number; readonly unit: Unit }): string {
  return unit === '×' ? `${formatSignificant(value)}×` : `${formatSignificant(value, 4)}${THIN}${unit}`;
}

export function findingText({ name, value, low, high }: Finding): string {
  return formatEstimate({ value, low, high, unit: FINDINGS[name].unit });
}

/** The answers to whether our ratio is on the same side of 1. */
export const ANSWERS = { same: 'yes', other: 'no', open: 'inconclusive: our interval contains 1' } as const;

/** Whether our ratio is on the same side of 1 as the source's. Null if the source prints no ratio. */
export function agreement({ value, unit }: PublishedFigure, found: Finding): keyof typeof ANSWERS | null {
  if (unit !== '×') return null;
  const side = sideOf(found);
  if (side === 'open') return 'open';
  return value > 1 === (side === 'above') ? 'same' : 'other';
}

const WINNERS = {
  session: 'the session',
  token: 'the token',
  neither: 'neither: it compares libraries or algorithms',
} as const;

function overview(benchmarks: readonly PublishedBenchmark[]): string {
  const rows = benchmarks.map(({ name, winner, replay }) => [
    `[${name}](#${name})`,
    winner === 'neither' ? '–' : WINNERS[winner],
    'by' in replay ? `\`${replay.by}\`` : 'no',
  ]);
  return markdownTable(['benchmark', 'ahead in the source', 'replayed by'], rows);
}

function figuresTable({ figures }: PublishedBenchmark, findings: ReadonlyMap<FindingName, Finding>): string {
  const rows = figures.map((figure) => {
    const found = figure.askedHere === undefined ? undefined : findings.get(figure.askedHere);
    const agrees = found === undefined ? null : agreement(figure, found);
    return [
      figure.what,
      publishedText(figure),
      found === undefined ? '–' : findingText(found),
      agrees === null ? '–' : ANSWERS[agrees],
    ];
  });
  return markdownTable(['figure', 'published', 'here', 'same side of 1'], rows);
}

function section(benchmark: PublishedBenchmark, findings: ReadonlyMap<FindingName, Finding>): string {
  const { name, title, by, address, version, setup, winner, replay, lesson } = benchmark;
  const replayed =
    'by' in replay
      ? `Replayed by \`${replay.by}\`. Difference from the source: ${replay.differs}`
      : `Not replayed: ${replay.notReplayed}`;
  return [
    `### ${name}`,
    `${escapeMarkdown(by)}: [${escapeMarkdown(title)}](${address}) (${version}).`,
    `Setup: ${setup} Ahead: ${WINNERS[winner]}.`,
    figuresTable(benchmark, findings),
    replayed,
    lesson,
  ].join('\n\n');
}

function replaySection({ name, title, method }: Replay, findings: readonly Finding[]): string {
  const rows = findings.map((found) => [
    FINDINGS[found.name].what,
    findingText(found),
    `${found.blocks} in ${found.forks}`,
  ]);
  return [
    `### ${title}`,
    `\`${name}\`. ${method}`,
    markdownTable(['figure', 'value', 'blocks in fresh starts'], rows),
  ].join('\n\n');
}

function origin({ at, machine, loadAverage, seed, seconds }: Measured): string {
  const { cpu, cores, platform, node } = machine;
  const busy =
    loadAverage > cores / 2
      ? ': other programs used the machine. The rates of the closed loops suffer from that, most of all where several processes take part in a request, as with a session in Redis; CPU times hardly do'
      : '';
  return [
    `Measured on ${at.slice(0, 10)} in ${Math.round(seconds)} s, seed ${seed}: ${escapeMarkdown(cpu)}, ${cores} cores, ${escapeMarkdown(platform)}, Node ${node}.`,
    `The load average before the run was ${loadAverage.toFixed(1)}${busy}.`,
  ].join('\n');
}

export function publishedPage(
  benchmarks: readonly PublishedBenchmark[],
  replays: readonly Replay[],
  measured: Measured,
): string {
  const findings = new Map(measured.findings.map((found) => [found.name, found]));
  const of = (replay: Replay) => measured.findings.filter(({ name }) => replay.finds.includes(name));
  return [
    origin(measured),
    '## The benchmarks',
    overview(benchmarks),
    'The last column of each table says whether a ratio is on the same side of 1 here as in the source.',
    ...benchmarks.map((benchmark) => section(benchmark, findings)),
    '## The replays',
    'Brackets are 95 % intervals. Bytes are counted, and have none.',
    ...replays.map((replay) => replaySection(replay, of(replay))),
  ].join('\n\n');
}
