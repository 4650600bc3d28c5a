/**
 * How much of an arm's measured toll is accounted for by its hot path: what its guarded light read (`GET /me`) is made of,
 * in primitives of the micro suite, as the arm declares it.
 */

import type { Estimate, Interval } from '../../core/stats/interval.ts';

export interface PartCount {
  readonly primitive: string;
  /** How often on each request. */
  readonly count: number;
  /** What no implementation of the scheme can do without: the read of its store, the verification of its credential. */
  readonly isCore: boolean;
}

/** Primitives that no implementation of their scheme can do without, however it is written. */
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

/** The primitives of a hot path, in order, each with how often it is performed. */
export function partsOf(hotPath: readonly string[]): readonly PartCount[] {
  return [...Map.groupBy(hotPath, (primitive) => primitive)].map(([primitive, { length }]) => ({
    primitive,
    count: length,
    isCore: CORE.has(primitive),
  }));
}

/** The primitives of a hot path that no implementation of its scheme can do without. */
export function coreOf(hotPath: readonly string[]): string[] {
  return [...new Set(hotPath)].filter((primitive) => CORE.has(primitive));
}

const BETWEEN = ' + ';

/** What several primitives together are called, in the order in which they are done. */
export function nameOfWork(primitives: readonly string[]): string {
  return primitives.join(BETWEEN);
}

export function primitivesOf(work: string): string[] {
  return work.split(BETWEEN);
}

/** In µs of CPU time, on each request. */
export interface ExplainedPart extends Interval {
  readonly primitive: string;
  readonly count: number;
}

export interface Explanation {
  readonly parts: readonly ExplainedPart[];
  /** The toll less all parts: hooks, plugin glue, bytes read and written, garbage. Below zero where parts overlap. */
  readonly unexplained: Interval;
  /** Primitives on the path that were not measured; their cost is in `unexplained`. */
  readonly missing: readonly string[];
  /**
   * The toll over what the scheme cannot do without; null where it has nothing of the kind, or where that was not measured.
   * 1 is the least that an implementation could reach.
   */
  readonly toCore: Interval | null;
}

/**
 * Sets the sum of an arm's parts against its toll.
 *
 * Bounds are by interval arithmetic (Moore 1966): the low end of a difference takes the other's high end. Toll and parts
 * were measured in different processes at different times, so nothing is known of how their errors go together; this is
 * the widest they can be, and never too narrow.
 * @param primitives CPU µs per operation, by primitive.
 * @param toll CPU µs per request beyond the baseline's.
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
