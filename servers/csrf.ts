/**
 * CSRF tokens for credentials that a browser sends by itself. The token is an HMAC of the session's id, so it costs no
 * state, belongs to one session, and cannot be made without the key (the signed double-submit pattern of OWASP's cheat sheet).
 */
import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';

export interface Csrf {
  token(sessionId: string): string;
  /** `header` is what the request carried; anything but the session's own token is refused. */
  matches(sessionId: string, header: string | string[] | undefined): boolean;
}

/** @param cookieKey base64; the label keeps these HMACs apart from cookie signatures made with the same key */
export function createCsrf(cookieKey: string): Csrf {
  const key = createSecretKey(Buffer.from(cookieKey, 'base64'));
  const digest = (sessionId: string) => createHmac('sha256', key).update(`csrf\0${sessionId}`).digest();
  return {
    token: (sessionId) => digest(sessionId).toString('base64url'),
    matches(sessionId, header) {
      if (typeof header !== 'string') return false;
      const given = Buffer.from(header, 'base64url');
      const expected = digest(sessionId);
      return given.length === expected.length && timingSafeEqual(given, expected);
    },
  };
}
