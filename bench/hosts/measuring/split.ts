/**
 * Divides a load among several generators. Walker or connection i of the whole goes to address i mod N; a part begins
 * at a multiple of N, so that i means the same address and user in a part as in the whole. Pure.
 */
import type { PoolTarget, Spreading, Target } from '../../load/protocol.ts';

/** A run of walkers or connections. */
export interface Part {
  /** Index of the first. */
  readonly first: number;
  readonly count: number;
}

/**
 * @param count of walkers or connections @param together how many are not to be separated: the number of addresses
 * @returns at most one part for each of `generators`, as even as can be, none of them empty
 */
export function partsOf(count: number, together: number, generators: number): readonly Part[] {
  const groups = Math.max(1, Math.floor(count / together));
  const used = Math.min(generators, groups);
  return Array.from({ length: used }, (_, i) => {
    const first = Math.floor((groups * i) / used) * together;
    const end = i === used - 1 ? count : Math.floor((groups * (i + 1)) / used) * together;
    return { first, count: end - first };
  });
}

function rotated<T>(items: readonly T[], by: number): T[] {
  const at = items.length === 0 ? 0 : by % items.length;
  return [...items.slice(at), ...items.slice(0, at)];
}

/** No process can be read from another host. */
const UNREAD = { replicas: [], redis: null };

/** A target as the walkers of a part see it. */
export function targetOfPart(target: Target, { first }: Part, spreading: Spreading): Target {
  const shift = spreading === 'sticky' ? first : first / target.addresses.length;
  return { ...target, requests: rotated(target.requests, shift), processes: UNREAD };
}

/** A connection pool as a generator opens it. */
export function poolOfPart(pool: PoolTarget, part: Part): PoolTarget {
  const { target, sequence } = pool;
  const users = part.first / target.addresses.length;
  const requests = rotated(target.requests, users * (sequence ?? 1));
  return { ...pool, target: { ...target, requests, processes: UNREAD }, connections: part.count };
}
