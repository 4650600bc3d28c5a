/** Tokens of an authorization server that runs as a separate process. */
import type { CompanionKind, StoredState } from '../contract.ts';
import { DEFAULT_SETTINGS } from '../scheme.ts';
import { type Arm, IN_DEPTH, stateless, token } from './declared.ts';

const ISSUER: CompanionKind[] = ['issuer'];
const opaque = {
  ...stateless,
  serverState: 'issuer',
  companions: ISSUER,
  stores: ['opaque-token'] as StoredState[],
  lifetimeMs: DEFAULT_SETTINGS.tokenLifetimeSeconds * 1000,
  survivesRedisOutage: false,
  tags: IN_DEPTH,
} as const;

export const ISSUED_TOKENS: readonly Arm[] = [
  {
    info: {
      ...opaque,
      name: 'opaque-introspection',
      title: 'Opaque token, introspected',
      summary: 'A random bearer token; each request asks the authorization server over HTTP what it stands for.',
      revocation: 'at-once',
      colour: '#8a6d3b',
    },
    load: async () => (await import('../schemes/issued/opaque-introspection.ts')).introspectedTokens({ cached: false }),
  },
  {
    info: {
      ...opaque,
      name: 'opaque-introspection-cached',
      title: 'Opaque token, introspected and cached',
      summary: 'opaque-introspection behind a cache in each replica: the server is asked once per token and 10 s.',
      revocation: { withinMs: DEFAULT_SETTINGS.introspectionCacheMs },
      boundSetting: 'introspectionCacheMs',
      rechecksCredential: true,
      variant: 'cached',
      colour: '#9c7a12',
    },
    load: async () => (await import('../schemes/issued/opaque-introspection.ts')).introspectedTokens({ cached: true }),
  },
  {
    info: {
      ...opaque,
      name: 'phantom-token',
      title: 'Phantom token at an edge',
      summary:
        'Clients hold an opaque token; an edge in front of each replica exchanges it for a short RS256 token, which it keeps for 10 s.',
      hasEdge: true,
      // In the replica. At the edge, a request finds its token in a cache, and the cost is that of a second hop.
      hotPath: ['rs256-verify-jwks'],
      variant: 'edge',
      revocation: { withinMs: DEFAULT_SETTINGS.introspectionCacheMs },
      boundSetting: 'introspectionCacheMs',
      rechecksCredential: true,
      colour: '#3f7d6b',
    },
    load: async () => (await import('../schemes/issued/phantom/service.ts')).behindEdge,
    loadEdge: async () => (await import('../schemes/issued/phantom/edge.ts')).phantomEdge,
  },
  {
    info: {
      ...token,
      name: 'jwt-jwks',
      title: 'JWT, keys from a JWKS endpoint',
      summary:
        'An RS256 token of an authorization server, verified by jose with keys that are fetched and kept, by kid.',
      tokenAlgorithm: 'RS256',
      companions: ISSUER,
      hotPath: ['rs256-verify-jwks'],
      variant: 'algorithm',
      tags: IN_DEPTH,
      colour: '#b0532f',
    },
    load: async () => (await import('../schemes/issued/jwt-jwks.ts')).jwksTokens,
  },
];
