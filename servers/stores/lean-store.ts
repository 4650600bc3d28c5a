/** The store of the hand-tuned sessions: its interface, and the implementation in Redis. */
import { orUnavailable } from '../errors.ts';
import type { RedisStore } from './redis.ts';
import { endSession, endSessionsOf, enterSession, sessionKey } from './session-index.ts';
import { type AnonymousRecord, readRecord, type SessionRecord } from './session-record.ts';

export type Found = (record: SessionRecord | AnonymousRecord | null) => void;

export interface LeanStore {
  /** Returns a session that need not be asked for, or undefined. Its absolute end may have passed. */
  cached?(sessionId: string): SessionRecord | undefined;
  /**
   * Reads a session and records its use. It calls one of the two, in callback form since this is the hot path. The
   * record is null if there is no session, or its idle timeout has passed; its absolute end may have passed.
   */
  read(sessionId: string, found: Found, failed: (cause: unknown) => void): void;
  /** Stores a session. @returns false if its user is disabled, and nothing was stored. @throws StoreUnavailable */
  begin(sessionId: string, record: SessionRecord): Promise<boolean>;
  /** Ends the session of a client that logs in again, even as another user. @throws StoreUnavailable */
  endPrevious(sessionId: string): Promise<void>;
  /** @throws StoreUnavailable */
  end(userId: string, sessionId: string): Promise<void>;
  /** @throws StoreUnavailable */
  endAllOf(userId: string): Promise<void>;
}

/** One GETEX reads a session and extends its idle timeout. */
export function redisLeanStore(redis: RedisStore, idleTimeoutMs: number): LeanStore {
  const { client, reads } = redis;
  return {
    read(sessionId, found, failed) {
      reads
        .getex(sessionKey(redis, sessionId), idleTimeoutMs)
        .then((json) => found(json === null ? null : readRecord(json)), failed);
    },
    async begin(sessionId, record) {
      const { user, endsAtMs } = record;
      await orUnavailable(client.set(sessionKey(redis, sessionId), JSON.stringify(record), 'PX', idleTimeoutMs));
      if (await enterSession(redis, user.id, sessionId, endsAtMs)) return true;
      await endSession(redis, user.id, sessionId);
      return false;
    },
    async endPrevious(sessionId) {
      const previous = readRecord((await orUnavailable(client.get(sessionKey(redis, sessionId)))) ?? '');
      if (previous?.user !== undefined) await endSession(redis, previous.user.id, sessionId);
    },
    end: (userId, sessionId) => endSession(redis, userId, sessionId),
    endAllOf: (userId) => endSessionsOf(redis, userId),
  };
}
