/**
 * Sessions in this process's memory. Like the plugin's MemoryStore it is a Map, but its timeouts work, and it stores only the
 * session's data: the plugin's stores the whole session object, and with it the request that created it.
 */
import { type AnonymousRecord, readRecord, type SessionRecord } from './session-record.ts';
import { forPlugin, type SessionStore } from './session-store.ts';

export interface MemorySessionStoreOptions {
  readonly idleTimeoutMs: number;
  readonly now: () => number;
  readonly isDisabled: (userId: string) => Promise<boolean>;
}

interface Entry {
  readonly record: SessionRecord | AnonymousRecord;
  idleEndMs: number;
}

/** Expired sessions are removed at most this often. */
const SWEEP_EVERY_MS = 60_000;

export function memorySessionStore({ idleTimeoutMs, now, isDisabled }: MemorySessionStoreOptions): SessionStore {
  const entries = new Map<string, Entry>();
  const byUser = new Map<string, Set<string>>();
  let nextSweepMs = now() + SWEEP_EVERY_MS;

  const hasEnded = (entry: Entry, atMs: number) =>
    entry.idleEndMs <= atMs || (entry.record.user !== undefined && entry.record.endsAtMs <= atMs);

  function remove(sessionId: string): void {
    const userId = entries.get(sessionId)?.record.user?.id;
    entries.delete(sessionId);
    if (userId === undefined) return;
    const ids = byUser.get(userId);
    ids?.delete(sessionId);
    if (ids?.size === 0) byUser.delete(userId);
  }

  function sweep(atMs: number): void {
    if (atMs < nextSweepMs) return;
    nextSweepMs = atMs + SWEEP_EVERY_MS;
    for (const [sessionId, entry] of entries) if (hasEnded(entry, atMs)) remove(sessionId);
  }

  return {
    set(sessionId, session, callback) {
      const atMs = now();
      sweep(atMs);
      // A session with a user is only replaced, never created, as in the Redis store: a late write must not undo a logout.
      if (session.user !== undefined && !entries.has(sessionId)) return callback();
      const record = readRecord(JSON.stringify(session));
      if (record !== null) entries.set(sessionId, { record, idleEndMs: atMs + idleTimeoutMs });
      callback();
    },

    get(sessionId, callback) {
      const entry = entries.get(sessionId);
      if (entry === undefined) return callback(null, null);
      const atMs = now();
      if (hasEnded(entry, atMs)) {
        remove(sessionId);
        return callback(null, null);
      }
      entry.idleEndMs = atMs + idleTimeoutMs;
      callback(null, forPlugin(entry.record));
    },

    destroy(sessionId, callback) {
      remove(sessionId);
      callback();
    },

    async enter(userId, sessionId) {
      const ids = byUser.get(userId) ?? new Set();
      byUser.set(userId, ids.add(sessionId));
      return !(await isDisabled(userId));
    },
    async end(userId, sessionId) {
      remove(sessionId);
      byUser.get(userId)?.delete(sessionId);
    },
    async endAllOf(userId) {
      for (const sessionId of byUser.get(userId) ?? []) entries.delete(sessionId);
      byUser.delete(userId);
    },
  };
}
