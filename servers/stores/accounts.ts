/** The disabled users. They are looked up at login and before critical operations, never on the light read. */
import { orUnavailable } from '../errors.ts';
import type { RedisStore } from './redis.ts';

export interface Accounts {
  /** @throws StoreUnavailable */
  isDisabled(userId: string): Promise<boolean>;
  /** @throws StoreUnavailable */
  disable(userId: string): Promise<void>;
}

/** Disabled users known to this process only, for an arm without a shared store. */
export function localAccounts(): Accounts {
  const disabled = new Set<string>();
  return {
    isDisabled: async (userId) => disabled.has(userId),
    disable: async (userId) => {
      disabled.add(userId);
    },
  };
}

/**
 * The key that exists while a user is disabled. It does not expire. The braces put it into the same cluster slot as the user's
 * other keys, so that one transaction may touch them.
 */
export function disabledKey(redis: RedisStore, userId: string): string {
  return `${redis.prefix}disabled:{${userId}}`;
}

/** Disabled users shared by all replicas. */
export function redisAccounts(redis: RedisStore): Accounts {
  return {
    isDisabled: async (userId) => (await orUnavailable(redis.client.exists(disabledKey(redis, userId)))) === 1,
    disable: async (userId) => {
      await orUnavailable(redis.client.set(disabledKey(redis, userId), '1'));
    },
  };
}
