/**
 * Tokens that an authorization server signs, and that replicas verify with its public keys. They find the key by the `kid` of
 * the token in a key set that they fetch (RFC 7517) and keep, so that its keys can be replaced while they run. Verified by
 * jose, as in most services that trust tokens of another server. Nothing is stored: a token ends when it expires.
 */
import { decodeProtectedHeader, errors, jwtVerify } from 'jose';
import { StoreUnavailable, Unauthenticated } from '../../errors.ts';
import { createIssuerClient } from '../../issuer/client.ts';
import { companionOf, type SchemeFactory } from '../../scheme.ts';
import { KeysUnavailable, remoteKeys } from '../../stores/remote-keys.ts';
import {
  ACCESS_TOKEN_TYPE,
  BEARER_CHALLENGE,
  bearerToken,
  identityOf,
  JWT_AUDIENCE,
  JWT_ISSUER,
} from '../access-tokens.ts';
import { isCanonicalToken } from '../compact-form.ts';
import type { TokenClaims } from '../token-claims.ts';

/** Of the server, and never of the token (RFC 8725 §3.1). */
const ALGORITHM = 'RS256';

const DEMANDS = {
  algorithms: [ALGORITHM],
  typ: ACCESS_TOKEN_TYPE,
  issuer: JWT_ISSUER,
  audience: JWT_AUDIENCE,
  requiredClaims: ['exp', 'jti', 'sub'],
};

export const jwksTokens: SchemeFactory = (context) => {
  const { settings, now } = context;
  const issuer = createIssuerClient(companionOf(context, 'issuer'));
  const keys = remoteKeys({ fetch: issuer.keySet, now });

  async function verified(token: string): Promise<TokenClaims> {
    const { kid } = decodeProtectedHeader(token);
    // A token without a kid would be verified with whatever key fits.
    if (typeof kid !== 'string') throw new Unauthenticated();
    const set = await keys.setFor(kid);
    const { payload } = await jwtVerify<TokenClaims>(token, set, { ...DEMANDS, currentDate: new Date(now()) });
    return payload;
  }

  return {
    challenge: BEARER_CHALLENGE,
    coversPublicRoutes: false,
    async install(scope) {
      scope.addHook('onClose', () => issuer.close());
    },

    async issue(_request, _reply, user) {
      const { tokenLifetimeSeconds } = settings;
      return { accessToken: await issuer.sign(user, tokenLifetimeSeconds), expiresInSeconds: tokenLifetimeSeconds };
    },

    authenticate(request, _reply, done) {
      const token = bearerToken(request);
      if (token === undefined || !isCanonicalToken(token)) return done(new Unauthenticated());
      verified(token).then(
        (claims) => {
          const identity = identityOf(claims);
          if (identity === null) return done(new Unauthenticated());
          request.identity = identity;
          done();
        },
        (error: unknown) => done(error instanceof KeysUnavailable ? new StoreUnavailable(error) : refusal(error)),
      );
    },

    verifyCsrf: null,
    recheck: null,
    refresh: null,
    end: async () => {},
    endAll: async () => {},
    terminate: async () => {},
  };
};

/** What a token did wrong is not told. Any other error is a fault of this server. */
function refusal(error: unknown): Error {
  if (error instanceof errors.JOSEError || error instanceof TypeError) return new Unauthenticated();
  return error instanceof Error ? error : new Error(String(error));
}
