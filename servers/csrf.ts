/**
 * CSRF tokens for credentials that a browser sends by itself. The token is an HMAC of the session's id, so it costs no
 * state, belongs to one session, and cannot be made without the key (the signed double-submit pattern of OWASP's cheat sheet).
 */
import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';
import type { Secrets } from './contract.ts';
import { secretKey } from './keys.ts';

export interface Csrf {
  token(sessionId: string): string;
  /** `header` is what the request carried; anything but the session's own token is refused. */
  matches(sessionId: string, header: string | string[] | undefined): boolean;
}

/** Of the cookie keys in `secrets`: the label keeps these HMACs apart from cookie signatures made with the same key. */
export function createCsrf(secrets: Secrets): Csrf {
  const key = secretKey(secrets.cookieKey, 'cookieKey');
  const old = secrets.previous?.cookieKey;
  // After a rotation the client still holds the token that it was given at login.
  const keys = old === undefined ? [key] : [key, secretKey(old, 'previous.cookieKey')];
  const tokenOf = (sessionId: string, by: KeyObject) =>
    createHmac('sha256', by).update(`csrf\0${sessionId}`).digest('base64url');
  return {
    token: (sessionId) => tokenOf(sessionId, key),
    matches(sessionId, header) {
      if (typeof header !== 'string') return false;
      // Compared as text: decoding would let several spellings pass for one token.
      const given = Buffer.from(header);
      return keys.some((by) => {
        const expected = Buffer.from(tokenOf(sessionId, by));
        return given.length === expected.length && timingSafeEqual(given, expected);
      });
    },
  };
}
