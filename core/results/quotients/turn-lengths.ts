/**
 * Separates two costs by turns of two lengths. A turn of n requests costs c + b·n: c is the cold-start cost of a
 * server whose caches contain other processes' data, and b the cost of each request to a busy server. Both are
 * quotients of sums, so that blocks are weighted by their size. Pure.
 */

import type { Slice } from '../schema.ts';
import type { BusyCount } from './quotient.ts';

type Turns = Pick<Slice, 'requests' | 'measures'>;

interface Sums {
  readonly shortTurns: number;
  readonly longTurns: number;
  readonly short: number;
  readonly long: number;
}

/** Null if a slice has turns of one length, or lacks the measure. */
function sumsOf({ measures }: Turns, of: BusyCount): Sums | null {
  const { short_turns: shortTurns, long_turns: longTurns } = measures;
  const [short, long] = {
    busy_requests: [measures.short_requests, measures.long_requests],
    busy_replica_cpu_ns: [measures.short_replica_cpu_ns, measures.long_replica_cpu_ns],
    busy_redis_cpu_ns: [measures.short_redis_cpu_ns, measures.long_redis_cpu_ns],
    busy_companion_cpu_ns: [measures.short_companion_cpu_ns, measures.long_companion_cpu_ns],
  }[of];
  if (shortTurns === undefined || longTurns === undefined || short === undefined || long === undefined) return null;
  return shortTurns > 0 && longTurns > 0 ? { shortTurns, longTurns, short, long } : null;
}

const WHOLE = {
  busy_requests: ({ requests }: Turns) => requests,
  busy_replica_cpu_ns: ({ measures }: Turns) => measures.replica_cpu_ns ?? Number.NaN,
  busy_redis_cpu_ns: ({ measures }: Turns) => measures.redis_cpu_ns ?? Number.NaN,
  // Most arms have no companion, and then it is not recorded.
  busy_companion_cpu_ns: ({ measures }: Turns) =>
    measures.companion_cpu_ns ?? (measures.has_companions === undefined ? 0 : Number.NaN),
} as const;

/** Long turns minus as many short ones, which removes c. All turns, if a slice has one length. */
export function beyondShortTurns(slice: Turns, of: BusyCount): number {
  const sums = sumsOf(slice, of);
  return sums === null ? WHOLE[of](slice) : sums.long - (sums.short * sums.longTurns) / sums.shortTurns;
}

/** c summed over all short turns; NaN if a slice has turns of one length. */
export function coldReplicaCpuNs(slice: Turns): number {
  const [cpu, requests] = [sumsOf(slice, 'busy_replica_cpu_ns'), sumsOf(slice, 'busy_requests')];
  if (cpu === null || requests === null) return Number.NaN;
  const perRequest = beyondShortTurns(slice, 'busy_replica_cpu_ns') / beyondShortTurns(slice, 'busy_requests');
  return cpu.short - perRequest * requests.short;
}

/** NaN if a slice has turns of one length. */
export function coldTurns(slice: Turns): number {
  return sumsOf(slice, 'busy_replica_cpu_ns')?.shortTurns ?? Number.NaN;
}
