/** Mutants of ending a session: logout, logout everywhere, disabled users, and credentials in places where they leak. */
import { redisOf } from '../../scheme.ts';
import { denylistTokens } from '../../schemes/jwt-denylist.ts';
import { cookieAttributes, expiredCookie, sessionCookieName } from '../../schemes/session-cookie.ts';
import { leanSessions } from '../../schemes/session-lean.ts';
import type { Mutant } from '../mutant.ts';

export const SESSION_ENDING_MUTANTS: readonly Mutant[] = [
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
    alsoFails: {
      55: 'the session is alive, so its transfers are accepted',
      65: 'the session is alive before, during and after a stall',
      67: 'a request in progress need not revive what never ended',
    },
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
    alsoFails: {
      55: 'the token is alive, so its transfers are accepted',
      65: 'the token is alive before, during and after a stall',
    },
  },
  {
    name: 'denylist-never-written',
    arm: 'jwt-denylist',
    check: 23,
    hole: 'Logout reports success and adds nothing to the denylist.',
    scheme: (real) => ({ ...real, end: async () => {} }),
    alsoFails: {
      55: 'the token is alive, so its transfers are accepted',
      65: 'the token is alive before, during and after a stall',
    },
  },
  {
    name: 'logout-all-ends-one',
    arm: 'session-redis-lean',
    check: 24,
    hole: 'Logout everywhere ends only this session.',
    scheme: (real) => ({ ...real, endAll: real.end }),
    alsoFails: {
      55: 'the other session is alive, so its transfers are accepted',
    },
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
      75: 'the loss of a session is not noticed',
    },
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
