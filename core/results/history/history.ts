/** Reads a history: one JSON object a line, checked when written and read. */
import { parseInert } from '../../inert.ts';
import { type Acceptance, isAcceptance, readAcceptance } from './acceptance.ts';
import { checkEntry, HISTORY_VERSION, type HistoryEntry, type HistoryRun } from './entry.ts';
import { CollectedSeries, type Series } from './series.ts';

/** The order of runs: as added, or by start time. */
export type HistoryOrder = 'added' | 'time';

/** The part of a line before the figures. */
export type HistoryHeader = Omit<HistoryEntry, 'figures' | 'origin' | 'links'>;

export interface History {
  /** The last runs of each class of machine, in the requested order. */
  readonly entries: readonly HistoryRun[];
  /** The total number of runs. */
  readonly runs: number;
  /** Runs that, by their own clock, began later than one that was added after them. */
  readonly outOfTime: number;
  /** Lines that could not be read, counted from 1. The others are used. */
  readonly damaged: readonly DamagedLine[];
  /** Accepted changes for the worse, in the order in which they were added. */
  readonly acceptances: readonly Acceptance[];
}

export interface ReadHistory extends History {
  /** Every figure of these runs. */
  readonly series: readonly Series[];
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
 * the default order is that of insertion.
 * @param lines gives lines without their line feeds, from the one that begins at a byte; called twice, to find the last
 *   runs and to read them
 * @param last number of runs of each class
 */
export async function readHistory(
  lines: (from: number) => Lines,
  last: number,
  order: HistoryOrder = 'added',
): Promise<ReadHistory> {
  const damaged: DamagedLine[] = [];
  const found: (Omit<HeaderLine, 'header'> & { readonly machineClass: string; readonly at: string })[] = [];
  const acceptances: Acceptance[] = [];
  for await (const { header, line, from } of headersOf(lines(0), damaged, acceptances)) {
    found.push({ machineClass: header.machineClass, at: header.at, line, from });
  }
  const ordered = order === 'time' ? found.toSorted((a, b) => a.at.localeCompare(b.at)) : found;
  const classes = Map.groupBy(ordered, ({ machineClass }) => machineClass);
  const wanted = new Set([...classes.values()].flatMap((own) => own.slice(-last).map(({ line }) => line)));

  const first = found.find(({ line }) => wanted.has(line));
  const entries: HistoryRun[] = [];
  const collected = new CollectedSeries();
  const keep = ({ figures, ...run }: HistoryEntry) => {
    entries.push(run);
    collected.add(run, figures);
  };
  // Figures are many, so where the order is known they become points at once.
  const unordered: HistoryEntry[] = [];
  for await (const { line, bytes } of numbered(first === undefined ? [] : lines(first.from), first?.line ?? 1)) {
    if (!wanted.has(line)) continue;
    const read = readEntry(bytes.toString());
    if ('reason' in read) damaged.push({ line, reason: read.reason });
    else if (order === 'time') unordered.push(read.value);
    else keep(read.value);
  }
  for (const entry of unordered.toSorted((a, b) => a.at.localeCompare(b.at))) keep(entry);
  return {
    entries,
    series: collected.series(),
    runs: found.length - (wanted.size - entries.length),
    outOfTime: outOfTime(found.map(({ at }) => at)),
    damaged: damaged.toSorted((a, b) => a.line - b.line),
    acceptances,
  };
}

async function* numbered(lines: Lines, first: number): AsyncGenerator<{ line: number; bytes: Buffer }> {
  let line = first;
  for await (const bytes of lines) yield { line: line++, bytes };
}

interface HeaderLine {
  readonly header: HistoryHeader;
  /** Counted from 1. */
  readonly line: number;
  /** The byte at which it begins. */
  readonly from: number;
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
  let [line, from, next] = [0, 0, 0];
  for await (const bytes of lines) {
    line++;
    from = next;
    next += bytes.length + 1;
    if (isBlank(bytes)) continue;
    if (isAcceptance(bytes)) {
      const accepted = readAcceptance(bytes);
      if ('value' in accepted) acceptances.push(accepted.value);
      else damaged.push({ line, reason: accepted.reason });
      continue;
    }
    const read = readHeader(bytes);
    if ('value' in read) yield { header: read.value, line, from };
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
    const value = parseInert(text);
    const checked = checkEntry(value);
    if (checked.ok) return checked;
    const version = versionOf(value);
    const isOther = typeof version === 'number' && version !== HISTORY_VERSION;
    return {
      reason: isOther
        ? `it has version ${version}, and this version of Tollgate reads ${HISTORY_VERSION}`
        : checked.reason,
    };
  } catch {
    return { reason: 'not JSON: cut off or overwritten' };
  }
}

const versionOf = (value: unknown) =>
  typeof value === 'object' && value !== null && 'version' in value ? value.version : undefined;

function outOfTime(times: readonly string[]): number {
  let earliest = '\uffff';
  let count = 0;
  for (const at of times.toReversed()) {
    if (at > earliest) count++;
    else earliest = at;
  }
  return count;
}
