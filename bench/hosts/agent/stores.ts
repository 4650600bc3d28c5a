/** The Redis servers of a run on this host. */
import { startRedis } from '../../fleet/redis/own.ts';
import type { RedisInstance } from '../../fleet/redis/redis.ts';
import type { CpuAccounts } from '../../processes/accounts.ts';
import type { Janitor } from '../../processes/janitor.ts';
import type { Handlers } from '../../processes/rpc.ts';
import type { AGENT } from './protocol.ts';

export class Stores {
  readonly #janitor: Janitor;
  readonly #accounts: CpuAccounts | null;
  readonly #running = new Map<number, RedisInstance>();

  constructor(janitor: Janitor, accounts: CpuAccounts | null) {
    this.#janitor = janitor;
    this.#accounts = accounts;
  }

  readonly handlers: Pick<Handlers<typeof AGENT>, 'startRedis' | 'redisUsage' | 'stopRedis'> = {
    startRedis: async ({ redis: number, host }) => {
      const redis = await startRedis(this.#janitor, host);
      this.#running.set(number, redis);
      if (redis.pid === null) throw new Error('its process is not known');
      this.#accounts?.add(redis.pid);
      return { url: redis.url, pid: redis.pid, version: redis.version };
    },
    redisUsage: async ({ redis: number }) => {
      const redis = this.#running.get(number);
      if (redis === undefined) throw new Error('it does not run');
      return { commands: await redis.commands(), cpuNs: await redis.cpuNanos() };
    },
    stopRedis: async ({ redis: number }) => {
      await this.#running.get(number)?.stop();
      this.#running.delete(number);
      this.#accounts?.sweep();
      return null;
    },
  };
}
