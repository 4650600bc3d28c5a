/**
 * Bearer tokens that can be revoked: each request checks a denylist in Redis, so it costs a lookup, like a session.
 * While Redis does not respond, requests are refused. With `denylistFailOpen`, a read is then accepted without the
 * check, so a revoked token can read again; requests that change state are still refused.
 */
import type { FastifyRequest } from 'fastify';
import { Unauthenticated } from '../errors.ts';
import { redisOf, type SchemeFactory } from '../scheme.ts';
import { redisDenylist } from '../stores/denylist.ts';
import { accessTokens, BEARER_CHALLENGE } from './access-tokens.ts';
import { refuseDisabled } from './recheck.ts';

/** Whether the request changes nothing (RFC 9110 §9.2.1). */
const isRead = ({ method }: FastifyRequest) => method === 'GET' || method === 'HEAD';

export const denylistTokens: SchemeFactory = (context) => {
  const { secrets, settings, accounts } = context;
  const tokens = accessTokens({ algorithm: 'HS256', secrets, lifetimeSeconds: settings.tokenLifetimeSeconds });
  const denylist = redisDenylist(redisOf(context), settings.tokenLifetimeSeconds * 1000);
  const failOpen = settings.denylistFailOpen;

  return {
    challenge: BEARER_CHALLENGE,
    coversPublicRoutes: false,
    install: tokens.install,

    async issue(_request, _reply, user) {
      const issuedMs = await denylist.dateFor(user.id);
      if (issuedMs === null) return null;
      return { accessToken: tokens.issue(user, { issuedMs }).token, expiresInSeconds: tokens.expiresInSeconds };
    },

    authenticate(request, reply, done) {
      tokens.authenticate(request, reply, (error) => {
        if (error !== undefined) return done(error);
        const { jti, sub: userId, issuedMs } = request.user;
        // A token without a date, from another scheme with the same key, could not be revoked by user.
        if (typeof issuedMs !== 'number') return done(new Unauthenticated());
        denylist.isDenied({ jti, userId, issuedMs }).then(
          (denied) => (denied ? done(new Unauthenticated()) : done()),
          (unavailable: Error) => (failOpen && isRead(request) ? done() : done(unavailable)),
        );
      });
    },

    verifyCsrf: null,
    recheck: refuseDisabled(accounts),
    refresh: null,
    end: ({ user: { jti, sub: userId, exp } }) => denylist.deny({ jti, userId }, exp * 1000),
    async endAll(request) {
      await denylist.denyAllOf(request.user.sub);
    },
    terminate: (userId) => denylist.denyAllOf(userId),
  };
};
