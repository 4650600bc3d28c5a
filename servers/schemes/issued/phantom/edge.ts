/**
 * The edge of phantom tokens: clients have opaque tokens, and services get signed ones. The edge exchanges one for
 * the other at the authorization server (RFC 8693), and caches the reply for a bounded time; for a critical operation
 * it always asks. A signed token from a client is not an opaque token, so it is refused like any other text.
 */
import type { EdgeFactory } from '../../../edge.ts';
import { createIssuerClient, type Exchanged } from '../../../issuer/client.ts';
import { MOST_LIFETIME_SECONDS } from '../../../issuer/protocol.ts';
import { companionOf } from '../../../scheme.ts';
import { introspectionCache } from '../../../stores/introspection-cache.ts';
import { BEARER_CHALLENGE } from '../../access-tokens.ts';
import { opaqueTokenIn } from '../opaque-introspection.ts';

/** A request may be in flight when its token leaves the cache, and the services' clocks differ. */
const BEYOND_CACHE_SECONDS = 5;

/**
 * The lifetime of a signed token: slightly longer than the edge may cache it, if the authorization server permits
 * that; otherwise the edge asks again when it expires. @returns whole seconds
 */
export function serviceTokenSeconds(cacheMs: number): number {
  return Math.min(MOST_LIFETIME_SECONDS, Math.ceil(cacheMs / 1000) + BEYOND_CACHE_SECONDS);
}

export const phantomEdge: EdgeFactory = (context) => {
  const { settings, now } = context;
  const issuer = createIssuerClient(companionOf(context, 'issuer'));
  const lifetimeSeconds = serviceTokenSeconds(settings.introspectionCacheMs);
  const cache = introspectionCache<Exchanged>({
    ask: (token) => issuer.exchange(token, lifetimeSeconds),
    stalenessMs: settings.introspectionCacheMs,
    now,
  });

  return {
    challenge: BEARER_CHALLENGE,
    async exchange(request, isCritical) {
      const token = opaqueTokenIn(request);
      if (token === null) return null;
      const exchanged = await (isCritical ? cache.ask(token) : cache.find(token));
      if (exchanged === null || exchanged.endsAtMs <= now()) return null;
      return { authorization: `Bearer ${exchanged.token}`, userId: exchanged.user.id };
    },
    ended(request) {
      const token = opaqueTokenIn(request);
      if (token !== null) cache.delete(token);
    },
    endedAllOf: (userId) => cache.deleteAllOf(userId),
    close: () => issuer.close(),
  };
};
