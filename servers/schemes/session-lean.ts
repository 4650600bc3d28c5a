/**
 * The session scheme without the plugin: a signed cookie, one GETEX, one JSON.parse. On the wire it equals the plugin's, so
 * the difference in cost is the plugin's.
 */
import type { FastifyReply } from 'fastify';
import { CSRF_HEADER } from '../contract.ts';
import { createCsrf } from '../csrf.ts';
import { Forbidden, orUnavailable, StoreUnavailable, Unauthenticated } from '../errors.ts';
import { createSigner } from '../hmac.ts';
import { newSessionId } from '../ids.ts';
import { secretBytes } from '../keys.ts';
import { redisOf, type Scheme, type SchemeContext } from '../scheme.ts';
import type { SessionCache } from '../stores/session-cache.ts';
import { endSession, endSessionsOf, enterSession, sessionKey } from '../stores/session-index.ts';
import { readRecord, type SessionRecord } from '../stores/session-record.ts';
import { refuseDisabled } from './recheck.ts';
import { cookieAttributes, expiredCookie, readCookie, sessionCookieName } from './session-cookie.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The id of the session that authenticated the request; empty before. */
    leanSessionId: string;
  }
}

/** The length of an id, and of a signature: 32 bytes in base64url without padding. */
const ENCODED_LENGTH = 43;

/** @param cache is asked before Redis; the caller removes ended sessions from it */
export function leanSessions(context: SchemeContext, cache?: SessionCache): Scheme {
  const { secrets, settings, accounts, now } = context;
  const redis = redisOf(context);
  const { client } = redis;
  const { idleTimeoutMs, absoluteTimeoutMs } = settings;
  const csrf = createCsrf(secrets);
  const signer = createSigner(secretBytes(secrets.cookieKey, 'cookieKey'));
  const cookieName = sessionCookieName(settings);
  const attributes = cookieAttributes(settings);

  const previousKey = secrets.previous?.cookieKey;
  const previousSigner =
    previousKey === undefined ? null : createSigner(secretBytes(previousKey, 'previous.cookieKey'));

  /** Returns the id in a cookie with a valid signature, or null. */
  function unsign(value: string | null): string | null {
    if (value === null || value.length !== 2 * ENCODED_LENGTH + 1 || value[ENCODED_LENGTH] !== '.') return null;
    const sessionId = value.slice(0, ENCODED_LENGTH);
    const signature = value.slice(ENCODED_LENGTH + 1);
    const isSigned = signer.matches(sessionId, signature) || (previousSigner?.matches(sessionId, signature) ?? false);
    return isSigned ? sessionId : null;
  }

  function clearCookie(reply: FastifyReply): void {
    reply.header('set-cookie', expiredCookie(cookieName, attributes));
  }

  return {
    challenge: null,
    coversPublicRoutes: false,

    async install(scope) {
      scope.decorateRequest('leanSessionId', '');
    },

    async issue(request, reply, user) {
      const previousId = unsign(readCookie(request.headers.cookie, cookieName));
      if (previousId !== null) {
        const previous = readRecord((await orUnavailable(client.get(sessionKey(redis, previousId)))) ?? '');
        if (previous?.user !== undefined) await endSession(redis, previous.user.id, previousId);
        cache?.delete(previousId);
      }
      const sessionId = newSessionId();
      const record: SessionRecord = { user, endsAtMs: now() + absoluteTimeoutMs };
      await orUnavailable(client.set(sessionKey(redis, sessionId), JSON.stringify(record), 'PX', idleTimeoutMs));
      if (!(await enterSession(redis, user.id, sessionId, record.endsAtMs))) {
        await endSession(redis, user.id, sessionId);
        return null;
      }
      reply.header('set-cookie', `${cookieName}=${sessionId}.${signer.sign(sessionId)}${attributes}`);
      return { csrfToken: csrf.token(sessionId) };
    },

    authenticate(request, _reply, done) {
      const sessionId = unsign(readCookie(request.headers.cookie, cookieName));
      if (sessionId === null) return done(new Unauthenticated());
      const cached = cache?.get(sessionId);
      if (cached !== undefined && cached.endsAtMs > now()) {
        request.identity = cached.user;
        request.leanSessionId = sessionId;
        return done();
      }
      const askedAtMs = cache === undefined ? 0 : now();
      redis.reads.getex(sessionKey(redis, sessionId), idleTimeoutMs).then(
        (json) => {
          const record = json === null ? null : readRecord(json);
          if (record?.user === undefined) return done(new Unauthenticated());
          if (record.endsAtMs <= now()) {
            endSession(redis, record.user.id, sessionId).then(() => done(new Unauthenticated()), done);
            return;
          }
          cache?.set(sessionId, record, askedAtMs);
          request.identity = record.user;
          request.leanSessionId = sessionId;
          done();
        },
        (cause: unknown) => done(new StoreUnavailable(cause)),
      );
    },

    verifyCsrf(request, _reply, done) {
      if (csrf.matches(request.leanSessionId, request.headers[CSRF_HEADER])) done();
      else done(new Forbidden(`The ${CSRF_HEADER} header must hold the csrfToken of the login reply.`));
    },

    recheck: refuseDisabled(accounts),
    refresh: null,

    async end(request, reply) {
      if (request.identity !== null) await endSession(redis, request.identity.id, request.leanSessionId);
      clearCookie(reply);
    },
    async endAll(request, reply) {
      if (request.identity !== null) await endSessionsOf(redis, request.identity.id);
      clearCookie(reply);
    },
    terminate: (userId) => endSessionsOf(redis, userId),
  };
}
