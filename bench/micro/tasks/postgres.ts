/** The look-up of a session in PostgreSQL, with the servers' statements and pool, ten at a time. */
import { randomBytes } from 'node:crypto';
import { Pool } from 'pg';
import { thenEnding } from '../../../core/errors.ts';
import { sessionIds, sessions } from '../inputs.ts';
import { INPUTS, type MicroTask, type ReadyTask, type TaskContext } from '../task.ts';
import { concurrent } from './concurrent.ts';

/** The number of connections that a replica keeps. */
const CONNECTIONS = 8;
const DEADLINE_MS = 2_000;
const ENDS_AFTER_MS = 3_600_000;

/** Uses a separate schema, so that it can be dropped with everything in it. */
const findIn = (schema: string) =>
  `SELECT record, idle_ends_at_ms FROM ${schema}.session WHERE id = $1 AND idle_ends_at_ms > $2`;
const noteIn = (schema: string) =>
  `UPDATE ${schema}.session SET idle_ends_at_ms = $1 WHERE id = $2 AND idle_ends_at_ms > $3`;
const makeTables = (schema: string) => `
  CREATE SCHEMA ${schema};
  CREATE TABLE ${schema}.session (
    id text PRIMARY KEY, user_id text NOT NULL, record text NOT NULL, idle_ends_at_ms bigint NOT NULL
  );
  CREATE INDEX session_by_user ON ${schema}.session (user_id);
  CREATE INDEX session_by_end ON ${schema}.session (idle_ends_at_ms)`;

async function setup(name: string, notesUse: boolean, context: TaskContext): Promise<ReadyTask> {
  if (context.postgresUrl === null) throw new Error(`The task ${name} needs PostgreSQL.`);
  // A killed process leaves its schema behind, so each has a unique name.
  const schema = `micro_${name.replaceAll('-', '_')}_${randomBytes(4).toString('hex')}`;
  const pool = new Pool({
    connectionString: context.postgresUrl,
    max: CONNECTIONS,
    idleTimeoutMillis: 0,
    connectionTimeoutMillis: DEADLINE_MS,
    query_timeout: DEADLINE_MS,
    // As in the arm.
    statement_timeout: DEADLINE_MS,
  });
  // Errors of idle connections; a query reports its own failure.
  pool.on('error', () => {});
  const teardown = async () => {
    const drop = () => pool.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
    await thenEnding(drop, () => pool.end());
  };
  try {
    await pool.query(makeTables(schema));
    const [find, note] = [findIn(schema), noteIn(schema)];
    const ids = sessionIds(INPUTS);
    const all = sessions(INPUTS);
    await pool.query(
      `INSERT INTO ${schema}.session SELECT id, user_id, record, $4
       FROM unnest($1::text[], $2::text[], $3::text[]) AS given (id, user_id, record)`,
      [ids, all.map(({ user }) => user.id), all.map((session) => JSON.stringify(session)), Date.now() + ENDS_AFTER_MS],
    );
    const ask = (statement: string, text: string, values: unknown[]) =>
      new Promise<number>((resolve, reject) => {
        pool.query({ name: statement, text, values }, (error: Error | null | undefined, result) => {
          if (error) return reject(error);
          context.keep(result.rows);
          resolve(result.rowCount ?? 0);
        });
      });
    const task = await concurrent(context, true, async (index) => {
      const atMs = Date.now();
      const id = ids[index];
      if ((await ask('find', find, [id, atMs])) !== 1) return false;
      return !notesUse || (await ask('note', note, [atMs + ENDS_AFTER_MS, id, atMs])) === 1;
    });
    return { ...task, teardown };
  } catch (error) {
    // The first error says more than that nothing could be dropped.
    await teardown().catch(() => {});
    throw error;
  }
}

function postgresTask(name: string, title: string, notesUse: boolean): MicroTask {
  return { name, title, needs: 'postgres', setup: (context) => setup(name, notesUse, context) };
}

export const postgresTasks: readonly MicroTask[] = [
  postgresTask('postgres-select', 'read a session from PostgreSQL with a prepared statement, ten in flight', false),
  postgresTask(
    'postgres-select-and-update',
    'read a session from PostgreSQL and update its last use, ten in flight',
    true,
  ),
];
