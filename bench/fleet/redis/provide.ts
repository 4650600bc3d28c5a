/** The Redis of a run: the one named by REDIS_URL, or one started by Tollgate. */
import { randomBytes } from 'node:crypto';
import { environmentError } from '../../../core/errors.ts';
import type { Janitor } from '../../processes/janitor.ts';
import { startRedisCluster } from './cluster.ts';
import { useRedis } from './external.ts';
import { startRedis } from './own.ts';
import { SHARED_PREFIX } from './probe.ts';
import type { RedisInstance } from './redis.ts';
import type { StoreServer } from './store-server.ts';

export interface RedisSource {
  readonly janitor: Janitor;
  /** REDIS_URL, as `probeRedis` returns it; null if Tollgate starts its own. */
  readonly redisUrl: string | null;
  /** The server program, as `checkStoreServer` returns it; null or absent for the one that is found. */
  readonly storeServer?: StoreServer | null;
  readonly runId: string;
}

/**
 * @param label separates the keys of this user of REDIS_URL from those of others; a Redis started by Tollgate has no
 * others @param cluster whether it should be a cluster of three nodes @throws TollgateError (environment) if it
 * cannot be started or used
 */
export async function provideRedis(source: RedisSource, label: string, cluster = false): Promise<RedisInstance> {
  const { janitor, redisUrl, runId } = source;
  const program = source.storeServer?.path;
  if (redisUrl === null)
    return cluster ? startRedisCluster(janitor, undefined, program) : startRedis(janitor, undefined, program);
  if (cluster) throw environmentError('--redis cluster starts its own Redis, but REDIS_URL is set', 'unset REDIS_URL');
  // Runs that begin within one second have the same name; without a random part, each would remove the other's keys.
  return useRedis(redisUrl, `${SHARED_PREFIX}${runId}:${randomBytes(6).toString('hex')}:${label}:`);
}
