/** The look-up of a session in a SQLite file, with the servers' statements and settings. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sessionIds, sessions } from '../inputs.ts';
import { cycle, INPUTS, type MicroTask, type ReadyTask, type TaskContext } from '../task.ts';

const ENDS_AFTER_MS = 3_600_000;

async function setup(context: TaskContext, notesUse: boolean): Promise<ReadyTask> {
  const { DatabaseSync } = await import('node:sqlite');
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-sqlite-'));
  const database = new DatabaseSync(join(folder, 'sessions.db'));
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA secure_delete = ON;
    CREATE TABLE session (
      id TEXT PRIMARY KEY, user_id TEXT NOT NULL, record TEXT NOT NULL, idle_ends_at_ms INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX session_by_user ON session (user_id);
    CREATE INDEX session_by_end ON session (idle_ends_at_ms)`);
  const find = database.prepare('SELECT record, idle_ends_at_ms FROM session WHERE id = ? AND idle_ends_at_ms > ?');
  const note = database.prepare('UPDATE session SET idle_ends_at_ms = ? WHERE id = ? AND idle_ends_at_ms > ?');
  const insert = database.prepare('INSERT INTO session VALUES (?, ?, ?, ?)');
  const ids = sessionIds(INPUTS);
  for (const [i, session] of sessions(INPUTS).entries())
    insert.run(ids[i] as string, session.user.id, JSON.stringify(session), Date.now() + ENDS_AFTER_MS);
  const task = cycle(ids, context, (id) => {
    const atMs = Date.now();
    const row = find.get(id, atMs);
    if (row === undefined) throw new Error('A session that was written is not found.');
    if (notesUse) note.run(atMs + ENDS_AFTER_MS, id, atMs);
    return row;
  });
  return {
    ...task,
    async teardown() {
      database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export const sqliteTasks: readonly MicroTask[] = [
  {
    name: 'sqlite-select',
    title: 'read a session from a SQLite file with a prepared statement',
    needs: null,
    setup: (context) => setup(context, false),
  },
  {
    name: 'sqlite-select-and-update',
    title: 'read a session from a SQLite file and update its last use',
    needs: null,
    setup: (context) => setup(context, true),
  },
];
