/**
 * Verifies tokens signed by an authorization server, with its public keys. It finds the key by the token's `kid` in a
 * key set that it fetches (RFC 7517) and caches, so that keys can be rotated. It uses jose, like most services that
 * accept another server's tokens.
 */
import { decodeProtectedHeader, errors, jwtVerify } from 'jose';
import { StoreUnavailable, Unauthenticated } from '../../errors.ts';
import type { IssuerClient } from '../../issuer/client.ts';
import { KeysUnavailable, remoteKeys } from '../../stores/remote-keys.ts';
import { ACCESS_TOKEN_TYPE, JWT_ISSUER } from '../access-tokens.ts';
import { isCanonicalToken } from '../compact-form.ts';
import type { TokenClaims } from '../token-claims.ts';

/** The server's algorithm; never the one named by a token (RFC 8725 §3.1). */
const ALGORITHM = 'RS256';

export interface KeySetOptions {
  readonly issuer: Pick<IssuerClient, 'keySet'>;
  /** The audience: tokens for others are refused. */
  readonly audience: string;
  /** In ms since the epoch. */
  readonly now: () => number;
}

/**
 * @returns a function that returns the claims of a token. Its promise fails with Unauthenticated, or StoreUnavailable
 * without keys
 */
export function keySetVerifier({ issuer, audience, now }: KeySetOptions): (token: string) => Promise<TokenClaims> {
  const keys = remoteKeys({ fetch: issuer.keySet, now });
  const demands = {
    algorithms: [ALGORITHM],
    typ: ACCESS_TOKEN_TYPE,
    issuer: JWT_ISSUER,
    audience,
    requiredClaims: ['exp', 'jti', 'sub'],
  };
  return async (token) => {
    if (!isCanonicalToken(token)) throw new Unauthenticated();
    try {
      const { kid } = decodeProtectedHeader(token);
      // A token without a kid would be verified with any matching key.
      if (typeof kid !== 'string') throw new Unauthenticated();
      const set = await keys.setFor(kid);
      const { payload } = await jwtVerify<TokenClaims>(token, set, { ...demands, currentDate: new Date(now()) });
      return payload;
    } catch (error) {
      throw error instanceof KeysUnavailable ? new StoreUnavailable(error) : refusal(error);
    }
  };
}

/** The reason for refusing a token is not revealed. Any other error is a fault of this server. */
function refusal(error: unknown): unknown {
  return error instanceof errors.JOSEError || error instanceof TypeError ? new Unauthenticated() : error;
}
