/**
 * How much of an arm's measured toll its hot path explains: the primitives of its guarded light read (`GET /me`), as
 * the arm declares them.
 */

import type { Estimate, Interval } from '../../core/stats/interval.ts';

export interface PartCount {
  readonly primitive: string;
  /** How often per request. */
  readonly count: number;
  /** Whether every implementation of the scheme needs it: the read of its store, the verification of its credential. */
  readonly isCore: boolean;
}

/** Primitives that every implementation of their scheme needs. */
const CORE: ReadonlySet<string> = new Set([
  'redis-get-pipelined',
  'redis-getex',
  'redis-getex-pipelined',
  'redis-getex-node-redis',
  'redis-getex-batched',
  'redis-mget-batched',
  'hs256-verify',
  'hs256-verify-by-hand',
  'hs256-verify-cached',
  'rs256-verify',
  'es256-verify',
  'eddsa-verify',
  'secretbox-open',
  'jwe-cbc-decrypt',
  'jwe-gcm-decrypt',
  'session-copy-verify',
  'sqlite-select',
  'postgres-select',
]);

/** The primitives of a hot path, in order, with their counts. */
export function partsOf(hotPath: readonly string[]): readonly PartCount[] {
  return [...Map.groupBy(hotPath, (primitive) => primitive)].map(([primitive, { length }]) => ({
    primitive,
    count: length,
    isCore: CORE.has(primitive),
  }));
}

/** The primitives of a hot path that every implementation of its scheme needs. */
export function coreOf(hotPath: readonly string[]): string[] {
  return [...new Set(hotPath)].filter((primitive) => CORE.has(primitive));
}

const BETWEEN = ' + ';

/** The name of several primitives together, in order. */
export function nameOfWork(primitives: readonly string[]): string {
  return primitives.join(BETWEEN);
}

export function primitivesOf(work: string): string[] {
  return work.split(BETWEEN);
}

/** In µs of CPU time per request. */
export interface ExplainedPart extends Interval {
  readonly primitive: string;
  readonly count: number;
}

export interface Explanation {
  readonly parts: readonly ExplainedPart[];
  /**
   * The toll minus all parts: hooks, plugin overhead, bytes read and written, garbage collection. Negative if parts
   * overlap.
   */
  readonly unexplained: Interval;
  /** Primitives on the path that were not measured; their cost is part of `unexplained`. */
  readonly missing: readonly string[];
  /**
   * The toll divided by its essential primitives; null if there are none, or one was not measured. An implementation
   * cannot go below 1.
   */
  readonly toCore: Interval | null;
}

/**
 * Compares the sum of an arm's parts with its toll. Bounds are by interval arithmetic (Moore 1966): the low end of a
 * difference uses the other's high end. Toll and parts were measured in different processes at different times, so
 * the correlation of their errors is unknown; this is never too narrow. @param primitives CPU µs per operation, by
 * primitive @param toll CPU µs per request beyond the baseline's
 */
export function explain(
  hotPath: readonly string[],
  primitives: ReadonlyMap<string, Estimate>,
  toll: Estimate,
): Explanation {
  const counts = partsOf(hotPath);
  const parts: ExplainedPart[] = [];
  const cores: ExplainedPart[] = [];
  const missing: string[] = [];
  for (const { primitive, count, isCore } of counts) {
    const cost = primitives.get(primitive);
    if (cost === undefined) {
      missing.push(primitive);
      continue;
    }
    const explained = { primitive, count, value: count * cost.value, low: count * cost.low, high: count * cost.high };
    parts.push(explained);
    if (isCore) cores.push(explained);
  }
  const sum = (of: (each: Interval) => number, over: readonly Interval[] = parts) =>
    over.reduce((total, each) => total + of(each), 0);
  const hasCore = cores.length > 0 && cores.length === counts.filter(({ isCore }) => isCore).length;
  return {
    parts,
    unexplained: {
      value: toll.value - sum((each) => each.value),
      low: toll.low - sum((each) => each.high),
      high: toll.high - sum((each) => each.low),
    },
    missing,
    toCore: hasCore
      ? {
          value: toll.value / sum((each) => each.value, cores),
          low: toll.low / sum((each) => each.high, cores),
          high: toll.high / sum((each) => each.low, cores),
        }
      : null,
  };
}
