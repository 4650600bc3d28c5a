/** A weekly digest of changes in the figures, as Markdown. Pure. */
import type { Acceptance } from '../../core/results/history/acceptance.ts';
import { acceptedBy } from '../../core/results/history/accepted-by.ts';
import type { HistoryRun } from '../../core/results/history/entry.ts';
import { excursionsOf } from '../../core/results/history/excursions.ts';
import type { History } from '../../core/results/history/history.ts';
import { isRecentIn } from '../../core/results/history/recent.ts';
import type { Series, SeriesPoint } from '../../core/results/history/series.ts';
import { suspectsOf } from '../../core/results/history/suspects.ts';
import { type Change, changesOf, trendOf } from '../../core/results/history/trend.ts';
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
  /** Whether all series are considered, as where a metric was named, or the watched ones alone. */
  readonly all?: boolean;
}

interface Found {
  readonly series: Series;
  readonly change: Change;
  readonly accepted: Acceptance | null;
}

const DAY_MS = 86_400_000;
const MOST_LINES = 30;

/**
 * The changes of level and of slope of watched figures that became known in these days, those for the worse first. A change
 * becomes known some runs after it began, so it may have begun before.
 */
export function digest(history: History, series: readonly Series[], options: DigestOptions): string {
  const { days, untilMs, all = false } = options;
  const chosen = all ? series : watched(series);
  const fromMs = untilMs - days * DAY_MS;
  const isWithin = (at: string) => Date.parse(at) > fromMs && Date.parse(at) <= untilMs;
  const runs = history.entries.filter(({ at }) => isWithin(at));
  const found = chosen.flatMap((one) =>
    newlyKnown(one, fromMs, isWithin).map(
      (change): Found => ({ series: one, change, accepted: acceptedBy(one, change, history.acceptances) }),
    ),
  );
  const of = (better: Change['better'], isAccepted = false) =>
    found.filter(({ change, accepted }) => change.better === better && (accepted !== null) === isAccepted);
  const day = (ms: number) => new Date(ms).toISOString().slice(0, 10);
  return [
    `## Tollgate: ${day(fromMs)} to ${day(untilMs)}`,
    '',
    `${count(runs.length, 'run')} on ${count(new Set(runs.map(({ machineClass }) => machineClass)).size, 'class', 'classes')} of machine. ${count(of('worse').length, 'change')} for the worse, ${of('better').length} for the better, ${of('worse', true).length} accepted.`,
    ...(isCut(history, isWithin) ? ['', 'Older runs of these days were not read: read more with `--last`.'] : []),
    ...excluded(chosen, isWithin),
    ...mixed(chosen, history.entries),
    ...section('Worse', of('worse'), history.entries),
    ...section('Better', of('better'), history.entries),
    ...section('Accepted', of('worse', true), history.entries),
    '',
  ].join('\n');
}

/** A change that begins this many runs before the first of the days may still become known in them. */
const LONGEST_DELAY = 40;
/** The place of a change may move by this many runs, and that of a bend, as later runs come. */
const NEAR = 3;
const NEAR_A_BEND = 10;

/** The changes that the runs up to the first day did not show, and the drifts that moved the runs of these days. */
function newlyKnown(series: Series, fromMs: number, isWithin: (at: string) => boolean): Change[] {
  const { points } = series;
  const { changes, drifts } = trendOf(series);
  const own = points.filter(({ at }) => isWithin(at)).length;
  if (own === 0) return [];
  const candidates = changes.filter(({ index }) => index >= points.length - own - LONGEST_DELAY);
  const moving = drifts.filter((drift) => isRecentIn(points.length, own, drift));
  if (candidates.length === 0) return moving;
  const then = changesOf({ ...series, points: points.filter(({ at }) => Date.parse(at) <= fromMs) });
  const isKnown = (change: Change) =>
    then.some(({ at, ratio }) => {
      const distance = Math.abs(points.indexOf(at) - change.index);
      return distance <= (change.slope === null ? NEAR : NEAR_A_BEND) && ratio > 1 === change.ratio > 1;
    });
  return [...candidates.filter((change) => !isKnown(change)), ...moving];
}

/** Whether more runs of these days exist than were read. */
function isCut({ entries, runs }: History, isWithin: (at: string) => boolean): boolean {
  const classes = Map.groupBy(entries, ({ machineClass }) => machineClass);
  return runs > entries.length && [...classes.values()].some(([first]) => first !== undefined && isWithin(first.at));
}

/** The runs with figures that no level counts, by name. */
function excluded(series: readonly Series[], isWithin: (at: string) => boolean): string[] {
  const aside = series.flatMap((one) =>
    trendOf(one).aside.flatMap(({ at }) => (isWithin(at.at) ? [{ at, name: nameOf(one) }] : [])),
  );
  if (aside.length === 0) return [];
  const runs = [...Map.groupBy(aside, ({ at }) => `${at.at} ${at.runId}`).values()];
  const otherUnit = series
    .flatMap((one) => excursionsOf(one))
    .filter(({ isOtherUnit, last }) => isOtherUnit && isWithin(last.at)).length;
  const unit = `In ${otherUnit} series they are about a power of 1,000 off, as if in another unit.`;
  const lines = runs.flatMap((own) => {
    const [first] = own;
    if (first === undefined) return [];
    const figures = own.length === 1 ? first.name : `${own.length} figures, such as ${first.name}`;
    return [`- ${escapeMarkdown(`${first.at.runId}, ${first.at.at.slice(0, 10)}: ${figures}`)}`];
  });
  return [
    '',
    `${count(runs.length, 'run')} with figures that no level counts, since they are far from the others or flagged.${otherUnit === 0 ? '' : ` ${unit}`}`,
    '',
    ...lines.slice(0, MOST_LINES),
    ...(lines.length > MOST_LINES ? [`- and ${lines.length - MOST_LINES} more`] : []),
  ];
}

function nameOf({ arm, experiment, metric, factors }: Series): string {
  const place = Object.keys(factors).length === 0 ? '' : ` (${formatFactors(factors)})`;
  return `${arm ?? experiment}: ${metric}${place}`;
}

/** What is said of series that mix two kinds of run. */
function mixed(series: readonly Series[], entries: readonly HistoryRun[]): string[] {
  const mixing = series.flatMap((one) => {
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
  const { metric, machineClass } = series;
  const commit = change.at.commit === null ? '' : `, commit ${change.at.commit.slice(0, 12)}`;
  const words = [
    `${nameOf(series)} ${changeWords(change, metric)}${ofKind(change)}`,
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
