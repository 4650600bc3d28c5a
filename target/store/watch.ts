/** The stores of a running service as experiments read and break them. */

import type { StoreCounters } from '../../bench/fleet/counters.ts';
import type { ForeignParts } from '../../bench/fleet/fleet.ts';
import { useRedis } from '../../bench/fleet/redis/external.ts';
import type { RedisInstance } from '../../bench/fleet/redis/redis.ts';
import { clientUrl, parseRedisUrl } from '../../bench/fleet/redis/url.ts';
import { openTreeAccount } from '../../bench/processes/trees/tree-accounts.ts';
import { afterEnding } from '../../core/errors.ts';
import { listenerOn } from '../process/listeners.ts';
import { openCounters, type PostgresCounters } from './postgres.ts';
import type { RunningStore } from './running.ts';
import { StoreCpu } from './store-cpu.ts';

export interface WatchedStores {
  readonly redis: RedisInstance | null;
  readonly counters: readonly StoreCounters[];
  readonly breakable: ForeignParts['store'];
  close(): Promise<void>;
}

/** A prefix without any keys: only counters are read. */
const KEY_PREFIX = 'tollgate:target:';

/**
 * @param side of the service: the store queries of both sides are counted only for the guarded side
 *
 * @param onNote gets a line if something cannot be read
 */
export async function watchStores(
  stores: readonly RunningStore[],
  side: 'guarded' | 'public',
  onNote: (text: string) => void,
): Promise<WatchedStores> {
  const isGuarded = side === 'guarded';
  const opened: PostgresCounters[] = [];
  const accounts: StoreCpu[] = [];
  let used: RedisInstance | null = null;
  const close = async () => {
    for (const cpu of accounts) cpu.close();
    await Promise.all(opened.map((counters) => counters.close()));
    await used?.stop();
  };
  try {
    for (const { kind, url, pid } of isGuarded ? stores : []) {
      if (kind !== 'postgres') continue;
      const cpu = cpuOf(url, pid(), onNote);
      accounts.push(cpu);
      if (cpu.read() === null) onNote('The CPU time of Postgres cannot be read here, so no figure includes it.');
      opened.push(await openCounters(url, () => cpu.read(), onNote));
    }
    const redis = stores.find(({ kind }) => kind === 'redis');
    if (redis !== undefined && redis.redis === null && isGuarded)
      used = await useRedis(clientUrl(parseRedisUrl(redis.url)), KEY_PREFIX);
    const broken = stores.find(({ faults }) => faults !== null);
    return {
      redis: redis?.redis ?? used,
      counters: opened,
      breakable:
        broken?.faults == null ? null : { kind: broken.kind, faults: broken.faults, canBeEmptied: broken.canBeEmptied },
      close,
    };
  } catch (error) {
    throw await afterEnding(error, close);
  }
}

/** CPU time of the store that Tollgate started, else of the process that listens on the port of its URL. */
function cpuOf(url: string, pid: number | null, onNote: (text: string) => void): StoreCpu {
  const first = pid ?? listenerOn(Number(new URL(url).port || 5432));
  const note =
    'Processes of Postgres ended during the measurement, so part of its CPU time comes from clock ticks of 10 ms.';
  return new StoreCpu(first === null ? null : openTreeAccount(first), () => onNote(note));
}
