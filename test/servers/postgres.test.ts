import type { FastifyInstance } from 'fastify';
import { Pool } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Companion } from '../../bench/fleet/companions/companion.ts';
import { startPostgres } from '../../bench/fleet/companions/postgres.ts';
import { Janitor } from '../../bench/processes/janitor.ts';
import { thenEnding } from '../../core/errors.ts';
import { findArm } from '../../servers/arms.ts';
import { buildApp } from '../../servers/http/app.ts';
import { DEFAULT_SETTINGS, type SchemeSettings } from '../../servers/scheme.ts';
import { openPostgresSessions } from '../../servers/stores/sql/postgres.ts';
import { turnedClock } from '../support/arms.ts';
import { descendants, stillAlive } from '../support/bench-process.ts';
import { ADA, BOB, clientOf, freshSecrets, testUsers } from '../support/servers.ts';
import { ABSOLUTE_MS, IDLE_MS, testSessionsIn } from './shared/database-sessions.ts';

const secrets = freshSecrets();
const users = testUsers();

let janitor: Janitor;
let database: Companion;
/** The test's own connection to the database. */
let probe: Pool;
const open: FastifyInstance[] = [];

beforeAll(async () => {
  janitor = await Janitor.start();
  database = await startPostgres({ janitor, onDeath: () => {} });
});
afterAll(async () => {
  await database.stop();
  await janitor.finish();
});
beforeEach(() => {
  probe = new Pool({ connectionString: database.address.url, max: 1 });
  probe.on('error', () => {});
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((app) => app.close()));
  await probe.query('DROP TABLE IF EXISTS session, disabled');
  await probe.end();
});

async function start(now: () => number = Date.now, settings: Partial<SchemeSettings> = {}): Promise<FastifyInstance> {
  const arm = findArm('session-postgres');
  if (arm === undefined) throw new Error('there is no session-postgres');
  const app = await buildApp({
    arm,
    secrets,
    users,
    companions: { postgres: { url: database.address.url } },
    settings: { idleTimeoutMs: IDLE_MS, absoluteTimeoutMs: ABSOLUTE_MS, ...settings },
    now,
    storeNow: now,
  });
  open.push(app);
  return app;
}

const faults = () => {
  if (database.faults === undefined) throw new Error('it cannot be broken');
  return database.faults;
};
const value = async (text: string) => Number(Object.values((await probe.query(text)).rows[0] ?? {})[0]);
const count = () => value('SELECT count(*) FROM session');
const idleEnd = () => value('SELECT idle_ends_at_ms FROM session');

describe('session-postgres', () => {
  testSessionsIn({ start, count, idleEnd });

  it('uses the key to find a session, an index to find ended ones, and statements that are prepared once', async () => {
    const client = clientOf(await start());
    await client.login(ADA);
    for (let i = 0; i < 20; i += 1) expect((await client.get('/me')).status).toBe(200);
    const { rows } = await probe.query(
      `SELECT indexdef FROM pg_indexes WHERE tablename = 'session' AND indexname = 'session_by_end'`,
    );
    expect(rows).toEqual([{ indexdef: expect.stringMatching(/\(idle_ends_at_ms\)$/) }]);
    // One replica with one client: its pool needs no second connection.
    const connections = `SELECT count(*) FROM pg_stat_activity WHERE application_name = 'tollgate'`;
    expect(await value(connections)).toBe(1);
  });

  it('opens at most eight connections, however many requests are in flight', async () => {
    const client = clientOf(await start());
    await client.login(ADA);
    const answers = await Promise.all(Array.from({ length: 50 }, () => client.get('/me')));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    const connections = await value(`SELECT count(*) FROM pg_stat_activity WHERE application_name = 'tollgate'`);
    expect(connections).toBeGreaterThan(1);
    expect(connections).toBeLessThanOrEqual(8);
  });

  it('begins no session for a user who was disabled after the login had asked', async () => {
    const sessions = await openPostgresSessions(database.address.url, DEFAULT_SETTINGS, Date.now);
    await thenEnding(
      async () => {
        const user = { id: 'u-1', username: 'one', roles: [] };
        await sessions.accounts.disable(user.id);
        expect(await sessions.store.begin('id-1', { user, endsAtMs: Date.now() + ABSOLUTE_MS })).toBe(false);
        expect(await count()).toBe(0);
      },
      () => sessions.close(),
    );
  });

  it('deletes only sessions that have ended', async () => {
    const clock = turnedClock();
    const settings = { ...DEFAULT_SETTINGS, idleTimeoutMs: IDLE_MS };
    const sessions = await openPostgresSessions(database.address.url, settings, clock.now);
    await thenEnding(
      async () => {
        for (let i = 0; i < 3; i += 1)
          await probe.query('INSERT INTO session VALUES ($1, $2, $3, $4)', [`id-${i}`, 'u-1', '{}', clock.now() + i]);
        clock.forward(1);
        await sessions.sweep();
        expect((await probe.query('SELECT id FROM session')).rows).toEqual([{ id: 'id-2' }]);
      },
      () => sessions.close(),
    );
  });

  it('refuses with 503 while the database is frozen, even requests that wait for a connection, and recovers', async () => {
    const app = await start();
    const client = clientOf(app);
    await client.login(ADA);
    await Promise.all(Array.from({ length: 20 }, () => client.get('/me')));
    faults().freeze();
    try {
      const hung = await Promise.all([
        ...Array.from({ length: 30 }, () => client.get('/me')),
        client.post('/transfer', { to: 'bob', amount: 1 }),
        clientOf(app).login(BOB),
      ]);
      expect(new Set(hung.map(({ status }) => status))).toEqual(new Set([503]));
      // By now every connection is closed, and a new one is not accepted.
      const again = await client.get('/me');
      expect(again.status).toBe(503);
      expect(again.text).not.toMatch(/postgres|127\.0\.0\.1|timeout/i);
      expect((await client.get('/public')).status).toBe(200);
    } finally {
      faults().thaw();
    }
    await expect.poll(async () => (await client.get('/me')).status, { timeout: 10_000 }).toBe(200);
  });

  it('leaves no abandoned query running in the database', async () => {
    const client = clientOf(await start());
    await client.login(ADA);
    // A transaction sees one snapshot of the activity, so another connection is used.
    const blocker = new Pool({ connectionString: database.address.url, max: 1 });
    await thenEnding(
      async () => {
        await blocker.query('BEGIN; LOCK TABLE session IN ACCESS EXCLUSIVE MODE');
        const answers = await Promise.all(Array.from({ length: 8 }, () => client.get('/me')));
        expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([503]));
        const running = `SELECT count(*) FROM pg_stat_activity WHERE application_name = 'tollgate' AND state = 'active'`;
        await expect.poll(() => value(running), { timeout: 5_000 }).toBe(0);
      },
      () => blocker.end(),
    );
    expect((await client.get('/me')).status).toBe(200);
  });

  it('refuses with 503 while the database is gone, and works with an empty one afterwards', async () => {
    const app = await start();
    const client = clientOf(app);
    await client.login(ADA);
    const before = descendants(database.pid ?? 0);
    expect(before.length).toBeGreaterThan(3);
    await faults().kill();
    expect(stillAlive(before)).toEqual([]);
    expect((await client.get('/me')).status).toBe(503);
    expect((await clientOf(app).login(BOB)).status).toBe(503);
    await faults().restart();
    await expect.poll(async () => (await client.get('/me')).status, { timeout: 10_000 }).toBe(401);
    expect((await clientOf(app).login(BOB)).status).toBe(200);
    expect(await count()).toBe(1);
  });

  it('lets nobody in without the password of this run', async () => {
    const other = new URL(database.address.url);
    other.password = 'guessed';
    const pool = new Pool({ connectionString: other.href });
    await expect(pool.query('SELECT 1')).rejects.toThrow(/password authentication failed/);
    await pool.end();
  });
});
