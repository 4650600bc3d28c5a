/** The output of `npm run history` about changes and runs set aside. Pure. */
import { basename } from 'node:path';
import type { HistoryRun } from '../../core/results/history/entry.ts';
import type { Series } from '../../core/results/history/series.ts';
import { type Change, type ReasonAside, trendOf } from '../../core/results/history/trend.ts';
import { METRICS } from '../../core/results/metrics.ts';
import { formatChange, formatSignificant } from '../../core/text/format.ts';
import { mixedSentence, ofKind, separateSentence } from '../../core/text/kinds.ts';
import { type Explanation, kindsDifferIn } from '../../regression/history/explain.ts';

function nameOf({ experiment, arm, factors, metric }: Series): string {
  const pairs = Object.entries(factors).map(([name, value]) => `${name}=${value}`);
  return [experiment, arm, ...pairs, metric].filter((part) => part !== null).join(' ');
}

export function changeText(series: Series, change: Change): string {
  const { at, before, after, ratio } = change;
  const digits = (value: number) => formatSignificant(value, 4);
  const pct = Number.isFinite(ratio) ? ` (${formatChange(ratio)})` : '';
  const since = at.commit === null ? basename(at.runId) : at.commit.slice(0, 12);
  return `${nameOf(series)}: ${digits(before)} → ${digits(after)} ${METRICS[series.metric].unit}${pct} since ${since}, ${at.at}${ofKind(change)}`;
}

const ASIDE: Record<ReasonAside, string> = {
  flagged: 'their own runs say that they measured something else',
  implausible: 'off by a large factor, and back',
  apart: 'far from the runs before and after',
};

/** One line for each run that no level counts, and each reason. */
export function asideText(all: readonly Series[]): string[] {
  const asides = all.flatMap((series) => trendOf(series).aside.map((one) => ({ ...one, series })));
  const byRun = Map.groupBy(asides, ({ at, reason }) => `${at.runId} ${reason}`);
  return [...byRun.values()].flatMap((own) => {
    const [first] = own;
    if (first === undefined) return [];
    const figures = own.length === 1 ? nameOf(first.series) : `${own.length} figures, such as ${nameOf(first.series)}`;
    return [`set aside: ${figures} of ${basename(first.at.runId)}, ${first.at.at}: ${ASIDE[first.reason]}`];
  });
}

/** For each class of machine whose series mix two kinds of run, one line. */
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
  const byRun = Map.groupBy(worse, ({ series, change }) => `${series.machineClass} ${change.at.runId}`);
  return [...byRun.values()].flatMap((own) => {
    const [first] = own;
    if (first === undefined) return [];
    const { change, suspects, commits } = first;
    const began = `since ${basename(change.at.runId)}:`;
    const bisect = own.map((one) => one.bisect).find((words) => words !== null);
    return [
      `${began} ${suspectsText(suspects)}`,
      ...(commits === null ? [] : [`${began} commits ${commits.good.slice(0, 12)} to ${commits.bad.slice(0, 12)}`]),
      ...(bisect === undefined ? [] : [`${began} find the commit with npm run bisect -- ${bisect}`]),
    ];
  });
}

function suspectsText(suspects: Explanation['suspects']): string {
  if (suspects === null) return 'what else changed is not known: older runs do not say what they were made with';
  if (suspects.length === 0) return 'processor, kernel, Node, Redis and packages stayed the same';
  const parts = suspects.map(({ name, before, after }) => `${name} ${before ?? 'none'} → ${after ?? 'none'}`);
  return `changed with it: ${parts.join(', ')}`;
}
