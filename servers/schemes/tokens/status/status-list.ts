/**
 * Bearer tokens with an index in a status list. The list is public and signed, so a verifier needs neither a lookup
 * for each request nor access to the issuer's store: a replica fetches the list periodically, and refuses requests if
 * it has no current one. A critical operation asks Redis itself. Each replica publishes the list on loopback, like an
 * issuer, and fetches it from there over HTTP.
 */
import type { FastifyRequest } from 'fastify';
import { StoreUnavailable, Unauthenticated } from '../../../errors.ts';
import { type Guard, redisOf, type SchemeFactory } from '../../../scheme.ts';
import { patiently } from '../../../stores/redis.ts';
import { statusBits } from '../../../stores/status-bits.ts';
import { accessTokens, BEARER_CHALLENGE, JWT_ISSUER } from '../../access-tokens.ts';
import { statusListKeys } from './list.ts';
import { statusPublisher } from './publisher.ts';
import { type Status, statusReader } from './reader.ts';

const LIST_URI = `${JWT_ISSUER}/status-lists/1`;
/** A list is fresh for this part of its lifetime, which leaves time for several attempts to get the next one. */
const FRESH_PART = 1 / 5;

/** Null for a token without an index, from another scheme with the same key, which could not be revoked. */
function placeOf({ user: { status } }: FastifyRequest): number | null {
  const { idx, uri } = status?.status_list ?? {};
  return uri === LIST_URI && Number.isSafeInteger(idx) && (idx ?? -1) >= 0 ? (idx ?? null) : null;
}

/** The error for each status, if the request is refused. */
const ANSWERS: Readonly<Record<Status, () => Error | undefined>> = {
  valid: () => undefined,
  revoked: () => new Unauthenticated(),
  unknown: () => new StoreUnavailable('The status list does not hold the token.'),
};

/** @param read creates the reader of one replica; mutants have a broken one */
export function statusListTokens(read: typeof statusReader = statusReader): SchemeFactory {
  return (context) => {
    const { secrets, settings, accounts, now } = context;
    const { tokenLifetimeSeconds, statusListMs: lifetimeMs } = settings;
    const tokens = accessTokens({ algorithm: 'HS256', secrets, lifetimeSeconds: tokenLifetimeSeconds });
    const bits = statusBits(redisOf(context), tokenLifetimeSeconds * 1000);
    const keys = statusListKeys(secrets);
    const ttlMs = lifetimeMs * FRESH_PART;
    const publisher = statusPublisher({
      uri: LIST_URI,
      keys,
      lifetimeMs,
      ttlMs,
      now,
      read: () => patiently(bits.read),
    });
    const reader = read({ uri: LIST_URI, keys, retryMs: ttlMs * FRESH_PART, now });

    const recheck: Guard = (request, _reply, done) => {
      const place = placeOf(request);
      if (place === null) return done(new Unauthenticated());
      Promise.all([bits.isRevoked(place), accounts.isDisabled(request.user.sub)]).then(
        (answers) => (answers.includes(true) ? done(new Unauthenticated()) : done()),
        done,
      );
    };

    return {
      challenge: BEARER_CHALLENGE,
      coversPublicRoutes: false,

      async install(scope) {
        await tokens.install(scope);
        scope.addHook('onClose', async () => {
          reader.stop();
          publisher.stop();
        });
        await reader.start(await publisher.start());
      },

      async issue(_request, _reply, user) {
        const idx = await bits.allocate(user.id, now() + tokenLifetimeSeconds * 1000);
        if (idx === null) return null;
        const { token } = tokens.issue(user, { status: { status_list: { idx, uri: LIST_URI } } });
        return { accessToken: token, expiresInSeconds: tokens.expiresInSeconds };
      },

      authenticate(request, reply, done) {
        tokens.authenticate(request, reply, (error) => {
          if (error !== undefined) return done(error);
          const place = placeOf(request);
          if (place === null) return done(new Unauthenticated());
          const status = reader.statusOf(place);
          if (status !== 'unknown') return done(ANSWERS[status]());
          // This happens after a pause of the whole process. Without a list in time, the status of the token is
          // unknown.
          reader.renew().then(
            () => done(ANSWERS[reader.statusOf(place)]()),
            (cause: unknown) => done(new StoreUnavailable(cause)),
          );
        });
      },

      verifyCsrf: null,
      recheck,
      refresh: null,
      async end(request) {
        const place = placeOf(request);
        if (place !== null) await bits.revoke(request.user.sub, place);
      },
      endAll: (request) => bits.revokeAllOf(request.user.sub),
      terminate: (userId) => bits.revokeAllOf(userId),
    };
  };
}
