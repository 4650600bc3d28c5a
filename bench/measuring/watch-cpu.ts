/** CPU time of servers during an open loop, which runs in processes that know nothing of them. */
import { elapsed } from '../load/elapsed.ts';
import { monotonicMs } from '../load/open/alarm-clock.ts';
import type { Processes } from '../load/protocol.ts';
import { companionDifference, ProcessReader } from '../load/tally.ts';

export interface CpuWatched {
  readonly replicaCpuNs: number;
  readonly redisCpuNs: number | null;
  readonly companionCpuNs?: number | null;
  /** Between the two readings: they are never on time to the millisecond. */
  readonly wallNs: number;
}

/**
 * The servers may be at work at both ends, where an account is up to a scheduler tick of 4 ms old: of a second, 0.4 %.
 * @param fromMs to `toMs`: on the clock of `monotonicMs`
 * @returns null where accounts cannot be read from outside
 */
export async function watchCpu(processes: Processes, fromMs: number, toMs: number): Promise<CpuWatched | null> {
  const reader = new ProcessReader(processes);
  try {
    await elapsed(fromMs - monotonicMs());
    const before = reader.read();
    await elapsed(toMs - monotonicMs());
    const after = reader.read();
    const replicaCpuNs = after.replicaNs.reduce<number | null>((sum, ns, i) => {
      const start = before.replicaNs[i] ?? null;
      return sum === null || ns === null || start === null ? null : sum + ns - start;
    }, 0);
    if (replicaCpuNs === null) return null;
    const redisCpuNs = after.redisNs === null || before.redisNs === null ? null : after.redisNs - before.redisNs;
    const companionCpu = companionDifference(after, before);
    return { replicaCpuNs, redisCpuNs, ...companionCpu, wallNs: (after.atMs - before.atMs) * 1e6 };
  } finally {
    reader.close();
  }
}
