/** Mutants of refresh tokens: `jwt-refresh` with one vulnerability each. */
import { Unauthenticated } from '../../errors.ts';
import { redisOf, type SchemeContext } from '../../scheme.ts';
import { refreshTokens } from '../../schemes/refresh-token.ts';
import { sessionKey } from '../../stores/session-index.ts';
import { readRecord } from '../../stores/session-record.ts';
import { claimsFit, honour, isSigned, readBearer, signToken } from '../jwt-tools.ts';
import type { Mutant } from '../mutant.ts';

interface Family {
  readonly key: string;
  readonly id: string;
  readonly presented: number;
  readonly current: number;
  readonly rotatedAtMs: number;
  readonly user: NonNullable<ReturnType<typeof readRecord>>['user'];
}

/** Returns the stored family of a refresh token; null if there is none, or the token is invalid. */
async function familyOf(context: SchemeContext, token: string | undefined): Promise<Family | null> {
  const read = token === undefined ? null : refreshTokens(context.secrets).read(token);
  if (read === null) return null;
  const redis = redisOf(context);
  const key = sessionKey(redis, read.familyId);
  const { number, rotatedAtMs, record } = await redis.client.hgetall(key);
  if (record === undefined) return null;
  return {
    key,
    id: read.familyId,
    presented: read.number,
    current: Number(number),
    rotatedAtMs: Number(rotatedAtMs),
    user: readRecord(record)?.user,
  };
}

export const REFRESH_MUTANTS: readonly Mutant[] = [
  {
    name: 'refresh-token-as-access-token',
    arm: 'jwt-refresh',
    check: 16,
    hole: 'A refresh token is accepted as an access token.',
    scheme: (real, context) => ({
      ...real,
      authenticate: (request, reply, done) =>
        real.authenticate(request, reply, (error) => {
          if (error === undefined) return done();
          familyOf(context, request.headers.authorization?.replace(/^bearer /i, '')).then(
            (family) => {
              if (family?.user) request.identity = family.user;
              done(family?.user ? undefined : error);
            },
            () => done(error),
          );
        }),
    }),
  },
  {
    name: 'access-token-as-refresh-token',
    arm: 'jwt-refresh',
    check: 16,
    hole: 'An access token is accepted as a refresh token.',
    scheme: (real, context) => ({
      ...real,
      async refresh(request, reply, token) {
        request.headers.authorization = `Bearer ${token}`;
        const read = readBearer(request);
        if (read === null || !isSigned(read, context) || !claimsFit(read.claims, context.now())) {
          if (real.refresh === null) throw new Unauthenticated();
          return real.refresh(request, reply, token);
        }
        honour(request, read.claims);
        const user = request.identity ?? { id: '', username: '', roles: [] };
        return { user, credential: { accessToken: signToken(context, user) } };
      },
    }),
  },
  {
    name: 'refresh-not-rotated',
    arm: 'jwt-refresh',
    check: 42,
    hole: 'A refresh token may be used repeatedly until it expires.',
    scheme: (real, context) => ({
      ...real,
      async refresh(_request, _reply, token) {
        const family = await familyOf(context, token);
        if (!family?.user || token === undefined) throw new Unauthenticated();
        const { accessTokenLifetimeSeconds: expiresInSeconds } = context.settings;
        return {
          user: family.user,
          credential: {
            accessToken: signToken(context, family.user, { sid: family.id }),
            refreshToken: token,
            expiresInSeconds,
          },
        };
      },
    }),
    alsoFails: {
      43: 'tokens are never used up, so no reuse is detected',
      44: 'without rotation the absolute timeout is not checked',
      69: 'a refresh token that is never replaced keeps its old key',
    },
  },
  {
    name: 'spent-token-accepted',
    arm: 'jwt-refresh',
    check: 42,
    hole: 'A refresh token is renewed, and the old one stays valid.',
    scheme: (real, context) => ({
      ...real,
      async refresh(request, reply, token) {
        const family = await familyOf(context, token);
        if (family !== null && family.presented < family.current) {
          const current = refreshTokens(context.secrets).write(family.id, family.current);
          if (real.refresh !== null) return real.refresh(request, reply, current);
        }
        if (real.refresh === null) throw new Unauthenticated();
        return real.refresh(request, reply, token);
      },
    }),
    alsoFails: { 43: 'no reuse is detected', 45: 'parallel refreshes get a successor each' },
  },
  {
    name: 'grace-starts-anew',
    arm: 'jwt-refresh',
    check: 42,
    hole: 'Each use of a spent token within the grace period begins a new one, so a thief can use it for ever.',
    scheme: (real, context) => ({
      ...real,
      async refresh(request, reply, token) {
        if (real.refresh === null) throw new Unauthenticated();
        const renewed = await real.refresh(request, reply, token);
        const family = await familyOf(context, token);
        if (family !== null) await redisOf(context).client.hset(family.key, 'rotatedAtMs', context.now());
        return renewed;
      },
    }),
  },
  {
    name: 'reuse-refused-only',
    arm: 'jwt-refresh',
    check: 43,
    hole: 'A reused refresh token is refused, but its family stays valid for the thief.',
    scheme: (real, context) => ({
      ...real,
      async refresh(request, reply, token) {
        const family = await familyOf(context, token);
        const isReuse =
          family !== null &&
          family.presented < family.current &&
          (family.presented < family.current - 1 ||
            context.now() - family.rotatedAtMs >= context.settings.refreshGraceMs);
        if (isReuse || real.refresh === null) throw new Unauthenticated();
        return real.refresh(request, reply, token);
      },
    }),
  },
  {
    name: 'refresh-slides-for-ever',
    arm: 'jwt-refresh',
    check: 44,
    hole: 'Each refresh extends the absolute timeout.',
    scheme: (real, context) => ({
      ...real,
      async refresh(request, reply, token) {
        if (real.refresh === null) throw new Unauthenticated();
        const renewed = await real.refresh(request, reply, token);
        const family = await familyOf(context, renewed.credential.refreshToken);
        if (family !== null) {
          const { client } = redisOf(context);
          await client.hset(family.key, 'endsAtMs', context.now() + context.settings.absoluteTimeoutMs);
          await client.pexpire(family.key, context.settings.idleTimeoutMs);
        }
        return renewed;
      },
    }),
  },
  {
    name: 'no-grace',
    arm: 'jwt-refresh',
    check: 45,
    hole: 'Of two tabs that refresh at once, the second logs both out.',
    settings: { refreshGraceMs: 0 },
  },
  {
    name: 'family-outlives-logout',
    arm: 'jwt-refresh',
    check: 46,
    hole: 'Logout leaves the refresh token valid.',
    scheme: (real) => ({ ...real, end: async () => {} }),
    alsoFails: { 23: 'logout ends nothing' },
  },
  {
    name: 'refresh-signature-unchecked',
    arm: 'jwt-refresh',
    check: 53,
    hole: 'A refresh token is believed without its signature.',
    scheme: (real, { secrets }) => ({
      ...real,
      async refresh(request, reply, token = '') {
        if (real.refresh === null) throw new Unauthenticated();
        const [family = '', number] = token.split('.');
        return real.refresh(request, reply, refreshTokens(secrets).write(family, Number(number)));
      },
    }),
    alsoFails: {
      16: 'any text that names a family is a refresh token',
      69: 'no signature is compared, so a removed key does not matter',
    },
  },
  {
    name: 'families-outlive-logout-all',
    arm: 'jwt-refresh',
    check: 54,
    hole: 'Logout everywhere reports success and ends no refresh token.',
    scheme: (real) => ({ ...real, endAll: async () => {} }),
  },
  {
    name: 'disabled-user-refreshes',
    arm: 'jwt-refresh',
    check: 54,
    hole: 'A disabled user cannot log in, but goes on with a refresh token for ever.',
    context: (context) => ({ ...context, accounts: { ...context.accounts, isDisabled: async () => false } }),
    scheme: (real) => ({ ...real, terminate: async () => {} }),
    alsoFails: {
      29: 'critical operations ask for the same mark',
      50: 'critical operations ask for the same mark, and so need no Redis',
    },
  },
  {
    name: 'refresh-reply-may-be-stored',
    arm: 'jwt-refresh',
    check: 39,
    hole: 'The reply to a refresh, which holds new tokens, may be stored by a cache.',
    scheme: (real) => ({
      ...real,
      async refresh(request, reply, token) {
        if (real.refresh === null) throw new Unauthenticated();
        const renewed = await real.refresh(request, reply, token);
        reply.removeHeader('cache-control');
        return renewed;
      },
    }),
  },
];
