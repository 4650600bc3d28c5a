/**
 * Bearer tokens that can be revoked without a lookup at each request: every revocation is pushed to the replicas,
 * which check their own memory. A light read uses what the replica has received. If that may be older than
 * `denylistStalenessMs`, and for a critical operation, the replica asks Redis, and refuses the request if there is no
 * reply.
 */
import type { FastifyRequest } from 'fastify';
import { Unauthenticated } from '../../errors.ts';
import { type Guard, redisOf, type SchemeFactory } from '../../scheme.ts';
import type { DeniableToken } from '../../stores/denied-tokens.ts';
import { redisDenylist } from '../../stores/denylist.ts';
import { pushedDenylist } from '../../stores/pushed-denylist.ts';
import { accessTokens, BEARER_CHALLENGE } from '../access-tokens.ts';

/** Null for a token without a date, from another scheme with the same key, which could not be revoked by user. */
function deniable({ user: { jti, sub: userId, issuedMs } }: FastifyRequest): DeniableToken | null {
  return typeof issuedMs === 'number' ? { jti, userId, issuedMs } : null;
}

/** @param open creates the denylist of one replica; mutants have a broken one */
export function pushedTokens(open: typeof pushedDenylist = pushedDenylist): SchemeFactory {
  return (context) => {
    const { secrets, settings, accounts, now } = context;
    const redis = redisOf(context);
    const tokens = accessTokens({ algorithm: 'HS256', secrets, lifetimeSeconds: settings.tokenLifetimeSeconds });
    const lifetimeMs = settings.tokenLifetimeSeconds * 1000;
    const { dateFor } = redisDenylist(redis, lifetimeMs);
    const denylist = open(redis, { lifetimeMs, stalenessMs: settings.denylistStalenessMs, now });

    const recheck: Guard = (request, _reply, done) => {
      const token = deniable(request);
      if (token === null) return done(new Unauthenticated());
      Promise.all([denylist.isDeniedNow(token), accounts.isDisabled(token.userId)]).then(
        (answers) => (answers.includes(true) ? done(new Unauthenticated()) : done()),
        done,
      );
    };

    return {
      challenge: BEARER_CHALLENGE,
      coversPublicRoutes: false,

      async install(scope) {
        await tokens.install(scope);
        scope.addHook('onClose', async () => denylist.stop());
        await denylist.start();
      },

      async issue(_request, _reply, user) {
        const issuedMs = await dateFor(user.id);
        if (issuedMs === null) return null;
        return { accessToken: tokens.issue(user, { issuedMs }).token, expiresInSeconds: tokens.expiresInSeconds };
      },

      authenticate(request, reply, done) {
        tokens.authenticate(request, reply, (error) => {
          if (error !== undefined) return done(error);
          const token = deniable(request);
          if (token === null || denylist.isDenied(token)) return done(new Unauthenticated());
          if (denylist.isCurrent()) return done();
          denylist.isDeniedNow(token).then((denied) => (denied ? done(new Unauthenticated()) : done()), done);
        });
      },

      verifyCsrf: null,
      recheck,
      refresh: null,
      end: ({ user: { jti, exp } }) => denylist.deny(jti, exp * 1000),
      endAll: (request) => denylist.denyAllOf(request.user.sub),
      terminate: (userId) => denylist.denyAllOf(userId),
    };
  };
}
