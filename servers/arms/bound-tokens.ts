/** Tokens bound to a key of the client they were issued to. */
import { type Arm, IN_DEPTH, token } from './declared.ts';
import { verifiedByPlugin } from './hot-paths.ts';

export const BOUND_TOKENS: readonly Arm[] = [
  {
    info: {
      ...token,
      name: 'jwt-dpop',
      title: 'JWT bound to a key (DPoP)',
      summary:
        'An HS256 token, useless without the client’s key, which signs a proof for each request; used proofs are kept in Redis.',
      senderConstrained: true,
      usesRedis: true,
      serverState: 'redis',
      redisCommandsPerRequest: 1,
      survivesRedisOutage: false,
      stores: ['used-proof'],
      hotPath: [...verifiedByPlugin('hs256-verify'), 'dpop-proof-verify'],
      tags: IN_DEPTH,
      colour: '#8f4e9e',
    },
    load: async () => (await import('../schemes/tokens/dpop/dpop.ts')).provenTokens(),
  },
];
