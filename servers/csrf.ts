/**
 * CSRF tokens for credentials that a browser sends by itself. The token is an HMAC of the session's id, so it needs no
 * state, belongs to one session, and cannot be made without the key (OWASP's signed double-submit pattern).
 */

import type { Secrets } from './configuration.ts';
import { createSigner } from './hmac.ts';
import { secretBytes } from './keys.ts';

export interface Csrf {
  token(sessionId: string): string;
  /** Whether the request's header holds the session's own token. */
  matches(sessionId: string, header: string | string[] | undefined): boolean;
}

/** Uses the cookie keys of `secrets`; a label separates these HMACs from cookie signatures made with the same key. */
export function createCsrf(secrets: Secrets): Csrf {
  const signer = createSigner(secretBytes(secrets.cookieKey, 'cookieKey'));
  const old = secrets.previous?.cookieKey;
  // After a rotation the client still holds the token that it received at login.
  const signers = old === undefined ? [signer] : [signer, createSigner(secretBytes(old, 'previous.cookieKey'))];
  const labelled = (sessionId: string) => `csrf\0${sessionId}`;
  return {
    token: (sessionId) => signer.sign(labelled(sessionId)),
    matches: (sessionId, header) =>
      typeof header === 'string' && signers.some((by) => by.matches(labelled(sessionId), header)),
  };
}
