/**
 * Sessions in Redis behind an in-process cache. Light reads ask Redis once per session within the staleness bound, and so may
 * accept an ended session for that long. A critical operation always asks, and the replica that ends a session forgets it.
 * The idle timeout is extended when Redis is asked, so a session may end early by the bound, but never late.
 */
import { redisOf, type SchemeContext, type SchemeFactory } from '../scheme.ts';
import type { LeanStore } from '../stores/lean-store.ts';
import { type SessionCache, sessionCache } from '../stores/session-cache.ts';
import { recheckSession } from './recheck.ts';
import { leanSessions, redisLean } from './session-lean.ts';

/** The store behind a cache, which drops sessions that this replica ends. */
function cachedStore(context: SchemeContext, cache: SessionCache): LeanStore {
  const store = redisLean(context);
  return {
    ...store,
    cached: (sessionId) => cache.get(sessionId),
    read(sessionId, found, failed) {
      const askedAtMs = context.now();
      store.read(
        sessionId,
        (record) => {
          if (record?.user !== undefined && record.endsAtMs > context.now()) cache.set(sessionId, record, askedAtMs);
          found(record);
        },
        failed,
      );
    },
    async endPrevious(sessionId) {
      await store.endPrevious(sessionId);
      cache.delete(sessionId);
    },
    async end(userId, sessionId) {
      await store.end(userId, sessionId);
      cache.delete(sessionId);
    },
    async endAllOf(userId) {
      await store.endAllOf(userId);
      cache.deleteAllOf(userId);
    },
  };
}

export const cachedSessions: SchemeFactory = (context) => {
  const cache = sessionCache(context.settings.cacheStalenessMs, context.now);
  return {
    ...leanSessions(context, cachedStore(context, cache)),
    recheck: recheckSession(redisOf(context), (request) => cache.delete(request.leanSessionId)),
  };
};
