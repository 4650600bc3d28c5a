/** A weekly digest of changes in the figures, as Markdown. Pure. */
import type { Acceptance } from '../../core/results/history/acceptance.ts';
import { acceptedBy } from '../../core/results/history/accepted-by.ts';
import type { HistoryRun } from '../../core/results/history/entry.ts';
import { excursionsOf } from '../../core/results/history/excursions.ts';
import type { History } from '../../core/results/history/history.ts';
import type { Series, SeriesPoint } from '../../core/results/history/series.ts';
import { suspectsOf } from '../../core/results/history/suspects.ts';
import { type Change, trendOf } from '../../core/results/history/trend.ts';
import { watched } from '../../core/results/history/watched.ts';
import { changeWords } from '../../core/text/changes.ts';
import { formatFactors } from '../../core/text/format.ts';
import { mixedSentence, ofKind, separateSentence } from '../../core/text/kinds.ts';
import { escapeMarkdown } from '../../core/text/markdown.ts';
import { kindsDifferIn } from './explain.ts';

export interface DigestOptions {
  readonly days: number;
  /** The end of the time, ms since 1970. */
  readonly untilMs: number;
}

interface Found {
  readonly series: Series;
  readonly change: Change;
  readonly accepted: Acceptance | null;
}

const DAY_MS = 86_400_000;
const MOST_LINES = 30;

/** The changes of level and of slope of watched figures that began in these days, those for the worse first. */
export function digest(history: History, series: readonly Series[], { days, untilMs }: DigestOptions): string {
  const fromMs = untilMs - days * DAY_MS;
  const isWithin = (at: string) => Date.parse(at) > fromMs && Date.parse(at) <= untilMs;
  const runs = history.entries.filter(({ at }) => isWithin(at));
  const found = watched(series).flatMap((one) =>
    trendOf(one)
      .changes.filter(({ at }) => isWithin(at.at))
      .map((change): Found => ({ series: one, change, accepted: acceptedBy(one, change, history.acceptances) })),
  );
  const of = (better: Change['better'], isAccepted = false) =>
    found.filter(({ change, accepted }) => change.better === better && (accepted !== null) === isAccepted);
  const aside = watched(series).flatMap((one) => trendOf(one).aside.filter(({ at }) => isWithin(at.at)));
  const broken = new Set(aside.map(({ at }) => at.runId)).size;
  const otherUnit = watched(series)
    .flatMap((one) => excursionsOf(one))
    .filter(({ isOtherUnit, last }) => isOtherUnit && isWithin(last.at)).length;
  const day = (ms: number) => new Date(ms).toISOString().slice(0, 10);
  return [
    `## Tollgate: ${day(fromMs)} to ${day(untilMs)}`,
    '',
    `${count(runs.length, 'run')} on ${count(new Set(runs.map(({ machineClass }) => machineClass)).size, 'class', 'classes')} of machine. ${count(of('worse').length, 'change')} for the worse, ${of('better').length} for the better, ${of('worse', true).length} accepted.`,
    ...(broken === 0
      ? []
      : [
          '',
          `${count(broken, 'run')} excluded: they did not measure the same as the others.${otherUnit === 0 ? '' : ` In ${otherUnit} series they are about a power of 1,000 off, as if in another unit.`}`,
        ]),
    ...mixed(series, history.entries),
    ...section('Worse', of('worse'), history.entries),
    ...section('Better', of('better'), history.entries),
    ...section('Accepted', of('worse', true), history.entries),
    '',
  ].join('\n');
}

/** What is said of series that mix two kinds of run. */
function mixed(series: readonly Series[], entries: readonly HistoryRun[]): string[] {
  const mixing = watched(series).flatMap((one) => {
    const kinds = trendOf(one).mixed;
    return kinds === null ? [] : [{ one, kinds }];
  });
  const [first] = mixing;
  if (first === undefined) return [];
  const apart = separateSentence(kindsDifferIn(first.one, first.kinds, entries));
  const text = `${mixedSentence(first.kinds, ` in ${mixing.length} series`)} ${apart}`;
  return ['', escapeMarkdown(text)];
}

const count = (of: number, one: string, many = `${one}s`) => `${of} ${of === 1 ? one : many}`;

function section(title: string, found: readonly Found[], entries: readonly HistoryRun[]): string[] {
  if (found.length === 0) return [];
  const largest = found.toSorted((a, b) => Math.abs(Math.log(b.change.ratio)) - Math.abs(Math.log(a.change.ratio)));
  const more = found.length - MOST_LINES;
  return [
    '',
    `### ${title}`,
    '',
    ...largest.slice(0, MOST_LINES).map((one) => `- ${line(one, entries)}`),
    ...(more > 0 ? [`- and ${more} more`] : []),
  ];
}

function line({ series, change, accepted }: Found, entries: readonly HistoryRun[]): string {
  const { arm, experiment, metric, factors, machineClass } = series;
  const place = Object.keys(factors).length === 0 ? '' : ` (${formatFactors(factors)})`;
  const commit = change.at.commit === null ? '' : `, commit ${change.at.commit.slice(0, 12)}`;
  const words = [
    `${arm ?? experiment}: ${metric}${place} ${changeWords(change, metric)}${ofKind(change)}`,
    `since ${change.at.at.slice(0, 10)}${commit}`,
    suspectsIn(change, entries),
    accepted === null ? '' : `accepted by ${accepted.owner}: ${accepted.reason}`,
    machineClass,
  ];
  return words
    .filter((word) => word !== '')
    .map(escapeMarkdown)
    .join('; ');
}

/** What else changed with it; empty where nothing is known, or nothing did. */
function suspectsIn(change: Change, entries: readonly HistoryRun[]): string {
  const entryOf = (point: SeriesPoint) => entries.find(({ runId, at }) => runId === point.runId && at === point.at);
  const suspects = suspectsOf(entryOf(change.known.before), entryOf(change.known.after)) ?? [];
  if (suspects.length === 0) return '';
  return `changed with it: ${suspects.map((one) => `${one.name} ${one.before ?? 'none'} → ${one.after ?? 'none'}`).join(', ')}`;
}
