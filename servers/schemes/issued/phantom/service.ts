/**
 * A service behind the edge of phantom tokens. It issues opaque tokens at login, and never sees one again: the edge
 * sends a short-lived signed token instead, which the service verifies itself. Only tokens for services are accepted,
 * so neither an opaque token nor one issued to a client is.
 */
import { SERVICE_TOKEN } from '../../../contract.ts';
import { Unauthenticated } from '../../../errors.ts';
import { createIssuerClient } from '../../../issuer/client.ts';
import { companionOf, type SchemeFactory } from '../../../scheme.ts';
import { BEARER_CHALLENGE, bearerToken, identityOf } from '../../access-tokens.ts';
import { keySetVerifier } from '../key-set-tokens.ts';
import { opaqueGrant } from '../opaque-introspection.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The id of the opaque token that the signed one represents. */
    opaqueTokenId: string | null;
  }
}

export const behindEdge: SchemeFactory = (context) => {
  const { settings, now } = context;
  const issuer = createIssuerClient(companionOf(context, 'issuer'));
  const verified = keySetVerifier({ issuer, audience: SERVICE_TOKEN.aud, now });

  return {
    challenge: BEARER_CHALLENGE,
    coversPublicRoutes: false,
    accounts: issuer.accounts,
    async install(scope) {
      scope.decorateRequest('opaqueTokenId', null);
      scope.addHook('onClose', () => issuer.close());
    },

    issue: (_request, _reply, user) => opaqueGrant(issuer, user, settings.tokenLifetimeSeconds),

    authenticate(request, _reply, done) {
      const token = bearerToken(request);
      if (token === undefined) return done(new Unauthenticated());
      verified(token).then((claims) => {
        const identity = identityOf(claims, now());
        if (identity === null || claims.sid === undefined) return done(new Unauthenticated());
        request.identity = identity;
        request.opaqueTokenId = claims.sid;
        done();
      }, done);
    },

    verifyCsrf: null,
    // For a critical operation the edge has just exchanged the token again.
    recheck: null,
    refresh: null,

    async end({ opaqueTokenId }) {
      if (opaqueTokenId !== null) await issuer.revokeNamed(opaqueTokenId);
    },
    async endAll({ identity }) {
      if (identity !== null) await issuer.revokeAllOf(identity.id);
    },
    terminate: (userId) => issuer.revokeAllOf(userId),
  };
};
