/**
 * Sessions in PostgreSQL, through a small pool of connections for each replica. Every statement of a request is
 * prepared once per connection, by its name. The index on the end of a session, which the sweep needs, must be
 * updated with each recorded use, so uses are recorded as rarely as `useRules` allows.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type ClientBase, Pool, type QueryResult } from 'pg';
import { orUnavailable, StartError } from '../../errors.ts';
import type { SchemeSettings } from '../../scheme.ts';
import type { Accounts } from '../accounts.ts';
import type { LeanStore } from '../lean-store.ts';
import { readRecord } from '../session-record.ts';
import { useRules } from './use.ts';

/**
 * Connections of a replica: it runs on one core, and each connection is a process of the database, which needs a core.
 */
const CONNECTIONS = 8;
/**
 * A statement without an answer within this time is an outage, and so is a wait for a connection. A request meets each of
 * them at most once, since the first that fails ends it.
 */
const DEADLINE_MS = 1_000;
const OPEN_MS = 5_000;
const RETRY_MS = 50;
const CLOSE_MS = 1_000;
/** After a failed update of a use, no further ones are tried for this long, because each would delay a request. */
const PAUSE_MS = 1_000;
const SWEEP_MS = 60_000;
const SWEPT_AT_ONCE = 1_000;

/**
 * Each connection creates the tables if they are missing, since a database may return empty. The lock is needed
 * because if two connections create a table at the same time, one fails in spite of `IF NOT EXISTS`. Its number is
 * arbitrary, but the same in all replicas.
 */
const SCHEMA = `
  BEGIN;
  SET LOCAL client_min_messages = warning;
  SELECT pg_advisory_xact_lock(7265);
  CREATE TABLE IF NOT EXISTS session (
    id text PRIMARY KEY, user_id text NOT NULL, record text NOT NULL, idle_ends_at_ms bigint NOT NULL
  );
  CREATE INDEX IF NOT EXISTS session_by_user ON session (user_id);
  CREATE INDEX IF NOT EXISTS session_by_end ON session (idle_ends_at_ms);
  CREATE TABLE IF NOT EXISTS disabled (user_id text PRIMARY KEY);
  COMMIT`;

const STATEMENTS = {
  find: 'SELECT record, idle_ends_at_ms FROM session WHERE id = $1 AND idle_ends_at_ms > $2',
  // An update does not revive an ended session, and nothing shortens one except its end.
  note: 'UPDATE session SET idle_ends_at_ms = $1 WHERE id = $2 AND idle_ends_at_ms > $3',
  insert: 'INSERT INTO session (id, user_id, record, idle_ends_at_ms) VALUES ($1, $2, $3, $4)',
  remove: 'DELETE FROM session WHERE id = $1',
  removeAllOf: 'DELETE FROM session WHERE user_id = $1',
  removeEnded: `DELETE FROM session WHERE id IN (
    SELECT id FROM session WHERE idle_ends_at_ms <= $1 ORDER BY idle_ends_at_ms LIMIT $2 FOR UPDATE SKIP LOCKED)`,
  isDisabled: 'SELECT 1 FROM disabled WHERE user_id = $1',
  disable: 'INSERT INTO disabled (user_id) VALUES ($1) ON CONFLICT DO NOTHING',
} as const;
type StatementName = keyof typeof STATEMENTS;
type Row = { readonly record: string; readonly idle_ends_at_ms: string };

export interface PostgresSessions {
  readonly store: LeanStore;
  readonly accounts: Accounts;
  /** Deletes expired sessions in batches. */
  sweep(): Promise<void>;
  close(): Promise<void>;
}

/** A database that does not respond does not confirm the end of a connection either, so the wait is limited. */
async function closed(pool: Pool): Promise<void> {
  await Promise.race([pool.end(), sleep(CLOSE_MS, undefined, { ref: false })]);
}

/** @throws StartError COMPANION_UNREACHABLE */
async function openPool(url: string): Promise<Pool> {
  const pool = new Pool({
    connectionString: url,
    max: CONNECTIONS,
    // Connections are kept: opening one costs a process and a key derivation.
    idleTimeoutMillis: 0,
    connectionTimeoutMillis: DEADLINE_MS,
    query_timeout: DEADLINE_MS,
    // The pool replaces the connection of a statement that it gave up on. If the database worked on, a slow one would get
    // more and more statements at once.
    statement_timeout: DEADLINE_MS,
    application_name: 'tollgate',
    onConnect: (client: ClientBase) => client.query(SCHEMA).then(() => undefined),
  });
  // The error of an idle connection, which is replaced when one is needed.
  pool.on('error', () => {});
  const untilMs = performance.now() + OPEN_MS;
  for (;;) {
    try {
      await pool.query('SELECT 1');
      return pool;
    } catch (cause) {
      if (performance.now() > untilMs) {
        await closed(pool);
        const message = 'PostgreSQL cannot be used: check that it runs, and that its user may create tables.';
        throw new StartError('COMPANION_UNREACHABLE', message, { cause });
      }
      await sleep(RETRY_MS);
    }
  }
}

/**
 * @param url `postgres://user:password@host:port/database`; missing tables are created @param now the clock for the
 * expiry of sessions, in ms since the epoch @throws StartError COMPANION_UNREACHABLE
 */
export async function openPostgresSessions(
  url: string,
  settings: Pick<SchemeSettings, 'idleTimeoutMs' | 'noteEveryUse'>,
  now: () => number,
): Promise<PostgresSessions> {
  const pool = await openPool(url);
  const use = useRules(settings);
  let noteFromMs = Number.NEGATIVE_INFINITY;

  const prepared = (name: StatementName, values: unknown[]) => ({ name, text: STATEMENTS[name], values });
  const run = (name: StatementName, ...values: unknown[]): Promise<QueryResult> =>
    orUnavailable(pool.query(prepared(name, values)));
  const remove = async (sessionId: string) => void (await run('remove', sessionId));
  const removeAllOf = async (userId: string) => void (await run('removeAllOf', userId));
  const isDisabled = async (userId: string) => (await run('isDisabled', userId)).rowCount === 1;

  /**
   * Calls `done` once the use is recorded, or could not be: the session is valid, and its next use records this one.
   */
  function noteUse(sessionId: string, endsAtMs: number, atMs: number, done: () => void): void {
    if (performance.now() < noteFromMs) {
      done();
      return;
    }
    pool.query(
      prepared('note', [use.idleEndMs(atMs, endsAtMs), sessionId, atMs]),
      (error: Error | null | undefined) => {
        if (error) noteFromMs = performance.now() + PAUSE_MS;
        done();
      },
    );
  }

  const store: LeanStore = {
    read(sessionId, found, failed) {
      const atMs = now();
      pool.query<Row>(prepared('find', [sessionId, atMs]), (error: Error | null | undefined, result) => {
        if (error) return failed(error);
        const [row] = result.rows;
        const record = row === undefined ? null : readRecord(row.record);
        // 64-bit integers are returned as text.
        if (record?.user !== undefined && use.isDue(atMs, Number(row?.idle_ends_at_ms), record.endsAtMs))
          noteUse(sessionId, record.endsAtMs, atMs, () => found(record));
        else found(record);
      });
    },
    async begin(sessionId, record) {
      const { user, endsAtMs } = record;
      await run('insert', sessionId, user.id, JSON.stringify(record), use.idleEndMs(now(), endsAtMs));
      // Checked after the insert: if the user is disabled later than this, that also ends this session.
      if (!(await isDisabled(user.id))) return true;
      await remove(sessionId);
      return false;
    },
    endPrevious: remove,
    end: (_userId, sessionId) => remove(sessionId),
    endAllOf: removeAllOf,
  };

  async function sweep(): Promise<void> {
    try {
      await run('removeEnded', now(), SWEPT_AT_ONCE);
    } catch {
      // It will be tried again, and expired sessions are refused in any case.
    }
  }
  const timer = setInterval(() => void sweep(), SWEEP_MS);
  timer.unref();
  await sweep();

  return {
    store,
    accounts: { isDisabled, disable: async (userId) => void (await run('disable', userId)) },
    sweep,
    async close() {
      clearInterval(timer);
      await closed(pool);
    },
  };
}
