/**
 * Reads by hand the tokens that this server issues itself, which are nearly all that it receives. The header is a constant, so
 * a token never chooses an algorithm or a key; the signature is one HMAC, and the claims are one JSON.parse. This reader only
 * accepts, and only what a full verifier accepts too: every other token goes to the full verifier.
 */
import { createSigner, SIGNATURE_LENGTH } from '../hmac.ts';
import type { TokenClaims } from './token-claims.ts';

/** Decoding ignores other characters and so accepts alternative encodings, which RFC 7515 §2 forbids. */
const BASE64URL = /^[A-Za-z0-9_-]*$/;
/** The longest payload in base64url: Node accepts at most 16 KiB of headers. */
const LONGEST_PAYLOAD = 16_384;

export interface OwnTokens {
  /** HMAC-SHA-256. */
  readonly key: Buffer;
  /** The encoded header of each token that this server issues. */
  readonly header: string;
  readonly issuer: string;
  readonly audience: string;
}

export type OwnClaims = TokenClaims & { readonly exp: number };

/** Whether the registered claims have the types and values that this server gives them. */
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

/** @returns a function that reads a token's claims, or returns null for a token that is expired or that this server did not issue */
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
