/** Sessions and tokens in one application. */
import { type Arm, REPRESENTATIVE, SESSION, session, token } from './declared.ts';
import { LEAN_SESSION, verifiedByPlugin } from './hot-paths.ts';

export const COMBINATIONS: readonly Arm[] = [
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
    load: async () => (await import('../schemes/hybrid.ts')).hybrid,
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
      // The path of the cookie, which a login issues unless a token is requested.
      hotPath: LEAN_SESSION,
      variant: 'both-credentials',
      colour: '#5f8f2f',
    },
    load: async () => (await import('../schemes/dual.ts')).dual,
  },
];
