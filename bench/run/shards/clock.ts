/** How far this machine's clock is ahead of one that all shards ask: a Redis, which answers TIME in microseconds. */
import { offsetOf, type RoundTrip } from '../../../core/clock-offset.ts';
import { runError, TollgateError } from '../../../core/errors.ts';
import type { ClockOffset } from '../../../core/results/recorded/shards.ts';
import { checkRedisUrl } from '../../fleet/redis/external.ts';
import { watcher } from '../../fleet/redis/redis.ts';
import { refusalOf, unreachable } from '../../fleet/redis/refusals.ts';
import { clientUrl, parseRedisUrl } from '../../fleet/redis/url.ts';
import { LATE_SECONDS } from './refusals.ts';

/** An environment variable and not a flag, because the URL may contain a password. */
export const CLOCK_URL = 'TOLLGATE_CLOCK_URL';

const ROUND_TRIPS = 20;

/**
 * Sends only TIME.
 *
 * @param text a Redis URL; another machine's only if TOLLGATE_ALLOW_REMOTE permits it
 *
 * @param now this machine's clock, in ms since 1970
 *
 * @returns here minus there
 *
 * @throws {TollgateError} (environment) if it cannot be asked
 */
export async function askClock(text: string, now: () => number = Date.now): Promise<ClockOffset> {
  try {
    checkRedisUrl(text);
    const client = watcher(clientUrl(parseRedisUrl(text)));
    try {
      await client.connect();
      const trips: RoundTrip[] = [];
      for (let i = 0; i < ROUND_TRIPS; i++) {
        const begun = performance.now();
        const sentMs = now();
        const [seconds, micros] = await client.time();
        trips.push({
          sentMs,
          tookMs: performance.now() - begun,
          thereMs: Number(seconds) * 1000 + Number(micros) / 1000,
        });
      }
      const ahead = offsetOf(trips, 0);
      return { ...ahead, offsetMs: -ahead.offsetMs };
    } catch (error) {
      throw refusalOf(error) ?? unreachable(error);
    } finally {
      client.disconnect();
    }
  } catch (error) {
    if (!(error instanceof TollgateError)) throw error;
    const renamed = (words: string) => words.replaceAll('REDIS_URL', CLOCK_URL);
    throw new TollgateError(error.exitCode, renamed(error.message), renamed(error.hint));
  }
}

/** @throws {TollgateError} if a shard with a given start time would begin late, or early, by the common clock */
export function refuseWrongClock({ offsetMs, uncertaintyMs }: ClockOffset, startAt: string | null): void {
  if (startAt === null || Math.abs(offsetMs) - uncertaintyMs <= 1000 * LATE_SECONDS) return;
  const seconds = Math.round(Math.abs(offsetMs) / 1000);
  throw runError(
    `this clock is ${seconds} s ${offsetMs > 0 ? 'ahead of' : 'behind'} the one at ${CLOCK_URL}, so that its load would not meet that of the other shards`,
    'synchronise the clock, for instance with chrony, or start without --start-at',
  );
}
