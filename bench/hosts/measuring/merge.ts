/** Merges the tallies of several generators in one window. Pure. */
import { mergeHistograms } from '../../../core/results/histogram.ts';
import type { Tally } from '../../load/replies.ts';

/** CPU time of servers over the whole load, from before its first request until after its last answer. */
export interface ServerCpu {
  /** Null where one cannot be read. */
  readonly replicaNs: readonly number[] | null;
  readonly redisNs: number | null;
  /** Of each process of the balancer; absent without a balancer. */
  readonly balancerNs?: readonly number[] | null;
  readonly account: NonNullable<Tally['cpuAccount']>;
}

/**
 * The servers' CPU time is that of the whole load; the window gets a share in proportion to the requests answered in
 * it. @param parts at least one @throws RangeError without one; HistogramError if one is damaged
 */
export function mergeTallies(parts: readonly Tally[], { replicaNs, redisNs, balancerNs, account }: ServerCpu): Tally {
  const [first] = parts;
  if (first === undefined) throw new RangeError('mergeTallies needs at least one tally');
  const sum = (of: (part: Tally) => number) => parts.reduce((total, part) => total + of(part), 0);
  const statuses: Record<string, number> = {};
  for (const part of parts)
    for (const [status, count] of Object.entries(part.statuses)) statuses[status] = (statuses[status] ?? 0) + count;
  const requests = sum((part) => part.requests);
  const answered = sum((part) => part.answered ?? part.requests);
  const part = answered > 0 ? requests / answered : 1;
  const latencies = parts.flatMap(({ latency }) => latency ?? []);
  return {
    key: first.key,
    requests,
    unexpected: sum((tally) => tally.unexpected),
    failed: sum((tally) => tally.failed),
    statuses,
    requestBytes: sum((tally) => tally.requestBytes),
    responseBytes: sum((tally) => tally.responseBytes),
    // Rates add up: each is counted over its own window, and all windows have the same length except for timer
    // delays.
    durationMs: sum((tally) => tally.durationMs) / parts.length,
    replicaCpuNs: replicaNs?.map((ns) => ns * part) ?? null,
    redisCpuNs: redisNs === null ? null : redisNs * part,
    ...(balancerNs === undefined ? {} : { balancerCpuNs: balancerNs?.map((ns) => ns * part) ?? null }),
    cpuAccount: account,
    generatorCpuNs: sum((tally) => tally.generatorCpuNs),
    generatorBusy: Math.max(...parts.map((tally) => tally.generatorBusy)),
    answered,
    generators: parts.length,
    ...(latencies.length === parts.length ? { latency: mergeHistograms(latencies).encode() } : {}),
  };
}
