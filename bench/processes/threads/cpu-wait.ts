/** How long a thread was runnable but had to wait for a core: the second field of schedstat (kernel, sched-stats). */
import { openSync, readSync } from 'node:fs';

/** µs that this thread has waited since it started. */
export type CpuWait = () => number;

/**
 * Opens the file once and reads it from its start each time, which takes about 2 µs; opening it again costs ten times
 * as much.
 *
 * @returns null if the system keeps no such account
 */
export function openCpuWait(path = '/proc/thread-self/schedstat'): CpuWait | null {
  const buffer = Buffer.alloc(128);
  try {
    const file = openSync(path, 'r');
    const read = () =>
      Number(buffer.toString('latin1', 0, readSync(file, buffer, 0, buffer.length, 0)).split(' ')[1]) / 1000;
    return Number.isFinite(read()) ? read : null;
  } catch {
    return null;
  }
}
