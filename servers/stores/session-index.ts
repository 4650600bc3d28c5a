/**
 * The index of each user's sessions, so that all of them can be ended at once. It is written at login and logout only, so a
 * light read pays nothing for it. It is a sorted set per user, scored by the session's absolute end; ended sessions are dropped
 * at each login, and the set expires with its last session.
 */

import { orUnavailable } from '../errors.ts';
import { disabledKey } from './accounts.ts';
import type { RedisStore } from './redis.ts';
import { CLOCK_MARGIN_MS, NOW } from './redis-clock.ts';

/** The key of a session. */
export function sessionKey(redis: RedisStore, sessionId: string): string {
  return `${redis.prefix}session:${sessionId}`;
}

/** The key of a user's index, in the slot of `disabledKey`. Sessions are in other slots, since a cookie does not name the user. */
export function indexKey(redis: RedisStore, userId: string): string {
  return `${redis.prefix}user:{${userId}}`;
}

const KEYS_PER_DELETE = 500;

/**
 * An entry stays until its session has ended by any replica's clock, and the index until its last session has. If a
 * replica whose clock is ahead dropped an entry early, a logout from everywhere would miss a session that is still alive.
 * KEYS: disabled mark, index. ARGV: session, its end (ms since the epoch). Returns 1 if the user is disabled.
 */
const ENTER = `${NOW}
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now - ${CLOCK_MARGIN_MS})
redis.call('ZADD', KEYS[2], ARGV[2], ARGV[1])
local last = redis.call('ZRANGE', KEYS[2], -1, -1, 'WITHSCORES')
redis.call('PEXPIREAT', KEYS[2], last[2] + ${CLOCK_MARGIN_MS})
return redis.call('EXISTS', KEYS[1])
`;

/**
 * Adds a stored session to the index. The same script checks whether the user is disabled, so a login cannot slip in
 * between `disable` and the ending of the sessions: either it is in the index, or it finds the user disabled.
 * @returns false if the user is disabled; the caller then destroys the session
 * @throws StoreUnavailable
 */
export async function enterSession(
  redis: RedisStore,
  userId: string,
  sessionId: string,
  endsAtMs: number,
): Promise<boolean> {
  const keys = [disabledKey(redis, userId), indexKey(redis, userId)];
  return (await orUnavailable(redis.client.eval(ENTER, 2, ...keys, sessionId, endsAtMs, redis.clock()))) === 0;
}

/**
 * Ends a session, and then removes it from the index. If Redis fails in between, an id without a session remains, which is
 * harmless; a session without its id would survive a logout from everywhere. There is no transaction, since in a cluster the
 * two keys may be in different slots.
 * @throws StoreUnavailable
 */
export async function endSession(redis: RedisStore, userId: string, sessionId: string): Promise<void> {
  await orUnavailable(redis.client.del(sessionKey(redis, sessionId)));
  await orUnavailable(redis.client.zrem(indexKey(redis, userId), sessionId));
}

/**
 * Ends every session of a user. An id leaves the index after its session: if Redis fails halfway, the rest is still in the
 * index, and a retry ends it.
 * @throws StoreUnavailable
 */
export async function endSessionsOf(redis: RedisStore, userId: string): Promise<void> {
  const key = indexKey(redis, userId);
  const sessionIds = await orUnavailable(redis.client.zrange(key, 0, '-1'));
  for (let first = 0; first < sessionIds.length; first += KEYS_PER_DELETE) {
    const batch = sessionIds.slice(first, first + KEYS_PER_DELETE);
    // One command for each session; the client sends them together.
    await orUnavailable(Promise.all(batch.map((sessionId) => redis.client.del(sessionKey(redis, sessionId)))));
    await orUnavailable(redis.client.zrem(key, ...batch));
  }
}
