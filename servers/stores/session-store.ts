/** The session store of @fastify/session, extended for logging out everywhere. */
import type { SessionStore as PluginStore } from '@fastify/session';
import type { Session } from 'fastify';
import type { Identity } from '../contract.ts';
import { StoreUnavailable } from '../errors.ts';
import type { RedisStore } from './redis.ts';
import { ioredisCommands, type SessionCommands } from './session-commands.ts';
import { endSession, endSessionsOf, enterSession, sessionKey } from './session-index.ts';
import { type AnonymousRecord, readRecord, type SessionRecord } from './session-record.ts';

declare module 'fastify' {
  interface Session {
    user?: Identity;
    /** The absolute end, in ms since the epoch. */
    endsAtMs?: number;
  }
}

export interface SessionStore extends PluginStore {
  /** Adds a stored session to its user's index. @returns false if that user is disabled. @throws StoreUnavailable */
  enter(userId: string, sessionId: string, endsAtMs: number): Promise<boolean>;
  /** @throws StoreUnavailable */
  end(userId: string, sessionId: string): Promise<void>;
  /** @throws StoreUnavailable */
  endAllOf(userId: string): Promise<void>;
}

export interface RedisSessionStoreOptions {
  readonly redis: RedisStore;
  /** How sessions are read and written; default: through the shared connection. */
  readonly commands?: SessionCommands;
  readonly idleTimeoutMs: number;
  /**
   * True reads with GETEX, which extends the idle timeout in the same command. False reads with GET, for a plugin that writes
   * the session back at the end of each request anyway.
   */
  readonly readExtends: boolean;
  readonly now: () => number;
}

/** Returns a session in the plugin's form. The plugin recreates the cookie from its own options. */
export function forPlugin(record: SessionRecord | AnonymousRecord): Session {
  return record.user === undefined
    ? { cookie: { originalMaxAge: null } }
    : { cookie: { originalMaxAge: null }, user: record.user, endsAtMs: record.endsAtMs };
}

/** Sessions in Redis: `SET key json PX idle`, and one GETEX (or GET) to read. Errors reach the plugin as StoreUnavailable. */
export function redisSessionStore(options: RedisSessionStoreOptions): SessionStore {
  const { redis, commands = ioredisCommands(redis), idleTimeoutMs, readExtends, now } = options;

  return {
    set(sessionId, session, callback) {
      const key = sessionKey(redis, sessionId);
      const json = JSON.stringify(session);
      const ttlMs = session.cookie.originalMaxAge ?? idleTimeoutMs;
      // A session with a user is in the store already (regenerate() put it there), so it is only ever replaced:
      // a request that ends after a logout must not recreate the session.
      commands.set(key, json, ttlMs, session.user !== undefined).then(
        () => callback(),
        (cause: unknown) => callback(new StoreUnavailable(cause)),
      );
    },

    get(sessionId, callback) {
      const key = sessionKey(redis, sessionId);
      const read = readExtends ? commands.getex(key, idleTimeoutMs) : commands.get(key);
      read.then(
        (json) => {
          const record = json === null ? null : readRecord(json);
          if (record === null) return callback(null, null);
          if (record.user !== undefined && record.endsAtMs <= now()) {
            this.end(record.user.id, sessionId).then(() => callback(null, null), callback);
            return;
          }
          callback(null, forPlugin(record));
        },
        (cause: unknown) => callback(new StoreUnavailable(cause)),
      );
    },

    destroy(sessionId, callback) {
      commands.del(sessionKey(redis, sessionId)).then(
        () => callback(),
        (cause: unknown) => callback(new StoreUnavailable(cause)),
      );
    },

    enter: (userId, sessionId, endsAtMs) => enterSession(redis, userId, sessionId, endsAtMs),
    end: (userId, sessionId) => endSession(redis, userId, sessionId),
    endAllOf: (userId) => endSessionsOf(redis, userId),
  };
}
