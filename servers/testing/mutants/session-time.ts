/** Mutants of time: schemes whose sessions end too late, or too early, or whose revocations do not last. */
import type { Identity } from '../../contract.ts';
import { redisOf, type Scheme, type SchemeContext } from '../../scheme.ts';
import type { Mutant } from '../mutant.ts';

/** Returns the context with reads that do not extend the time to live. */
function withoutExtension(context: SchemeContext): SchemeContext {
  const redis = redisOf(context);
  // In the same batches: a separate read would time out sooner on a busy machine, which is another vulnerability.
  const getex = async (key: string) => (await redis.reads.mget([key]))[0] ?? null;
  return { ...context, redis: { ...redis, reads: { ...redis.reads, getex } } };
}

/** Wraps a scheme so that an accepted session is remembered for the bound of its cache, and its end is not. */
function rememberingTooLong(real: Scheme, { settings, now }: SchemeContext): Scheme {
  type Known = { readonly identity: Identity | null; readonly id: string; readonly untilMs: number };
  const known = new Map<string | undefined, Known>();
  const forgetting =
    <A extends unknown[], R>(act: (...args: A) => R) =>
    (...args: A): R => {
      known.clear();
      return act(...args);
    };
  return {
    ...real,
    issue: forgetting(real.issue),
    end: forgetting(real.end),
    endAll: forgetting(real.endAll),
    terminate: forgetting(real.terminate),
    authenticate(request, reply, done) {
      const { cookie } = request.headers;
      const found = known.get(cookie);
      if (found !== undefined && now() < found.untilMs) {
        request.identity = found.identity;
        request.leanSessionId = found.id;
        return done();
      }
      const untilMs = now() + settings.cacheStalenessMs;
      real.authenticate(request, reply, (error) => {
        if (error === undefined) known.set(cookie, { identity: request.identity, id: request.leanSessionId, untilMs });
        done(error);
      });
    },
  };
}

export const SESSION_TIME_MUTANTS: readonly Mutant[] = [
  {
    name: 'idle-session-lives-on',
    arm: 'session-redis-lean',
    check: 27,
    hole: 'An unused session lives until its absolute timeout.',
    settings: { idleTimeoutMs: 3_600_000 },
  },
  {
    name: 'use-does-not-extend',
    arm: 'session-redis-lean',
    check: 27,
    hole: 'The idle timeout counts from login, however much the session is used.',
    context: withoutExtension,
    alsoFails: { 28: 'a session in use ends before its absolute timeout' },
  },
  {
    name: 'no-absolute-end',
    arm: 'session-redis-lean',
    check: 28,
    hole: 'A session in use never ends.',
    settings: { absoluteTimeoutMs: 3_600_000 },
  },
  {
    name: 'denial-lapses',
    arm: 'jwt-denylist',
    check: 88,
    hole: 'How long a token stays denied is computed in seconds and stored as milliseconds.',
    scheme: (real, context) => ({
      ...real,
      async end(request, reply) {
        await real.end(request, reply);
        const { client, prefix } = redisOf(context);
        const { sub, jti, exp } = request.user;
        await client.pexpire(`${prefix}denied:{${sub}}:${jti}`, Math.max(1, Math.ceil(exp - context.now() / 1000)));
      },
    }),
    alsoFails: {
      23: 'the denial may have lapsed before the second request',
      55: 'the denial may have lapsed before the transfer',
      65: 'the denial has lapsed by the end of the stall',
      73: 'the denial may have lapsed before the first request',
    },
  },
  {
    name: 'cached-past-its-end',
    arm: 'session-cached',
    check: 90,
    hole: 'A cached session is trusted for the bound of the cache, even if it ends sooner.',
    scheme: rememberingTooLong,
    alsoFails: { 27: 'a session in the cache does not end when it is idle' },
  },
];
