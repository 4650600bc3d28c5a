/**
 * CSRF tokens for credentials that a browser sends by itself. The token is an HMAC of the session's id, so it costs no
 * state, belongs to one session, and cannot be made without the key (the signed double-submit pattern of OWASP's cheat sheet).
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { secretKey } from './keys.ts';

export interface Csrf {
  token(sessionId: string): string;
  /** `header` is what the request carried; anything but the session's own token is refused. */
  matches(sessionId: string, header: string | string[] | undefined): boolean;
}

/** @param cookieKey base64; the label keeps these HMACs apart from cookie signatures made with the same key */
export function createCsrf(cookieKey: string): Csrf {
  const key = secretKey(cookieKey, 'cookieKey');
  const token = (sessionId: string) => createHmac('sha256', key).update(`csrf\0${sessionId}`).digest('base64url');
  return {
    token,
    matches(sessionId, header) {
      if (typeof header !== 'string') return false;
      // Compared as text: decoding would let several spellings pass for one token.
      const given = Buffer.from(header);
      const expected = Buffer.from(token(sessionId));
      return given.length === expected.length && timingSafeEqual(given, expected);
    },
  };
}
