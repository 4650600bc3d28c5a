/** Tokens that an authorization server signs. Nothing is stored: a token ends when it expires. */
import { Unauthenticated } from '../../errors.ts';
import { createIssuerClient } from '../../issuer/client.ts';
import { companionOf, type SchemeFactory } from '../../scheme.ts';
import { BEARER_CHALLENGE, bearerToken, identityOf, JWT_AUDIENCE } from '../access-tokens.ts';
import { keySetVerifier } from './key-set-tokens.ts';

export const jwksTokens: SchemeFactory = (context) => {
  const { settings, now } = context;
  const issuer = createIssuerClient(companionOf(context, 'issuer'));
  const verified = keySetVerifier({ issuer, audience: JWT_AUDIENCE, now });

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
      if (token === undefined) return done(new Unauthenticated());
      verified(token).then((claims) => {
        request.identity = identityOf(claims, now());
        done(request.identity === null ? new Unauthenticated() : undefined);
      }, done);
    },

    verifyCsrf: null,
    recheck: null,
    refresh: null,
    end: async () => {},
    endAll: async () => {},
    terminate: async () => {},
  };
};
