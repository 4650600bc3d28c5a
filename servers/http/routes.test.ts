import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { ADA, clientOf, freshSecrets, testUsers } from '../../test/support/servers.ts';
import type { Arm } from '../arms.ts';
import { findArm } from '../arms.ts';
import { Unauthenticated } from '../errors.ts';
import type { Scheme } from '../scheme.ts';
import { none } from '../schemes/none.ts';
import { buildApp } from './app.ts';

const secrets = freshSecrets();
const users = testUsers();

/** The baseline with parts replaced: like a future scheme, or a broken one. */
function appWith(change: Partial<Scheme>) {
  const base = findArm('none');
  if (base === undefined) throw new Error('no baseline');
  const arm: Arm = { info: base.info, load: async () => (context) => ({ ...none(context), ...change }) };
  return buildApp({ arm, secrets, users });
}

describe('the routes', () => {
  it('offer refresh if the scheme has it, with the token in the body or without a body', async () => {
    const seen: (string | undefined)[] = [];
    const app = await appWith({
      refresh: async (_request, _reply, refreshToken) => {
        seen.push(refreshToken);
        if (refreshToken === 'spent') throw new Unauthenticated();
        return { user: { id: 'u-1', username: 'ada', roles: [] }, credential: { accessToken: 'a', refreshToken: 'r' } };
      },
    });
    const client = clientOf(app);
    const answer = await client.post('/refresh', { refreshToken: 'one' });
    expect(JSON.parse(answer.text)).toEqual({
      user: { id: 'u-1', username: 'ada', roles: [] },
      accessToken: 'a',
      refreshToken: 'r',
    });
    expect(answer.headers['cache-control']).toBe('no-store');
    expect((await client.post('/refresh')).status).toBe(200);
    expect((await client.post('/refresh', { refreshToken: 'spent' })).status).toBe(401);
    expect((await client.post('/refresh', { refreshToken: 7 })).status).toBe(400);
    expect(seen).toEqual(['one', undefined, 'spent']);
    await app.close();
  });

  it('fail closed if a scheme accepts a request without an identity', async () => {
    const app = await appWith({ authenticate: (_request, _reply, done) => done() });
    expect((await clientOf(app).get('/me')).status).toBe(401);
    expect((await clientOf(app).get('/admin')).status).toBe(401);
    expect((await clientOf(app).post('/transfer', { to: 'bob', amount: 1 })).status).toBe(401);
    await app.close();
  });

  it('recheck before a critical operation and nowhere else', async () => {
    const app = await appWith({ recheck: (_request, _reply, done) => done(new Unauthenticated()) });
    expect((await clientOf(app).get('/me')).status).toBe(200);
    expect((await clientOf(app).post('/transfer', { to: 'bob', amount: 1 })).status).toBe(401);
    await app.close();
  });

  it('refuse a login whose user was disabled while the credential was issued', async () => {
    const app = await appWith({ issue: async () => null });
    const refused = await clientOf(app).login(ADA);
    expect(refused.status).toBe(401);
    expect(refused.text).toBe((await clientOf(app).login({ ...ADA, password: 'wrong' })).text);
    await app.close();
  });

  it('reveal nothing internal when something breaks', async () => {
    const broken = new Error('secret path /etc/x at line 7');
    const app = await appWith({
      issue: () => Promise.reject(broken),
      authenticate: () => {
        throw broken;
      },
    });
    for (const answer of [await clientOf(app).login(ADA), await clientOf(app).get('/me')]) {
      expect(answer.status).toBe(500);
      expect(JSON.parse(answer.text)).toEqual({ type: 'about:blank', title: 'Internal Server Error', status: 500 });
    }
    await app.close();
  });

  it('answer requests that are malformed or too large with a problem, and continue', async () => {
    const app = await appWith({});
    await app.listen({ host: '127.0.0.1', port: 0 });
    const address = app.server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const raw = (request: string) => {
      const socket = connect(address.port, '127.0.0.1');
      socket.write(request);
      return text(socket);
    };
    expect(await raw('NONSENSE\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 .*application\/problem\+json/s);
    expect(await raw(`GET /me HTTP/1.1\r\nHost: x\r\nCookie: ${'a'.repeat(40_000)}\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 431 /,
    );
    const badUrl = await raw('GET /%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    expect(badUrl).toMatch(/^HTTP\/1\.1 400 .*application\/problem\+json/s);
    expect((await clientOf(app).get('/me')).status).toBe(200);
    await app.close();
  });
});
