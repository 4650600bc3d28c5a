import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { makeCertificate } from '../../bench/fleet/certificate.ts';
import { thenEnding } from '../../core/errors.ts';
import { serve } from '../../servers/process/serve.ts';
import { ADA, freshSecrets, testUsers } from '../support/servers.ts';

const tls = makeCertificate();
const start = { host: '127.0.0.1', port: 0, secrets: freshSecrets(), users: testUsers() };

async function ask(port: number, path: string, body?: object, headers: Record<string, string> = {}) {
  const asked = request({
    host: '127.0.0.1',
    port,
    path,
    ca: tls.certificate,
    agent: false,
    method: body === undefined ? 'GET' : 'POST',
    headers: body === undefined ? headers : { ...headers, 'content-type': 'application/json' },
  });
  const { promise, resolve, reject } = Promise.withResolvers<import('node:http').IncomingMessage>();
  asked.on('response', resolve).on('error', reject);
  asked.end(body === undefined ? undefined : JSON.stringify(body));
  const response = await promise;
  return { status: response.statusCode, cookies: response.headers['set-cookie'] ?? [], body: await text(response) };
}

describe('a replica with a certificate', () => {
  it.each(['session-memory', 'session-sealed', 'jwt-cookie'])(
    'speaks HTTPS, and %s has cookies for HTTPS only',
    async (arm) => {
      const { app, port } = await serve({ ...start, arm, tls }, false);
      await thenEnding(
        async () => {
          const login = await ask(port, '/login', ADA);
          expect(login.status).toBe(200);
          expect(login.cookies).toHaveLength(1);
          expect(login.cookies[0]).toMatch(/^__Host-[a-z]+=[^;]+;(?=.*; HttpOnly)(?=.*; Secure)/);
          const cookie = login.cookies[0]?.split(';')[0] ?? '';
          expect((await ask(port, '/me', undefined, { cookie })).status).toBe(200);
        },
        () => app.close(),
      );
    },
  );

  it('does not start with an invalid key', async () => {
    const broken = { certificate: tls.certificate, privateKey: 'none' };
    await expect(serve({ ...start, arm: 'none', tls: broken }, false)).rejects.toMatchObject({ code: 'BAD_START' });
  });

  it('also takes settings from the start message', async () => {
    const settings = { tokenLifetimeSeconds: 7 };
    const { app, port } = await serve({ ...start, arm: 'jwt-cookie', tls, settings }, false);
    await thenEnding(
      async () => {
        expect(JSON.parse((await ask(port, '/login', ADA)).body).expiresInSeconds).toBe(7);
      },
      () => app.close(),
    );
  });
});
