/**
 * What an arm's guarded light read (`GET /me`) is made of, in primitives of the micro suite, and how much of its
 * measured toll they account for. Counts were read from the sources of the schemes and of
 * the pinned packages.
 */
import type { Estimate } from '../stats/estimate.ts';

export interface PartCount {
  readonly primitive: string;
  /** How often on each request. */
  readonly count: number;
}

const part = (primitive: string, count = 1): PartCount => ({ primitive, count });
const presentedCookie = [part('cookie-parse'), part('cookie-unsign')];
// @fastify/session signs the id again for every session that comes back from a store as plain data, and hashes it once
// when it is restored and once more to see whether the handler changed it.
const restoredByPlugin = [part('cookie-sign'), part('session-hash', 2)];

const PARTS: Readonly<Record<string, readonly PartCount[]>> = {
  none: [],
  'session-redis': [...presentedCookie, part('redis-getex-pipelined'), part('json-parse'), ...restoredByPlugin],
  // Rolling saves without asking whether anything changed; the second hash is that of the saved state. The SET extends
  // the session's life, so the read is a plain GET.
  'session-redis-rolling': [
    ...presentedCookie,
    part('redis-get-pipelined'),
    part('json-parse'),
    ...restoredByPlugin,
    part('json-stringify'),
    part('redis-set-pipelined'),
    part('cookie-serialize'),
  ],
  // It finds its one cookie by hand, which is too little to time; the check of its signature costs what the plugin's does.
  'session-redis-lean': [part('cookie-unsign'), part('redis-getex-pipelined'), part('json-parse')],
  'session-memory': [...presentedCookie, ...restoredByPlugin],
  // On a hit; a miss costs what session-redis-lean does, once per session and second.
  'session-cached': [part('cookie-unsign')],
  'jwt-hs256': [part('hs256-verify')],
  'jwt-hs256-lean': [part('hs256-verify')],
  'jwt-rs256': [part('rs256-verify')],
  'jwt-es256': [part('es256-verify')],
  'jwt-eddsa': [part('eddsa-verify')],
  'jwt-hs256-cached': [part('hs256-verify-cached')],
  'jwt-cookie': [part('hs256-verify')],
  'session-sealed': [part('cookie-parse'), part('secretbox-open'), part('json-parse')],
  'jwt-denylist': [part('hs256-verify'), part('redis-mget-pipelined')],
  'jwt-refresh': [part('hs256-verify')],
  hybrid: [part('hs256-verify')],
  // Of the cookie, which a login gives unless a token is asked for.
  dual: [part('cookie-unsign'), part('redis-getex-pipelined'), part('json-parse')],
};

/** The primitives on an arm's hot path; null for an arm whose path is not known here. */
export function partsOf(arm: string): readonly PartCount[] | null {
  return Object.hasOwn(PARTS, arm) ? (PARTS[arm] ?? null) : null;
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
  const missing: string[] = [];
  for (const { primitive, count } of counts) {
    const cost = primitives.get(primitive);
    if (cost === undefined) missing.push(primitive);
    else parts.push({ primitive, count, us: count * cost.value, low: count * cost.low, high: count * cost.high });
  }
  const sum = (of: (each: ExplainedPart) => number) => parts.reduce((total, each) => total + of(each), 0);
  return {
    parts,
    unexplained: {
      us: toll.value - sum((each) => each.us),
      low: toll.low - sum((each) => each.high),
      high: toll.high - sum((each) => each.low),
    },
    missing,
  };
}
