/**
 * Sessions through node-redis, on a separate connection: it sends the commands of one event-loop iteration together.
 */
import { createClient, createCluster } from '@redis/client';
import { nodeRedisUrl, type RedisAddress } from '../../redis-address.ts';
import type { SessionCommands } from '../session-commands.ts';
import { ANSWER_WITHIN_MS, NODE_REDIS, opened, sharedDeadline } from './connection.ts';

export interface NodeRedisCommands extends SessionCommands {
  /** Await this before any command. @throws StartError REDIS_UNREACHABLE */
  open(): Promise<void>;
  close(): void;
}

export function nodeRedisCommands({ url, cluster }: RedisAddress): NodeRedisCommands {
  const client =
    cluster === true
      ? createCluster({ rootNodes: [{ url, ...NODE_REDIS }], defaults: { ...NODE_REDIS, ...loginOf(url) } })
      : createClient({ ...NODE_REDIS, url: nodeRedisUrl(url) });
  // Without a listener a connection error would end the process; each command reports its own failure.
  client.on('error', () => {});
  const inTime = sharedDeadline(ANSWER_WITHIN_MS);
  return {
    open: () => opened(client, 'through node-redis'),
    close: () => client.destroy(),
    get: (key) => inTime(client.get(key)),
    getex: (key, ttlMs) => inTime(client.getEx(key, { type: 'PX', value: ttlMs })),
    set: (key, value, ttlMs, isReplaced) =>
      inTime(
        client.set(key, value, {
          expiration: { type: 'PX', value: ttlMs },
          ...(isReplaced ? { condition: 'XX' } : {}),
        }),
      ),
    del: (key) => inTime(client.del(key)),
  };
}

/** The client finds a cluster's other nodes by itself, and knows no password for them but this. */
function loginOf(url: string): { readonly username?: string; readonly password?: string } {
  const { username, password } = new URL(url);
  return {
    ...(username === '' ? {} : { username: decodeURIComponent(username) }),
    ...(password === '' ? {} : { password: decodeURIComponent(password) }),
  };
}
