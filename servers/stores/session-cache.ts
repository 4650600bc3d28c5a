/**
 * Sessions that were read from Redis lately, in this process. A session that was ended elsewhere may be served from here
 * until its entry is as old as the bound, and no longer.
 */
import { LRUCache } from 'lru-cache';
import type { SessionRecord } from './session-record.ts';

export interface SessionCache {
  /** A session that was in Redis less than the bound ago; undefined where Redis has to be asked. */
  get(sessionId: string): SessionRecord | undefined;
  /** @param askedAtMs when Redis was asked, not when it answered: the session may have ended in between */
  set(sessionId: string, record: SessionRecord, askedAtMs: number): void;
  delete(sessionId: string): void;
  deleteAllOf(userId: string): void;
}

/** At some 300 B each: a few MB, and room for the sessions that are in use within a second. */
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
      // Below zero where the clock was set back: then nothing is known of its age.
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
