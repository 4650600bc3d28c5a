import { describe, expect, it } from 'vitest';
import { turnedClock } from '../../test/support/arms.ts';
import { ADA, clientOf, copyOf, freshSecrets, testUsers } from '../../test/support/servers.ts';
import { findArm } from '../arms.ts';
import { type AppOptions, buildApp } from '../http/app.ts';

const users = testUsers();
const IDLE_MS = 60_000;
const ABSOLUTE_MS = 600_000;

function start(more: Partial<AppOptions> = {}) {
  const arm = findArm('session-sealed');
  if (arm === undefined) throw new Error('no arm');
  const settings = { idleTimeoutMs: IDLE_MS, absoluteTimeoutMs: ABSOLUTE_MS, ...more.settings };
  return buildApp({ arm, secrets: freshSecrets(), users, ...more, settings });
}

describe('a sealed session', () => {
  it('reveals nothing of its content', async () => {
    const app = await start();
    const client = clientOf(app);
    await client.login(ADA);
    const [cipher = ''] = (client.held.cookies.sid ?? '').split(';');
    expect(Buffer.from(cipher, 'base64').toString('latin1')).not.toMatch(/ada|admin|u-1/);
    await app.close();
  });

  it('has an idle timeout that use extends, and an absolute one that it does not', async () => {
    const clock = turnedClock();
    const app = await start({ now: clock.now });
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
  });

  it('rewrites its cookie only when recording its use is due', async () => {
    const clock = turnedClock();
    const app = await start({ now: clock.now });
    const client = clientOf(app);
    await client.login(ADA);
    clock.forward(IDLE_MS / 30 - 1);
    expect((await client.get('/me')).headers['set-cookie']).toBeUndefined();
    clock.forward(1);
    expect((await client.get('/me')).headers['set-cookie']).toBeDefined();
    await app.close();
  });

  it('is sealed again with the new key after a rotation', async () => {
    const secrets = freshSecrets();
    const renewed = freshSecrets();
    const [before, after, later] = await Promise.all([
      start({ secrets }),
      start({ secrets: { ...renewed, previous: { cookieKey: secrets.cookieKey } } }),
      start({ secrets: renewed }),
    ]);
    const client = clientOf(before);
    await client.login(ADA);
    expect((await clientOf(later, copyOf(client.held)).get('/me')).status).toBe(401);
    const kept = clientOf(after, copyOf(client.held));
    expect((await kept.post('/transfer', { to: 'bob', amount: 1 })).status).toBe(200);
    expect((await clientOf(later, kept.held).get('/me')).status).toBe(200);
    await Promise.all([before.close(), after.close(), later.close()]);
  });

  it('has Secure and the __Host- prefix behind TLS', async () => {
    const app = await start({ settings: { secureCookies: true } });
    const response = await app.inject({ method: 'POST', url: '/login', payload: ADA });
    expect(String(response.headers['set-cookie'])).toMatch(/^__Host-sid=[^;]+; Path=\/(?=.*; HttpOnly)(?=.*; Secure)/);
    await app.close();
  });
});
