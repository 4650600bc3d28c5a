/** What is kept of a run for years: one JSON object a line, with what the machine was. Checked when written and read. */

import { type Static, Type } from 'typebox';
import { parseInert } from '../../inert.ts';
import type { Interval } from '../../stats/interval.ts';
import type { Flag } from '../flags.ts';
import { Factors, FlagName, MetricName } from '../schema.ts';
import { checker } from '../validate.ts';

export const HISTORY_VERSION = 1;
const closed = { additionalProperties: false } as const;

const HistoryFigure = Type.Object(
  {
    experiment: Type.String(),
    arm: Type.Union([Type.String(), Type.Null()]),
    factors: Factors,
    metric: MetricName,
    value: Type.Number(),
    low: Type.Number(),
    high: Type.Number(),
    flags: Type.Array(FlagName),
  },
  closed,
);

export const HistoryEntry = Type.Object(
  {
    version: Type.Literal(HISTORY_VERSION),
    runId: Type.String(),
    /** ISO 8601, UTC. */
    at: Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z$' }),
    commit: Type.Union([Type.String(), Type.Null()]),
    dirty: Type.Boolean(),
    /** Runs of different classes are never set side by side. */
    machineClass: Type.String({ minLength: 1 }),
    figures: Type.Array(HistoryFigure),
  },
  closed,
);
export type HistoryEntry = Static<typeof HistoryEntry>;
const checkEntry = checker(HistoryEntry);

/** In which order runs stand: as they were added, or by the time at which they began. */
export type HistoryOrder = 'added' | 'time';

export interface History {
  /** In the order asked for. */
  readonly entries: readonly HistoryEntry[];
  /** Runs that began later, by their own clock, than one that was added after them. */
  readonly outOfTime: number;
  /** Lines that could not be read, counted from 1. The rest stands. */
  readonly damaged: readonly { readonly line: number; readonly reason: string }[];
}

/** A clock that was wrong once would put its run behind all later ones for good: so the order of adding is the default. */
export function readHistory(text: string, order: HistoryOrder = 'added'): History {
  const entries: HistoryEntry[] = [];
  const damaged: { line: number; reason: string }[] = [];
  for (const [i, raw] of text.split('\n').entries()) {
    if (raw.trim() === '') continue;
    try {
      const checked = checkEntry(parseInert(raw));
      if (checked.ok) entries.push(checked.value);
      else damaged.push({ line: i + 1, reason: checked.reason });
    } catch {
      damaged.push({ line: i + 1, reason: 'not JSON: cut off or overwritten' });
    }
  }
  const byTime = entries.toSorted((a, b) => a.at.localeCompare(b.at));
  return { entries: order === 'time' ? byTime : entries, outOfTime: outOfTime(entries), damaged };
}

function outOfTime(entries: readonly HistoryEntry[]): number {
  let earliest = '\uffff';
  let count = 0;
  for (const { at } of entries.toReversed()) {
    if (at > earliest) count++;
    else earliest = at;
  }
  return count;
}

/** The last runs of each class of machine. Pure. */
export function lastRuns(entries: readonly HistoryEntry[], count: number): readonly HistoryEntry[] {
  const chosen = new Set(
    [...Map.groupBy(entries, (entry) => entry.machineClass).values()].flatMap((own) => own.slice(-count)),
  );
  return entries.filter((entry) => chosen.has(entry));
}

/** @throws Error when it is not of the schema */
export function historyLine(entry: HistoryEntry): string {
  const checked = checkEntry(entry);
  if (!checked.ok) throw new Error(`the history entry is not of its schema ${checked.reason}`);
  return `${JSON.stringify(entry)}\n`;
}

/** One thing measured again and again, on one class of machine. */
export interface Series {
  readonly machineClass: string;
  readonly experiment: string;
  readonly arm: string | null;
  readonly factors: Factors;
  readonly metric: HistoryEntry['figures'][number]['metric'];
  readonly points: readonly SeriesPoint[];
}

export interface SeriesPoint extends Interval {
  readonly at: string;
  readonly commit: string | null;
  readonly runId: string;
  /** What its own run said against it. */
  readonly flags: readonly Flag[];
}

/** Every series, its points in the order of the entries. Pure. */
export function seriesOf(entries: readonly HistoryEntry[]): Series[] {
  const found = new Map<string, Series & { points: SeriesPoint[] }>();
  for (const { machineClass, at, commit, runId, figures } of entries) {
    for (const { experiment, arm, factors, metric, value, low, high, flags } of figures) {
      const sorted = Object.fromEntries(Object.entries(factors).toSorted(([a], [b]) => a.localeCompare(b)));
      const key = JSON.stringify([machineClass, experiment, arm, sorted, metric]);
      const series = found.get(key) ?? { machineClass, experiment, arm, factors: sorted, metric, points: [] };
      series.points.push({ at, commit, runId, value, low, high, flags });
      found.set(key, series);
    }
  }
  return [...found.values()];
}
