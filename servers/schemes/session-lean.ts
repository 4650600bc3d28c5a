/**
 * The session scheme without the plugin: a signed cookie and one read of the store, in Redis one GETEX and one
 * JSON.parse. On the wire it is identical to the plugin's, so the difference in cost is the plugin's.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CSRF_HEADER } from '../contract.ts';
import { createCsrf } from '../csrf.ts';
import { Forbidden, StoreUnavailable, Unauthenticated } from '../errors.ts';
import { createSigner } from '../hmac.ts';
import { newSessionId } from '../ids.ts';
import { secretBytes } from '../keys.ts';
import { redisOf, type Scheme, type SchemeContext } from '../scheme.ts';
import { type LeanStore, redisLeanStore } from '../stores/lean-store.ts';
import type { SessionRecord } from '../stores/session-record.ts';
import { refuseDisabled } from './recheck.ts';
import { cookieAttributes, expiredCookie, readCookie, sessionCookieName } from './session-cookie.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The id of the session that authenticated the request, or that its login created; empty before. */
    leanSessionId: string;
    /** The absolute end of that session, in ms since the epoch; 0 before. */
    leanEndsAtMs: number;
  }
}

/** The length of an id, and of a signature: 32 bytes in base64url without padding. */
const ENCODED_LENGTH = 43;

/** The sessions of a scheme in Redis, read without a cache. */
export function redisLean(context: SchemeContext): LeanStore {
  return redisLeanStore(redisOf(context), context.settings.idleTimeoutMs);
}

export function leanSessions(context: SchemeContext, store: LeanStore = redisLean(context)): Scheme {
  const { secrets, settings, accounts, now } = context;
  const { absoluteTimeoutMs } = settings;
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

  function admit(request: FastifyRequest, sessionId: string, { user, endsAtMs }: SessionRecord): void {
    request.identity = user;
    request.leanSessionId = sessionId;
    request.leanEndsAtMs = endsAtMs;
  }

  function clearCookie(reply: FastifyReply): void {
    reply.header('set-cookie', expiredCookie(cookieName, attributes));
  }

  return {
    challenge: null,
    coversPublicRoutes: false,

    async install(scope) {
      scope.decorateRequest('leanSessionId', '');
      scope.decorateRequest('leanEndsAtMs', 0);
    },

    async issue(request, reply, user) {
      const previousId = unsign(readCookie(request.headers.cookie, cookieName));
      if (previousId !== null) await store.endPrevious(previousId);
      const sessionId = newSessionId();
      const record: SessionRecord = { user, endsAtMs: now() + absoluteTimeoutMs };
      if (!(await store.begin(sessionId, record))) return null;
      request.leanSessionId = sessionId;
      request.leanEndsAtMs = record.endsAtMs;
      reply.header('set-cookie', `${cookieName}=${sessionId}.${signer.sign(sessionId)}${attributes}`);
      return { csrfToken: csrf.token(sessionId) };
    },

    authenticate(request, _reply, done) {
      const sessionId = unsign(readCookie(request.headers.cookie, cookieName));
      if (sessionId === null) return done(new Unauthenticated());
      const cached = store.cached?.(sessionId);
      if (cached !== undefined && cached.endsAtMs > now()) {
        admit(request, sessionId, cached);
        return done();
      }
      store.read(
        sessionId,
        (record) => {
          if (record?.user === undefined) return done(new Unauthenticated());
          if (record.endsAtMs <= now()) {
            store.end(record.user.id, sessionId).then(() => done(new Unauthenticated()), done);
            return;
          }
          admit(request, sessionId, record);
          done();
        },
        (cause) => done(new StoreUnavailable(cause)),
      );
    },

    verifyCsrf(request, _reply, done) {
      if (csrf.matches(request.leanSessionId, request.headers[CSRF_HEADER])) done();
      else done(new Forbidden(`The ${CSRF_HEADER} header must hold the csrfToken of the login reply.`));
    },

    recheck: refuseDisabled(accounts),
    refresh: null,

    async end(request, reply) {
      if (request.identity !== null) await store.end(request.identity.id, request.leanSessionId);
      clearCookie(reply);
    },
    async endAll(request, reply) {
      if (request.identity !== null) await store.endAllOf(request.identity.id);
      clearCookie(reply);
    },
    terminate: (userId) => store.endAllOf(userId),
  };
}
