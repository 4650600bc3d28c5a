/** Which Redis a command uses. */
import { checkRedisUrl } from '../bench/fleet/redis/external.ts';
import { probeRedis } from '../bench/fleet/redis/probe.ts';

/**
 * Before a command starts or writes anything.
 * @returns REDIS_URL in the form that processes are given, or null if every fleet starts a Redis of its own
 * @throws TollgateError (environment) if the URL cannot be used, or that Redis refuses what a run asks of it
 */
export async function redisUrlOf(env: NodeJS.ProcessEnv): Promise<string | null> {
  const url = env.REDIS_URL || null;
  if (url === null) return null;
  checkRedisUrl(url);
  return probeRedis(url);
}
