/**
 * Limits the requests a minute of each address, on every route and before any credential is read, as is usual in front of an
 * application whatever its scheme. Requests are counted in this process, or in Redis so that all replicas share the count.
 */
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { TooManyRequests } from '../errors.ts';
import type { RedisStore } from '../stores/redis.ts';

const WINDOW_MS = 60_000;

/** @param redis null counts in this process */
export async function installRateLimit(
  app: FastifyInstance,
  redis: RedisStore | null,
  requestsPerMinute: number,
): Promise<void> {
  let count: ReturnType<FastifyInstance['createRateLimit']> | undefined;
  // In a separate context, since the limit of failed logins registers the plugin too, with another store.
  await app.register(async (scope) => {
    const store = redis === null ? {} : { redis: redis.client, nameSpace: `${redis.prefix}requests:` };
    // Without its store the limit is off: it protects the application and must not take it down.
    await scope.register(rateLimit, { global: false, skipOnError: true, ...store });
    count = scope.createRateLimit({
      max: requestsPerMinute,
      timeWindow: WINDOW_MS,
      keyGenerator: (request: FastifyRequest) => request.ip,
    });
  });
  const limit = count;
  if (limit === undefined) throw new TypeError('The rate limit was not created.');

  app.addHook('onRequest', async (request, reply) => {
    const counted = await limit(request);
    if (counted.isAllowed) return;
    if (counted.isExceeded)
      throw new TooManyRequests(Math.max(1, counted.ttlInSeconds), 'Too many requests. Try again later.');
    reply.header('x-ratelimit-limit', counted.max);
    reply.header('x-ratelimit-remaining', counted.remaining);
    reply.header('x-ratelimit-reset', counted.ttlInSeconds);
  });
}
