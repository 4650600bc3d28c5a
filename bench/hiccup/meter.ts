/**
 * The hiccup meter separates latency that the machine caused from latency that the server caused. A tiny process on each
 * core sleeps and records how late it is woken.
 */

import { afterEnding, thenEnding } from '../../core/errors.ts';
import type { Flag } from '../../core/results/flags.ts';
import { type EncodedHistogram, mergeHistograms } from '../../core/results/histogram.ts';
import { stopInOrder } from '../../core/stop-in-order.ts';
import { Child } from '../processes/child.ts';
import { MOST_WATCHED, pinnableCores, spread } from '../processes/cores.ts';
import { CORE, type CoreReading } from './protocol.ts';
import { type CpuTicks, readCpuTicks, stealPercent } from './steal.ts';

const STEAL_LIMIT_PERCENT = 2;

/** The machine over one period. */
export interface HiccupReading {
  readonly durationMs: number;
  readonly maxLateMicros: number;
  /** Wake-ups that were more than 10 ms late, on any core. */
  readonly stalls: number;
  /** Percent of all cores' CPU time; null if the system does not report it. */
  readonly stealPercent: number | null;
  /** Lateness of every wake-up on every core. Some 0.1 ms is the timer's own. */
  readonly late: EncodedHistogram;
  /** Flags for figures from the same period: `machine-stalled`, `cpu-stolen`. */
  readonly flags: Flag[];
}

export interface HiccupTotals extends HiccupReading {
  /** The cores that were watched; empty when a single process ran on all of them. */
  readonly cores: number[];
}

export interface HiccupMeter {
  /** Readings since the last mark (or the start): call it at the end of each slice. */
  mark(): Promise<HiccupReading>;
  /** Readings since the start. Ends the processes. */
  stop(): Promise<HiccupTotals>;
}

/** Combines the cores' readings of one period into the machine's. */
export function combineReadings(readings: readonly CoreReading[], steal: number | null): HiccupReading {
  const stalls = readings.reduce((sum, reading) => sum + reading.stalls, 0);
  const flags: Flag[] = [];
  if (stalls > 0) flags.push('machine-stalled');
  if (steal !== null && steal > STEAL_LIMIT_PERCENT) flags.push('cpu-stolen');
  return {
    durationMs: Math.max(0, ...readings.map(({ durationMs }) => durationMs)),
    maxLateMicros: Math.max(0, ...readings.map(({ maxLateMicros }) => maxLateMicros)),
    stalls,
    stealPercent: steal,
    late: mergeHistograms(readings.map(({ late }) => late)).encode(),
    flags,
  };
}

function stealBetween(from: CpuTicks | null, to: CpuTicks | null): number | null {
  return from === null || to === null ? null : stealPercent(from, to);
}

export interface HiccupMeterOptions {
  /** One pinned process per core; if empty, a single process runs on all. Default: all, at most eight. */
  readonly cores?: number[];
  /** The time between two wake-ups: a shorter one sees more and disturbs more. Default 1. */
  readonly sleepMs?: number;
  /** The path of /proc/stat, if it is elsewhere. */
  readonly procStat?: string;
}

/** @throws ChildError if a process cannot be started */
export async function startHiccupMeter({
  cores = spread(pinnableCores(), MOST_WATCHED),
  sleepMs = 1,
  procStat,
}: HiccupMeterOptions = {}): Promise<HiccupMeter> {
  const entry = new URL('./process.ts', import.meta.url);
  // A measured process may keep a core busy for tens of milliseconds. A sleeper that waited for it would blame the
  // machine, so it has priority.
  const alone = cores.length === 0 ? [{}] : cores.map((core) => ({ core }));
  const children = alone.map(
    (options) => new Child(CORE, { name: 'the hiccup meter', entry, ...options, goesFirst: true }),
  );
  const end = () => stopInOrder([children]);
  const read = (period: 'mark' | 'total') => Promise.all(children.map((child) => child.ask(period, null)));
  try {
    await Promise.all(children.map((child) => child.ask('start', { sleepMs })));
  } catch (error) {
    throw await afterEnding(error, end);
  }
  const startTicks = readCpuTicks(procStat);
  let markTicks = startTicks;
  return {
    async mark() {
      const readings = await read('mark');
      const ticks = readCpuTicks(procStat);
      const steal = stealBetween(markTicks, ticks);
      markTicks = ticks;
      return combineReadings(readings, steal);
    },
    async stop() {
      return thenEnding(async () => {
        const readings = await read('total');
        return { ...combineReadings(readings, stealBetween(startTicks, readCpuTicks(procStat))), cores: [...cores] };
      }, end);
    },
  };
}
