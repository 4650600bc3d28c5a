/** Sessions that are kept in a cookie, with short timeouts, for the tests of their schemes. */
import { expect } from 'vitest';
import { findArm } from '../../../servers/arms.ts';
import { type AppOptions, buildApp } from '../../../servers/http/app.ts';
import { turnedClock } from '../../support/arms.ts';
import { ADA, clientOf, freshSecrets, testUsers } from '../../support/servers.ts';

export const IDLE_MS = 60_000;
const ABSOLUTE_MS = 600_000;
const users = testUsers();

/** A server of this arm whose sessions end after `IDLE_MS` without use, and after ten minutes in any case. */
export function startShort(name: string, more: Partial<AppOptions> = {}) {
  const arm = findArm(name);
  if (arm === undefined) throw new Error(`there is no ${name}`);
  const settings = { idleTimeoutMs: IDLE_MS, absoluteTimeoutMs: ABSOLUTE_MS, ...more.settings };
  return buildApp({ arm, secrets: freshSecrets(), users, ...more, settings });
}

/** Expects that use extends a session of this arm past its idle timeout, but not past its absolute one. */
export async function expectBothTimeouts(name: string): Promise<void> {
  const clock = turnedClock();
  const app = await startShort(name, { now: clock.now });
  const client = clientOf(app);
  await client.login(ADA);
  for (let usedMs = 0; usedMs + IDLE_MS - 1 < ABSOLUTE_MS; usedMs += IDLE_MS - 1) {
    clock.forward(IDLE_MS - 1);
    expect((await client.get('/me')).status).toBe(200);
  }
  clock.forward(IDLE_MS - 1);
  expect((await client.get('/me')).status).toBe(401);
  await client.login(ADA);
  clock.forward(IDLE_MS);
  expect((await client.get('/me')).status).toBe(401);
  await app.close();
}
