/** Promises of every arm that keeps its sessions in a database. */
import type { FastifyInstance } from 'fastify';
import { expect, it } from 'vitest';
import type { SchemeSettings } from '../../../servers/scheme.ts';
import { turnedClock } from '../../support/arms.ts';
import { ADA, BOB, clientOf, copyOf } from '../../support/servers.ts';

export const IDLE_MS = 60_000;
export const ABSOLUTE_MS = 600_000;

export interface DatabaseUnderTest {
  /** Starts another replica on the test's database, with the timeouts above. */
  start(now?: () => number, settings?: Partial<SchemeSettings>): Promise<FastifyInstance>;
  /** Number of stored sessions. */
  count(): number | Promise<number>;
  /** Idle expiry of its only session, in ms since the epoch. */
  idleEnd(): number | Promise<number>;
}

/** Registers the tests; call it within a `describe`. */
export function testSessionsIn({ start, count, idleEnd }: DatabaseUnderTest): void {
  it('shares sessions among replicas, and ends them everywhere at once', async () => {
    // Concurrently, so that they create the tables at the same time.
    const [here, there] = await Promise.all([start(), start(), start()]);
    const [ada, bob] = [clientOf(here), clientOf(here)];
    await ada.login(ADA);
    await bob.login(BOB);
    const stolen = clientOf(there, copyOf(ada.held));
    expect((await stolen.get('/me')).status).toBe(200);
    expect((await ada.post('/logout')).status).toBe(204);
    expect((await stolen.get('/me')).status).toBe(401);
    expect((await clientOf(there, copyOf(bob.held)).get('/me')).status).toBe(200);
    expect(await count()).toBe(1);
  });

  it('ends all sessions of one user, and none of another', async () => {
    const [here, there] = await Promise.all([start(), start()]);
    const [first, second, bob] = [clientOf(here), clientOf(there), clientOf(there)];
    for (const client of [first, second]) await client.login(ADA);
    await bob.login(BOB);
    expect((await first.post('/logout-all')).status).toBe(204);
    expect((await second.get('/me')).status).toBe(401);
    expect((await bob.get('/me')).status).toBe(200);
  });

  it('records a use once per 30th of the idle timeout, or every use if configured', async () => {
    for (const noteEveryUse of [false, true]) {
      const clock = turnedClock();
      const client = clientOf(await start(clock.now, { noteEveryUse }));
      await client.login(ADA);
      const before = await idleEnd();
      clock.forward(IDLE_MS / 30 - 1);
      await client.get('/me');
      expect((await idleEnd()) - before).toBe(noteEveryUse ? IDLE_MS / 30 - 1 : 0);
      clock.forward(1);
      await client.get('/me');
      expect((await idleEnd()) - before).toBe(IDLE_MS / 30);
      await client.post('/logout');
    }
  });

  it('ends a session at its idle timeout, and at its absolute timeout', async () => {
    const clock = turnedClock();
    const client = clientOf(await start(clock.now));
    await client.login(ADA);
    clock.forward(IDLE_MS);
    expect((await client.get('/me')).status).toBe(401);
    await client.login(ADA);
    for (let usedMs = 0; usedMs < ABSOLUTE_MS; usedMs += IDLE_MS / 2) {
      expect((await client.get('/me')).status).toBe(200);
      clock.forward(IDLE_MS / 2);
    }
    expect((await client.get('/me')).status).toBe(401);
  });
}
