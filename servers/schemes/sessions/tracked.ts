/**
 * Sessions in Redis behind an in-process cache that Redis invalidates: it reports each change of a cached session to
 * the replicas (client-side caching). A light read asks Redis only for a session that is not cached. While no
 * heartbeat proves that reports arrive, no cached session is trusted and each request asks Redis, so an ended session
 * is accepted for at most the bound. A use is recorded in Redis only once per 30th of the idle timeout, because
 * recording it is a change, which is reported to all replicas. So a session may end early by that part, but never
 * late.
 */
import { LRUCache } from 'lru-cache';
import { redisOf, type SchemeContext, type SchemeFactory } from '../../scheme.ts';
import type { LeanStore } from '../../stores/lean-store.ts';
import {
  type TrackedKeys,
  type TrackedValue,
  type TrackingMode,
  trackKeys,
} from '../../stores/node-redis/tracked-keys.ts';
import { sessionKey } from '../../stores/session-index.ts';
import { readRecord, type SessionRecord } from '../../stores/session-record.ts';
import { recheckSession } from '../recheck.ts';
import { leanSessions, redisLean } from '../session-lean.ts';

interface Entry {
  readonly record: SessionRecord;
  readonly askedAtMs: number;
  /** When the idle timeout ends it, unless it is used. */
  readonly idleEndsAtMs: number;
  /** The time after which a use must be recorded in Redis. */
  noteUseAtMs: number;
}

/** Entries take about 300 B, so this is a few MB. The least recently used one is evicted. */
const MOST_ENTRIES = 10_000;
const NOTE_USE_AFTER = 1 / 30;

interface TrackedStore extends LeanStore {
  /** Returns null on a cluster, where nothing is tracked, and so nothing is cached. */
  open(): Promise<TrackedKeys | null>;
  drop(sessionId: string): void;
}

/** @param track connects; replaced in tests of broken trackers */
function trackedStore(context: SchemeContext, mode: TrackingMode, track: typeof trackKeys): TrackedStore {
  const { now } = context;
  const { idleTimeoutMs, trackingBoundMs: boundMs } = context.settings;
  const redis = redisOf(context);
  const store = redisLean(context);
  const prefix = sessionKey(redis, '');
  const entries = new LRUCache<string, Entry>({ max: MOST_ENTRIES });
  let keys: TrackedKeys | null = null;

  function forget(key: string | null): void {
    if (key === null) entries.clear();
    else entries.delete(key.slice(prefix.length));
  }

  /** Extends the idle timeout. Redis reports that as a change, so the session is read again at its next use. */
  function noteUse(sessionId: string, entry: Entry): void {
    entry.noteUseAtMs = Number.POSITIVE_INFINITY;
    redis.client.pexpire(sessionKey(redis, sessionId), idleTimeoutMs).catch(() => {
      entry.noteUseAtMs = 0;
    });
  }

  function keep(sessionId: string, record: SessionRecord, { ttlMs, mayBeKept }: TrackedValue, askedAtMs: number): void {
    const sinceUseMs = idleTimeoutMs - ttlMs;
    const noteUseAtMs = askedAtMs + Math.max(0, idleTimeoutMs * NOTE_USE_AFTER - sinceUseMs);
    const entry: Entry = { record, askedAtMs, idleEndsAtMs: askedAtMs + ttlMs, noteUseAtMs };
    if (mayBeKept) entries.set(sessionId, entry);
    if (noteUseAtMs <= askedAtMs) noteUse(sessionId, entry);
  }

  function drop(sessionId: string): void {
    keys?.changes(sessionKey(redis, sessionId));
    entries.delete(sessionId);
  }

  return {
    async open() {
      if (redis.address.cluster === true) return null;
      keys = await track(redis, { mode, prefix, boundMs, forget });
      return keys;
    },
    drop,

    cached(sessionId) {
      if (keys?.isProven() !== true) return undefined;
      const entry = entries.get(sessionId);
      if (entry === undefined) return undefined;
      const atMs = now();
      // After the clock was set back nothing is known of its age.
      if (atMs < entry.askedAtMs || atMs >= entry.idleEndsAtMs) return undefined;
      if (atMs >= entry.noteUseAtMs) noteUse(sessionId, entry);
      return entry.record;
    },

    read(sessionId, found, failed) {
      if (keys?.isProven() !== true) return store.read(sessionId, found, failed);
      const askedAtMs = now();
      keys.read(sessionKey(redis, sessionId)).then(
        (answer) => {
          const record = answer.value === null ? null : readRecord(answer.value);
          if (record?.user !== undefined && answer.ttlMs > 0) keep(sessionId, record, answer, askedAtMs);
          found(record);
        },
        // The other connection may be intact; if Redis does not answer, it says so in time.
        () => store.read(sessionId, found, failed),
      );
    },

    begin: store.begin,
    async endPrevious(sessionId) {
      await store.endPrevious(sessionId);
      drop(sessionId);
    },
    async end(userId, sessionId) {
      await store.end(userId, sessionId);
      drop(sessionId);
    },
    async endAllOf(userId) {
      await store.endAllOf(userId);
      for (const [sessionId, { record }] of entries.entries()) {
        if (record.user.id === userId) drop(sessionId);
      }
    },
  };
}

export function trackedSessions(mode: TrackingMode, track: typeof trackKeys = trackKeys): SchemeFactory {
  return (context) => {
    const store = trackedStore(context, mode, track);
    const sessions = leanSessions(context, store);
    return {
      ...sessions,
      async install(scope) {
        await sessions.install(scope);
        const keys = await store.open();
        scope.addHook('onClose', async () => keys?.close());
      },
      recheck: recheckSession(redisOf(context), (request) => store.drop(request.leanSessionId)),
    };
  };
}
