/** Mutants of session schemes, with one vulnerability each. */
import { redisOf, type SchemeContext } from '../../scheme.ts';
import { cookieAttributes, expiredCookie, sessionCookieName } from '../../schemes/session-cookie.ts';
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
    hole: 'Session ids are counted up.',
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
    name: 'id-kept-at-login',
    arm: 'session-redis-lean',
    check: 20,
    hole: 'Whoever logs in goes on with the session id that they had before.',
    scheme: (real, context) => ({
      ...real,
      async issue(...args) {
        const before = idInCookie(args[0], context);
        return before === null ? real.issue(...args) : issueAs(before, real, context, args);
      },
    }),
    alsoFails: { 21: 'an id that was planted in the browser is gone on with, too' },
  },
  {
    name: 'old-session-lives-on',
    arm: 'session-redis-lean',
    check: 20,
    hole: 'A login gives a new session and leaves the one before it alive.',
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
    hole: 'A session id that the server never gave out is taken over at login.',
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
    alsoFails: { 20: 'the id that was adopted is still the same after the login' },
  },
  {
    name: 'cookie-signature-unchecked',
    arm: 'session-redis-lean',
    check: 22,
    hole: 'The signature of the cookie is cut off and not compared.',
    scheme: (real, context) => alsoAcceptsSession(real, context, async (request) => idInCookie(request, context)),
  },
  {
    name: 'logout-clears-the-cookie-only',
    arm: 'session-redis-lean',
    check: 23,
    hole: 'Logout takes the cookie from the browser and leaves the session in the store.',
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
    hole: 'Logout ends a session; a token of the same application lives on.',
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
    hole: 'Logout answers that all is well and denies nothing.',
    scheme: (real) => ({ ...real, end: async () => {} }),
  },
  {
    name: 'logout-all-ends-one',
    arm: 'session-redis-lean',
    check: 24,
    hole: 'Logout everywhere ends this session and no other.',
    scheme: (real) => ({ ...real, endAll: real.end }),
  },
  {
    name: 'disabled-user-stays-in',
    arm: 'session-redis-lean',
    check: 25,
    hole: 'A user who was disabled cannot log in, but sessions from before live on.',
    scheme: (real) => ({ ...real, terminate: async () => {} }),
    alsoFails: { 26: 'an administrator ends sessions by disabling their user' },
  },
  {
    name: 'disabling-does-nothing',
    arm: 'session-redis-lean',
    check: 26,
    hole: 'The administrator is told that it is done, and nothing was.',
    context(context) {
      Object.assign(context.accounts, { disable: async () => {} });
      return context;
    },
    scheme: (real) => ({ ...real, terminate: async () => {} }),
    alsoFails: {
      25: 'the user is not disabled, so nothing of theirs ends',
      29: 'the user is not disabled, so their transfers are good',
      48: 'the user is not disabled, so they are let in',
    },
  },
  {
    name: 'idle-session-lives-on',
    arm: 'session-redis-lean',
    check: 27,
    hole: 'An unused session lives until its absolute end.',
    settings: { idleTimeoutMs: 3_600_000 },
  },
  {
    name: 'use-does-not-extend',
    arm: 'session-redis-lean',
    check: 27,
    hole: 'The idle timeout counts from login, however much the session is used.',
    context: withoutExtension,
    alsoFails: { 28: 'a session in use ends before its absolute end' },
  },
  {
    name: 'no-absolute-end',
    arm: 'session-redis-lean',
    check: 28,
    hole: 'A session that is used never ends.',
    settings: { absoluteTimeoutMs: 3_600_000 },
  },
  {
    name: 'no-recheck',
    arm: 'hybrid',
    check: 29,
    hole: 'Critical operations trust the token, as light reads do.',
    scheme: (real) => ({ ...real, recheck: null }),
    alsoFails: { 50: 'what is not checked is not refused while it cannot be checked' },
  },
  {
    name: 'token-in-the-url',
    arm: 'jwt-hs256',
    check: 30,
    hole: 'The token is taken from the query string, and with it lands in logs and histories.',
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
    hole: 'The session id is taken from the query string where there is no cookie.',
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
      23: 'a logout at another replica is not heard of',
      24: 'neither is a logout everywhere',
      25: 'neither is the disabling of a user',
      20: 'neither is the end of the session before at a new login',
      27: 'neither is the end of a session that nobody used',
      50: 'neither is an outage',
    },
  },
];
