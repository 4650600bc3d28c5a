/** An existing Redis, named by REDIS_URL: checked before it is used, and left as it was found. */
import { environmentError, messageOf } from '../../../core/errors.ts';
import { instance, type RedisInstance, readVersion, watcher } from './redis.ts';

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/;

/** @throws TollgateError (environment) for a text that is not a Redis URL, or a host that is not this machine */
export function checkRedisUrl(url: string): void {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    throw environmentError('REDIS_URL is not a URL', 'write it as redis://[:PASSWORD@]127.0.0.1:6379');
  }
  if (parsed.protocol !== 'redis:') {
    throw environmentError(
      `REDIS_URL has the scheme ${parsed.protocol}//`,
      'write it as redis://[:PASSWORD@]HOST:PORT',
    );
  }
  if (!LOOPBACK.test(parsed.hostname) && process.env.TOLLGATE_ALLOW_REMOTE !== '1') {
    throw environmentError(
      `REDIS_URL names ${parsed.hostname}, which is not this machine`,
      'use a Redis on loopback, or set TOLLGATE_ALLOW_REMOTE=1 if you may load that one',
    );
  }
}

/**
 * Uses an existing Redis under a key prefix of its own; its keys are removed at the end.
 * @throws TollgateError (environment) when it cannot be reached, asks for a password, or is too old for GETEX
 */
export async function useRedis(url: string, keyPrefix: string): Promise<RedisInstance> {
  checkRedisUrl(url);
  const client = watcher(url);
  try {
    await client.connect();
    await client.ping();
  } catch (error) {
    client.disconnect();
    const text = messageOf(error);
    if (/NOAUTH|WRONGPASS|invalid password|no password is set/i.test(text)) {
      throw environmentError(
        'the Redis at REDIS_URL refuses the password',
        'put the password into the URL, redis://:PASSWORD@HOST:PORT, or unset REDIS_URL to let Tollgate start its own',
      );
    }
    throw environmentError(
      `the Redis at REDIS_URL does not answer (${text})`,
      'start it, correct REDIS_URL, or unset it to let Tollgate start its own',
    );
  }
  const version = await readVersion(client);
  const [major = 0, minor = 0] = version.replace(/^\D+/, '').split('.').map(Number);
  if (version.startsWith('Redis') && (major < 6 || (major === 6 && minor < 2))) {
    client.disconnect();
    throw environmentError(`${version} at REDIS_URL has no GETEX`, 'use Redis 6.2 or later, or Valkey');
  }
  return instance(url, keyPrefix, null, client, version, async () => {
    try {
      for await (const keys of client.scanStream({ match: `${keyPrefix}*`, count: 1000 })) {
        if (Array.isArray(keys) && keys.length > 0) await client.unlink(keys as string[]);
      }
    } catch {
      // It is gone: so are our keys, or they will expire.
    }
    client.disconnect();
  });
}
