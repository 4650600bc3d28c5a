/**
 * CPU time of other processes, read from outside: nanoseconds on CPU of every thread, from the scheduler's own
 * account (`/proc/PID/task/TID/schedstat`, first field). Reading it costs the other process nothing.
 */
import { readdirSync, readFileSync } from 'node:fs';

/** True where the kernel keeps per-thread CPU accounts that we may read. */
export function canReadCpu(): boolean {
  return cpuNanos(process.pid) !== null;
}

/** @returns ns on CPU since the process started, user and system, all live threads; null when it cannot be read */
export function cpuNanos(pid: number): number | null {
  try {
    let total = 0;
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      total += firstNumber(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'latin1'));
    }
    return total;
  } catch {
    return null;
  }
}

function firstNumber(text: string): number {
  return Number(text.slice(0, text.indexOf(' ')));
}
