import { describe, expect, it } from 'vitest';
import { armBench, turnedClock } from '../support/arms.ts';
import { ADA, BOB, clientOf, copyOf } from '../support/servers.ts';

const bench = armBench();
const TRANSFER = { to: 'bob', amount: 1 };

describe('the hybrid', () => {
  it.each(['/logout', '/logout-all', '/admin/users/u-1/disable'])(
    'after %s still accepts a copy of the token for reads, and refuses all critical operations, on every replica',
    async (path) => {
      const [here, there] = await Promise.all([bench.start('hybrid'), bench.start('hybrid')]);
      const client = clientOf(here);
      await client.login(ADA);
      const stolen = clientOf(there, copyOf(client.held));
      expect((await stolen.post('/transfer', TRANSFER)).status).toBe(200);
      expect((await client.post(path)).status).toBe(204);
      expect((await stolen.get('/me')).status).toBe(200);
      expect((await stolen.post('/transfer', TRANSFER)).status).toBe(401);
      expect((await stolen.post('/admin/users/u-2/disable')).status).toBe(401);
    },
  );

  it('refuses critical operations with a session that was idle for too long, or is too old', async () => {
    const clock = turnedClock();
    const settings = { idleTimeoutMs: 60_000, absoluteTimeoutMs: 300_000 };
    const client = clientOf(await bench.start('hybrid', { now: clock.now, settings }));
    await client.login(ADA);
    const [key = ''] = await bench.probe().keys('hybrid:session:*');
    await bench.probe().pexpire(key, 20_000);
    expect((await client.post('/transfer', TRANSFER)).status).toBe(200);
    expect(await bench.probe().pttl(key)).toBeGreaterThan(30_000);
    clock.forward(300_000);
    expect((await client.post('/transfer', TRANSFER)).status).toBe(401);
    expect((await client.get('/me')).status).toBe(200);
  });

  it('reads the roles for critical operations from the session, not from the token', async () => {
    const client = clientOf(await bench.start('hybrid'));
    await client.login(ADA);
    const [key = ''] = await bench.probe().keys('hybrid:session:*');
    const record = JSON.parse((await bench.probe().get(key)) ?? '');
    await bench.probe().set(key, JSON.stringify({ ...record, user: { ...record.user, roles: ['user'] } }));
    expect((await client.post('/admin/users/u-2/disable')).status).toBe(403);
  });
});

describe('the dual application', () => {
  it('issues the requested kind of credential, and serves the same with either', async () => {
    const app = await bench.start('dual');
    const [web, api] = [clientOf(app), clientOf(app)];
    await web.login(ADA);
    await api.login({ ...ADA, credential: 'token' });
    expect(web.held).toMatchObject({ cookies: { sid: expect.any(String) }, csrfToken: expect.any(String) });
    expect(web.held.accessToken).toBeUndefined();
    expect(api.held).toMatchObject({ cookies: {}, accessToken: expect.any(String) });
    for (const path of ['/me', '/admin']) expect((await web.get(path)).text).toBe((await api.get(path)).text);
    for (const client of [web, api]) expect((await client.post('/transfer', TRANSFER)).status).toBe(200);
  });

  it('requires a CSRF token with a cookie, and none with a token', async () => {
    const app = await bench.start('dual');
    const [web, api] = [clientOf(app), clientOf(app)];
    await web.login(ADA);
    await api.login({ ...ADA, credential: 'token' });
    const { csrfToken: _left, ...bare } = copyOf(web.held);
    expect((await clientOf(app, bare).post('/transfer', TRANSFER)).status).toBe(403);
    // An invalid token does not exempt a cookie from it.
    expect((await clientOf(app, { ...bare, accessToken: 'x' }).post('/transfer', TRANSFER)).status).toBe(401);
    expect((await api.post('/transfer', TRANSFER)).status).toBe(200);
  });

  it('uses the token if both are sent, and never falls back to the cookie', async () => {
    const app = await bench.start('dual');
    const [web, api] = [clientOf(app), clientOf(app)];
    await web.login(ADA);
    await api.login({ ...BOB, credential: 'token' });
    const both = clientOf(app, { ...copyOf(web.held), accessToken: api.held.accessToken });
    expect(JSON.parse((await both.get('/me')).text).username).toBe('bob');
    expect((await both.get('/admin')).status).toBe(403);
    await api.post('/logout');
    expect((await both.get('/me')).status).toBe(401);
    expect((await web.get('/me')).status).toBe(200);
  });

  it.each(['cookie', 'token'] as const)('ends both kinds at once with a %s', async (asking) => {
    const clock = turnedClock();
    const [here, there] = await Promise.all([
      bench.start('dual', { now: clock.now }),
      bench.start('dual', { now: clock.now }),
    ]);
    const [web, api, asker] = [clientOf(here), clientOf(here), clientOf(there)];
    await web.login(ADA);
    await api.login({ ...ADA, credential: 'token' });
    await asker.login({ ...ADA, credential: asking });
    expect((await asker.post('/logout-all')).status).toBe(204);
    for (const client of [web, api]) expect((await client.get('/me')).status).toBe(401);
    clock.forward(1);
    await web.login(BOB);
    await api.login({ ...BOB, credential: 'token' });
    await asker.login({ ...ADA, credential: asking });
    expect((await asker.post('/admin/users/u-2/disable')).status).toBe(204);
    for (const client of [web, api]) expect((await client.get('/me')).status).toBe(401);
  });
});
