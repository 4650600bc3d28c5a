/** Signed tokens without a lookup. */
import { type Arm, REFERENCE, REPRESENTATIVE, token } from './declared.ts';
import { verifiedByPlugin } from './hot-paths.ts';

/** The default of fast-jwt's `cacheTTL`, which the arm with its cache keeps. */
const FAST_JWT_CACHE_MS = 600_000;
const CACHED_TOKENS = 10_000;

export const TOKENS: readonly Arm[] = [
  {
    info: {
      ...token,
      name: 'jwt-hs256',
      title: 'JWT, HS256',
      summary: 'A stateless bearer token, signed and verified with one shared secret.',
      hotPath: verifiedByPlugin('hs256-verify'),
      tags: REFERENCE,
      colour: '#d55e00',
    },
    load: async () => (await import('../schemes/jwt.ts')).bearerTokens('HS256'),
  },
  {
    info: {
      ...token,
      name: 'jwt-hs256-lean',
      title: 'JWT, HS256, hand-tuned',
      summary:
        'The same token without the plugin on the way in: one HMAC, one JSON.parse; what is not the server’s own goes to the library.',
      hotPath: ['hs256-verify-by-hand'],
      variant: 'hand-tuned',
      // A hand-tuned session without a hand-tuned token next to it would compare tuning, not schemes.
      tags: REPRESENTATIVE,
      colour: '#bf7030',
    },
    load: async () => (await import('../schemes/jwt.ts')).bearerTokens('HS256', { byHand: true }),
  },
  {
    info: {
      ...token,
      name: 'jwt-rs256',
      title: 'JWT, RS256',
      summary: 'A stateless bearer token, signed with a private RSA key and verified with its public half.',
      tokenAlgorithm: 'RS256',
      hotPath: verifiedByPlugin('rs256-verify'),
      variant: 'algorithm',
      tags: REPRESENTATIVE,
      colour: '#c8503c',
    },
    load: async () => (await import('../schemes/jwt.ts')).bearerTokens('RS256'),
  },
  {
    info: {
      ...token,
      name: 'jwt-es256',
      title: 'JWT, ES256',
      summary: 'A stateless bearer token, signed and verified with a key pair on the curve P-256.',
      tokenAlgorithm: 'ES256',
      hotPath: verifiedByPlugin('es256-verify'),
      variant: 'algorithm',
      colour: '#cf5a8a',
    },
    load: async () => (await import('../schemes/jwt.ts')).bearerTokens('ES256'),
  },
  {
    info: {
      ...token,
      name: 'jwt-eddsa',
      title: 'JWT, EdDSA',
      summary: 'A stateless bearer token, signed and verified with an Ed25519 key pair.',
      tokenAlgorithm: 'EdDSA',
      hotPath: verifiedByPlugin('eddsa-verify'),
      variant: 'algorithm',
      colour: '#b5651d',
    },
    load: async () => (await import('../schemes/jwt.ts')).bearerTokens('EdDSA'),
  },
  {
    info: {
      ...token,
      name: 'jwt-hs256-cached',
      title: 'JWT, HS256, verified once',
      summary: 'jwt-hs256 with fast-jwt’s cache of verified tokens, found by a hash of the whole token.',
      hotPath: verifiedByPlugin('hs256-verify-cached'),
      variant: 'cached',
      remembers: { tokens: CACHED_TOKENS, forMs: FAST_JWT_CACHE_MS },
      colour: '#b8860b',
    },
    load: async () => (await import('../schemes/jwt.ts')).bearerTokens('HS256', { cacheEntries: CACHED_TOKENS }),
  },
  {
    info: {
      ...token,
      name: 'jwt-cookie',
      title: 'JWT in a cookie',
      summary: 'A stateless HS256 token in an HttpOnly cookie, with a CSRF token for state changes.',
      crossOrigin: false,
      needsCsrfProtection: true,
      readableByScript: false,
      hotPath: verifiedByPlugin('hs256-verify'),
      variant: 'cookie',
      colour: '#e0644c',
    },
    load: async () => (await import('../schemes/jwt-cookie.ts')).cookieTokens,
  },
];
