/**
 * An in-process cache of sessions recently read from Redis. A session that was ended elsewhere may be served from here until
 * its entry reaches the maximum age, and no longer.
 */
import { LRUCache } from 'lru-cache';
import type { SessionRecord } from './session-record.ts';

export interface SessionCache {
  /** Returns a session read from Redis within the maximum age, or undefined if Redis has to be asked. */
  get(sessionId: string): SessionRecord | undefined;
  /** @param askedAtMs when the read was sent, not answered: the session may have ended in between */
  set(sessionId: string, record: SessionRecord, askedAtMs: number): void;
  delete(sessionId: string): void;
  deleteAllOf(userId: string): void;
}

/** Entries take about 300 B, so this is a few MB, and room for the sessions in use within a second. */
const MOST_ENTRIES = 10_000;

export function sessionCache(stalenessMs: number, now: () => number): SessionCache {
  const entries = new LRUCache<string, { readonly record: SessionRecord; readonly askedAtMs: number }>({
    max: MOST_ENTRIES,
  });
  return {
    get(sessionId) {
      const entry = entries.get(sessionId);
      if (entry === undefined) return undefined;
      const ageMs = now() - entry.askedAtMs;
      // The age is negative if the clock was set back; it is then unknown.
      return ageMs >= 0 && ageMs < stalenessMs ? entry.record : undefined;
    },
    set(sessionId, record, askedAtMs) {
      entries.set(sessionId, { record, askedAtMs });
    },
    delete(sessionId) {
      entries.delete(sessionId);
    },
    deleteAllOf(userId) {
      for (const [sessionId, { record }] of entries.entries()) {
        if (record.user.id === userId) entries.delete(sessionId);
      }
    },
  };
}
