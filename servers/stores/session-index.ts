/**
 * Which sessions each user has, so that all of them can be ended at once. Written at login and logout only: a light read
 * pays nothing for it. A sorted set per user, scored by the session's absolute end; ended ones are dropped at each login,
 * and the whole set expires with its last session.
 */
import { disabledKey } from './accounts.ts';
import { orUnavailable, type RedisStore } from './redis.ts';

/** Where a session is stored. */
export function sessionKey(redis: RedisStore, sessionId: string): string {
  return `${redis.prefix}session:${sessionId}`;
}

/** In the slot of `disabledKey`. Sessions are in slots of their own: a cookie names the session and not its user. */
export function indexKey(redis: RedisStore, userId: string): string {
  return `${redis.prefix}user:{${userId}}`;
}

const KEYS_PER_DELETE = 500;

/**
 * Enters a session that is already stored. The same transaction asks whether the user is disabled, so that a login
 * cannot slip in between `disable` and the ending of the sessions: it is either seen in the index, or sees the mark.
 * @returns false where the user is disabled; the caller destroys the session
 * @throws StoreUnavailable
 */
export async function enterSession(
  redis: RedisStore,
  userId: string,
  sessionId: string,
  endsAtMs: number,
  nowMs: number,
): Promise<boolean> {
  const key = indexKey(redis, userId);
  const replies = await orUnavailable(
    redis.client
      .multi()
      .exists(disabledKey(redis, userId))
      .zremrangebyscore(key, '-inf', nowMs)
      .zadd(key, endsAtMs, sessionId)
      .pexpireat(key, endsAtMs)
      .exec(),
  );
  return replies?.[0]?.[1] === 0;
}

/**
 * The session first: where Redis fails in between, an id without a session is left in the index, and does no harm; a
 * session without its id would outlive a logout from everywhere. No transaction, since in a cluster the two may be apart.
 * @throws StoreUnavailable
 */
export async function endSession(redis: RedisStore, userId: string, sessionId: string): Promise<void> {
  await orUnavailable(redis.client.del(sessionKey(redis, sessionId)));
  await orUnavailable(redis.client.zrem(indexKey(redis, userId), sessionId));
}

/**
 * Ends every session of a user. An id leaves the index after its session: where Redis fails halfway, the rest is still in
 * the index, and asking again ends it.
 * @throws StoreUnavailable
 */
export async function endSessionsOf(redis: RedisStore, userId: string): Promise<void> {
  const key = indexKey(redis, userId);
  const sessionIds = await orUnavailable(redis.client.zrange(key, 0, '-1'));
  for (let first = 0; first < sessionIds.length; first += KEYS_PER_DELETE) {
    const batch = sessionIds.slice(first, first + KEYS_PER_DELETE);
    // A command each, which the client sends together.
    await orUnavailable(Promise.all(batch.map((sessionId) => redis.client.del(sessionKey(redis, sessionId)))));
    await orUnavailable(redis.client.zrem(key, ...batch));
  }
}
