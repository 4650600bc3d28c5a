import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { cookiesOf, LoginError, login } from './credential.ts';

const ADA = { id: '1', username: 'ada', roles: ['user'] };
const closers: (() => void)[] = [];

interface Reply {
  readonly status?: number;
  readonly headers?: Record<string, string | string[]>;
  readonly body: unknown;
}

/** A server of canned replies to the login and to `GET /me`. */
async function serve(loginReply: Reply, me: (request: IncomingMessage) => Reply) {
  const server = createServer((request, response) => {
    request.resume();
    const reply = request.url === '/login' ? loginReply : me(request);
    response.writeHead(reply.status ?? 200, reply.headers);
    response.end(JSON.stringify(reply.body));
  }).listen(0, '127.0.0.1');
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, 'listening');
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
}

const USER = { username: 'ada', password: 'x' };
const guarded = { baseline: false };

afterEach(() => {
  for (const close of closers.splice(0)) close();
});

describe('login', () => {
  it('keeps cookies, bearer token and CSRF token, and records the response of GET /me', async () => {
    const seen: (string | undefined)[] = [];
    const address = await serve(
      {
        headers: { 'set-cookie': ['sid=abc; HttpOnly; Path=/', 'theme=dark'] },
        body: { user: ADA, accessToken: 'tok', csrfToken: 'c' },
      },
      (request) => {
        seen.push(request.headers.cookie, request.headers.authorization);
        return { body: ADA };
      },
    );
    expect(await login(address, USER, guarded)).toEqual({
      username: 'ada',
      headers: { cookie: 'sid=abc; theme=dark', authorization: 'Bearer tok' },
      stateChangeHeaders: { 'x-csrf-token': 'c' },
      meBody: JSON.stringify(ADA),
    });
    expect(seen).toEqual(['sid=abc; theme=dark', 'Bearer tok']);
  });

  it('refuses an error response to a login', async () => {
    const address = await serve({ status: 401, body: {} }, () => ({ body: ADA }));
    await expect(login(address, USER, guarded)).rejects.toThrow('POST /login answered 401');
  });

  it('refuses a login reply that does not match the contract', async () => {
    const address = await serve({ body: { user: ADA, surprise: 1 } }, () => ({ body: ADA }));
    await expect(login(address, USER, guarded)).rejects.toThrow(LoginError);
  });

  it('refuses a credential of another user, unless the service is unguarded', async () => {
    const address = await serve({ body: { user: ADA } }, () => ({ body: { ...ADA, username: 'bob' } }));
    await expect(login(address, USER, guarded)).rejects.toThrow('"bob"');
    expect((await login(address, USER, { baseline: true })).headers).toEqual({});
  });

  it('refuses a credential with which GET /me fails', async () => {
    const address = await serve({ body: { user: ADA } }, () => ({ status: 403, body: {} }));
    await expect(login(address, USER, guarded)).rejects.toThrow('GET /me answered 403');
  });
});

describe('cookiesOf', () => {
  const cookies = (...lines: string[]) =>
    cookiesOf(['HTTP/1.1 200 OK', ...lines.map((line) => `set-cookie: ${line}`)].join('\r\n'), Date.UTC(2026, 0, 1));

  it('keeps a value with equals signs whole and drops the attributes', () => {
    expect(cookies('sid=a.b==; Path=/; HttpOnly')).toEqual(['sid=a.b==']);
  });

  it('leaves out deleted cookies, by Max-Age or by Expires', () => {
    expect(cookies('a=; Max-Age=0', 'b=; Expires=Thu, 01 Jan 1970 00:00:00 GMT', 'c=1; max-age=60')).toEqual(['c=1']);
  });

  it('gives Max-Age precedence over Expires', () => {
    expect(cookies('a=1; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT')).toEqual(['a=1']);
  });

  it('uses the last of two cookies with one name', () => {
    expect(cookies('a=1', 'b=2', 'a=3')).toEqual(['b=2', 'a=3']);
    expect(cookies('a=1', 'a=; Max-Age=0')).toEqual([]);
  });

  it('ignores a line without a name', () => {
    expect(cookies('=x', 'y')).toEqual([]);
  });
});
