/** Sessions that each request reads from their store. */
import { type Arm, IN_DEPTH, REFERENCE, REPRESENTATIVE, session } from './declared.ts';
import { LEAN_SESSION, PRESENTED_COOKIE, RESTORED_BY_PLUGIN } from './hot-paths.ts';

export const SESSIONS: readonly Arm[] = [
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
    load: async () => (await import('../schemes/session-plugin.ts')).redisSessions({ pluginDefaults: false }),
  },
  {
    info: {
      ...session,
      name: 'session-redis-rolling',
      title: 'Session in Redis, plugin defaults',
      summary:
        '@fastify/session with its default `rolling`: every request writes the session back and sets the cookie again.',
      redisCommandsPerRequest: 2,
      // Rolling sessions are saved without checking for changes; the second hash is that of the saved state. The SET
      // extends the session, so the read is a plain GET.
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
    load: async () => (await import('../schemes/session-plugin.ts')).redisSessions({ pluginDefaults: true }),
  },
  {
    info: {
      ...session,
      name: 'session-redis-unpipelined',
      title: 'Session in Redis, one write each',
      summary:
        'session-redis without autopipelining, as ioredis is by default: each command is a write, and a read in Redis.',
      hotPath: [...PRESENTED_COOKIE, 'redis-getex', 'json-parse', ...RESTORED_BY_PLUGIN],
      variant: 'client',
      tags: IN_DEPTH,
      colour: '#5b83c9',
    },
    settings: { redisAutoPipelining: false },
    load: async () => (await import('../schemes/session-plugin.ts')).redisSessions({ pluginDefaults: false }),
  },
  {
    info: {
      ...session,
      name: 'session-node-redis',
      title: 'Session in Redis, by node-redis',
      summary:
        'session-redis with its sessions read and written through node-redis (@redis/client) instead of ioredis.',
      hotPath: [...PRESENTED_COOKIE, 'redis-getex-node-redis', 'json-parse', ...RESTORED_BY_PLUGIN],
      variant: 'client',
      tags: IN_DEPTH,
      colour: '#3c79a8',
    },
    load: async () => (await import('../schemes/sessions/node-redis.ts')).nodeRedisSessions,
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
    load: async () => (await import('../schemes/session-lean.ts')).leanSessions,
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
    load: async () => (await import('../schemes/session-plugin.ts')).memorySessions(),
  },
];
