/** Mutants of errors, malformed requests and outages: schemes and applications with one vulnerability each. */
import { randomBytes } from 'node:crypto';
import { HttpError } from '../../errors.ts';
import { type Guard, redisOf } from '../../scheme.ts';
import { honour, readBearer } from '../jwt-tools.ts';
import { beforeLogin } from '../login-tools.ts';
import { type Mutant, withScope } from '../mutant.ts';
import { UNKNOWN_KEY } from '../unknown-key.ts';

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

export const FAILURE_MUTANTS: readonly Mutant[] = [
  {
    name: 'denylist-not-made-again',
    arm: 'jwt-denylist',
    check: 93,
    hole: 'A denylist is made when the server starts, and nothing is added to one that is gone.',
    scheme(real, context) {
      const { client, prefix } = redisOf(context);
      const key = `${prefix}denylist-made`;
      let made: Promise<unknown> | null = null;
      return {
        ...real,
        async issue(...login) {
          made ??= client.set(key, '1');
          await made;
          return real.issue(...login);
        },
        async end(...logout) {
          if ((await client.exists(key)) === 1) await real.end(...logout);
        },
      };
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
    alsoFails: {
      73: 'requests hang while a connection is broken, too',
      75: 'requests hang while Redis restarts, too',
    },
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
    alsoFails: {
      ...ALL_ON_ONE_REPLICA,
      69: 'a rotation does not replace a key that the server chose itself',
      75: 'a cookie of one replica is refused by the other',
    },
  },
  {
    name: 'malformed-cookie-is-a-500',
    arm: 'session-redis-lean',
    check: 41,
    hole: 'A cookie with a broken percent-encoding causes an internal error.',
    scheme: (real) => ({
      ...real,
      authenticate(request, reply, done) {
        decodeURIComponent(request.headers.cookie ?? '');
        real.authenticate(request, reply, done);
      },
    }),
    alsoFails: { 49: 'a malformed cookie gets a 500' },
  },
  {
    name: 'malformed-token-is-a-500',
    arm: 'jwt-hs256',
    check: 41,
    hole: 'A malformed bearer token causes an internal error.',
    scheme: (real) => ({
      ...real,
      authenticate(request, reply, done) {
        const [, payload] = (request.headers.authorization ?? '').split('.');
        if (payload !== undefined) JSON.parse(Buffer.from(payload, 'base64url').toString());
        real.authenticate(request, reply, done);
      },
    }),
    alsoFails: { 49: 'a malformed token gets a 500' },
  },
];
