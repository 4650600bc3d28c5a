/**
 * Sessions in Redis behind an in-process cache. Light reads ask Redis once per session within the staleness bound, and so may
 * accept an ended session for that long. A critical operation always asks, and the replica that ends a session forgets it.
 * The idle timeout is extended when Redis is asked, so a session may end early by the bound, but never late.
 */
import { orUnavailable, Unauthenticated } from '../errors.ts';
import { redisOf, type SchemeFactory } from '../scheme.ts';
import { disabledKey } from '../stores/accounts.ts';
import { sessionCache } from '../stores/session-cache.ts';
import { sessionKey } from '../stores/session-index.ts';
import { leanSessions } from './session-lean.ts';

export const cachedSessions: SchemeFactory = (context) => {
  const redis = redisOf(context);
  const cache = sessionCache(context.settings.cacheStalenessMs, context.now);
  const sessions = leanSessions(context, cache);
  return {
    ...sessions,

    recheck(request, _reply, done) {
      const { identity, leanSessionId } = request;
      if (identity === null) return done(new Unauthenticated());
      const session = redis.reads.exists(sessionKey(redis, leanSessionId));
      const disabled = redis.reads.exists(disabledKey(redis, identity.id));
      // Both commands are sent together, in one round trip.
      orUnavailable(Promise.all([session, disabled])).then(([exists, isDisabled]) => {
        if (exists === 1 && isDisabled === 0) return done();
        cache.delete(leanSessionId);
        done(new Unauthenticated());
      }, done);
    },

    async end(request, reply) {
      await sessions.end(request, reply);
      cache.delete(request.leanSessionId);
    },
    async endAll(request, reply) {
      await sessions.endAll(request, reply);
      if (request.identity !== null) cache.deleteAllOf(request.identity.id);
    },
    async terminate(userId) {
      await sessions.terminate(userId);
      cache.deleteAllOf(userId);
    },
  };
};
