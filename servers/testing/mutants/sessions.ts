/** Mutants of session schemes, with one vulnerability each. */
import { createHash } from 'node:crypto';
import { Unauthenticated } from '../../errors.ts';
import { redisOf, type SchemeContext } from '../../scheme.ts';
import { denylistTokens } from '../../schemes/jwt-denylist.ts';
import { refuseDisabled } from '../../schemes/recheck.ts';
import { cookieAttributes, expiredCookie, sessionCookieName } from '../../schemes/session-cookie.ts';
import { leanSessions } from '../../schemes/session-lean.ts';
import { indexKey, sessionKey } from '../../stores/session-index.ts';
import { alsoAcceptsSession, idInCookie, issueAs } from '../lean-tools.ts';
import type { Mutant } from '../mutant.ts';

/** Returns the context with reads that do not extend the time to live. */
function withoutExtension(context: SchemeContext): SchemeContext {
  const redis = redisOf(context);
  return { ...context, redis: { ...redis, reads: { ...redis.reads, getex: (key) => redis.client.get(key) } } };
}

export const SESSION_MUTANTS: readonly Mutant[] = [
  {
    name: 'counted-session-ids',
    arm: 'session-redis-lean',
    check: 19,
    hole: 'Session ids are sequential.',
    scheme(real, context) {
      const { client, prefix } = redisOf(context);
      return {
        ...real,
        async issue(...args) {
          const count = await client.incr(`${prefix}count`);
          return issueAs(String(count).padStart(43, '0'), real, context, args);
        },
      };
    },
  },
  {
    name: 'hashed-counter-ids',
    arm: 'session-redis-lean',
    check: 19,
    hole: 'Session ids are hashes of a counter: they look random, and anyone can compute the next.',
    scheme(real, context) {
      const { client, prefix } = redisOf(context);
      return {
        ...real,
        async issue(...args) {
          const count = await client.incr(`${prefix}count`);
          return issueAs(createHash('sha256').update(String(count)).digest('base64url'), real, context, args);
        },
      };
    },
  },
  {
    name: 'id-kept-at-login',
    arm: 'session-redis-lean',
    check: 20,
    hole: 'A login keeps the session id from before it.',
    scheme: (real, context) => ({
      ...real,
      async issue(...args) {
        const before = idInCookie(args[0], context);
        return before === null ? real.issue(...args) : issueAs(before, real, context, args);
      },
    }),
    alsoFails: { 21: 'an id that was planted in the browser is kept, too' },
  },
  {
    name: 'old-session-lives-on',
    arm: 'session-redis-lean',
    check: 20,
    hole: 'A new login leaves the previous session alive.',
    scheme: (real) => ({
      ...real,
      issue: (request, reply, user) => {
        // The scheme ends the session of the cookie that it receives.
        delete request.headers.cookie;
        return real.issue(request, reply, user);
      },
    }),
  },
  {
    name: 'planted-id-adopted',
    arm: 'session-redis-lean',
    check: 21,
    hole: 'A session id that the server never issued is adopted at login.',
    scheme(real, context) {
      const { client, prefix } = redisOf(context);
      const adoptedKey = `${prefix}adopted`;
      const lenient = alsoAcceptsSession(real, context, async (request) => {
        const sessionId = idInCookie(request, context);
        return sessionId !== null && (await client.sismember(adoptedKey, sessionId)) === 1 ? sessionId : null;
      });
      return {
        ...lenient,
        async issue(...args) {
          const planted = idInCookie(args[0], context);
          if (planted === null) return real.issue(...args);
          await client.sadd(adoptedKey, planted);
          return issueAs(planted, real, context, args);
        },
      };
    },
    alsoFails: { 20: 'the adopted id stays the same after the login' },
  },
  {
    name: 'cookie-signature-unchecked',
    arm: 'session-redis-lean',
    check: 22,
    hole: 'The signature of the cookie is removed and not compared.',
    scheme: (real, context) => alsoAcceptsSession(real, context, async (request) => idInCookie(request, context)),
  },
  {
    name: 'logout-clears-the-cookie-only',
    arm: 'session-redis-lean',
    check: 23,
    hole: 'Logout deletes the cookie in the browser and leaves the session in the store.',
    scheme: (real, { settings }) => ({
      ...real,
      async end(_request, reply) {
        reply.header('set-cookie', expiredCookie(sessionCookieName(settings), cookieAttributes(settings)));
      },
    }),
  },
  {
    name: 'one-side-of-two-ended',
    arm: 'dual',
    check: 23,
    hole: 'Logout ends a session, but not a token of the same application.',
    scheme: (real) => ({
      ...real,
      async end(request, reply) {
        if (request.headers.authorization === undefined) await real.end(request, reply);
      },
    }),
  },
  {
    name: 'denylist-never-written',
    arm: 'jwt-denylist',
    check: 23,
    hole: 'Logout reports success and adds nothing to the denylist.',
    scheme: (real) => ({ ...real, end: async () => {} }),
  },
  {
    name: 'logout-all-ends-one',
    arm: 'session-redis-lean',
    check: 24,
    hole: 'Logout everywhere ends only this session.',
    scheme: (real) => ({ ...real, endAll: real.end }),
  },
  {
    name: 'disabled-user-stays-in',
    arm: 'session-redis-lean',
    check: 25,
    hole: 'A disabled user cannot log in, but earlier sessions stay valid.',
    scheme: (real) => ({ ...real, terminate: async () => {} }),
    alsoFails: { 26: 'an administrator ends sessions by disabling their user' },
  },
  {
    name: 'disabling-does-nothing',
    arm: 'session-redis-lean',
    check: 26,
    hole: 'Disabling a user reports success and does nothing.',
    context(context) {
      Object.assign(context.accounts, { disable: async () => {} });
      return context;
    },
    scheme: (real) => ({ ...real, terminate: async () => {} }),
    alsoFails: {
      25: 'the user is not disabled, so their sessions do not end',
      29: 'the user is not disabled, so their transfers are accepted',
      48: 'the user is not disabled, so they can log in',
    },
  },
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
    name: 'no-recheck',
    arm: 'hybrid',
    check: 29,
    hole: 'Critical operations trust the token, as light reads do.',
    scheme: (real) => ({ ...real, recheck: null }),
    alsoFails: { 50: 'critical operations are not checked, so they are not refused during an outage' },
  },
  {
    name: 'token-in-the-url',
    arm: 'jwt-hs256',
    check: 30,
    hole: 'The token is accepted in the query string, and so ends up in logs and histories.',
    scheme: (real) => ({
      ...real,
      authenticate(request, reply, done) {
        const { access_token: token } = request.query as { access_token?: string };
        if (token !== undefined) request.headers.authorization ??= `Bearer ${token}`;
        real.authenticate(request, reply, done);
      },
    }),
  },
  {
    name: 'session-in-the-url',
    arm: 'session-redis-lean',
    check: 30,
    hole: 'Without a cookie the session id is accepted in the query string.',
    scheme: (real, { settings }) => ({
      ...real,
      authenticate(request, reply, done) {
        const name = sessionCookieName(settings);
        const { [name]: value } = request.query as Record<string, string | undefined>;
        if (value !== undefined) request.headers.cookie ??= `${name}=${value}`;
        real.authenticate(request, reply, done);
      },
    }),
  },
  {
    name: 'cache-too-stale',
    arm: 'session-cached',
    check: 31,
    hole: 'A cached session is served for longer than the arm declares.',
    settings: { cacheStalenessMs: 3_600_000 },
    alsoFails: {
      23: 'a logout at another replica is not noticed',
      24: 'a logout everywhere is not noticed',
      25: 'the disabling of a user is not noticed',
      20: 'the end of the previous session at a new login is not noticed',
      27: 'the idle timeout of a session is not noticed',
      50: 'an outage is not noticed',
    },
  },
  {
    name: 'recheck-asks-for-the-user-only',
    arm: 'hybrid',
    check: 55,
    hole: 'A critical operation checks whether the user is disabled, and not the session: after logout it is accepted.',
    scheme: (real, { accounts }) => ({ ...real, recheck: refuseDisabled(accounts) }),
  },
  {
    name: 'session-outlives-logout-all',
    arm: 'hybrid',
    check: 55,
    hole: 'Logout everywhere reports success and leaves the sessions behind the tokens.',
    scheme: (real) => ({ ...real, endAll: async () => {} }),
  },
  {
    name: 'cache-asked-for-critical',
    arm: 'session-cached',
    check: 55,
    hole: 'A critical operation is answered from the cache, so a revoked session is accepted until it goes stale.',
    scheme: (real, { accounts }) => ({ ...real, recheck: refuseDisabled(accounts) }),
  },
  {
    name: 'logout-all-ends-one-kind',
    arm: 'dual',
    check: 56,
    hole: 'Logout everywhere ends the credentials of the kind that was presented, and leaves the others.',
    scheme(real, context) {
      const [web, api] = [leanSessions(context), denylistTokens(context)];
      return {
        ...real,
        endAll: (request, reply) => (request.headers.authorization === undefined ? web : api).endAll(request, reply),
      };
    },
  },
  {
    name: 'second-logout-revives-the-first',
    arm: 'jwt-denylist',
    check: 23,
    hole: 'The denylist has one place for each user, so a logout revives the token of the logout before.',
    scheme: (real, context) => ({
      ...real,
      async end(request, reply) {
        await real.end(request, reply);
        const { client, prefix } = redisOf(context);
        const { sub, jti } = request.user;
        const before = await client.getset(`${prefix}last-denied:{${sub}}`, jti);
        if (before !== null && before !== jti) await client.del(`${prefix}denied:{${sub}}:${before}`);
      },
    }),
  },
  {
    name: 'recheck-asks-for-any-session',
    arm: 'hybrid',
    check: 55,
    hole: 'The recheck asks whether the user has a session, and not whether that of the token is alive.',
    scheme: (real, context) => ({
      ...real,
      recheck(request, _reply, done) {
        const { sub } = request.user;
        hasSession(context, sub).then((has) => done(has ? undefined : new Unauthenticated()), done);
      },
    }),
  },
  {
    name: 'late-request-revives-the-session',
    arm: 'session-redis-rolling',
    check: 67,
    hole: 'A session is written back whether or not it still exists, so a request in progress undoes a logout.',
    context: (context) => {
      const redis = redisOf(context);
      const client = new Proxy(redis.client, {
        get(target, key) {
          const value: unknown = Reflect.get(target, key, target);
          if (typeof value !== 'function') return value;
          if (key !== 'set') return value.bind(target);
          return (...args: unknown[]) =>
            value.apply(
              target,
              args.filter((arg) => arg !== 'XX'),
            );
        },
      });
      return { ...context, redis: { ...redis, client } };
    },
  },
];

/** Whether a user who is not disabled has any session. */
async function hasSession(context: SchemeContext, userId: string): Promise<boolean> {
  const redis = redisOf(context);
  if (await context.accounts.isDisabled(userId)) return false;
  const ids = await redis.client.zrange(indexKey(redis, userId), 0, '-1');
  const found = await Promise.all(ids.map((id) => redis.client.exists(sessionKey(redis, id))));
  return found.includes(1);
}
