/**
 * Reads by hand the tokens that this server issues itself, which are nearly all that it is shown: the header is one text,
 * known beforehand, so that no algorithm and no key is ever chosen by a token; the signature one HMAC; the claims one JSON.parse.
 * It only ever says yes, and only to what a full verifier accepts: whatever it does not know is for that one to judge.
 */
import { createSigner, SIGNATURE_LENGTH } from '../hmac.ts';
import type { TokenClaims } from './token-claims.ts';

/** Decoding would skip all else, and take other spellings for it; RFC 7515 §2 allows none. */
const BASE64URL = /^[A-Za-z0-9_-]*$/;
/** Of a payload in base64url: Node takes no more than 16 KiB of headers in all. */
const LONGEST_PAYLOAD = 16_384;

export interface OwnTokens {
  /** HMAC-SHA-256. */
  readonly key: Buffer;
  /** The header of each token that this server issues, as it stands there. */
  readonly header: string;
  readonly issuer: string;
  readonly audience: string;
}

export type OwnClaims = TokenClaims & { readonly exp: number };

/** The registered claims, each of the one type and value that this server gives it. */
function isOwn(claims: unknown, { issuer, audience }: OwnTokens, nowMs: number): claims is OwnClaims {
  if (typeof claims !== 'object' || claims === null) return false;
  const { iss, aud, exp, iat, nbf, sub, jti } = claims as Readonly<Record<string, unknown>>;
  return (
    iss === issuer &&
    aud === audience &&
    typeof exp === 'number' &&
    nowMs < exp * 1000 &&
    typeof iat === 'number' &&
    nbf === undefined &&
    typeof sub === 'string' &&
    typeof jti === 'string'
  );
}

/** @returns reads a token's claims; null for one that this server did not issue, that has expired, or that it does not know */
export function ownTokenReader(own: OwnTokens): (token: string, nowMs: number) => OwnClaims | null {
  const signer = createSigner(own.key);
  const start = `${own.header}.`;
  const decoded = Buffer.alloc(LONGEST_PAYLOAD);

  return (token, nowMs) => {
    const end = token.length - SIGNATURE_LENGTH - 1;
    if (end - start.length > LONGEST_PAYLOAD || token[end] !== '.' || !token.startsWith(start)) return null;
    if (!signer.matches(token.slice(0, end), token.slice(end + 1))) return null;
    const payload = token.slice(start.length, end);
    if (!BASE64URL.test(payload)) return null;
    try {
      const bytes = decoded.write(payload, 0, 'base64url');
      const claims: unknown = JSON.parse(decoded.toString('utf8', 0, bytes));
      return isOwn(claims, own, nowMs) ? claims : null;
    } catch {
      return null;
    }
  };
}
