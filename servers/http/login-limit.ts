/**
 * Slows down guessing of passwords: failed logins are counted by username and by address, in Redis where the arm has one,
 * so that every replica knows of them. Only failures count: many users who log in from one address are not in each
 * other's way. Unknown usernames are counted like known ones, so a refusal tells nobody who exists.
 */
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { LoginBody } from '../contract.ts';
import { StoreUnavailable, TooManyRequests } from '../errors.ts';
import type { SchemeSettings } from '../scheme.ts';
import type { RedisStore } from '../stores/redis.ts';

export interface LoginLimit {
  /**
   * Before the password is checked, which is the dear part, and again after it was right: of many guesses that were sent
   * at once, the right one must not count for more than those which failed before it. @throws TooManyRequests, StoreUnavailable
   */
  check(request: FastifyRequest): Promise<void>;
  /** After it was wrong. @throws TooManyRequests where others failed meanwhile; StoreUnavailable */
  failed(request: FastifyRequest): Promise<void>;
}

const WINDOW_MS = 60_000;

type Counted = Awaited<ReturnType<ReturnType<FastifyInstance['createRateLimit']>>>;
type Count = Exclude<Counted, { isAllowed: true }>;

/** @param redis null keeps the counts in this process */
export async function createLoginLimit(
  scope: FastifyInstance,
  redis: RedisStore | null,
  settings: Pick<SchemeSettings, 'failedLoginsPerUser' | 'failedLoginsPerAddress'>,
): Promise<LoginLimit> {
  // Not global: no other route pays for it.
  const store = redis === null ? {} : { redis: redis.client, nameSpace: `${redis.prefix}failed-login:` };
  await scope.register(rateLimit, { global: false, ...store });
  const counters = [
    scope.createRateLimit({
      max: settings.failedLoginsPerUser,
      timeWindow: WINDOW_MS,
      keyGenerator: (request) => `user:${(request.body as LoginBody).username}`,
    }),
    scope.createRateLimit({
      max: settings.failedLoginsPerAddress,
      timeWindow: WINDOW_MS,
      keyGenerator: (request) => `address:${request.ip}`,
    }),
  ];

  async function refuseWhere(isOver: (count: Count) => boolean, asked: Promise<Counted[]>): Promise<void> {
    const counts = await asked.catch((cause: unknown) => Promise.reject(new StoreUnavailable(cause)));
    const waits = counts.flatMap((count) => (!count.isAllowed && isOver(count) ? [count.ttlInSeconds] : []));
    if (waits.length > 0) throw new TooManyRequests(Math.max(1, ...waits));
  }

  return {
    check: (request) =>
      refuseWhere(
        ({ remaining }) => remaining === 0,
        Promise.all(counters.map((counter) => counter(request, { increment: false }))),
      ),
    failed: (request) =>
      refuseWhere(({ isExceeded }) => isExceeded, Promise.all(counters.map((counter) => counter(request)))),
  };
}
