/**
 * Faults that a check injects into the Redis of its fleet: stop it, break every connection to it, or make it lose its
 * data.
 */
import type { Redis } from 'ioredis';
import { watcher } from '../../fleet/redis/redis.ts';
import { signalIfAlive } from '../../processes/ending.ts';
import type { RedisControl } from '../target.ts';

/** @param pid of a Redis that serves this fleet alone; null if it must not be stopped */
export function controlOf({ pid, url }: { readonly pid: number | null; readonly url: string }): RedisControl | null {
  if (pid === null) return null;
  return {
    freeze: () => void process.kill(pid, 'SIGSTOP'),
    // At the end of a check, whose own error says more than that Redis has ended.
    thaw: () => void signalIfAlive(pid, 'SIGCONT'),
    disconnectAll: () => withClient(url, cutAll),
    // Sent together, so that no client notices the loss, or reconnects, before it.
    lose: () => withClient(url, (client) => Promise.all([cutAll(client), client.flushall()])),
  };
}

/** Cuts subscribers first, so that no message reaches them. */
const cutAll = (client: Redis) =>
  Promise.all([
    client.call('CLIENT', 'KILL', 'TYPE', 'pubsub'),
    client.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes'),
  ]);

async function withClient(url: string, use: (client: Redis) => Promise<unknown>): Promise<void> {
  const client = watcher(url);
  try {
    await client.connect();
    await use(client);
  } finally {
    client.disconnect();
  }
}
