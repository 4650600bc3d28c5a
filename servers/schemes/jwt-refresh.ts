/**
 * A short-lived access token that needs no lookup, and a rotating refresh token that does. Logout ends the family at once,
 * but the access token stays valid until it expires: its lifetime bounds the delay of any revocation.
 */
import { Unauthenticated } from '../errors.ts';
import { newFamilyId } from '../ids.ts';
import { redisOf, type SchemeFactory } from '../scheme.ts';
import { redisRefreshFamilies } from '../stores/refresh-families.ts';
import { endSession, endSessionsOf } from '../stores/session-index.ts';
import { accessTokens, BEARER_CHALLENGE } from './access-tokens.ts';
import { refuseDisabled } from './recheck.ts';
import { refreshTokens } from './refresh-token.ts';

export const refreshedTokens: SchemeFactory = (context) => {
  const { secrets, settings, accounts, now } = context;
  const redis = redisOf(context);
  const access = accessTokens({ algorithm: 'HS256', secrets, lifetimeSeconds: settings.accessTokenLifetimeSeconds });
  const refresh = refreshTokens(secrets);
  const { idleTimeoutMs, absoluteTimeoutMs, refreshGraceMs: graceMs } = settings;
  const families = redisRefreshFamilies(redis, { idleTimeoutMs, absoluteTimeoutMs, graceMs, now });

  return {
    challenge: BEARER_CHALLENGE,
    coversPublicRoutes: false,
    install: access.install,

    async issue(_request, _reply, user) {
      const familyId = newFamilyId();
      if (!(await families.start(familyId, user))) return null;
      return {
        accessToken: access.issue(user, { sid: familyId }).token,
        refreshToken: refresh.write(familyId, 1),
        expiresInSeconds: access.expiresInSeconds,
      };
    },

    authenticate: access.authenticate,
    verifyCsrf: null,
    recheck: refuseDisabled(accounts),

    async refresh(_request, _reply, token) {
      const presented = token === undefined ? null : refresh.read(token);
      if (presented === null) throw new Unauthenticated();
      const { familyId } = presented;
      const successor = await families.rotate(familyId, presented.number);
      if (successor === null || (await accounts.isDisabled(successor.user.id))) throw new Unauthenticated();
      const credential = {
        accessToken: access.issue(successor.user, { sid: familyId }).token,
        refreshToken: refresh.write(familyId, successor.number),
        expiresInSeconds: access.expiresInSeconds,
      };
      return { user: successor.user, credential };
    },

    async end(request) {
      const { sub, sid } = request.user;
      if (sid !== undefined) await endSession(redis, sub, sid);
    },
    endAll: (request) => endSessionsOf(redis, request.user.sub),
    terminate: (userId) => endSessionsOf(redis, userId),
  };
};
