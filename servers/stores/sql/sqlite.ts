/**
 * Sessions in one SQLite file that the replicas of a machine share (write-ahead log, so that readers never wait).
 * `synchronous=NORMAL`: a transaction survives the death of a replica; after a power failure the last ones may be
 * missing, but never a part of one. So a logout could be undone, but `FULL` would cost a sync of the disk for each
 * login and logout. Node's SQLite is synchronous: waiting for a lock blocks the replica, so the wait is short.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { StartError, StoreUnavailable } from '../../errors.ts';
import type { SchemeSettings } from '../../scheme.ts';
import type { Accounts } from '../accounts.ts';
import type { LeanStore } from '../lean-store.ts';
import { readRecord } from '../session-record.ts';
import { useRules } from './use.ts';

/** The longest wait for another replica that is writing. */
const BUSY_MS = 250;
/** After a failed update of a use, no further ones are tried for this long, because each may block the replica. */
const PAUSE_MS = 1_000;
const OPEN_MS = 5_000;
const RETRY_MS = 50;
const SWEEP_MS = 60_000;
/** Rows of a sweep: few enough to block the replica for only milliseconds. */
const SWEPT_AT_ONCE = 1_000;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS session (
    id TEXT PRIMARY KEY, user_id TEXT NOT NULL, record TEXT NOT NULL, idle_ends_at_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS session_by_user ON session (user_id);
  CREATE INDEX IF NOT EXISTS session_by_end ON session (idle_ends_at_ms);
  CREATE TABLE IF NOT EXISTS disabled (user_id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;`;

export interface SqliteSessions {
  readonly store: LeanStore;
  readonly accounts: Accounts;
  /** Deletes expired sessions in batches. */
  sweep(): void;
  close(): void;
}

/** @throws StartError COMPANION_UNREACHABLE */
async function openFile(url: string) {
  const { DatabaseSync } = await import('node:sqlite');
  const untilMs = performance.now() + OPEN_MS;
  for (;;) {
    let database: InstanceType<typeof DatabaseSync> | undefined;
    try {
      database = new DatabaseSync(fileURLToPath(url));
      // Deleted data are overwritten, so that the file does not keep expired sessions.
      database.exec(`PRAGMA busy_timeout = ${BUSY_MS}; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
        PRAGMA secure_delete = ON; ${SCHEMA}`);
      return database;
    } catch (cause) {
      database?.close();
      // Switching to the write-ahead log does not wait for locks, and another replica may be doing it.
      const isBusy = cause instanceof Error && /locked|busy/i.test(cause.message);
      if (!isBusy || performance.now() > untilMs) {
        const message = 'The SQLite file cannot be opened: name one in a folder that the server may write.';
        throw new StartError('COMPANION_UNREACHABLE', message, { cause });
      }
      await sleep(RETRY_MS);
    }
  }
}

/**
 * @param url `file:///…/sessions.db`; a missing file is created @param now the clock for the expiry of sessions, in
 * ms since the epoch @throws StartError COMPANION_UNREACHABLE
 */
export async function openSqliteSessions(
  url: string,
  settings: Pick<SchemeSettings, 'idleTimeoutMs' | 'noteEveryUse'>,
  now: () => number,
): Promise<SqliteSessions> {
  const database = await openFile(url);
  const use = useRules(settings);
  const find = database.prepare('SELECT record, idle_ends_at_ms FROM session WHERE id = ? AND idle_ends_at_ms > ?');
  // An update does not revive an ended session, and nothing shortens one except its end.
  const note = database.prepare('UPDATE session SET idle_ends_at_ms = ? WHERE id = ? AND idle_ends_at_ms > ?');
  const insert = database.prepare(`INSERT INTO session (id, user_id, record, idle_ends_at_ms)
    SELECT ?, ?, ?, ? WHERE NOT EXISTS (SELECT 1 FROM disabled WHERE user_id = ?)`);
  const remove = database.prepare('DELETE FROM session WHERE id = ?');
  const removeAllOf = database.prepare('DELETE FROM session WHERE user_id = ?');
  const removeEnded = database.prepare(
    'DELETE FROM session WHERE id IN (SELECT id FROM session WHERE idle_ends_at_ms <= ? LIMIT ?)',
  );
  const isDisabled = database.prepare('SELECT 1 FROM disabled WHERE user_id = ?');
  const disable = database.prepare('INSERT OR IGNORE INTO disabled (user_id) VALUES (?)');
  let noteFromMs = Number.NEGATIVE_INFINITY;

  /** Runs a statement; its failure is a failure of the store. */
  async function run<T>(statement: () => T): Promise<T> {
    try {
      return statement();
    } catch (cause) {
      throw new StoreUnavailable(cause);
    }
  }

  function noteUse(sessionId: string, endsAtMs: number, atMs: number): void {
    if (performance.now() < noteFromMs) return;
    try {
      note.run(use.idleEndMs(atMs, endsAtMs), sessionId, atMs);
    } catch {
      // The session is valid; its next use records this one, too.
      noteFromMs = performance.now() + PAUSE_MS;
    }
  }

  const store: LeanStore = {
    read(sessionId, found, failed) {
      let row: ReturnType<typeof find.get>;
      const atMs = now();
      try {
        row = find.get(sessionId, atMs);
      } catch (cause) {
        return failed(cause);
      }
      const record = row === undefined ? null : readRecord(String(row.record));
      if (record?.user !== undefined && use.isDue(atMs, Number(row?.idle_ends_at_ms), record.endsAtMs))
        noteUse(sessionId, record.endsAtMs, atMs);
      found(record);
    },
    begin: (sessionId, record) =>
      run(() => {
        const { user, endsAtMs } = record;
        const text = JSON.stringify(record);
        return insert.run(sessionId, user.id, text, use.idleEndMs(now(), endsAtMs), user.id).changes === 1;
      }),
    endPrevious: (sessionId) => run(() => void remove.run(sessionId)),
    end: (_userId, sessionId) => run(() => void remove.run(sessionId)),
    endAllOf: (userId) => run(() => void removeAllOf.run(userId)),
  };

  function sweep(): void {
    try {
      removeEnded.run(now(), SWEPT_AT_ONCE);
    } catch {
      // Another replica is writing; it will be tried again, and expired sessions are refused in any case.
    }
  }
  const timer = setInterval(sweep, SWEEP_MS);
  timer.unref();
  sweep();

  return {
    store,
    accounts: {
      isDisabled: (userId) => run(() => isDisabled.get(userId) !== undefined),
      disable: (userId) => run(() => void disable.run(userId)),
    },
    sweep,
    close() {
      clearInterval(timer);
      database.close();
    },
  };
}
