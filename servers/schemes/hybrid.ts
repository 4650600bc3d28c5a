/**
 * A token for light requests, with a session in Redis that is checked before critical operations. After logout a copy of the
 * token can still read until it expires, but cannot perform critical operations.
 */
import { orUnavailable, Unauthenticated } from '../errors.ts';
import { newSessionId } from '../ids.ts';
import { redisOf, type SchemeFactory } from '../scheme.ts';
import { disabledKey } from '../stores/accounts.ts';
import { endSession, endSessionsOf, enterSession, sessionKey } from '../stores/session-index.ts';
import { readRecord, type SessionRecord } from '../stores/session-record.ts';
import { accessTokens, BEARER_CHALLENGE } from './access-tokens.ts';

export const hybrid: SchemeFactory = (context) => {
  const { secrets, settings, now } = context;
  const redis = redisOf(context);
  const { client } = redis;
  const { idleTimeoutMs, absoluteTimeoutMs } = settings;
  const tokens = accessTokens({ algorithm: 'HS256', secrets, lifetimeSeconds: settings.tokenLifetimeSeconds });

  return {
    challenge: BEARER_CHALLENGE,
    coversPublicRoutes: false,
    install: tokens.install,

    async issue(_request, _reply, user) {
      // The session id is inside the token: no route accepts it without the token's signature.
      const sid = newSessionId();
      const record: SessionRecord = { user, endsAtMs: now() + absoluteTimeoutMs };
      await orUnavailable(client.set(sessionKey(redis, sid), JSON.stringify(record), 'PX', idleTimeoutMs));
      if (!(await enterSession(redis, user.id, sid, record.endsAtMs))) {
        await endSession(redis, user.id, sid);
        return null;
      }
      return { accessToken: tokens.issue(user, { sid }).token, expiresInSeconds: tokens.expiresInSeconds };
    },

    authenticate: tokens.authenticate,
    verifyCsrf: null,

    recheck(request, _reply, done) {
      const { sub, sid } = request.user;
      if (sid === undefined) return done(new Unauthenticated());
      const session = redis.reads.getex(sessionKey(redis, sid), idleTimeoutMs);
      const disabled = redis.reads.exists(disabledKey(redis, sub));
      // Both commands are sent together, in one round trip.
      orUnavailable(Promise.all([session, disabled])).then(([json, isDisabled]) => {
        const record = json === null ? null : readRecord(json);
        // The session's user is current, while the token's roles may have been revoked since.
        if (isDisabled === 1 || record?.user?.id !== sub || (record.endsAtMs ?? 0) <= now())
          return done(new Unauthenticated());
        request.identity = record.user;
        done();
      }, done);
    },

    refresh: null,
    async end(request) {
      const { sub, sid } = request.user;
      if (sid !== undefined) await endSession(redis, sub, sid);
    },
    endAll: (request) => endSessionsOf(redis, request.user.sub),
    terminate: (userId) => endSessionsOf(redis, userId),
  };
};
