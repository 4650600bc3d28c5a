/**
 * A random bearer token that only the authorization server understands (RFC 7662): each request asks it over HTTP, so
 * that a token ends at once for every replica. With a cache, a light read asks once for each token and staleness bound,
 * and may accept an ended token for that long; a critical operation always asks.
 */
import type { FastifyRequest } from 'fastify';
import type { Identity } from '../../contract.ts';
import { Unauthenticated } from '../../errors.ts';
import { createIssuerClient, type Introspected, type IssuerClient } from '../../issuer/client.ts';
import { companionOf, type SchemeFactory } from '../../scheme.ts';
import { introspectionCache } from '../../stores/introspection-cache.ts';
import { BEARER_CHALLENGE } from '../access-tokens.ts';

/** 256 random bits in base64url. */
const BEARER = /^Bearer ([A-Za-z0-9_-]{43})$/i;

/** Returns the token of a request; null if there is none that the authorization server could have issued. */
export function opaqueTokenIn({ headers: { authorization = '' } }: Pick<FastifyRequest, 'headers'>): string | null {
  return BEARER.exec(authorization)?.[1] ?? null;
}

/** @returns the credential of a login; null if the user is disabled. The promise fails with StoreUnavailable */
export async function opaqueGrant(
  issuer: Pick<IssuerClient, 'issue'>,
  user: Identity,
  expiresInSeconds: number,
): Promise<{ readonly accessToken: string; readonly expiresInSeconds: number } | null> {
  const accessToken = await issuer.issue(user, expiresInSeconds);
  return accessToken === null ? null : { accessToken, expiresInSeconds };
}

export function introspectedTokens({ cached }: { readonly cached: boolean }): SchemeFactory {
  return (context) => {
    const { settings, now } = context;
    const issuer = createIssuerClient(companionOf(context, 'issuer'));
    const cache = cached
      ? introspectionCache({ ask: issuer.introspect, stalenessMs: settings.introspectionCacheMs, now })
      : null;
    const lookUp = cache?.find ?? issuer.introspect;

    function accept(request: FastifyRequest, found: Introspected | null): Unauthenticated | undefined {
      // The clocks of the authorization server and this replica may differ; neither may accept an expired token.
      if (found === null || found.endsAtMs <= now()) return new Unauthenticated();
      request.identity = found.user;
      return undefined;
    }

    return {
      challenge: BEARER_CHALLENGE,
      coversPublicRoutes: false,
      accounts: issuer.accounts,
      async install(scope) {
        scope.addHook('onClose', () => issuer.close());
      },

      issue: (_request, _reply, user) => opaqueGrant(issuer, user, settings.tokenLifetimeSeconds),

      authenticate(request, _reply, done) {
        const token = opaqueTokenIn(request);
        if (token === null) return done(new Unauthenticated());
        lookUp(token).then((found) => done(accept(request, found)), done);
      },

      verifyCsrf: null,
      // Without a cache the request itself has just asked.
      recheck:
        cache === null
          ? null
          : (request, _reply, done) => {
              const token = opaqueTokenIn(request);
              if (token === null) return done(new Unauthenticated());
              cache.ask(token).then((found) => done(accept(request, found)), done);
            },
      refresh: null,

      async end(request) {
        const token = opaqueTokenIn(request);
        if (token === null) return;
        await issuer.revoke(token);
        cache?.delete(token);
      },
      async endAll({ identity }) {
        if (identity === null) return;
        await issuer.revokeAllOf(identity.id);
        cache?.deleteAllOf(identity.id);
      },
      async terminate(userId) {
        await issuer.revokeAllOf(userId);
        cache?.deleteAllOf(userId);
      },
    };
  };
}
