/** The output of `npm run history` about changes and runs set aside. Pure. */
import { basename } from 'node:path';
import type { HistoryRun } from '../../core/results/history/entry.ts';
import { type Excursion, excursionsOf } from '../../core/results/history/excursions.ts';
import type { Stale } from '../../core/results/history/live.ts';
import type { Series } from '../../core/results/history/series.ts';
import { type Change, isDrift, type ReasonAside, trendOf } from '../../core/results/history/trend.ts';
import { changeWords } from '../../core/text/changes.ts';
import { formatSignificant } from '../../core/text/format.ts';
import { mixedSentence, ofKind, separateSentence } from '../../core/text/kinds.ts';
import { type Explanation, kindsDifferIn } from '../../regression/history/explain.ts';

function nameOf({ experiment, arm, factors, metric }: Series): string {
  const pairs = Object.entries(factors).map(([name, value]) => `${name}=${value}`);
  return [experiment, arm, ...pairs, metric].filter((part) => part !== null).join(' ');
}

export function changeText(series: Series, change: Change): string {
  const { at } = change;
  const since = at.commit === null ? basename(at.runId) : at.commit.slice(0, 12);
  return `${nameOf(series)}: ${changeWords(change, series.metric)} since ${since}, ${at.at}${ofKind(change)}`;
}

const ASIDE: Record<Exclude<ReasonAside, 'implausible'>, string> = {
  flagged: 'their own runs say that they measured something else',
  apart: 'far from the runs before and after',
};

function asideReason({ reason, ratio, isOtherUnit, isOver }: Excursion): string {
  const back = isOver ? ', and back' : ', so far';
  if (reason !== 'implausible') return ASIDE[reason];
  if (ratio === null) return `off by a large factor${back}`;
  const unit = isOtherUnit ? ', as if in another unit' : '';
  return `about ${formatSignificant(ratio, 2)} × the level before${back}${unit}`;
}

/** One line for runs that follow each other and that no level counts, and each reason. */
export function asideText(all: readonly Series[]): string[] {
  const excursions = all.flatMap((series) => excursionsOf(series).map((one) => ({ ...one, series })));
  const byRuns = Map.groupBy(excursions, ({ first, last, reason }) => `${first.runId} ${last.runId} ${reason}`);
  return [...byRuns.values()].flatMap((own) => {
    const [one] = own;
    if (one === undefined) return [];
    const figures = own.length === 1 ? nameOf(one.series) : `${own.length} figures, such as ${nameOf(one.series)}`;
    const [first, last] = [one.first, one.last].map(({ runId, at }) => `${basename(runId)}, ${at}`);
    const runs = one.runs === 1 ? `of ${first}` : `of ${one.runs} runs, from ${first}, to ${last}`;
    return [`set aside: ${figures} ${runs}: ${asideReason(one)}`];
  });
}

/** Such as `not judged: 3 series of an old machine, last measured 2026-01-31`. */
export const staleText = ({ machineClass, series, last }: Stale): string =>
  `not judged: ${series} series of ${machineClass}, last measured ${last.slice(0, 10)}`;

/** What may have got worse, and may as well be chance in so many series; nothing if there is none. */
export function uncertainText(
  uncertain: readonly { readonly series: Series; readonly change: Change }[],
  judged: number,
): string[] {
  const [first] = uncertain;
  if (first === undefined) return [];
  const found = uncertain.length === 1 ? 'one change' : `${uncertain.length} changes`;
  return [
    `${found} for the worse may be chance among ${judged} series, and more runs will tell: ${changeText(first.series, first.change)}`,
  ];
}

/** For each class of machine whose series mix kinds of run, one line. */
export function mixedText(all: readonly Series[], entries: readonly HistoryRun[]): string[] {
  const mixing = all.flatMap((series) => {
    const { mixed } = trendOf(series);
    return mixed === null ? [] : [{ series, mixed }];
  });
  return [...Map.groupBy(mixing, ({ series }) => series.machineClass)].flatMap(([machineClass, own]) => {
    const [first] = own;
    if (first === undefined) return [];
    const figures = own.length === 1 ? nameOf(first.series) : `${own.length} figures, such as ${nameOf(first.series)}`;
    const apart = separateSentence(kindsDifferIn(first.series, first.mixed, entries));
    return [`${figures}: ${mixedSentence(first.mixed)} ${apart} [${machineClass}]`];
  });
}

interface Worsening extends Explanation {
  readonly series: Series;
  readonly change: Change;
}

/** For each run that begins worse levels: what else changed with it, and how to find the commit. */
export function worseText(worse: readonly Worsening[]): string[] {
  const byRun = Map.groupBy(
    worse,
    ({ series, change }) => `${series.machineClass} ${change.at.runId} ${isDrift(change)}`,
  );
  return [...byRun.values()].flatMap((own) => {
    const [first] = own;
    if (first === undefined) return [];
    const { change, suspects, commits, edited } = first;
    const began = `since ${basename(change.at.runId)}:`;
    if (isDrift(change)) {
      const last = basename(change.known.after.runId);
      return [`${began} no run began this steady slope; accept it, if at all, by its last run, ${last}`];
    }
    const bisect = own.map((one) => one.bisect).find((words) => words !== null);
    return [
      ...placeText(change).map((text) => `${began} ${text}`),
      `${began} ${suspectsText(suspects)}`,
      ...(commits === null ? [] : [`${began} commits ${commits.good.slice(0, 12)} to ${commits.bad.slice(0, 12)}`]),
      ...(commits !== null && edited
        ? [`${began} these runs had edits that no commit has, so bisect cannot search`]
        : []),
      ...(bisect === undefined ? [] : [`${began} find the commit with npm run bisect -- ${bisect}`]),
    ];
  });
}

/** Where noise hides which run was the first. */
function placeText({ at, last, known, slope }: Change): string[] {
  const isExact = known.before.runId === last.runId && known.after.runId === at.runId;
  if (slope !== null || isExact) return [];
  return [
    `the first such run is after ${basename(known.before.runId)}, and ${basename(known.after.runId)} at the latest`,
  ];
}

function suspectsText(suspects: Explanation['suspects']): string {
  if (suspects === null) return 'what else changed is not known: older runs do not say what they were made with';
  if (suspects.length === 0) return 'processor, kernel, Node, Redis and packages stayed the same';
  const parts = suspects.map(({ name, before, after }) => `${name} ${before ?? 'none'} → ${after ?? 'none'}`);
  return `changed with it: ${parts.join(', ')}`;
}
