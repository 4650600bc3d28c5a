/** Mutants of opaque tokens and their introspection: schemes with one vulnerability each. */
import { createHash, verify } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { Identity } from '../../contract.ts';
import { HttpError } from '../../errors.ts';
import type { Guard, Scheme } from '../../scheme.ts';
import { opaqueTokenIn } from '../../schemes/issued/opaque-introspection.ts';
import { alsoAccepts, claimsFit } from '../jwt-tools.ts';
import type { Mutant } from '../mutant.ts';

/** The entry of an unbounded cache for each token. */
interface Remembered {
  readonly user: Identity;
  readonly firstSeenMs: number;
}

/**
 * Wraps a guard: a request that it refuses or cannot decide is accepted if `accepts` says so of an earlier acceptance.
 *
 * @param error of the real guard @param keyOf what a token is remembered by
 */
function remembering(
  real: Scheme,
  accepts: (remembered: Remembered, error: Error, request: FastifyRequest) => boolean,
  keyOf: (token: string) => string = (token) => token,
): Guard {
  const seen = new Map<string, Remembered>();
  return (request, reply, done) =>
    real.authenticate(request, reply, (error) => {
      const token = keyOf(opaqueTokenIn(request) ?? '');
      const { identity } = request;
      if (error === undefined && identity !== null && !seen.has(token))
        seen.set(token, { user: identity, firstSeenMs: Date.now() });
      const remembered = seen.get(token);
      if (error === undefined || remembered === undefined || !accepts(remembered, error, request)) return done(error);
      request.identity = remembered.user;
      done();
    });
}

const isRefusal = (error: Error) => error instanceof HttpError && error.statusCode === 401;
const isOutage = (error: Error) => error instanceof HttpError && error.statusCode === 503;

const ENDINGS = {
  23: 'a logout is not noticed',
  24: 'a logout everywhere is not noticed',
  25: 'the disabling of a user is not noticed',
} as const;

export const INTROSPECTION_MUTANTS: readonly Mutant[] = [
  {
    name: 'introspected-once-for-ever',
    arm: 'opaque-introspection-cached',
    check: 31,
    hole: 'What the authorization server said of a token is believed for ever.',
    scheme: (real) => ({ ...real, authenticate: remembering(real, (_remembered, error) => isRefusal(error)) }),
    alsoFails: { ...ENDINGS, 28: 'an expired token is believed too', 77: 'an expired token is believed too' },
  },
  {
    name: 'cached-past-expiry',
    arm: 'opaque-introspection-cached',
    check: 77,
    hole: 'A cached token is served beyond its expiry.',
    scheme: (real, { settings }) => ({
      ...real,
      authenticate: remembering(
        real,
        ({ firstSeenMs }, error) => isRefusal(error) && Date.now() - firstSeenMs > 300 * settings.tokenLifetimeSeconds,
      ),
    }),
    alsoFails: {
      23: 'what was ended is accepted again once it has expired',
      24: 'what was ended is accepted again once it has expired',
      25: 'what was ended is accepted again once it has expired',
      28: 'an expired token is accepted',
      31: 'what was ended is accepted again once it has expired',
    },
  },
  {
    name: 'cached-by-its-start',
    arm: 'opaque-introspection-cached',
    check: 78,
    hole: 'The cache finds a token by its first letters, so another that begins like it is accepted.',
    scheme: (real, { settings }) => ({
      ...real,
      authenticate: remembering(
        real,
        ({ firstSeenMs }, error) => isRefusal(error) && Date.now() - firstSeenMs < settings.introspectionCacheMs,
        (token) => token.slice(0, 32),
      ),
    }),
    alsoFails: { 90: 'a cached token is served beyond its expiry' },
  },
  {
    name: 'inactive-token-accepted',
    arm: 'opaque-introspection',
    check: 78,
    hole: 'Any answer of the authorization server counts as a valid token: `active` is not read.',
    scheme: (real, { directory }) => ({
      ...real,
      authenticate(request, reply, done) {
        real.authenticate(request, reply, (error) => {
          const isAnswered = error !== undefined && isRefusal(error) && opaqueTokenIn(request) !== null;
          const user = directory.firstAdmin;
          if (!isAnswered || user === undefined) return done(error);
          request.identity = user;
          done();
        });
      },
    }),
    alsoFails: {
      ...ENDINGS,
      26: 'a token that the administrator has ended is accepted as another user’s',
      28: 'an expired token is accepted as another user’s',
      55: 'critical operations are done with an ended token',
      29: 'critical operations of a disabled user are done',
      65: 'an ended token is accepted as another user’s',
      77: 'an expired token is accepted as another user’s',
    },
  },
  {
    name: 'tokens-from-a-counter',
    arm: 'opaque-introspection',
    check: 76,
    hole: 'Tokens are hashes of a counter, which anybody can compute.',
    scheme(real) {
      const issued = new Map<string, string>();
      let counter = 0;
      return {
        ...real,
        async issue(request, reply, user) {
          const credential = await real.issue(request, reply, user);
          if (credential?.accessToken === undefined) return credential;
          const accessToken = createHash('sha256').update(`${counter++}`).digest('base64url');
          issued.set(accessToken, credential.accessToken);
          return { ...credential, accessToken };
        },
        authenticate(request, reply, done) {
          const known = issued.get(opaqueTokenIn(request) ?? '');
          if (known !== undefined) request.headers.authorization = `Bearer ${known}`;
          real.authenticate(request, reply, done);
        },
      };
    },
    alsoFails: {
      ...Object.fromEntries(
        [23, 24, 25, 26, 29, 47, 52, 55, 65, 77, 78].map((check) => [check, 'a token is known to one replica only']),
      ),
      41: 'two replicas issue the same tokens, so that a login replaces that of somebody else',
    },
  },
  {
    name: 'unknown-key-is-the-first',
    arm: 'jwt-jwks',
    check: 79,
    hole: 'A token that names an unknown key is verified with the first key of the set.',
    scheme: (real, { now, secrets }) =>
      alsoAccepts(
        real,
        ({ header, claims, signed, signature }) =>
          header.alg === 'RS256' &&
          header.crit === undefined &&
          claimsFit(claims, now()) &&
          verify('sha256', Buffer.from(signed), secrets.rsaPublicKey, Buffer.from(signature, 'base64url')),
      ),
    alsoFails: { 61: 'a signature in the other alphabet is decoded too' },
  },
  {
    name: 'introspection-fails-open',
    arm: 'opaque-introspection',
    check: 50,
    hole: 'While the authorization server does not answer, a token that was valid before is accepted, for everything.',
    scheme: (real) => ({ ...real, authenticate: remembering(real, (_remembered, error) => isOutage(error)) }),
    alsoFails: { 65: 'an ended token is accepted during a stall' },
  },
];
