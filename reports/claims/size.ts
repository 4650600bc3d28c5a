/** How many users one store carries, by memory and by load: what the claims about size ask. */
import type { Figure } from '../../core/results/schema.ts';
import { formatCount, formatSignificant } from '../../core/text/format.ts';
import { isSessionInRedis } from './arms.ts';
import { type Evidence, mostOf } from './evidence.ts';

/** A node of ordinary size, as clouds rent them. A convention of this ledger, and said wherever it decides. */
export const NODE_BYTES = 16e9;
export const NODE_TEXT = '16 GB';
/** How full Redis' one core is run, so that queues stay short. */
export const REDIS_FILL = 0.7;
/** Seconds between two requests of a user who is active. A convention, said wherever it decides. */
export const SECONDS_BETWEEN_REQUESTS = 10;

/** Of one session, from the experiment that holds the most of them; null where none was weighed. */
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

/** Redis' CPU time for a request of a session that asks it once; null where it was not measured. */
export function redisCpuPerRequest(evidence: Evidence): Figure | null {
  for (const arm of evidence.armsWhere(isSessionInRedis)) {
    const figure = evidence.toll(arm, 'redis_cpu_us_per_request');
    if (figure !== null && figure.low > 0) return figure;
  }
  return null;
}

/** Requests per second that fill Redis' core as far as it is run. */
export const redisRps = (cpuUs: number) => (REDIS_FILL * 1e6) / cpuUs;

/** To two digits, as a decision needs them: `2.3 million`, `47,000`. */
export function roundedCount(count: number): string {
  if (!Number.isFinite(count) || count <= 0) return '0';
  const step = 10 ** Math.max(0, Math.floor(Math.log10(count)) - 1);
  const rounded = Math.floor(count / step) * step;
  return rounded >= 1e6 ? `${formatSignificant(rounded / 1e6)} million` : formatCount(rounded);
}
