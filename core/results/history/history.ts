/**
 * The record of a run that is kept for years: one JSON object per line, with its machine. Checked when written and
 * when read.
 */

import type { Static } from 'typebox';
import { parseInert } from '../../inert.ts';
import { Type } from '../../schema.ts';
import type { Interval } from '../../stats/interval.ts';
import type { Flag } from '../flags.ts';
import { FlagName } from '../recorded/names.ts';
import { Factors, MetricName } from '../schema.ts';
import { checker } from '../validate.ts';
import { type Acceptance, isAcceptance, readAcceptance } from './acceptance.ts';

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

/** The complete origin of a run; the machine class contains only what makes runs comparable. */
const HistoryOrigin = Type.Object(
  {
    cpuModel: Type.String(),
    kernel: Type.String(),
    node: Type.String(),
    v8: Type.String(),
    redis: Type.Union([Type.String(), Type.Null()]),
    packages: Type.Record(Type.String(), Type.String()),
  },
  closed,
);
export type HistoryOrigin = Static<typeof HistoryOrigin>;

const Link = Type.String({ pattern: '^https://[^\\s"<>]+$', maxLength: 2000 });
const HistoryLinks = Type.Object({ run: Type.Optional(Link), commit: Type.Optional(Link) }, closed);
export type HistoryLinks = Static<typeof HistoryLinks>;

export const HistoryEntry = Type.Object(
  {
    version: Type.Literal(HISTORY_VERSION),
    runId: Type.String(),
    /** ISO 8601, UTC. */
    at: Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z$' }),
    commit: Type.Union([Type.String(), Type.Null()]),
    dirty: Type.Boolean(),
    /** Runs of different classes are never compared. */
    machineClass: Type.String({ minLength: 1 }),
    figures: Type.Array(HistoryFigure),
    /** Absent in lines of older versions. It comes last, so that the part before the figures stays short. */
    origin: Type.Optional(HistoryOrigin),
    /** Links to the run and its commit; absent if unknown. */
    links: Type.Optional(HistoryLinks),
  },
  closed,
);
export type HistoryEntry = Static<typeof HistoryEntry>;
const checkEntry = checker(HistoryEntry);

/** The order of runs: as added, or by start time. */
export type HistoryOrder = 'added' | 'time';

/** The part of a line before the figures. */
export type HistoryHeader = Omit<HistoryEntry, 'figures' | 'origin' | 'links'>;

export interface History {
  /** The last runs of each class of machine, in the requested order. */
  readonly entries: readonly HistoryEntry[];
  /** The total number of runs. */
  readonly runs: number;
  /** Runs that, by their own clock, began later than one that was added after them. */
  readonly outOfTime: number;
  /** Lines that could not be read, counted from 1. The others are used. */
  readonly damaged: readonly DamagedLine[];
  /** Accepted changes for the worse, in the order in which they were added. */
  readonly acceptances: readonly Acceptance[];
}

export interface DamagedLine {
  readonly line: number;
  readonly reason: string;
}

type Lines = AsyncIterable<Buffer> | Iterable<Buffer>;
type Read<T> = { readonly value: T } | { readonly reason: string };

/**
 * The last runs of each class. A history of years can exceed the longest possible string, so only the part before the
 * figures is read of older lines. A clock that was wrong once would put its run permanently after all later ones, so
 * the default order is that of insertion. @param lines gives lines without their line feeds; called twice, to find
 * the last runs and to read them @param last number of runs of each class
 */
export async function readHistory(lines: () => Lines, last: number, order: HistoryOrder = 'added'): Promise<History> {
  const damaged: DamagedLine[] = [];
  const found: { readonly machineClass: string; readonly at: string; readonly line: number }[] = [];
  const acceptances: Acceptance[] = [];
  for await (const { header, line } of headersOf(lines(), damaged, acceptances)) {
    found.push({ machineClass: header.machineClass, at: header.at, line });
  }
  const ordered = order === 'time' ? found.toSorted((a, b) => a.at.localeCompare(b.at)) : found;
  const classes = Map.groupBy(ordered, ({ machineClass }) => machineClass);
  const wanted = new Set([...classes.values()].flatMap((own) => own.slice(-last).map(({ line }) => line)));

  const entries: HistoryEntry[] = [];
  let line = 0;
  for await (const bytes of lines()) {
    if (!wanted.has(++line)) continue;
    const read = readEntry(bytes.toString());
    if ('value' in read) entries.push(read.value);
    else damaged.push({ line, reason: read.reason });
  }
  return {
    entries: order === 'time' ? entries.toSorted((a, b) => a.at.localeCompare(b.at)) : entries,
    runs: found.length - (wanted.size - entries.length),
    outOfTime: outOfTime(found.map(({ at }) => at)),
    damaged: damaged.toSorted((a, b) => a.line - b.line),
    acceptances,
  };
}

interface HeaderLine {
  readonly header: HistoryHeader;
  /** Counted from 1. */
  readonly line: number;
}

/**
 * The part before the figures of every run's line. @param damaged receives the lines that are not entries @param
 * acceptances receives those that accept a change
 */
export async function* headersOf(
  lines: Lines,
  damaged: DamagedLine[],
  acceptances: Acceptance[] = [],
): AsyncGenerator<HeaderLine> {
  let line = 0;
  for await (const bytes of lines) {
    line++;
    if (isBlank(bytes)) continue;
    if (isAcceptance(bytes)) {
      const accepted = readAcceptance(bytes);
      if ('value' in accepted) acceptances.push(accepted.value);
      else damaged.push({ line, reason: accepted.reason });
      continue;
    }
    const read = readHeader(bytes);
    if ('value' in read) yield { header: read.value, line };
    else damaged.push({ line, reason: read.reason });
  }
}

const BLANK = /^\s*$/;
const isBlank = (bytes: Buffer) => bytes.length < 100 && BLANK.test(bytes.toString());

const FIGURES = Buffer.from(',"figures":[');
const END = /[\]}]\s*\}\s*$/;

/**
 * Reads only the header, in a fraction of the time of the whole line. A line written by another program is read as a
 * whole.
 */
function readHeader(bytes: Buffer): Read<HistoryHeader> {
  const at = bytes.indexOf(FIGURES);
  if (at >= 0 && END.test(bytes.subarray(-8).toString())) {
    const read = readEntry(`${bytes.subarray(0, at + FIGURES.length).toString()}]}`);
    if ('value' in read) return read;
  }
  return readEntry(bytes.toString());
}

function readEntry(text: string): Read<HistoryEntry> {
  try {
    const checked = checkEntry(parseInert(text));
    return checked.ok ? checked : { reason: checked.reason };
  } catch {
    return { reason: 'not JSON: cut off or overwritten' };
  }
}

function outOfTime(times: readonly string[]): number {
  let earliest = '\uffff';
  let count = 0;
  for (const at of times.toReversed()) {
    if (at > earliest) count++;
    else earliest = at;
  }
  return count;
}

/** @throws Error if it does not match the schema */
export function historyLine(entry: HistoryEntry): string {
  const checked = checkEntry(entry);
  if (!checked.ok) throw new Error(`the history entry is not of its schema ${checked.reason}`);
  return `${JSON.stringify(entry)}\n`;
}

/** One figure, measured repeatedly on one class of machine. */
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
  /** The flags of this run's figure. */
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
