/** Sessions that each request reads from a database other than Redis. */
import type { CompanionKind } from '../contract.ts';
import { type Arm, IN_DEPTH, session } from './declared.ts';

const SQLITE: CompanionKind[] = ['sqlite'];
const POSTGRES: CompanionKind[] = ['postgres'];

export const DATABASE_SESSIONS: readonly Arm[] = [
  {
    info: {
      ...session,
      name: 'session-sqlite',
      title: 'Session in SQLite',
      summary:
        'The hand-tuned session in one SQLite file that the replicas share: no network, and no process beside them.',
      usesRedis: false,
      serverState: 'file',
      companions: SQLITE,
      redisCommandsPerRequest: 0,
      // There is no server that could fail.
      survivesRedisOutage: true,
      hotPath: ['cookie-unsign-by-hand', 'sqlite-select', 'json-parse'],
      variant: 'hand-tuned',
      tags: IN_DEPTH,
      colour: '#4f6f8f',
    },
    load: async () => (await import('../schemes/sessions/sqlite.ts')).sqliteSessions,
  },
  {
    info: {
      ...session,
      name: 'session-postgres',
      title: 'Session in PostgreSQL',
      summary: 'The hand-tuned session in PostgreSQL: one prepared statement per request through a small pool.',
      usesRedis: false,
      serverState: 'database',
      companions: POSTGRES,
      redisCommandsPerRequest: 0,
      survivesRedisOutage: false,
      hotPath: ['cookie-unsign-by-hand', 'postgres-select', 'json-parse'],
      variant: 'hand-tuned',
      tags: IN_DEPTH,
      colour: '#6d5f9c',
    },
    load: async () => (await import('../schemes/sessions/postgres.ts')).postgresSessions,
  },
];
