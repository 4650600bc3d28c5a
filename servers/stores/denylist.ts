/**
 * Tokens that were revoked before they expire. An entry denies one token by its id, or all tokens of a user issued up to a
 * time. An entry expires with the last token that it could deny, which keeps the list short.
 */

import { orUnavailable } from '../errors.ts';
import { disabledKey } from './accounts.ts';
import type { RedisStore } from './redis.ts';
import { CLOCK_MARGIN_MS, NOW } from './redis-clock.ts';

export interface Denylist {
  /** Costs one command. @throws StoreUnavailable */
  isDenied(token: { readonly jti: string; readonly userId: string; readonly issuedMs: number }): Promise<boolean>;
  /** @param endsAtMs when the token expires, in ms since the epoch. @throws StoreUnavailable */
  deny(token: { readonly jti: string; readonly userId: string }, endsAtMs: number): Promise<void>;
  /** Denies the user's tokens issued up to now. @throws StoreUnavailable */
  denyAllOf(userId: string): Promise<void>;
  /**
   * The date for a token issued now, in ms since the epoch, by the clock that `denyAllOf` uses. Null if the user is
   * disabled. Both are read in one atomic step, so disabling the user later denies the token by its date.
   * @throws StoreUnavailable
   */
  dateFor(userId: string): Promise<number | null>;
}

/** The date is only ever raised: a clock that was set back must not revive what was ended. */
const DENY_ALL = `${NOW}
local before = tonumber(redis.call('GET', KEYS[1]) or 0)
redis.call('SET', KEYS[1], math.max(now, before), 'PX', ARGV[1])
`;

const DATE = `${NOW}
return {now, redis.call('EXISTS', KEYS[1])}
`;

/** @param lifetimeMs of every token */
export function redisDenylist(redis: RedisStore, lifetimeMs: number): Denylist {
  const { client, reads, prefix } = redis;
  // The hash tag is the user, so that both keys are in one cluster slot and one command can read them.
  const tokenKey = (jti: string, userId: string) => `${prefix}denied:{${userId}}:${jti}`;
  const userKey = (userId: string) => `${prefix}denied-until:{${userId}}`;
  return {
    async isDenied({ jti, userId, issuedMs }) {
      const [token, until] = await orUnavailable(reads.mget([tokenKey(jti, userId), userKey(userId)]));
      return token !== null || (until !== null && until !== undefined && issuedMs <= Number(until));
    },
    async deny({ jti, userId }, endsAtMs) {
      await orUnavailable(client.set(tokenKey(jti, userId), '1', 'PXAT', endsAtMs));
    },
    async denyAllOf(userId) {
      await orUnavailable(client.eval(DENY_ALL, 1, userKey(userId), lifetimeMs + CLOCK_MARGIN_MS, redis.clock()));
    },
    async dateFor(userId) {
      const [nowMs, isDisabled] = (await orUnavailable(
        client.eval(DATE, 1, disabledKey(redis, userId), redis.clock()),
      )) as number[];
      return isDisabled === 0 && nowMs !== undefined ? nowMs : null;
    },
  };
}
