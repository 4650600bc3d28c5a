/** An existing Redis, named by REDIS_URL, which is left as it was. */
import { environmentError } from '../../../core/errors.ts';
import { instance, type RedisInstance, readVersion, watcher } from './redis.ts';
import { refusalOf, unreachable } from './refusals.ts';
import { isLoopback, parseRedisUrl } from './url.ts';

/** @throws TollgateError (environment) for a text that is not a Redis URL, or a host other than this machine */
export function checkRedisUrl(text: string): void {
  const { at } = parseRedisUrl(text);
  if ('path' in at || isLoopback(at.host) || process.env.TOLLGATE_ALLOW_REMOTE === '1') return;
  throw environmentError(
    `REDIS_URL refers to ${at.host}, which is not this machine`,
    'use a Redis on loopback, or set TOLLGATE_ALLOW_REMOTE=1 if you are allowed to load that one',
  );
}

/**
 * Uses an existing Redis with a separate key prefix; its keys are removed at the end. @param url as `probeRedis`
 * returns it @throws TollgateError (environment) if it cannot be reached, or refuses
 */
export async function useRedis(url: string, keyPrefix: string): Promise<RedisInstance> {
  const client = watcher(url);
  let version: string;
  try {
    await client.connect();
    version = await readVersion(client);
  } catch (error) {
    client.disconnect();
    throw refusalOf(error) ?? unreachable(error);
  }
  return instance(url, keyPrefix, null, client, version, async () => {
    try {
      for await (const keys of client.scanStream({ match: `${keyPrefix}*`, count: 1000 })) {
        if (Array.isArray(keys) && keys.length > 0) await client.unlink(keys as string[]);
      }
    } catch {
      // Redis is gone: its data are lost, or our keys will expire.
    }
    client.disconnect();
  });
}
