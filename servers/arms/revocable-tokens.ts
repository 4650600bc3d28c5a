/** Signed tokens that can be revoked, or renewed, through Redis. */
import type { StoredState } from '../contract.ts';
import { DEFAULT_SETTINGS } from '../scheme.ts';
import { type Arm, IN_DEPTH, REPRESENTATIVE, token } from './declared.ts';
import { verifiedByPlugin } from './hot-paths.ts';

const DENYLIST: StoredState[] = ['denylist'];

export const REVOCABLE_TOKENS: readonly Arm[] = [
  {
    info: {
      ...token,
      name: 'jwt-denylist',
      title: 'JWT with a denylist',
      summary: 'An HS256 token that each request looks up in a denylist in Redis; refused while Redis is unavailable.',
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
    load: async () => (await import('../schemes/jwt-denylist.ts')).denylistTokens,
  },
  {
    info: {
      ...token,
      name: 'jwt-denylist-open',
      title: 'JWT with a denylist, fail-open',
      summary: 'jwt-denylist that accepts light reads unchecked while Redis is unavailable, revoked tokens included.',
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
      const { denylistTokens } = await import('../schemes/jwt-denylist.ts');
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
      // The number that proves that its list is current.
      redisCommandsPerSecond: 2,
      survivesRedisOutage: false,
      stores: DENYLIST,
      // The lookup in memory takes too little time to measure.
      hotPath: verifiedByPlugin('hs256-verify'),
      variant: 'cached',
      tags: IN_DEPTH,
      colour: '#d0577b',
    },
    load: async () => (await import('../schemes/tokens/pushed-denylist.ts')).pushedTokens(),
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
      // The check of one bit takes too little time to measure.
      hotPath: verifiedByPlugin('hs256-verify'),
      variant: 'cached',
      tags: IN_DEPTH,
      colour: '#a5567c',
    },
    load: async () => (await import('../schemes/tokens/status/status-list.ts')).statusListTokens(),
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
    load: async () => (await import('../schemes/jwt-refresh.ts')).refreshedTokens,
  },
];
