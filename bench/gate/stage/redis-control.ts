/** What a check does to the Redis of its fleet: stops it, or breaks every connection to it. */
import { watcher } from '../../fleet/redis/redis.ts';
import type { RedisControl } from '../target.ts';

/** @param pid of a Redis that serves this fleet alone; null if it must not be stopped */
export function controlOf({ pid, url }: { readonly pid: number | null; readonly url: string }): RedisControl | null {
  if (pid === null) return null;
  return {
    freeze: () => void process.kill(pid, 'SIGSTOP'),
    thaw: () => void process.kill(pid, 'SIGCONT'),
    async disconnectAll() {
      const client = watcher(url);
      try {
        await client.connect();
        // Those that listen first: a message for them must find nobody.
        await client.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
        await client.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
      } finally {
        client.disconnect();
      }
    },
  };
}
