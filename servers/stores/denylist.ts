/**
 * Tokens that were revoked before they expire. An entry denies one token by its id, or all tokens of a user issued up to a
 * time. An entry expires with the last token that it could deny, which keeps the list short.
 */
import { orUnavailable, type RedisStore } from './redis.ts';

export interface Denylist {
  /** Costs one command. @throws StoreUnavailable */
  isDenied(token: { readonly jti: string; readonly userId: string; readonly issuedMs: number }): Promise<boolean>;
  /** @param endsAtMs when the token expires, in ms since the epoch. @throws StoreUnavailable */
  deny(token: { readonly jti: string; readonly userId: string }, endsAtMs: number): Promise<void>;
  /** Denies the user's tokens issued up to `atMs`. @throws StoreUnavailable */
  denyAllOf(userId: string, atMs: number): Promise<void>;
}

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
    async denyAllOf(userId, atMs) {
      await orUnavailable(client.set(userKey(userId), String(atMs), 'PXAT', atMs + lifetimeMs + 1_000));
    },
  };
}
