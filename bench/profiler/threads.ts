/** CPU time of a process's main thread and of all its threads, read from outside. */
import { readFileSync } from 'node:fs';
import { settledReadings } from '../load/settling.ts';
import { cpuNanos } from '../processes/cpu.ts';

export interface ThreadTimes {
  /** ns on CPU since the process started. */
  readonly allNs: number;
  readonly mainNs: number;
}

/** @returns null if they cannot be read */
function readThreads(pid: number): ThreadTimes | null {
  const allNs = cpuNanos(pid);
  if (allNs === null) return null;
  try {
    // On Linux the main thread's id is the PID; the first field is its CPU time.
    const text = readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'latin1');
    return { allNs, mainNs: Number(text.slice(0, text.indexOf(' '))) };
  } catch {
    return null;
  }
}

/** CPU times of idle processes: the account of each thread lags behind by up to a scheduler tick. */
export function settledThreads(
  pids: readonly number[],
  read: (pid: number) => ThreadTimes | null = readThreads,
): Promise<(ThreadTimes | null)[]> {
  return settledReadings(
    pids.map((pid) => () => read(pid)),
    (one, other) => one?.allNs === other?.allNs && one?.mainNs === other?.mainNs,
  );
}

/**
 * Each main thread's share of the CPU time that all processes used together between two readings.
 *
 * @param before the readings of each process; `after` has the same processes in the same order
 *
 * @returns an empty list if a process could not be read, or none used CPU time
 */
export function mainShares(
  before: readonly (ThreadTimes | null)[],
  after: readonly (ThreadTimes | null)[],
): readonly number[] {
  const used = after.flatMap((end, i) => {
    const start = before[i];
    return start && end ? [{ allNs: end.allNs - start.allNs, mainNs: end.mainNs - start.mainNs }] : [];
  });
  const sum = used.reduce((total, { allNs }) => total + allNs, 0);
  if (used.length < after.length || !(sum > 0)) return [];
  return used.map(({ mainNs }) => Math.min(1, mainNs / sum));
}
