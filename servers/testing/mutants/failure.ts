/** Mutants of login, errors and outages: schemes and applications with one vulnerability each. */
import { randomBytes } from 'node:crypto';
import type { FastifyInstance, RouteHandlerMethod } from 'fastify';
import type { UserRecord } from '../../configuration.ts';
import { type LoginBody, ROUTES } from '../../contract.ts';
import { HttpError, Unauthenticated } from '../../errors.ts';
import type { Guard, Scheme } from '../../scheme.ts';
import { honour, readBearer } from '../jwt-tools.ts';
import { type Mutant, withScope } from '../mutant.ts';
import { UNKNOWN_KEY } from '../unknown-key.ts';

/** Wraps a scheme so that `look` runs before the real login handler. If it throws, that error becomes the answer. */
function beforeLogin(real: Scheme, look: (body: LoginBody) => void): Scheme {
  return withScope(real, (scope) => {
    scope.addHook('onRoute', (route) => {
      if (route.url !== ROUTES.login.path) return;
      const handler: RouteHandlerMethod = route.handler;
      route.handler = function (request, reply) {
        look(request.body as LoginBody);
        return handler.call(this, request, reply);
      };
    });
  });
}

const knows = (users: readonly UserRecord[], name: string) => users.some(({ username }) => username === name);

/** Wraps a guard so that requests pass while its store does not answer. */
function failOpen(guard: Guard | null): Guard | null {
  if (guard === null) return null;
  return (request, reply, done) =>
    guard(request, reply, (error) => {
      if (!(error instanceof HttpError) || error.statusCode !== 503) return done(error);
      const token = readBearer(request);
      if (token !== null) honour(request, token.claims);
      done();
    });
}

/** Checks that use a credential at both replicas, or end it at one and check the other. */
const ALL_ON_ONE_REPLICA = Object.fromEntries(
  [17, 20, 21, 23, 24, 25, 26, 27, 28, 29, 31, 40, 41, 55].map((check) => [
    check,
    'a credential is valid at one replica only',
  ]),
);

/** Approximately how long a client library waits by default before it reports that the store does not answer. */
const LIBRARY_WAIT_MS = 20_000;

/** Rate limits that count a failure, but never report earlier ones. */
function unrefused(scope: FastifyInstance): FastifyInstance['createRateLimit'] {
  const create = scope.createRateLimit.bind(scope);
  return (options) => {
    const count = create(options);
    return async (request, given) => {
      const found = await count(request, given);
      return given?.increment === false || found.isAllowed ? found : { ...found, isExceeded: false };
    };
  };
}

export const FAILURE_MUTANTS: readonly Mutant[] = [
  {
    name: 'logins-unlimited',
    arm: 'jwt-hs256',
    check: 47,
    hole: 'Passwords can be guessed without limit.',
    settings: { failedLoginsPerUser: 1_000_000, failedLoginsPerAddress: 1_000_000 },
    alsoFails: {
      57: 'no failed login is counted, by name or by address',
      66: 'no failed login is counted',
    },
  },
  {
    name: 'logins-limited-per-replica',
    arm: 'session-redis-lean',
    check: 47,
    hole: 'Each replica counts its own failed logins, so a balancer multiplies the guesses.',
    scheme: (real) =>
      withScope(real, (scope) => {
        const register = scope.register.bind(scope) as (plugin: unknown, options?: object) => unknown;
        Object.assign(scope, {
          // Only the rate-limit plugin passes a key prefix to the store.
          register: (plugin: unknown, options?: object) =>
            register(plugin, options && 'nameSpace' in options ? { global: false } : options),
        });
      }),
    alsoFails: {
      57: 'the limit by address has the same counter',
      66: 'simultaneous guesses are counted by each replica separately',
    },
  },
  {
    name: 'spaces-buy-guesses',
    arm: 'jwt-hs256',
    check: 47,
    hole: 'A name is trimmed before the user is looked up, but failures are counted by the name as it was sent.',
    context(context) {
      const { authenticate } = context.directory;
      // Changed in place, because the login route uses the same directory.
      Object.assign(context.directory, {
        authenticate: (name: string, password: string) => authenticate(name.trim(), password),
      });
      return context;
    },
  },
  {
    name: 'address-unlimited',
    arm: 'session-redis-lean',
    check: 57,
    hole: 'One address may try one password with every name.',
    settings: { failedLoginsPerAddress: 1_000_000 },
  },
  {
    name: 'unknown-names-uncounted',
    arm: 'session-redis-lean',
    check: 58,
    hole: 'Failed logins of unknown names are not counted, so a refusal reveals who exists.',
    scheme: (real, _context, users) =>
      beforeLogin(real, (body) => {
        if (!knows(users, body.username)) Object.assign(body, { username: `none-${Math.random()}` });
      }),
  },
  {
    name: 'guesses-at-once-unlimited',
    arm: 'session-redis-lean',
    check: 66,
    hole: 'The limit is looked at before the password check only, so simultaneous guesses all pass it.',
    scheme: (real) =>
      withScope(real, (scope) => {
        const register = scope.register.bind(scope) as (plugin: unknown, options?: object) => PromiseLike<unknown>;
        Object.assign(scope, {
          register: async (plugin: unknown, options?: object) => {
            await register(plugin, options);
            if (options && 'nameSpace' in options) Object.assign(scope, { createRateLimit: unrefused(scope) });
          },
        });
      }),
  },
  {
    name: 'unknown-user-by-status',
    arm: 'jwt-hs256',
    check: 48,
    hole: 'A login of an unknown user returns 404.',
    scheme: (real, _context, users) =>
      beforeLogin(real, ({ username }) => {
        if (!knows(users, username)) throw new HttpError(404, 'The username or password is wrong.');
      }),
    alsoFails: {
      57: 'guesses at unknown names are answered by the mutant, which counts none',
      58: 'guesses at unknown names are never refused for their number',
    },
  },
  {
    name: 'unknown-user-by-words',
    arm: 'jwt-hs256',
    check: 48,
    hole: 'The login reveals whether the name or the password was wrong.',
    scheme: (real, _context, users) =>
      beforeLogin(real, ({ username }) => {
        if (!knows(users, username)) throw new Unauthenticated('There is no such user.');
      }),
    alsoFails: {
      57: 'guesses at unknown names are answered by the mutant, which counts none',
      58: 'guesses at unknown names are never refused for their number',
    },
  },
  {
    name: 'unknown-user-by-time',
    arm: 'jwt-hs256',
    check: 48,
    hole: 'No password is hashed for an unknown user, so the answer comes sooner.',
    context(context, users) {
      const { authenticate } = context.directory;
      Object.assign(context.directory, {
        authenticate: async (username: string, password: string) =>
          knows(users, username) ? authenticate(username, password) : null,
      });
      return context;
    },
  },
  {
    name: 'stack-traces',
    arm: 'jwt-hs256',
    check: 49,
    hole: 'Error replies contain a stack trace.',
    scheme: (real) =>
      withScope(real, (scope) => {
        scope.addHook('onSend', (_request, reply, payload, done) => {
          if (reply.statusCode < 400 || typeof payload !== 'string') return done(null, payload);
          const problem = { ...(JSON.parse(payload) as object), detail: new Error('refused').stack };
          const text = JSON.stringify(problem);
          reply.header('content-length', Buffer.byteLength(text));
          done(null, text);
        });
      }),
  },
  {
    name: 'recheck-fails-open',
    arm: 'hybrid',
    check: 50,
    hole: 'While Redis is down, critical operations are not checked.',
    scheme: (real) => ({ ...real, recheck: failOpen(real.recheck) }),
    alsoFails: {
      65: 'while Redis stalls, what nobody could check is let through',
    },
  },
  {
    name: 'denylist-fails-open',
    arm: 'jwt-denylist',
    check: 50,
    hole: 'While Redis is down, revoked tokens are valid again, for critical operations too.',
    scheme: (real) => ({
      ...real,
      authenticate: failOpen(real.authenticate) ?? real.authenticate,
      recheck: failOpen(real.recheck),
    }),
    alsoFails: {
      65: 'while Redis stalls, what nobody could check is let through',
    },
  },
  {
    name: 'unasked-writes-pass',
    arm: 'jwt-denylist-open',
    check: 65,
    hole: 'While Redis stalls, a write with an ended token is done, since nobody asks whether it has ended.',
    scheme: (real) => ({
      ...real,
      authenticate: failOpen(real.authenticate) ?? real.authenticate,
      recheck: failOpen(real.recheck),
    }),
    alsoFails: { 50: 'what Redis cannot confirm is done all the same' },
  },
  {
    name: 'outage-is-waited-out',
    arm: 'session-redis-lean',
    check: 50,
    hole: 'While Redis is down, requests hang for as long as the library allows.',
    scheme: (real) => ({
      ...real,
      authenticate: (request, reply, done) =>
        real.authenticate(request, reply, (error) => {
          if (error instanceof HttpError && error.statusCode === 503) {
            setTimeout(() => done(error), LIBRARY_WAIT_MS).unref();
          } else done(error);
        }),
    }),
    alsoFails: { 73: 'requests hang while a connection is broken, too' },
  },
  {
    name: 'requests-logged-whole',
    arm: 'session-redis-lean',
    check: 51,
    hole: 'Every request is logged with its headers, including the cookie.',
    scheme: (real) => ({
      ...real,
      authenticate(request, reply, done) {
        process.stderr.write(`${request.method} ${request.url} ${JSON.stringify(request.headers)}\n`);
        real.authenticate(request, reply, done);
      },
    }),
  },
  {
    name: 'failed-logins-logged',
    arm: 'jwt-hs256',
    check: 51,
    hole: 'Logins are logged with their passwords.',
    scheme: (real) =>
      beforeLogin(real, (body) => {
        process.stdout.write(`login ${JSON.stringify(body)}\n`);
      }),
  },
  {
    name: 'a-key-per-replica',
    arm: 'jwt-hs256',
    check: 52,
    hole: 'Each replica makes its own key when it starts.',
    context: (context) => ({
      ...context,
      secrets: { ...context.secrets, hmacKey: randomBytes(32).toString('base64') },
    }),
    alsoFails: { ...UNKNOWN_KEY, ...ALL_ON_ONE_REPLICA },
  },
  {
    name: 'a-cookie-key-per-replica',
    arm: 'session-redis-lean',
    check: 52,
    hole: 'Each replica signs cookies with its own key.',
    context: (context) => ({
      ...context,
      secrets: { ...context.secrets, cookieKey: randomBytes(32).toString('base64') },
    }),
    alsoFails: { ...ALL_ON_ONE_REPLICA, 69: 'a rotation does not replace a key that the server chose itself' },
  },
];
