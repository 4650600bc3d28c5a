import { describe, expect, it } from 'vitest';
import { ADA, clientOf, freshSecrets, testUsers } from '../../test/support/servers.ts';
import { findArm } from '../arms.ts';
import { buildApp } from '../http/app.ts';
import type { SchemeSettings } from '../scheme.ts';

const users = testUsers();
function start(secrets = freshSecrets(), settings: Partial<SchemeSettings> = {}) {
  const arm = findArm('jwt-cookie');
  if (arm === undefined) throw new Error('no arm');
  return buildApp({ arm, secrets, users, settings });
}

describe('a token in a cookie', () => {
  it('is in no body, and is accepted from nowhere else', async () => {
    const app = await start();
    const client = clientOf(app);
    const login = await client.login(ADA);
    const token = client.held.cookies.token ?? '';
    expect(token.split('.')).toHaveLength(3);
    expect(login.text).not.toContain(token.split('.')[2]);
    expect(client.held.accessToken).toBeUndefined();
    expect((await clientOf(app, { cookies: {}, accessToken: token }).get('/me')).status).toBe(401);
    expect((await app.inject({ url: `/me?token=${token}` })).statusCode).toBe(401);
    await app.close();
  });

  it('is deleted in the browser when the token expires, and at logout', async () => {
    const app = await start();
    const client = clientOf(app);
    const login = await client.login(ADA);
    expect(String(login.headers['set-cookie'])).toContain(
      `; Max-Age=${JSON.parse(login.text).expiresInSeconds}; Path=/; HttpOnly; SameSite=Lax`,
    );
    expect((await client.post('/logout')).status).toBe(204);
    expect(client.held.cookies).toEqual({});
    await app.close();
  });

  it('needs its own CSRF token, and both stay valid after a rotation of all keys', async () => {
    const secrets = freshSecrets();
    const { hmacKey, cookieKey } = secrets;
    const [before, after] = await Promise.all([
      start(secrets),
      start({ ...freshSecrets(), previous: { hmacKey, cookieKey } }),
    ]);
    const client = clientOf(before);
    await client.login(ADA);
    const second = clientOf(before);
    await second.login(ADA);
    const body = { to: 'bob', amount: 1 };
    for (const app of [before, after]) {
      expect((await clientOf(app, { ...client.held }).post('/transfer', body)).status).toBe(200);
      const mixed = clientOf(app, { ...client.held, csrfToken: second.held.csrfToken });
      expect((await mixed.post('/transfer', body)).status).toBe(403);
    }
    await Promise.all([before.close(), after.close()]);
  });

  it('has Secure and the __Host- prefix behind TLS', async () => {
    const app = await start(freshSecrets(), { secureCookies: true });
    const response = await app.inject({ method: 'POST', url: '/login', payload: ADA });
    expect(String(response.headers['set-cookie'])).toMatch(/^__Host-token=[^;]+; .*Path=\/; HttpOnly; .*; Secure$/);
    await app.close();
  });
});
