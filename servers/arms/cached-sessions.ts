/** Sessions in Redis with a copy in the replica or the browser. */
import { DEFAULT_SETTINGS } from '../scheme.ts';
import { type Arm, IN_DEPTH, session } from './declared.ts';

const tracked = {
  ...session,
  rechecksCredential: true,
  // The number on a miss, which reads the session and its remaining lifetime.
  redisCommandsPerRequest: 2,
  redisCommandsAreAtMost: true,
  // While the connection is broken; otherwise invalidations take milliseconds.
  revocation: { withinMs: DEFAULT_SETTINGS.trackingBoundMs },
  boundSetting: 'trackingBoundMs',
} as const;

export const CACHED_SESSIONS: readonly Arm[] = [
  {
    info: {
      ...session,
      name: 'session-cached',
      rechecksCredential: true,
      title: 'Session in Redis, cached',
      summary: 'The hand-tuned session behind a cache in each replica: Redis is asked once per session and second.',
      // The number on a miss; the hit rate depends on how often each session is used.
      redisCommandsPerRequest: 1,
      redisCommandsAreAtMost: true,
      revocation: { withinMs: DEFAULT_SETTINGS.cacheStalenessMs },
      boundSetting: 'cacheStalenessMs',
      // The path of a hit; a miss costs as much as the hand-tuned session, once per session and second.
      hotPath: ['cookie-unsign-by-hand'],
      variant: 'cached',
      colour: '#4a8fa8',
    },
    load: async () => (await import('../schemes/session-cached.ts')).cachedSessions,
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
      // While the copy is fresh; a read of Redis costs as much as the hand-tuned session, once per session and
      // minute.
      hotPath: ['session-copy-verify'],
      variant: 'cached',
      tags: IN_DEPTH,
      colour: '#3d8fb8',
    },
    load: async () => (await import('../schemes/sessions/cookie-cache.ts')).cookieCachedSessions,
  },
  {
    info: {
      ...tracked,
      name: 'session-tracked',
      title: 'Session in Redis, cached and tracked',
      summary:
        'The hand-tuned session behind a cache that Redis keeps true: it reports each change of a session that is cached.',
      // The path of a hit; a miss costs a GET, a PTTL and a JSON.parse.
      hotPath: ['cookie-unsign-by-hand'],
      variant: 'tracked',
      tags: IN_DEPTH,
      colour: '#4a86bd',
    },
    load: async () => (await import('../schemes/sessions/tracked.ts')).trackedSessions('default'),
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
    load: async () => (await import('../schemes/sessions/tracked.ts')).trackedSessions('broadcast'),
  },
];
