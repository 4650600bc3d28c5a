/** Complete sessions in an encrypted cookie. */
import type { ArmInfo } from '../contract.ts';
import { DEFAULT_SETTINGS } from '../scheme.ts';
import { type Arm, IN_DEPTH, session } from './declared.ts';

/** Facts of a session that is entirely in the cookie, so that no store can end it. */
const inCookie = {
  usesRedis: false,
  serverState: 'none',
  redisCommandsPerRequest: 0,
  revocation: 'at-expiry',
  lifetimeMs: DEFAULT_SETTINGS.absoluteTimeoutMs,
  survivesRedisOutage: true,
  stores: [],
} satisfies Partial<ArmInfo>;

export const SEALED_COOKIES: readonly Arm[] = [
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
    load: async () => (await import('../schemes/session-sealed.ts')).sealedSessions,
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
    load: async () => (await import('../schemes/tokens/jwe-cookie.ts')).encryptedCookies('A256CBC-HS512'),
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
    load: async () => (await import('../schemes/tokens/jwe-cookie.ts')).encryptedCookies('A256GCM'),
  },
];
