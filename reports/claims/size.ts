/** How many users one store can serve, by memory and by load, for the claims about size. */
import { oneCoreLimit, ownRedisCpu } from '../../core/model/redis-use.ts';
import { USUAL } from '../../core/model/usual.ts';
import type { Figure } from '../../core/results/schema.ts';
import type { Interval } from '../../core/stats/interval.ts';
import { formatCount, formatEstimate, formatSignificant } from '../../core/text/format.ts';
import { isSessionInRedis } from './arms.ts';
import { type Evidence, mostOf } from './evidence.ts';

/** A typical cloud node. A convention of these claims, stated wherever it decides. */
export const NODE_BYTES = USUAL.redisNodeBytes;
export const NODE_TEXT = '16 GB';
/** Seconds between two requests of an active user. A convention, stated wherever it decides. */
export const SECONDS_BETWEEN_REQUESTS = 10;
/** The number of concurrent users from which a user base counts as medium. */
export const MEDIUM_USERS = 10_000;

/** Bytes of one session, from the experiment with the most sessions; null if none was measured. */
export function bytesPerSession(evidence: Evidence): Figure | null {
  const sessions = evidence.armsWhere(isSessionInRedis);
  const weighed = evidence
    .all('store', 'bytes_per_session')
    .filter(
      ({ arm, factors }) => (factors.kind ?? 'session') === 'session' && (arm === null || sessions.includes(arm)),
    );
  const plain = weighed.filter(({ factors }) => factors.method === undefined);
  const chosen = plain.length > 0 ? plain : weighed;
  const most = mostOf(chosen, 'sessions');
  const largest = chosen.find(({ factors }) => factors.sessions === most) ?? chosen[0];
  if (largest !== undefined) return largest;
  const payload = evidence
    .all('payload', 'bytes_per_session')
    .filter(({ arm }) => arm !== null && sessions.includes(arm));
  return payload.toSorted((a, b) => Number(a.factors.roles ?? 0) - Number(b.factors.roles ?? 0))[0] ?? null;
}

/** The load that one Redis can carry, and the figure behind it. */
export interface RedisLimit {
  /** Redis' CPU time per request. */
  readonly cpu: Figure;
  /** Requests a second. */
  readonly rps: Interval;
}

/** The limit for a session that asks Redis once per request; null if it was not measured. */
export function redisLimit(evidence: Evidence): RedisLimit | null {
  for (const arm of evidence.armsWhere(isSessionInRedis)) {
    const cpu = evidence.toll(arm, 'redis_cpu_us_per_request');
    if (cpu === null) continue;
    const own = ownRedisCpu(cpu, evidence.toll(arm, 'redis_commands_per_request'));
    const rps = oneCoreLimit(own, USUAL.utilisation);
    if (rps !== null) return { cpu, rps };
  }
  return null;
}

/** `81,000 [75,000–88,000] requests per second, which keep its core 70 % busy`. */
export function limitText({ rps }: RedisLimit): string {
  return `${formatEstimate({ ...rps, unit: '' })} requests per second, which keep its core ${USUAL.utilisation * 100} % busy`;
}

/** A count to two digits, which suffices for a decision: `2.3 million`, `47,000`. */
export function roundedCount(count: number): string {
  if (!Number.isFinite(count) || count <= 0) return '0';
  const step = 10 ** Math.max(0, Math.floor(Math.log10(count)) - 1);
  const rounded = Math.floor(count / step) * step;
  return rounded >= 1e6 ? `${formatSignificant(rounded / 1e6)} million` : formatCount(rounded);
}
