/**
 * Tokens that were ended before they expire. Two kinds of entry: one token by its id, or all of a user's that were issued
 * up to a time. An entry expires with the last token that it could refuse, so the list is as short as it can be.
 */
import { orUnavailable, type RedisStore } from './redis.ts';

export interface Denylist {
  /** One command. @throws StoreUnavailable */
  isDenied(token: { readonly jti: string; readonly userId: string; readonly issuedMs: number }): Promise<boolean>;
  /** @param endsAtMs when the token expires, in ms since the epoch. @throws StoreUnavailable */
  deny(jti: string, endsAtMs: number): Promise<void>;
  /** Denies what was issued up to `atMs`. @throws StoreUnavailable */
  denyAllOf(userId: string, atMs: number): Promise<void>;
}

/** @param lifetimeMs of every token */
export function redisDenylist(redis: RedisStore, lifetimeMs: number): Denylist {
  const { client, prefix } = redis;
  const tokenKey = (jti: string) => `${prefix}denied:${jti}`;
  const userKey = (userId: string) => `${prefix}denied-until:${userId}`;
  return {
    async isDenied({ jti, userId, issuedMs }) {
      const [token, until] = await orUnavailable(client.mget(tokenKey(jti), userKey(userId)));
      return token !== null || (until !== null && until !== undefined && issuedMs <= Number(until));
    },
    async deny(jti, endsAtMs) {
      await orUnavailable(client.set(tokenKey(jti), '1', 'PXAT', endsAtMs));
    },
    async denyAllOf(userId, atMs) {
      await orUnavailable(client.set(userKey(userId), String(atMs), 'PXAT', atMs + lifetimeMs + 1_000));
    },
  };
}
