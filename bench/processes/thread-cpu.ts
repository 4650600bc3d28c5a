/** CPU time of a process's main thread and of its other threads, apart: V8 compiles and collects garbage in the others. */
import { readdirSync, readFileSync } from 'node:fs';

/** ns on CPU since each thread started. */
export interface ThreadCpu {
  readonly mainNs: number;
  /** Of all live threads but the main one. */
  readonly helpersNs: number;
}

/** @returns null where the accounts cannot be read, or the process is gone */
export function threadCpu(pid: number): ThreadCpu | null {
  const mainNs = accountOf(pid, String(pid));
  if (mainNs === null) return null;
  try {
    let helpersNs = 0;
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      // A thread that ended since the directory was read takes its account with it.
      if (thread !== String(pid)) helpersNs += accountOf(pid, thread) ?? 0;
    }
    return { mainNs, helpersNs };
  } catch {
    return null;
  }
}

/** @param thread the number of a thread of the process, which for the main one is the process's own */
function accountOf(pid: number, thread: string): number | null {
  try {
    const text = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'latin1');
    const ns = Number(text.slice(0, text.indexOf(' ')));
    return Number.isFinite(ns) ? ns : null;
  } catch {
    return null;
  }
}
