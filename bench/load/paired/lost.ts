/**
 * CPU time of threads and processes that ended, which no reading of a turn includes: which turn it belongs to is not
 * known. Workers that end with a request or after a number of them have a cost per request, so every request is charged
 * the same part of it. Pure.
 */
import type { LengthTally } from '../replies.ts';
import { difference, type Reading, spentBetween } from '../tally.ts';

/** ns per request. */
export interface LostPerRequest {
  readonly replicaNs?: number;
  readonly redisNs?: number;
  readonly companionNs?: number;
}

/** What clock ticks have beyond the accounts, where these are incomplete. */
export function lostBetween(before: Reading, after: Reading, requests: number): LostPerRequest {
  if (requests === 0) return {};
  const { replicas, redis, companions } = spentBetween(before, after);
  const lost = (spent: { readonly ns: number; readonly complete: boolean } | null, ns: number | null) =>
    spent === null || ns === null || spent.complete ? 0 : (spent.ns - ns) / requests;
  const ofReplicas = replicas.map((spent, i) =>
    lost(spent, difference(after.replicaNs[i] ?? null, before.replicaNs[i] ?? null)),
  );
  return {
    replicaNs: ofReplicas.reduce((sum, ns) => sum + ns, 0),
    redisNs: lost(redis, difference(after.redisNs, before.redisNs)),
    companionNs: lost(companions, difference(after.companionNs ?? null, before.companionNs ?? null)),
  };
}

export function withLost(lengths: readonly LengthTally[], lost: LostPerRequest): LengthTally[] {
  const { replicaNs = 0, redisNs = 0, companionNs = 0 } = lost;
  return lengths.map((length) => {
    const plus = (ns: number | null, perRequest: number) => (ns === null ? null : ns + perRequest * length.requests);
    return {
      ...length,
      replicaCpuNs: plus(length.replicaCpuNs, replicaNs),
      redisCpuNs: plus(length.redisCpuNs, redisNs),
      ...(length.companionCpuNs === undefined ? {} : { companionCpuNs: plus(length.companionCpuNs, companionNs) }),
    };
  });
}
