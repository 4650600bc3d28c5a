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

function indexKey(redis: RedisStore, userId: string): string {
  return `${redis.prefix}user:${userId}`;
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

/** @throws StoreUnavailable */
export async function endSession(redis: RedisStore, userId: string, sessionId: string): Promise<void> {
  await orUnavailable(
    redis.client.multi().del(sessionKey(redis, sessionId)).zrem(indexKey(redis, userId), sessionId).exec(),
  );
}

/**
 * Ends every session of a user. An id leaves the index together with its session: where Redis fails halfway, the rest is
 * still in the index, and asking again ends it.
 * @throws StoreUnavailable
 */
export async function endSessionsOf(redis: RedisStore, userId: string): Promise<void> {
  const key = indexKey(redis, userId);
  const sessionIds = await orUnavailable(redis.client.zrange(key, 0, '-1'));
  for (let first = 0; first < sessionIds.length; first += KEYS_PER_DELETE) {
    const batch = sessionIds.slice(first, first + KEYS_PER_DELETE);
    const keys = batch.map((sessionId) => sessionKey(redis, sessionId));
    await orUnavailable(
      redis.client
        .multi()
        .del(keys)
        .zrem(key, ...batch)
        .exec(),
    );
  }
}
