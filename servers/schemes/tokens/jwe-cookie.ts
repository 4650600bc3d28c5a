/**
 * The whole session in an encrypted token in a cookie, as in Auth.js: no store, and every replica can read it.
 * Without a store it cannot be revoked either: logout deletes the cookie in the browser, but a copy stays valid until
 * the session times out.
 */
import { randomUUID } from 'node:crypto';
import type { FastifyReply } from 'fastify';
import { type ContentEncryption, CSRF_HEADER } from '../../contract.ts';
import { createCsrf } from '../../csrf.ts';
import { Forbidden, Unauthenticated } from '../../errors.ts';
import type { SchemeFactory } from '../../scheme.ts';
import { cookieAttributes, expiredCookie, readCookie, sessionCookieName } from '../session-cookie.ts';
import { type EncryptedSession, encryptedTokens } from './encrypted-tokens.ts';

declare module 'fastify' {
  interface FastifyRequest {
    encryptedSession: EncryptedSession | null;
  }
}

/** The cookie records use after this part of the idle timeout, not at every request. */
const NOTE_USE_AFTER = 1 / 30;
/** How far the clock of the replica that wrote the cookie may be ahead of this one's. */
const AHEAD_MS = 60_000;

export function encryptedCookies(encryption: ContentEncryption): SchemeFactory {
  return ({ secrets, settings, now }) => {
    const { idleTimeoutMs, absoluteTimeoutMs } = settings;
    const cookieName = sessionCookieName(settings);
    const attributes = cookieAttributes(settings);
    const csrf = createCsrf(secrets);
    const tokens = encryptedTokens(encryption, secrets);

    const endOf = ({ endsAtMs, usedAtMs }: EncryptedSession) => Math.min(endsAtMs, usedAtMs + idleTimeoutMs);

    async function setCookie(reply: FastifyReply, session: EncryptedSession): Promise<void> {
      reply.header('set-cookie', `${cookieName}=${await tokens.seal(session, endOf(session))}${attributes}`);
    }

    function deleteCookie(reply: FastifyReply): void {
      // The request itself may have renewed it.
      reply.removeHeader('set-cookie');
      reply.header('set-cookie', expiredCookie(cookieName, attributes));
    }

    return {
      challenge: null,
      coversPublicRoutes: false,

      async install(scope) {
        scope.decorateRequest('encryptedSession', null);
        await tokens.prepare();
      },

      async issue(_request, reply, user) {
        const atMs = now();
        const session = { id: randomUUID(), user, endsAtMs: atMs + absoluteTimeoutMs, usedAtMs: atMs };
        await setCookie(reply, session);
        return { csrfToken: csrf.token(session.id) };
      },

      authenticate(request, reply, done) {
        const token = readCookie(request.headers.cookie, cookieName);
        if (token === null) return done(new Unauthenticated());
        const atMs = now();
        const accept = async () => {
          const session = await tokens.open(token, atMs);
          if (session === null || endOf(session) <= atMs || session.usedAtMs > atMs + AHEAD_MS)
            throw new Unauthenticated();
          request.encryptedSession = session;
          request.identity = session.user;
          if (atMs - session.usedAtMs >= idleTimeoutMs * NOTE_USE_AFTER)
            await setCookie(reply, { ...session, usedAtMs: atMs });
        };
        accept().then(() => done(), done);
      },

      verifyCsrf(request, _reply, done) {
        if (csrf.matches(request.encryptedSession?.id ?? '', request.headers[CSRF_HEADER])) done();
        else done(new Forbidden(`The ${CSRF_HEADER} header must hold the csrfToken of the login reply.`));
      },

      recheck: null,
      refresh: null,
      async end(_request, reply) {
        deleteCookie(reply);
      },
      async endAll(_request, reply) {
        deleteCookie(reply);
      },
      terminate: async () => {},
    };
  };
}
