/**
 * CSRF tokens for credentials that a browser sends by itself. The token is an HMAC of the session's id, so it costs no
 * state, belongs to one session, and cannot be made without the key (the signed double-submit pattern of OWASP's cheat sheet).
 */
import type { Secrets } from './contract.ts';
import { createSigner } from './hmac.ts';
import { secretBytes } from './keys.ts';

export interface Csrf {
  token(sessionId: string): string;
  /** `header` is what the request carried; anything but the session's own token is refused. */
  matches(sessionId: string, header: string | string[] | undefined): boolean;
}

/** Of the cookie keys in `secrets`: the label keeps these HMACs apart from cookie signatures made with the same key. */
export function createCsrf(secrets: Secrets): Csrf {
  const signer = createSigner(secretBytes(secrets.cookieKey, 'cookieKey'));
  const old = secrets.previous?.cookieKey;
  // After a rotation the client still holds the token that it was given at login.
  const signers = old === undefined ? [signer] : [signer, createSigner(secretBytes(old, 'previous.cookieKey'))];
  const labelled = (sessionId: string) => `csrf\0${sessionId}`;
  return {
    token: (sessionId) => signer.sign(labelled(sessionId)),
    matches: (sessionId, header) =>
      typeof header === 'string' && signers.some((by) => by.matches(labelled(sessionId), header)),
  };
}
