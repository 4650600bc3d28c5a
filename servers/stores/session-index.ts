/**
 * The index of each user's sessions, so that all of them can be ended at once. It is written at login and logout only, so a
 * light read pays nothing for it. It is a sorted set per user, scored by the session's absolute end; ended sessions are dropped
 * at each login, and the set expires with its last session.
 */
import { disabledKey } from './accounts.ts';
import { orUnavailable, type RedisStore } from './redis.ts';

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
 * Adds a stored session to the index. The same transaction checks whether the user is disabled, so a login cannot slip in
 * between `disable` and the ending of the sessions: either it is in the index, or it finds the user disabled.
 * @returns false if the user is disabled; the caller then destroys the session
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
