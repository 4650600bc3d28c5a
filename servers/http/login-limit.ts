/**
 * Slows down password guessing: failed logins are counted by username and by address, in Redis if the arm has one, so that
 * all replicas share the counts. Only failures count, so many users can log in from one address. Unknown usernames are counted
 * like known ones, so a refusal does not reveal which users exist.
 */
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { LoginBody } from '../contract.ts';
import { StoreUnavailable, TooManyRequests } from '../errors.ts';
import type { SchemeSettings } from '../scheme.ts';
import type { RedisStore } from '../stores/redis.ts';

export interface LoginLimit {
  /**
   * Call it before the password check, which is the expensive part, and again after a correct password: a correct guess among
   * many sent at once must still be refused after too many failures. @throws TooManyRequests, StoreUnavailable
   */
  check(request: FastifyRequest): Promise<void>;
  /** Call it after a wrong password. @throws TooManyRequests if too many others failed meanwhile; StoreUnavailable */
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
