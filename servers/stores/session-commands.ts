/** The commands by which the plugin's sessions are read and written, so that they can go through another library. */
import type { RedisStore } from './redis.ts';

/** Each fails where Redis does not answer in time. */
export interface SessionCommands {
  get(key: string): Promise<string | null>;
  /** Reads, and extends the time to live. */
  getex(key: string, ttlMs: number): Promise<string | null>;
  /** @param isReplaced whether the key is written only where it exists */
  set(key: string, value: string, ttlMs: number, isReplaced: boolean): Promise<unknown>;
  del(key: string): Promise<unknown>;
}

/** Through the connection that everything else uses, too. */
export function ioredisCommands({ client }: RedisStore): SessionCommands {
  return {
    get: (key) => client.get(key),
    getex: (key, ttlMs) => client.getex(key, 'PX', ttlMs),
    set: (key, value, ttlMs, isReplaced) =>
      isReplaced ? client.set(key, value, 'PX', ttlMs, 'XX') : client.set(key, value, 'PX', ttlMs),
    del: (key) => client.del(key),
  };
}
