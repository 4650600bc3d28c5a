/** The commands that read and write the plugin's sessions, so that another client library can be used. */
import type { RedisStore } from './redis.ts';

/** Each fails if Redis does not reply in time. */
export interface SessionCommands {
  get(key: string): Promise<string | null>;
  /** Reads, and extends the time to live. */
  getex(key: string, ttlMs: number): Promise<string | null>;
  /** @param isReplaced whether the key is written only if it exists */
  set(key: string, value: string, ttlMs: number, isReplaced: boolean): Promise<unknown>;
  del(key: string): Promise<unknown>;
}

/** Uses the connection of everything else. */
export function ioredisCommands({ client }: RedisStore): SessionCommands {
  return {
    get: (key) => client.get(key),
    getex: (key, ttlMs) => client.getex(key, 'PX', ttlMs),
    set: (key, value, ttlMs, isReplaced) =>
      isReplaced ? client.set(key, value, 'PX', ttlMs, 'XX') : client.set(key, value, 'PX', ttlMs),
    del: (key) => client.del(key),
  };
}
