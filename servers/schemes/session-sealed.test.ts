import { describe, expect, it } from 'vitest';
import { expectBothTimeouts, IDLE_MS, startShort } from '../../test/servers/shared/short-sessions.ts';
import { turnedClock } from '../../test/support/arms.ts';
import { ADA, clientOf, copyOf, freshSecrets } from '../../test/support/servers.ts';

describe('a sealed session', () => {
  it('reveals nothing of its content', async () => {
    const app = await startShort('session-sealed');
    const client = clientOf(app);
    await client.login(ADA);
    const [cipher = ''] = (client.held.cookies.sid ?? '').split(';');
    expect(Buffer.from(cipher, 'base64').toString('latin1')).not.toMatch(/ada|admin|u-1/);
    await app.close();
  });

  it('has an idle timeout that use extends, and an absolute one that it does not', () =>
    expectBothTimeouts('session-sealed'));

  it('rewrites its cookie only when recording its use is due', async () => {
    const clock = turnedClock();
    const app = await startShort('session-sealed', { now: clock.now });
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
      startShort('session-sealed', { secrets }),
      startShort('session-sealed', { secrets: { ...renewed, previous: { cookieKey: secrets.cookieKey } } }),
      startShort('session-sealed', { secrets: renewed }),
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
    const app = await startShort('session-sealed', { settings: { secureCookies: true } });
    const response = await app.inject({ method: 'POST', url: '/login', payload: ADA });
    expect(String(response.headers['set-cookie'])).toMatch(/^__Host-sid=[^;]+; Path=\/(?=.*; HttpOnly)(?=.*; Secure)/);
    await app.close();
  });
});
