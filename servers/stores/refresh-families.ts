/**
 * Refresh token families (RFC 9700 §4.14.2): all tokens that descend from one login. A family is stored where a session would
 * be, and in the same index, so it is ended in the same ways. Only the number of its current token is stored: a token is an
 * HMAC of its family and number, so nothing in the store can be stolen and used.
 */
import type { Identity } from '../contract.ts';
import { orUnavailable } from '../errors.ts';
import type { RedisStore } from './redis.ts';
import { NOW } from './redis-clock.ts';
import { endSession, enterSession, sessionKey } from './session-index.ts';
import { readRecord } from './session-record.ts';

export interface FamilyTimes {
  readonly idleTimeoutMs: number;
  readonly absoluteTimeoutMs: number;
  readonly graceMs: number;
  readonly now: () => number;
}

export interface RefreshFamilies {
  /** Starts a family at number 1. @returns false if the user is disabled. @throws StoreUnavailable */
  start(familyId: string, user: Identity): Promise<boolean>;
  /**
   * Exchanges a token for its successor. Within the grace period a used token gets the same successor again, so that two tabs,
   * or a client whose reply was lost, stay logged in. After it a used token ends the family, since somebody has a copy.
   * @returns the successor's number, or null if the family does not exist (any more)
   * @throws StoreUnavailable
   */
  rotate(familyId: string, number: number): Promise<{ readonly user: Identity; readonly number: number } | null>;
}

/** KEYS: family. ARGV: the record, absolute timeout, idle timeout (ms). */
const START = `${NOW}
redis.call('HSET', KEYS[1], 'record', ARGV[1], 'number', 1, 'rotatedAtMs', 0, 'endsAtMs', now + ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
`;

/**
 * Atomic in Redis, so that one of several parallel exchanges is first. KEYS: family. ARGV: presented number, grace,
 * idle timeout (ms). After Redis' clock was set back, a rotation may lie in the future: it is not within the grace
 * period. Returns {the record, the successor's number; 0 for a token that was used before}, or false.
 */
const ROTATE = `${NOW}
local family = redis.call('HMGET', KEYS[1], 'record', 'number', 'rotatedAtMs', 'endsAtMs')
if not family[1] then return false end
local presented = tonumber(ARGV[1])
local number, rotatedAt, endsAt = tonumber(family[2]), tonumber(family[3]), tonumber(family[4])
if endsAt <= now then
  redis.call('DEL', KEYS[1])
  return false
end
if presented == number then
  number = number + 1
  redis.call('HSET', KEYS[1], 'number', number, 'rotatedAtMs', now)
  redis.call('PEXPIRE', KEYS[1], math.min(tonumber(ARGV[3]), endsAt - now))
elseif presented ~= number - 1 or now < rotatedAt or now - rotatedAt >= tonumber(ARGV[2]) then
  redis.call('DEL', KEYS[1])
  return {family[1], 0}
end
return {family[1], number}
`;

export function redisRefreshFamilies(redis: RedisStore, times: FamilyTimes): RefreshFamilies {
  const { client } = redis;
  const { idleTimeoutMs, absoluteTimeoutMs, graceMs, now } = times;
  return {
    async start(familyId, user) {
      const key = sessionKey(redis, familyId);
      const endsAtMs = now() + absoluteTimeoutMs;
      const record = JSON.stringify({ user, endsAtMs });
      await orUnavailable(client.eval(START, 1, key, record, absoluteTimeoutMs, idleTimeoutMs, redis.clock()));
      if (await enterSession(redis, user.id, familyId, endsAtMs)) return true;
      await endSession(redis, user.id, familyId);
      return false;
    },

    async rotate(familyId, number) {
      const reply = await orUnavailable(
        client.eval(ROTATE, 1, sessionKey(redis, familyId), number, graceMs, idleTimeoutMs, redis.clock()),
      );
      if (!Array.isArray(reply)) return null;
      const user = readRecord(String(reply[0]))?.user;
      const successor = Number(reply[1]);
      if (user === undefined) return null;
      if (successor > 0) return { user, number: successor };
      // The family is gone already; this removes it from its user's index.
      await endSession(redis, user.id, familyId);
      return null;
    },
  };
}
