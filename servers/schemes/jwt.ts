/**
 * Stateless bearer tokens. The server stores nothing, so it can revoke nothing: after logout the client should discard the
 * token, which stays valid until it expires.
 */
import type { SchemeFactory } from '../scheme.ts';
import { type AccessTokenOptions, accessTokens, BEARER_CHALLENGE } from './access-tokens.ts';
import type { JwtAlgorithm } from './signing-keys.ts';

export function bearerTokens(
  algorithm: JwtAlgorithm,
  options: Pick<AccessTokenOptions, 'cacheEntries' | 'byHand'> = {},
): SchemeFactory {
  return ({ secrets, settings }) => {
    const tokens = accessTokens({ ...options, algorithm, secrets, lifetimeSeconds: settings.tokenLifetimeSeconds });
    return {
      challenge: BEARER_CHALLENGE,
      coversPublicRoutes: false,
      install: tokens.install,
      issue: async (_request, _reply, user) => ({
        accessToken: tokens.issue(user).token,
        expiresInSeconds: tokens.expiresInSeconds,
      }),
      authenticate: tokens.authenticate,
      verifyCsrf: null,
      recheck: null,
      refresh: null,
      end: async () => {},
      endAll: async () => {},
      terminate: async () => {},
    };
  };
}
