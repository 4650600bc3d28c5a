/**
 * What an arm's guarded light read (`GET /me`) is made of, in primitives of the micro suite, and how much of its
 * measured toll they account for. Counts were read from the sources of the schemes and of
 * the pinned packages.
 */
import type { Estimate } from '../../core/stats/estimate.ts';

export interface PartCount {
  readonly primitive: string;
  /** How often on each request. */
  readonly count: number;
  /** What no implementation of the scheme can do without: the read of its store, the verification of its credential. */
  readonly isCore: boolean;
}

const part = (primitive: string, count = 1): PartCount => ({ primitive, count, isCore: false });
const core = (primitive: string): PartCount => ({ primitive, count: 1, isCore: true });
const presentedCookie = [part('cookie-parse'), part('cookie-unsign')];
// @fastify/session signs the id again for every session that comes back from a store as plain data, and hashes it once
// when it is restored and once more to see whether the handler changed it.
const restoredByPlugin = [part('cookie-sign'), part('session-hash', 2)];

// @fastify/jwt reads the claims once for a caller who might choose the key by them, and fast-jwt once more to verify them.
const verifiedByPlugin = (verify: string) => [part('jwt-decode'), core(verify)];

const PARTS: Readonly<Record<string, readonly PartCount[]>> = {
  none: [],
  'session-redis': [...presentedCookie, core('redis-getex-pipelined'), part('json-parse'), ...restoredByPlugin],
  // Rolling saves without asking whether anything changed; the second hash is that of the saved state. The SET extends
  // the session's life, so the read is a plain GET.
  'session-redis-rolling': [
    ...presentedCookie,
    core('redis-get-pipelined'),
    part('json-parse'),
    ...restoredByPlugin,
    part('json-stringify'),
    part('redis-set-pipelined'),
    part('cookie-serialize'),
  ],
  // It finds its one cookie by hand, which is too little to time.
  'session-redis-lean': [part('cookie-unsign-by-hand'), core('redis-getex-batched'), part('json-parse')],
  'session-memory': [...presentedCookie, ...restoredByPlugin],
  // On a hit; a miss costs what session-redis-lean does, once per session and second.
  'session-cached': [part('cookie-unsign-by-hand')],
  'jwt-hs256': verifiedByPlugin('hs256-verify'),
  'jwt-hs256-lean': [core('hs256-verify-by-hand')],
  'jwt-rs256': verifiedByPlugin('rs256-verify'),
  'jwt-es256': verifiedByPlugin('es256-verify'),
  'jwt-eddsa': verifiedByPlugin('eddsa-verify'),
  'jwt-hs256-cached': verifiedByPlugin('hs256-verify-cached'),
  'jwt-cookie': verifiedByPlugin('hs256-verify'),
  'session-sealed': [part('cookie-parse'), core('secretbox-open'), part('json-parse')],
  'jwt-denylist-open': [...verifiedByPlugin('hs256-verify'), core('redis-mget-batched')],
  'jwt-denylist': [...verifiedByPlugin('hs256-verify'), core('redis-mget-batched')],
  'jwt-refresh': verifiedByPlugin('hs256-verify'),
  hybrid: verifiedByPlugin('hs256-verify'),
  // Of the cookie, which a login gives unless a token is asked for.
  dual: [part('cookie-unsign-by-hand'), core('redis-getex-batched'), part('json-parse')],
};

/** The primitives on an arm's hot path; null for an arm whose path is not known here. */
export function partsOf(arm: string): readonly PartCount[] | null {
  return Object.hasOwn(PARTS, arm) ? (PARTS[arm] ?? null) : null;
}

/** Of an arm's primitives, what no implementation of its scheme can do without. */
export function coreOf(arm: string): string[] {
  return (partsOf(arm) ?? []).filter(({ isCore }) => isCore).map(({ primitive }) => primitive);
}

/** All that an arm's hot path is made of, in order, each as often as it is done; empty for an arm whose path is not known here. */
export function sequenceOf(arm: string): string[] {
  return (partsOf(arm) ?? []).flatMap(({ primitive, count }) => Array<string>(count).fill(primitive));
}

const BETWEEN = ' + ';

/** What several primitives together are called, in the order in which they are done. */
export function nameOfWork(primitives: readonly string[]): string {
  return primitives.join(BETWEEN);
}

export function primitivesOf(work: string): string[] {
  return work.split(BETWEEN);
}

export interface Range {
  readonly us: number;
  readonly low: number;
  readonly high: number;
}

export interface ExplainedPart extends Range {
  readonly primitive: string;
  readonly count: number;
}

export interface Explanation {
  readonly parts: readonly ExplainedPart[];
  /** The toll less all parts: hooks, plugin glue, bytes read and written, garbage. Below zero where parts overlap. */
  readonly unexplained: Range;
  /** Primitives on the path that were not measured; their cost is in `unexplained`. */
  readonly missing: readonly string[];
  /**
   * The toll over what the scheme cannot do without; null where it has nothing of the kind, or where that was not measured.
   * 1 is the least that an implementation could reach.
   */
  readonly toCore: { readonly value: number; readonly low: number; readonly high: number } | null;
}

/**
 * Sets the sum of an arm's parts against its toll.
 *
 * Bounds are by interval arithmetic (Moore 1966): the low end of a difference takes the other's high end. Toll and parts
 * were measured in different processes at different times, so nothing is known of how their errors go together; this is
 * the widest they can be, and never too narrow.
 * @param primitives CPU µs per operation, by primitive.
 * @param toll CPU µs per request beyond the baseline's.
 * @returns null for an arm whose path is not known here.
 */
export function explain(arm: string, primitives: ReadonlyMap<string, Estimate>, toll: Estimate): Explanation | null {
  const counts = partsOf(arm);
  if (counts === null) return null;
  const parts: ExplainedPart[] = [];
  const cores: ExplainedPart[] = [];
  const missing: string[] = [];
  for (const { primitive, count, isCore } of counts) {
    const cost = primitives.get(primitive);
    if (cost === undefined) {
      missing.push(primitive);
      continue;
    }
    const explained = { primitive, count, us: count * cost.value, low: count * cost.low, high: count * cost.high };
    parts.push(explained);
    if (isCore) cores.push(explained);
  }
  const sum = (of: (each: Range) => number, over: readonly Range[] = parts) =>
    over.reduce((total, each) => total + of(each), 0);
  const hasCore = cores.length > 0 && cores.length === counts.filter(({ isCore }) => isCore).length;
  return {
    parts,
    unexplained: {
      us: toll.value - sum((each) => each.us),
      low: toll.low - sum((each) => each.high),
      high: toll.high - sum((each) => each.low),
    },
    missing,
    toCore: hasCore
      ? {
          value: toll.value / sum((each) => each.us, cores),
          low: toll.low / sum((each) => each.high, cores),
          high: toll.high / sum((each) => each.low, cores),
        }
      : null,
  };
}
