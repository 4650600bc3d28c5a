import { afterEach, describe, expect, it } from 'vitest';
import { ADA, freshSecrets, testUsers } from '../../test/support/servers.ts';
import { findArm } from '../arms.ts';
import { buildApp } from './app.ts';

const PAGE = 'https://shop.example';
const open: { close(): Promise<unknown> }[] = [];
afterEach(() => Promise.all(open.splice(0).map((app) => app.close())));

async function start(name: string, allowedOrigins: string[]) {
  const arm = findArm(name);
  if (arm === undefined) throw new Error(`no arm ${name}`);
  const app = await buildApp({ arm, secrets: freshSecrets(), users: testUsers(), settings: { allowedOrigins } });
  open.push(app);
  return app;
}

describe('pages of other origins', () => {
  it('may read nothing unless an origin is listed', async () => {
    const app = await start('jwt-hs256', []);
    const reply = await app.inject({ url: '/public', headers: { origin: PAGE } });
    expect(reply.headers['access-control-allow-origin']).toBeUndefined();
    expect(reply.headers.vary).toBeUndefined();
  });

  it('may read replies if they are listed, including errors', async () => {
    const app = await start('jwt-hs256', [PAGE]);
    for (const url of ['/public', '/me', '/nowhere']) {
      const reply = await app.inject({ url, headers: { origin: PAGE } });
      expect(reply.headers['access-control-allow-origin']).toBe(PAGE);
      expect(reply.headers.vary).toBe('Origin');
      expect(reply.headers['access-control-allow-credentials']).toBeUndefined();
    }
  });

  it.each(['https://evil.example', `${PAGE}.evil.example`, 'http://shop.example', `${PAGE}:444`, 'null', '*', ''])(
    'may not if their origin is %j instead',
    async (origin) => {
      const app = await start('session-memory', [PAGE]);
      const preflight = { origin, 'access-control-request-method': 'POST' };
      for (const reply of [
        await app.inject({ url: '/public', headers: { origin } }),
        await app.inject({ method: 'OPTIONS', url: '/transfer', headers: preflight }),
      ]) {
        expect(reply.headers['access-control-allow-origin']).toBeUndefined();
        expect(reply.headers['access-control-allow-credentials']).toBeUndefined();
        expect(reply.headers.vary).toBe('Origin');
      }
    },
  );

  it('may send a preflight, and cookies only if the arm has any', async () => {
    for (const [name, credentials] of [
      ['session-memory', 'true'],
      ['jwt-cookie', 'true'],
      ['jwt-hs256', undefined],
    ] as const) {
      const app = await start(name, [PAGE]);
      const headers = { origin: PAGE, 'access-control-request-method': 'POST' };
      const reply = await app.inject({ method: 'OPTIONS', url: '/transfer', headers });
      expect(reply.statusCode).toBe(204);
      expect(reply.headers['access-control-allow-origin']).toBe(PAGE);
      expect(reply.headers['access-control-allow-headers']).toContain('x-csrf-token');
      expect(reply.headers['access-control-allow-credentials']).toBe(credentials);
    }
  });

  it('do not affect requests without an origin', async () => {
    const app = await start('jwt-hs256', [PAGE]);
    expect((await app.inject({ method: 'POST', url: '/login', payload: ADA })).statusCode).toBe(200);
    expect((await app.inject({ method: 'OPTIONS', url: '/login' })).statusCode).toBe(404);
  });
});
