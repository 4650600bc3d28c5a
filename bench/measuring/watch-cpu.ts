/** CPU time of servers during an open loop, which runs in processes that cannot read it. */
import { elapsed } from '../load/elapsed.ts';
import { monotonicMs } from '../load/open/alarm-clock.ts';
import type { Processes } from '../load/protocol.ts';
import { ProcessReader, type Reading, spentBetween } from '../load/tally.ts';

export interface CpuWatched {
  readonly replicaCpuNs: number;
  readonly redisCpuNs: number | null;
  readonly companionCpuNs?: number | null;
  /** Of each process of the balancer; absent without a balancer. */
  readonly balancerCpuNs?: readonly number[] | null;
  /** Time between the two readings, which are never exactly on schedule. */
  readonly wallNs: number;
  /** Whether threads or processes exited, so that CPU time came from clock ticks; default false. */
  readonly isIncomplete?: boolean;
}

/**
 * The servers may be busy at both ends, where an account is up to a scheduler tick of 4 ms old: 0.4 % of a second.
 * @param fromMs and `toMs`: on the clock of `monotonicMs` @returns null if accounts cannot be read from outside
 */
export async function watchCpu(processes: Processes, fromMs: number, toMs: number): Promise<CpuWatched | null> {
  const reader = new ProcessReader(processes);
  try {
    await elapsed(fromMs - monotonicMs());
    const before = reader.read();
    await elapsed(toMs - monotonicMs());
    const after = reader.read();
    return watchedBetween(before, after);
  } finally {
    reader.close();
  }
}

/** @returns null if the accounts of replicas cannot be read. Pure */
export function watchedBetween(before: Reading, after: Reading): CpuWatched | null {
  const { replicas, redis, companions, cpuAccount } = spentBetween(before, after);
  if (!replicas.every((each) => each !== null)) return null;
  return {
    replicaCpuNs: replicas.reduce((sum, { ns }) => sum + ns, 0),
    redisCpuNs: redis?.ns ?? null,
    ...(after.companionNs === undefined ? {} : { companionCpuNs: companions?.ns ?? null }),
    wallNs: (after.atMs - before.atMs) * 1e6,
    ...(cpuAccount === 'incomplete' ? { isIncomplete: true } : {}),
  };
}
