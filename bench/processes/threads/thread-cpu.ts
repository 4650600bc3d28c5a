/**
 * CPU time of a process's main thread, and separately of its helper threads, in which V8 compiles and collects
 * garbage.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { processTree } from '../trees/process-tree.ts';

/** Node's name for the threads of libuv's pool. */
const POOL_THREAD = 'libuv-worker';

/** ns on CPU since each thread started. */
export interface ThreadCpu {
  readonly mainNs: number;
  /**
   * CPU time of all live threads except the main one and libuv's: the latter work for the program, for example on
   * password hashes, and are busy however warm it is.
   */
  readonly helpersNs: number;
}

/** @returns null if the accounts cannot be read, or the process is gone */
export function threadCpu(pid: number): ThreadCpu | null {
  const mainNs = accountOf(pid, String(pid));
  if (mainNs === null) return null;
  try {
    let helpersNs = 0;
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      if (thread === String(pid) || nameOf(pid, thread) === POOL_THREAD) continue;
      // The account of a thread that ended since the listing is gone.
      helpersNs += accountOf(pid, thread) ?? 0;
    }
    return { mainNs, helpersNs };
  } catch {
    return null;
  }
}

/** A process and its descendants, by their numbers. */
export type TreeCpu = ReadonlyMap<number, ThreadCpu>;

/** @returns null if the first process cannot be read; a descendant that ends meanwhile is left out */
export function threadCpuOfTree(pid: number): TreeCpu | null {
  const each = processTree(pid).flatMap((process): [number, ThreadCpu][] => {
    const cpu = threadCpu(process);
    return cpu === null ? [] : [[process, cpu]];
  });
  const tree = new Map(each);
  return tree.has(pid) ? tree : null;
}

/**
 * CPU time between two readings of a tree: a process that started in between counts whole, and one that ended does
 * not count.
 */
export function stretchOfTree(before: TreeCpu, after: TreeCpu): ThreadCpu {
  const sum = { mainNs: 0, helpersNs: 0 };
  for (const [pid, now] of after) {
    const { mainNs, helpersNs } = stretchBetween(before.get(pid) ?? NOTHING, now);
    sum.mainNs += mainNs;
    sum.helpersNs += helpersNs;
  }
  return sum;
}

const NOTHING: ThreadCpu = { mainNs: 0, helpersNs: 0 };

function nameOf(pid: number, thread: string): string | null {
  try {
    return readFileSync(`/proc/${pid}/task/${thread}/comm`, 'latin1').trim();
  } catch {
    return null;
  }
}

/** @param thread number of a thread of the process; for the main thread it equals that of the process */
function accountOf(pid: number, thread: string): number | null {
  try {
    const text = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'latin1');
    const ns = Number(text.slice(0, text.indexOf(' ')));
    return Number.isFinite(ns) ? ns : null;
  } catch {
    return null;
  }
}

/** CPU time between two readings. */
export function stretchBetween(before: ThreadCpu, after: ThreadCpu): ThreadCpu {
  return {
    mainNs: after.mainNs - before.mainNs,
    // The account of a thread that ended is gone.
    helpersNs: Math.max(0, after.helpersNs - before.helpersNs),
  };
}
