/**
 * The whole session in an encrypted cookie: it needs no store, and every replica can read it. Without a store it cannot be
 * revoked either: logout deletes the cookie in the browser, but a copy stays valid until the session times out.
 */

// Both session plugins declare a type for `request.session`, and TypeScript keeps the one that it sees first.
/// <reference types="@fastify/session" />
import { hkdfSync, randomUUID } from 'node:crypto';
import secureSession, { type Session as SealedSession } from '@fastify/secure-session';
import { CSRF_HEADER, type Identity } from '../contract.ts';
import { createCsrf } from '../csrf.ts';
import { Forbidden, Unauthenticated } from '../errors.ts';
import { secretBytes } from '../keys.ts';
import type { SchemeFactory } from '../scheme.ts';
import { cookieOptions, sessionCookieName } from './session-cookie.ts';

interface SealedData {
  id: string;
  user: Identity;
  /** The absolute end, in ms since the epoch. */
  endsAtMs: number;
  usedAtMs: number;
}

declare module 'fastify' {
  interface FastifyRequest {
    sealed: SealedSession<SealedData>;
  }
}

/** The cookie records use after this part of the idle timeout, not at every request. */
const NOTE_USE_AFTER = 1 / 30;

/** Derives a key for this purpose from the key that signs cookies elsewhere (RFC 5869). */
function sealingKey(base64: string, name: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secretBytes(base64, name), '', 'tollgate sealed session', 32));
}

export const sealedSessions: SchemeFactory = ({ secrets, settings, now }) => {
  const { idleTimeoutMs, absoluteTimeoutMs } = settings;
  const csrf = createCsrf(secrets);
  const old = secrets.previous?.cookieKey;
  const keys = [sealingKey(secrets.cookieKey, 'cookieKey')];
  if (old !== undefined) keys.push(sealingKey(old, 'previous.cookieKey'));

  return {
    challenge: null,
    coversPublicRoutes: false,

    async install(scope) {
      await scope.register(secureSession, {
        sessionName: 'sealed',
        cookieName: sessionCookieName(settings),
        key: keys,
        // The plugin's own expiry, counted from the last change; both timeouts below are earlier.
        expiry: Math.ceil(absoluteTimeoutMs / 1000) + 1,
        cookie: cookieOptions(settings),
      });
    },

    async issue(request, _reply, user) {
      const { sealed } = request;
      sealed.regenerate();
      const id = randomUUID();
      sealed.set('id', id);
      sealed.set('user', user);
      sealed.set('endsAtMs', now() + absoluteTimeoutMs);
      sealed.set('usedAtMs', now());
      return { csrfToken: csrf.token(id) };
    },

    authenticate(request, _reply, done) {
      const { sealed } = request;
      const user = sealed.get('user');
      const endsAtMs = sealed.get('endsAtMs') ?? 0;
      const usedAtMs = sealed.get('usedAtMs') ?? 0;
      const atMs = now();
      if (user === undefined || endsAtMs <= atMs || usedAtMs + idleTimeoutMs <= atMs)
        return done(new Unauthenticated());
      if (atMs - usedAtMs >= idleTimeoutMs * NOTE_USE_AFTER) sealed.set('usedAtMs', atMs);
      request.identity = user;
      done();
    },

    verifyCsrf(request, _reply, done) {
      if (csrf.matches(request.sealed.get('id') ?? '', request.headers[CSRF_HEADER])) done();
      else done(new Forbidden(`The ${CSRF_HEADER} header must hold the csrfToken of the login reply.`));
    },

    recheck: null,
    refresh: null,
    async end(request) {
      request.sealed.delete();
    },
    async endAll(request) {
      request.sealed.delete();
    },
    terminate: async () => {},
  };
};
