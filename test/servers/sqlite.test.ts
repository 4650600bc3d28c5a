import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findArm } from '../../servers/arms.ts';
import { buildApp } from '../../servers/http/app.ts';
import { DEFAULT_SETTINGS, type SchemeSettings } from '../../servers/scheme.ts';
import { openSqliteSessions } from '../../servers/stores/sql/sqlite.ts';
import { turnedClock } from '../support/arms.ts';
import { ADA, BOB, clientOf, copyOf, freshSecrets, testUsers } from '../support/servers.ts';
import { ABSOLUTE_MS, IDLE_MS, testSessionsIn } from './shared/database-sessions.ts';

const secrets = freshSecrets();
const users = testUsers();

let folder: string;
let url: string;
/** The test's own connection to the file. */
let probe: DatabaseSync | undefined;
const open: FastifyInstance[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tollgate-test-'));
  url = pathToFileURL(join(folder, 'sessions.db')).href;
});
afterEach(async () => {
  probe?.close();
  probe = undefined;
  await Promise.all(open.splice(0).map((app) => app.close()));
  rmSync(folder, { recursive: true, force: true });
});

async function start(now: () => number = Date.now, settings: Partial<SchemeSettings> = {}): Promise<FastifyInstance> {
  const arm = findArm('session-sqlite');
  if (arm === undefined) throw new Error('there is no session-sqlite');
  const app = await buildApp({
    arm,
    secrets,
    users,
    companions: { sqlite: { url } },
    settings: { idleTimeoutMs: IDLE_MS, absoluteTimeoutMs: ABSOLUTE_MS, ...settings },
    now,
    storeNow: now,
  });
  open.push(app);
  return app;
}

function file(): DatabaseSync {
  probe ??= new DatabaseSync(fileURLToPath(url));
  return probe;
}
const count = () => Number(file().prepare('SELECT count(*) AS n FROM session').get()?.n);
const idleEnd = () => Number(file().prepare('SELECT idle_ends_at_ms AS at FROM session').get()?.at);

describe('session-sqlite', () => {
  testSessionsIn({ start, count, idleEnd });

  it('uses a write-ahead log, and sessions survive a restart of every replica', async () => {
    const client = clientOf(await start());
    await client.login(ADA);
    expect(file().prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
    await open.pop()?.close();
    expect((await clientOf(await start(), copyOf(client.held)).get('/me')).status).toBe(200);
  });

  it('leaves no trace of an ended session in the file', async () => {
    const client = clientOf(await start());
    await client.login(ADA);
    const id = String(file().prepare('SELECT id FROM session').get()?.id);
    await client.post('/logout');
    file().exec('PRAGMA wal_checkpoint(TRUNCATE)');
    expect(readFileSync(fileURLToPath(url)).includes(id)).toBe(false);
  });

  it('continues to read while another writer locks the file, and refuses writes with 503', async () => {
    const clock = turnedClock();
    const app = await start(clock.now, { noteEveryUse: true });
    const client = clientOf(app);
    await client.login(ADA);
    file().exec('BEGIN IMMEDIATE');
    clock.forward(1_000);
    expect((await client.get('/me')).status).toBe(200);
    expect((await client.post('/logout')).status).toBe(503);
    expect((await clientOf(app).login(BOB)).status).toBe(503);
    file().exec('COMMIT');
    expect((await client.post('/logout')).status).toBe(204);
    expect(count()).toBe(0);
  });

  it('refuses with 503, and lets nobody in, if its table is gone', async () => {
    const app = await start();
    const client = clientOf(app);
    await client.login(ADA);
    file().exec('DROP TABLE session');
    expect((await client.get('/me')).status).toBe(503);
    expect((await client.post('/transfer', { to: 'bob', amount: 1 })).status).toBe(503);
    expect((await client.get('/public')).status).toBe(200);
  });

  it('deletes only sessions that have ended', async () => {
    const clock = turnedClock();
    const sessions = await openSqliteSessions(url, { ...DEFAULT_SETTINGS, idleTimeoutMs: IDLE_MS }, clock.now);
    try {
      const insert = file().prepare('INSERT INTO session VALUES (?, ?, ?, ?)');
      for (let i = 0; i < 3; i += 1) insert.run(`id-${i}`, 'u-1', '{}', clock.now() + i);
      clock.forward(1);
      sessions.sweep();
      expect(file().prepare('SELECT id FROM session').all()).toEqual([{ id: 'id-2' }]);
    } finally {
      sessions.close();
    }
  });

  it('does not start on a file that it cannot open, and says what to do', async () => {
    url = pathToFileURL(join(folder, 'nowhere', 'sessions.db')).href;
    await expect(start()).rejects.toThrow(/cannot be opened: name one in a folder that the server may write/);
  });
});
