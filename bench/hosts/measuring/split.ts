/**
 * Divides a load among several generators. Worker or connection i of the whole goes to address i mod N; a part begins
 * at a multiple of N, so that i means the same address and user in a part as in the whole. Pure.
 */
import type { PoolTarget, Spreading, Target } from '../../load/protocol.ts';

/** A range of workers or connections. */
export interface Part {
  /** Index of the first. */
  readonly first: number;
  readonly count: number;
}

/**
 * @param count of workers or connections @param together number that must not be separated: the number of addresses
 * @returns at most one part per generator, as even as possible, none of them empty
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

/** Processes on another host cannot be read here. */
const UNREAD = { replicas: [], redis: null };

/** A target for the workers of a part. */
export function targetOfPart(target: Target, { first }: Part, spreading: Spreading): Target {
  const shift = spreading === 'sticky' ? first : first / target.addresses.length;
  return { ...target, requests: rotated(target.requests, shift), processes: UNREAD };
}

/** A connection pool for the generator of a part. */
export function poolOfPart(pool: PoolTarget, part: Part): PoolTarget {
  const { target, sequence } = pool;
  const users = part.first / target.addresses.length;
  const requests = rotated(target.requests, users * (sequence ?? 1));
  return { ...pool, target: { ...target, requests, processes: UNREAD }, connections: part.count };
}
