/**
 * Sessions in Redis with a short-lived copy in a second cookie, as in better-auth's cookie cache. Light reads trust
 * the copy until it is too old, and so may accept an ended session for that long. A copy near its expiry is renewed:
 * Redis is asked while the request is handled, and the reply contains the new copy if it is ready in time. A critical
 * operation always asks Redis. The idle timeout is extended when Redis is asked, so a session may end early by the
 * bound, but never late.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { createSigner } from '../../hmac.ts';
import { secretBytes } from '../../keys.ts';
import { redisOf, type SchemeFactory } from '../../scheme.ts';
import { sessionKey } from '../../stores/session-index.ts';
import { readRecord } from '../../stores/session-record.ts';
import { recheckSession } from '../recheck.ts';
import { cookieAttributes, expiredCookie, readCookie, sessionCookieName } from '../session-cookie.ts';
import { leanSessions } from '../session-lean.ts';
import { type SessionCopy, sessionCopies } from './session-copy.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The `Set-Cookie` values for the reply, once Redis has answered; null if there are none. */
    sessionCopyRefresh: Promise<string[] | null> | null;
  }
}

/** A copy is renewed after this part of its lifetime: a client that returns within the rest never waits for Redis. */
const REFRESH_FROM = 0.8;
/**
 * The longest that a reply waits for its new copy: the next reply can carry it, and a Redis that hangs must not delay
 * both.
 */
const REFRESH_WAIT_MS = 25;

/** The length of an id, and of its signature, in the session cookie. */
const ENCODED_LENGTH = 43;

export const cookieCachedSessions: SchemeFactory = (context) => {
  const { secrets, settings, now } = context;
  const { idleTimeoutMs } = settings;
  const redis = redisOf(context);
  const sessions = leanSessions(context);
  const copies = sessionCopies(secrets);
  const signer = createSigner(secretBytes(secrets.cookieKey, 'cookieKey'));
  const sessionName = sessionCookieName(settings);
  const copyName = copyCookieName(sessionName);
  const attributes = cookieAttributes(settings);
  const withoutCopy = expiredCookie(copyName, attributes);
  // A copy does not extend the idle timeout, so it must not outlive it.
  const lifeMs = Math.min(settings.cookieCacheMs, idleTimeoutMs);

  /**
   * Returns the cookies with a copy. After a key rotation that includes a new session cookie, since a copy is bound
   * to one. @param held the value of the client's session cookie
   */
  function copyCookies(sessionId: string, copy: SessionCopy, held: string): string[] {
    const signed = `${sessionId}.${signer.sign(sessionId)}`;
    const copied = `${copyName}=${copies.seal(signed, copy)}${attributes}`;
    return signed === held ? [copied] : [`${sessionName}=${signed}${attributes}`, copied];
  }

  /** Returns the copy in the request, if it is still fresh. */
  function freshCopy(sessionCookie: string | null, header: string | undefined): SessionCopy | null {
    const value = readCookie(header, copyName);
    const copy = sessionCookie === null || value === null ? null : copies.open(sessionCookie, value);
    if (copy === null) return null;
    const atMs = now();
    const ageMs = atMs - copy.askedAtMs;
    // The age is negative if a clock differs or was set back; it is then unknown.
    return ageMs >= 0 && ageMs < lifeMs && atMs < copy.endsAtMs ? copy : null;
  }

  /** Asks Redis for the current session. It never fails: without a reply, the old copy is kept until it is too old. */
  async function refreshed(sessionCookie: string, sessionId: string): Promise<string[] | null> {
    const askedAtMs = now();
    try {
      const json = await redis.reads.getex(sessionKey(redis, sessionId), idleTimeoutMs);
      const record = json === null ? null : readRecord(json);
      if (record?.user === undefined) return [withoutCopy];
      return copyCookies(sessionId, { ...record, askedAtMs }, sessionCookie);
    } catch {
      return null;
    }
  }

  /** Sends the client a copy of the session that was just read or created. */
  function giveCopy(request: FastifyRequest, reply: FastifyReply, sessionCookie: string, askedAtMs: number): void {
    const { identity: user, leanSessionId, leanEndsAtMs: endsAtMs } = request;
    if (user !== null)
      reply.header('set-cookie', copyCookies(leanSessionId, { user, endsAtMs, askedAtMs }, sessionCookie));
  }

  /** A copy requested before the session ended must not be sent after this. */
  function deleteCopy(request: FastifyRequest, reply: FastifyReply): void {
    request.sessionCopyRefresh = null;
    reply.header('set-cookie', withoutCopy);
  }

  return {
    ...sessions,

    async install(scope) {
      await sessions.install(scope);
      scope.decorateRequest('sessionCopyRefresh', null);
      scope.addHook('onSend', (request, reply, payload, done) => {
        if (request.sessionCopyRefresh === null) return done(null, payload);
        inTime(request.sessionCopyRefresh, REFRESH_WAIT_MS).then((cookies) => {
          if (cookies !== null) reply.header('set-cookie', cookies);
          done(null, payload);
        }, done);
      });
    },

    async issue(request, reply, user) {
      const askedAtMs = now();
      const credential = await sessions.issue(request, reply, user);
      if (credential === null) return null;
      const { leanSessionId, leanEndsAtMs: endsAtMs } = request;
      const signed = `${leanSessionId}.${signer.sign(leanSessionId)}`;
      reply.header('set-cookie', copyCookies(leanSessionId, { user, endsAtMs, askedAtMs }, signed));
      return credential;
    },

    authenticate(request, reply, done) {
      const { cookie } = request.headers;
      const sessionCookie = readCookie(cookie, sessionName);
      const copy = freshCopy(sessionCookie, cookie);
      if (sessionCookie === null || copy === null) {
        const askedAtMs = now();
        return sessions.authenticate(request, reply, (error) => {
          if (error === undefined && sessionCookie !== null) giveCopy(request, reply, sessionCookie, askedAtMs);
          done(error);
        });
      }
      // The copy's signature covers the complete session cookie.
      const sessionId = sessionCookie.slice(0, ENCODED_LENGTH);
      request.identity = copy.user;
      request.leanSessionId = sessionId;
      request.leanEndsAtMs = copy.endsAtMs;
      if (now() - copy.askedAtMs >= REFRESH_FROM * lifeMs)
        request.sessionCopyRefresh = refreshed(sessionCookie, sessionId);
      done();
    },

    recheck: recheckSession(redis, deleteCopy),

    async end(request, reply) {
      await sessions.end(request, reply);
      deleteCopy(request, reply);
    },
    async endAll(request, reply) {
      await sessions.endAll(request, reply);
      deleteCopy(request, reply);
    },
  };
};

/** The name of the copy's cookie, which keeps the `__Host-` prefix of the session's. */
export const copyCookieName = (sessionName: string): string => `${sessionName}-copy`;

/** Resolves with null if the promise does not settle within this time. */
async function inTime<T>(promise: Promise<T>, ms: number): Promise<T | null> {
  const { promise: late, resolve } = Promise.withResolvers<null>();
  const timer = setTimeout(resolve, ms, null);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
