/** A proxy process between replicas and Redis that delays replies. */
import { afterEnding, environmentError } from '../../../core/errors.ts';
import { Child } from '../../processes/child.ts';
import type { Janitor } from '../../processes/janitor.ts';
import type { RedisInstance } from '../redis/redis.ts';
import { clientUrl, isLoopback, parseRedisUrl } from '../redis/url.ts';
import { DELAY_PROXY, type Lateness } from './protocol.ts';

export interface DelayProxy {
  readonly pid: number;
  /** The URL of the Redis behind it, including the password, with the port of the proxy. */
  readonly url: string;
  /** Delays all further replies by this much; 0 passes them at once. */
  delay(micros: number): Promise<void>;
  /** How late delayed replies were passed on, since the last call. */
  lateness(): Promise<Lateness>;
  stop(): Promise<void>;
}

export interface DelayProxyOptions {
  readonly janitor: Janitor;
  readonly redisUrl: string;
  /** Called once when it exits without having been stopped. */
  readonly onDeath: (error: Error) => void;
}

/** @throws ChildError if it cannot be started */
export async function startDelayProxy({ janitor, redisUrl, onDeath }: DelayProxyOptions): Promise<DelayProxy> {
  const child = new Child(DELAY_PROXY, {
    name: 'the proxy that delays Redis',
    entry: new URL('./process.ts', import.meta.url),
    hint: 'what was measured so far is kept; continue with --resume',
    janitor,
    onDeath,
  });
  try {
    const target = parseRedisUrl(redisUrl);
    const { at } = target;
    const { port } = await child.ask('start', 'path' in at ? { path: at.path } : { host: at.host, port: at.port });
    // The name in the certificate, which is one of loopback's unless the Redis is elsewhere.
    const host = 'host' in at && at.tls ? at.host : '127.0.0.1';
    const url = clientUrl({ ...target, at: { host, port, tls: 'tls' in at && at.tls } });
    return {
      pid: child.pid,
      url,
      delay: async (micros) => void (await child.ask('delay', { micros })),
      lateness: () => child.ask('lateness', null),
      stop: () => child.stop(),
    };
  } catch (error) {
    throw await afterEnding(error, () => child.stop());
  }
}

/**
 * Starts one in front of the Redis of a fleet. A cluster announces its own nodes, so clients would bypass it.
 *
 * @throws TollgateError if it could not be in front of this Redis; ChildError if it cannot be started
 */
export async function startDelayProxyFor(
  { url, cluster }: Pick<RedisInstance, 'url' | 'cluster'>,
  { janitor, onDeath }: Omit<DelayProxyOptions, 'redisUrl'>,
): Promise<DelayProxy> {
  if (cluster) throw environmentError('a Redis Cluster cannot be delayed', 'omit --redis cluster');
  const { at } = parseRedisUrl(url);
  if ('host' in at && at.tls && !isLoopback(at.host)) {
    throw environmentError(
      'a Redis on another machine cannot be delayed over TLS, because its certificate does not match the proxy',
      'omit the experiment distance, or unset REDIS_URL',
    );
  }
  return startDelayProxy({ janitor, redisUrl: url, onDeath });
}
