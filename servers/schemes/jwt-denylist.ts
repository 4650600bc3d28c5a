/**
 * Bearer tokens that can be revoked: each request checks a denylist in Redis, so it costs a lookup, as a session does.
 * While Redis is down requests are refused; with `denylistFailOpen` light reads are accepted unchecked, and critical operations
 * are still refused.
 */
import { Unauthenticated } from '../errors.ts';
import { redisOf, type SchemeFactory } from '../scheme.ts';
import { redisDenylist } from '../stores/denylist.ts';
import { accessTokens, BEARER_CHALLENGE } from './access-tokens.ts';
import { refuseDisabled } from './recheck.ts';

export const denylistTokens: SchemeFactory = (context) => {
  const { secrets, settings, accounts, now } = context;
  const tokens = accessTokens({ algorithm: 'HS256', secrets, lifetimeSeconds: settings.tokenLifetimeSeconds });
  const denylist = redisDenylist(redisOf(context), settings.tokenLifetimeSeconds * 1000);
  const failOpen = settings.denylistFailOpen;

  return {
    challenge: BEARER_CHALLENGE,
    coversPublicRoutes: false,
    install: tokens.install,

    async issue(_request, _reply, user) {
      const { token } = tokens.issue(user, { issuedMs: now() });
      // Checked after the token was dated: disabling the user from here on denies the token by its date.
      if (await accounts.isDisabled(user.id)) return null;
      return { accessToken: token, expiresInSeconds: tokens.expiresInSeconds };
    },

    authenticate(request, reply, done) {
      tokens.authenticate(request, reply, (error) => {
        if (error !== undefined) return done(error);
        const { jti, sub: userId, issuedMs } = request.user;
        // A token without a date, from another scheme with the same key, could not be revoked by user.
        if (typeof issuedMs !== 'number') return done(new Unauthenticated());
        denylist.isDenied({ jti, userId, issuedMs }).then(
          (denied) => (denied ? done(new Unauthenticated()) : done()),
          (unavailable: Error) => (failOpen ? done() : done(unavailable)),
        );
      });
    },

    verifyCsrf: null,
    recheck: refuseDisabled(accounts),
    refresh: null,
    end: ({ user: { jti, sub: userId, exp } }) => denylist.deny({ jti, userId }, exp * 1000),
    async endAll(request) {
      await denylist.denyAllOf(request.user.sub, now());
    },
    terminate: (userId) => denylist.denyAllOf(userId, now()),
  };
};
