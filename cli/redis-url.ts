/** Which Redis a command uses. */
import { checkRedisUrl } from '../bench/fleet/redis/external.ts';

/**
 * @returns REDIS_URL, or null if every fleet starts a Redis of its own
 * @throws TollgateError (environment) if the URL cannot be used
 */
export function redisUrlOf(env: NodeJS.ProcessEnv): string | null {
  const url = env.REDIS_URL || null;
  if (url !== null) checkRedisUrl(url);
  return url;
}
