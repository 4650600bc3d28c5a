/**
 * The registry of arms: each is a scheme with fixed options, and a description. A scheme is loaded when its arm is started, so
 * that listing the arms is quick and a replica holds only the code of its own scheme.
 */
import type { ArmInfo, ArmTag, CompanionKind, StoredState } from './contract.ts';
import { LEAN_SESSION, PRESENTED_COOKIE, RESTORED_BY_PLUGIN, verifiedByPlugin } from './hot-paths.ts';
import { DEFAULT_SETTINGS, type SchemeFactory } from './scheme.ts';

export interface Arm {
  readonly info: ArmInfo;
  load(): Promise<SchemeFactory>;
}

const SESSION: StoredState[] = ['session'];
const DENYLIST: StoredState[] = ['denylist'];
const REFERENCE: ArmTag[] = ['reference', 'representative'];
const REPRESENTATIVE: ArmTag[] = ['representative'];
const ISSUER: CompanionKind[] = ['issuer'];
const IN_DEPTH: ArmTag[] = ['in-depth'];

const session = {
  baseline: false,
  family: 'session',
  usesRedis: true,
  serverState: 'redis',
  stores: SESSION,
  redisCommandsPerRequest: 1,
  needsStickyRouting: false,
  revocation: 'at-once',
  survivesRedisOutage: false,
  crossOrigin: false,
  needsCsrfProtection: true,
  readableByScript: false,
} as const;

/** Of a session that the cookie holds whole, so that no store can end it. */
const inCookie = {
  usesRedis: false,
  serverState: 'none',
  redisCommandsPerRequest: 0,
  revocation: 'at-expiry',
  lifetimeMs: DEFAULT_SETTINGS.absoluteTimeoutMs,
  survivesRedisOutage: true,
  stores: [],
} satisfies Partial<ArmInfo>;

const tracked = {
  ...session,
  rechecksCredential: true,
  // On a miss, which reads the session and its remaining life.
  redisCommandsPerRequest: 2,
  redisCommandsAreAtMost: true,
  // While the connection is broken; otherwise reports take milliseconds.
  revocation: { withinMs: DEFAULT_SETTINGS.trackingBoundMs },
  boundSetting: 'trackingBoundMs',
} as const;

const stateless = {
  baseline: false,
  family: 'token',
  usesRedis: false,
  serverState: 'none',
  redisCommandsPerRequest: 0,
  needsStickyRouting: false,
  revocation: 'at-expiry',
  survivesRedisOutage: true,
  crossOrigin: true,
  needsCsrfProtection: false,
  readableByScript: true,
} as const;

const token = {
  ...stateless,
  tokenAlgorithm: 'HS256',
  lifetimeMs: DEFAULT_SETTINGS.tokenLifetimeSeconds * 1000,
} as const;

const opaque = {
  ...stateless,
  serverState: 'issuer',
  companions: ISSUER,
  stores: ['opaque-token'] as StoredState[],
  lifetimeMs: DEFAULT_SETTINGS.tokenLifetimeSeconds * 1000,
  survivesRedisOutage: false,
  tags: IN_DEPTH,
} as const;

export const ARMS: readonly Arm[] = [
  {
    info: {
      ...stateless,
      name: 'none',
      title: 'No authentication',
      summary: 'The baseline: the same endpoints and handlers, unguarded.',
      baseline: true,
      family: 'none',
      // There is no credential to revoke or to read.
      readableByScript: false,
      hotPath: [],
      colour: '#7d8590',
    },
    load: async () => (await import('./schemes/none.ts')).none,
  },
  {
    info: {
      ...session,
      name: 'session-redis',
      title: 'Session in Redis',
      summary:
        '@fastify/session with the session in Redis; one GETEX per request reads it and extends its idle timeout.',
      hotPath: [...PRESENTED_COOKIE, 'redis-getex-pipelined', 'json-parse', ...RESTORED_BY_PLUGIN],
      tags: REFERENCE,
      colour: '#0072b2',
    },
    load: async () => (await import('./schemes/session-plugin.ts')).redisSessions({ pluginDefaults: false }),
  },
  {
    info: {
      ...session,
      name: 'session-redis-rolling',
      title: 'Session in Redis, plugin defaults',
      summary:
        '@fastify/session with its default `rolling`: every request writes the session back and sets the cookie again.',
      redisCommandsPerRequest: 2,
      // Rolling saves without asking whether anything changed; the second hash is that of the saved state. The SET extends
      // the session's life, so the read is a plain GET.
      hotPath: [
        ...PRESENTED_COOKIE,
        'redis-get-pipelined',
        'json-parse',
        ...RESTORED_BY_PLUGIN,
        'json-stringify',
        'redis-set-pipelined',
        'cookie-serialize',
      ],
      variant: 'library-defaults',
      colour: '#3f6fd8',
    },
    load: async () => (await import('./schemes/session-plugin.ts')).redisSessions({ pluginDefaults: true }),
  },
  {
    info: {
      ...session,
      name: 'session-redis-lean',
      title: 'Session in Redis, hand-tuned',
      summary: 'The same session without the plugin: one HMAC for the cookie, one GETEX, one JSON.parse.',
      hotPath: LEAN_SESSION,
      variant: 'hand-tuned',
      tags: REPRESENTATIVE,
      colour: '#2596be',
    },
    load: async () => (await import('./schemes/session-lean.ts')).leanSessions,
  },
  {
    info: {
      ...session,
      name: 'session-memory',
      title: 'Session in process memory',
      summary: '@fastify/session with the session in the replica’s own memory: other replicas do not know it.',
      usesRedis: false,
      serverState: 'process',
      redisCommandsPerRequest: 0,
      needsStickyRouting: true,
      survivesRedisOutage: true,
      hotPath: [...PRESENTED_COOKIE, ...RESTORED_BY_PLUGIN],
      colour: '#6a7fdb',
    },
    load: async () => (await import('./schemes/session-plugin.ts')).memorySessions(),
  },
  {
    info: {
      ...session,
      name: 'session-cached',
      rechecksCredential: true,
      title: 'Session in Redis, cached',
      summary: 'The hand-tuned session behind a cache in each replica: Redis is asked once per session and second.',
      // On a miss; how often that happens depends on how often each session is used.
      redisCommandsPerRequest: 1,
      redisCommandsAreAtMost: true,
      revocation: { withinMs: DEFAULT_SETTINGS.cacheStalenessMs },
      boundSetting: 'cacheStalenessMs',
      // On a hit; a miss costs what the hand-tuned session does, once per session and second.
      hotPath: ['cookie-unsign-by-hand'],
      variant: 'cached',
      colour: '#4a8fa8',
    },
    load: async () => (await import('./schemes/session-cached.ts')).cachedSessions,
  },
  {
    info: {
      ...session,
      name: 'session-cookie-cache',
      rechecksCredential: true,
      title: 'Session in Redis, copied into a cookie',
      summary:
        'The hand-tuned session with a signed copy in a second cookie: Redis is asked once per session and minute.',
      redisCommandsPerRequest: 1,
      redisCommandsAreAtMost: true,
      revocation: { withinMs: DEFAULT_SETTINGS.cookieCacheMs },
      boundSetting: 'cookieCacheMs',
      // While the copy is fresh; a read of Redis costs what the hand-tuned session does, once per session and minute.
      hotPath: ['session-copy-verify'],
      variant: 'cached',
      tags: IN_DEPTH,
      colour: '#3d8fb8',
    },
    load: async () => (await import('./schemes/sessions/cookie-cache.ts')).cookieCachedSessions,
  },
  {
    info: {
      ...tracked,
      name: 'session-tracked',
      title: 'Session in Redis, cached and tracked',
      summary:
        'The hand-tuned session behind a cache that Redis keeps true: it reports each change of a session that is cached.',
      // On a hit; a miss costs a GET, a PTTL and a JSON.parse.
      hotPath: ['cookie-unsign-by-hand'],
      variant: 'cached',
      tags: IN_DEPTH,
      colour: '#4a86bd',
    },
    load: async () => (await import('./schemes/sessions/tracked.ts')).trackedSessions('default'),
  },
  {
    info: {
      ...tracked,
      name: 'session-tracked-broadcast',
      title: 'Session in Redis, tracked by broadcast',
      summary:
        'session-tracked, but Redis reports every change of any session to every replica, and remembers nothing.',
      hotPath: ['cookie-unsign-by-hand'],
      variant: 'broadcast',
      tags: IN_DEPTH,
      colour: '#5277b4',
    },
    load: async () => (await import('./schemes/sessions/tracked.ts')).trackedSessions('broadcast'),
  },
  {
    info: {
      ...session,
      ...inCookie,
      name: 'session-sealed',
      title: 'Session in an encrypted cookie',
      summary: '@fastify/secure-session: the cookie holds the whole session, encrypted; the server keeps nothing.',
      hotPath: ['cookie-parse', 'secretbox-open', 'json-parse'],
      colour: '#7f6fd0',
    },
    load: async () => (await import('./schemes/session-sealed.ts')).sealedSessions,
  },
  {
    info: {
      ...session,
      ...inCookie,
      name: 'jwe-cookie',
      title: 'Session in an encrypted token',
      summary: 'jose: the cookie holds the whole session as a JWE, as Auth.js keeps it (dir, A256CBC-HS512).',
      tokenEncryption: 'A256CBC-HS512',
      hotPath: ['jwe-cbc-decrypt'],
      tags: IN_DEPTH,
      colour: '#9a68c9',
    },
    load: async () => (await import('./schemes/tokens/jwe-cookie.ts')).encryptedCookies('A256CBC-HS512'),
  },
  {
    info: {
      ...session,
      ...inCookie,
      name: 'jwe-cookie-gcm',
      title: 'Session in an encrypted token, AES-GCM',
      summary: 'The same cookie encrypted with A256GCM, whose key is imported once.',
      tokenEncryption: 'A256GCM',
      hotPath: ['jwe-gcm-decrypt'],
      variant: 'algorithm',
      tags: IN_DEPTH,
      colour: '#a274b8',
    },
    load: async () => (await import('./schemes/tokens/jwe-cookie.ts')).encryptedCookies('A256GCM'),
  },
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
    load: async () => (await import('./schemes/jwt.ts')).bearerTokens('HS256'),
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
      // A hand-tuned session beside no hand-tuned token would compare craft, not schemes.
      tags: REPRESENTATIVE,
      colour: '#bf7030',
    },
    load: async () => (await import('./schemes/jwt.ts')).bearerTokens('HS256', { byHand: true }),
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
    load: async () => (await import('./schemes/jwt.ts')).bearerTokens('RS256'),
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
    load: async () => (await import('./schemes/jwt.ts')).bearerTokens('ES256'),
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
    load: async () => (await import('./schemes/jwt.ts')).bearerTokens('EdDSA'),
  },
  {
    info: {
      ...token,
      name: 'jwt-hs256-cached',
      title: 'JWT, HS256, verified once',
      summary: 'jwt-hs256 with fast-jwt’s cache of verified tokens, found by a hash of the whole token.',
      hotPath: verifiedByPlugin('hs256-verify-cached'),
      variant: 'cached',
      colour: '#b8860b',
    },
    load: async () => (await import('./schemes/jwt.ts')).bearerTokens('HS256', { cacheEntries: 10_000 }),
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
    load: async () => (await import('./schemes/jwt-cookie.ts')).cookieTokens,
  },
  {
    info: {
      ...token,
      name: 'jwt-denylist',
      title: 'JWT with a denylist',
      summary: 'An HS256 token that each request looks up in a denylist in Redis; refused while Redis is away.',
      usesRedis: true,
      serverState: 'redis',
      redisCommandsPerRequest: 1,
      revocation: 'at-once',
      survivesRedisOutage: false,
      stores: DENYLIST,
      hotPath: [...verifiedByPlugin('hs256-verify'), 'redis-mget-batched'],
      tags: REPRESENTATIVE,
      colour: '#c0508f',
    },
    load: async () => (await import('./schemes/jwt-denylist.ts')).denylistTokens,
  },
  {
    info: {
      ...token,
      name: 'jwt-denylist-open',
      title: 'JWT with a denylist, fail-open',
      summary:
        'jwt-denylist that lets light reads pass unasked while Redis is away: revoked tokens are good again then.',
      usesRedis: true,
      serverState: 'redis',
      redisCommandsPerRequest: 1,
      revocation: 'at-once',
      survivesRedisOutage: true,
      stores: DENYLIST,
      hotPath: [...verifiedByPlugin('hs256-verify'), 'redis-mget-batched'],
      variant: 'fail-open',
      colour: '#b0609f',
    },
    load: async () => {
      const { denylistTokens } = await import('./schemes/jwt-denylist.ts');
      return (context) => denylistTokens({ ...context, settings: { ...context.settings, denylistFailOpen: true } });
    },
  },
  {
    info: {
      ...token,
      name: 'jwt-denylist-push',
      rechecksCredential: true,
      title: 'JWT with a pushed denylist',
      summary: 'An HS256 token; Redis pushes each revocation to every replica, so that no read has to ask for it.',
      usesRedis: true,
      serverState: 'redis',
      revocation: { withinMs: DEFAULT_SETTINGS.denylistStalenessMs },
      boundSetting: 'denylistStalenessMs',
      // The number that proves its list.
      redisCommandsPerSecond: 2,
      survivesRedisOutage: false,
      stores: DENYLIST,
      // The look into memory takes too little time to measure.
      hotPath: verifiedByPlugin('hs256-verify'),
      variant: 'cached',
      tags: IN_DEPTH,
      colour: '#d0577b',
    },
    load: async () => (await import('./schemes/tokens/pushed-denylist.ts')).pushedTokens(),
  },
  {
    info: {
      ...token,
      name: 'jwt-status-list',
      rechecksCredential: true,
      title: 'JWT with a status list',
      summary:
        'An HS256 token with a bit in a signed, compressed list of revoked tokens, which replicas fetch each second.',
      usesRedis: true,
      serverState: 'redis',
      revocation: { withinMs: DEFAULT_SETTINGS.statusListMs },
      boundSetting: 'statusListMs',
      // The bits of the next list.
      redisCommandsPerSecond: 1,
      survivesRedisOutage: false,
      stores: DENYLIST,
      // The look at a bit takes too little time to measure.
      hotPath: verifiedByPlugin('hs256-verify'),
      variant: 'cached',
      tags: IN_DEPTH,
      colour: '#a5567c',
    },
    load: async () => (await import('./schemes/tokens/status/status-list.ts')).statusListTokens(),
  },
  {
    info: {
      ...token,
      name: 'jwt-refresh',
      title: 'JWT with refresh',
      summary: 'A short HS256 access token, renewed by a rotating refresh token whose reuse ends its family.',
      usesRedis: true,
      serverState: 'redis',
      revocation: { withinMs: DEFAULT_SETTINGS.accessTokenLifetimeSeconds * 1000 },
      lifetimeMs: DEFAULT_SETTINGS.accessTokenLifetimeSeconds * 1000,
      refreshTokens: true,
      stores: ['refresh-family'],
      hotPath: verifiedByPlugin('hs256-verify'),
      colour: '#a8781c',
    },
    load: async () => (await import('./schemes/jwt-refresh.ts')).refreshedTokens,
  },
  {
    info: {
      ...opaque,
      name: 'opaque-introspection',
      title: 'Opaque token, introspected',
      summary: 'A random bearer token; each request asks the authorization server over HTTP what it stands for.',
      revocation: 'at-once',
      colour: '#8a6d3b',
    },
    load: async () => (await import('./schemes/issued/opaque-introspection.ts')).introspectedTokens({ cached: false }),
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
    load: async () => (await import('./schemes/issued/opaque-introspection.ts')).introspectedTokens({ cached: true }),
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
    load: async () => (await import('./schemes/issued/jwt-jwks.ts')).jwksTokens,
  },
  {
    info: {
      ...token,
      name: 'hybrid',
      rechecksCredential: true,
      title: 'JWT, session for what matters',
      summary: 'An HS256 token for light requests; critical operations check the session behind it in Redis.',
      family: 'combination',
      usesRedis: true,
      serverState: 'redis',
      stores: SESSION,
      hotPath: verifiedByPlugin('hs256-verify'),
      tags: REPRESENTATIVE,
      colour: '#00916a',
    },
    load: async () => (await import('./schemes/hybrid.ts')).hybrid,
  },
  {
    info: {
      ...session,
      name: 'dual',
      title: 'Session for the web, JWT for the API',
      summary: 'One application that takes a session cookie or a token with a denylist; figures are of the cookie.',
      family: 'combination',
      tokenAlgorithm: 'HS256',
      // The union of both: a page may hold a token, and a browser may send a cookie.
      crossOrigin: true,
      readableByScript: true,
      stores: ['session', 'denylist'],
      // Of the cookie, which a login gives unless a token is asked for.
      hotPath: LEAN_SESSION,
      variant: 'both-credentials',
      colour: '#5f8f2f',
    },
    load: async () => (await import('./schemes/dual.ts')).dual,
  },
];

export function findArm(name: string): Arm | undefined {
  return ARMS.find((arm) => arm.info.name === name);
}
