import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { findArm } from '../../servers/arms.ts';
import { createIssuerClient, readIntrospection } from '../../servers/issuer/client.ts';
import { clientAuthorization } from '../../servers/issuer/protocol.ts';
import { DEFAULT_SETTINGS } from '../../servers/scheme.ts';
import { armBench, turnedClock } from '../support/arms.ts';
import { issuerHere, type TestIssuer } from '../support/companions.ts';
import { ADA, clientOf, copyOf } from '../support/servers.ts';

const bench = armBench();
const BOUND_MS = DEFAULT_SETTINGS.introspectionCacheMs;
const LIFETIME_MS = DEFAULT_SETTINGS.tokenLifetimeSeconds * 1000;
const CACHED = 'opaque-introspection-cached';

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

/** Two replicas that use one authorization server, which counts its requests. */
async function pair(name: string, now?: () => number) {
  const issuer: TestIssuer = await issuerHere(now);
  open.push(async () => {
    issuer.app.server.closeAllConnections();
    await issuer.app.close();
  });
  let introspections = 0;
  issuer.app.server.prependListener('request', ({ url }: { url?: string }) => {
    if (url === '/introspect') introspections++;
  });
  const companions = { issuer: issuer.address };
  const options = now === undefined ? { companions } : { companions, now };
  const [here, there] = await Promise.all([bench.start(name, options), bench.start(name, options)]);
  return { issuer, here, there, introspections: () => introspections };
}

describe('an opaque token', () => {
  it('has 256 random bits, is checked on every request, and ends at once everywhere', async () => {
    const { here, there, introspections } = await pair('opaque-introspection');
    const client = clientOf(here);
    const login = JSON.parse((await client.login(ADA)).text) as { accessToken: string };
    expect(Buffer.from(login.accessToken, 'base64url')).toHaveLength(32);
    const stolen = clientOf(there, copyOf(client.held));
    for (let i = 0; i < 3; i++) expect((await stolen.get('/me')).status).toBe(200);
    expect(introspections()).toBe(3);
    expect((await client.post('/logout')).status).toBe(204);
    expect((await stolen.get('/me')).status).toBe(401);
  });

  it('is not checked remotely if its format is invalid', async () => {
    const { here, introspections } = await pair('opaque-introspection');
    for (const authorization of [
      'Bearer x',
      'Bearer a.b.c',
      `Bearer ${'a'.repeat(44)}`,
      `Bearer token=${'a'.repeat(37)}`,
    ]) {
      const { statusCode } = await here.inject({ method: 'GET', url: '/me', headers: { authorization } });
      expect(statusCode, authorization).toBe(401);
    }
    expect(introspections()).toBe(0);
  });

  it.each(['opaque-introspection', CACHED])('of %s ends at its expiry', async (name) => {
    const clock = turnedClock();
    const { here } = await pair(name, clock.now);
    const client = clientOf(here);
    await client.login(ADA);
    // Checked just before, so that a cache would serve it beyond its expiry.
    clock.forward(LIFETIME_MS - 1);
    expect((await client.get('/me')).status).toBe(200);
    clock.forward(1);
    expect((await client.get('/me')).status).toBe(401);
  });
});

describe('the cache', () => {
  it('serves an ended token for no longer than declared, and refuses a critical operation at once', async () => {
    expect(findArm(CACHED)?.info.revocation).toEqual({ withinMs: BOUND_MS });
    const clock = turnedClock();
    const { here, there } = await pair(CACHED, clock.now);
    const client = clientOf(here);
    await client.login(ADA);
    const stolen = clientOf(there, copyOf(client.held));
    expect((await stolen.get('/me')).status).toBe(200);
    await client.post('/logout');
    clock.forward(BOUND_MS - 1);
    expect((await stolen.get('/me')).status).toBe(200);
    clock.forward(1);
    expect((await stolen.get('/me')).status).toBe(401);

    const again = clientOf(here);
    await again.login(ADA);
    const copied = clientOf(there, copyOf(again.held));
    expect((await copied.get('/me')).status).toBe(200);
    await again.post('/logout');
    expect((await copied.post('/transfer', { to: 'bob', amount: 1 })).status).toBe(401);
    // It has asked, so light reads get the answer as well.
    expect((await copied.get('/me')).status).toBe(401);
  });

  it('asks once for concurrent requests, and caches no refusal', async () => {
    const { here, there, introspections } = await pair(CACHED);
    const client = clientOf(here);
    await client.login(ADA);
    const elsewhere = clientOf(there, copyOf(client.held));
    const answers = await Promise.all(Array.from({ length: 20 }, () => elsewhere.get('/me')));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(introspections()).toBe(1);
    const authorization = `Bearer ${'A'.repeat(43)}`;
    for (let i = 0; i < 3; i++) {
      const { statusCode } = await there.inject({ method: 'GET', url: '/me', headers: { authorization } });
      expect(statusCode).toBe(401);
    }
    expect(introspections()).toBe(4);
  });
});

describe('the authorization server', () => {
  it('answers only known clients, and reveals nothing about an invalid token', async () => {
    const { app, address } = await issuerHere();
    open.push(() => app.close());
    const payload = `token=${'A'.repeat(43)}`;
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    for (const authorization of [
      undefined,
      'Basic eA==',
      clientAuthorization('x'.repeat(43)),
      `Bearer ${address.secret}`,
    ]) {
      const given = authorization === undefined ? headers : { ...headers, authorization };
      const refused = await app.inject({ method: 'POST', url: '/introspect', headers: given, payload });
      expect(refused.statusCode).toBe(401);
      expect(refused.headers['www-authenticate']).toMatch(/^Basic /);
    }
    const authorization = clientAuthorization(address.secret);
    const known = await app.inject({
      method: 'POST',
      url: '/introspect',
      headers: { ...headers, authorization },
      payload,
    });
    expect(known.body).toBe('{"active":false}');
    const empty = await app.inject({
      method: 'POST',
      url: '/introspect',
      headers: { ...headers, authorization },
      payload: 'x=1',
    });
    expect(empty.statusCode).toBe(400);
  });

  it.each([
    ['a token that is not active', '{"active":false,"sub":"u-1"}', null],
    ['no object', '[]', Error],
    ['an active token of nobody', '{"active":true,"exp":9e9}', Error],
    ['an active token without an end', '{"active":true,"sub":"u","username":"n","roles":[]}', Error],
    ['active as a text', '{"active":"true","sub":"u","username":"n","roles":[],"exp":9e9}', Error],
    ['no JSON', '<html>', Error],
  ])('is accepted in one form only: %s', (_what, text, expected) => {
    if (expected === null) expect(readIntrospection(text)).toBeNull();
    else expect(() => readIntrospection(text)).toThrow(expected);
  });
});

describe('an authorization server that misbehaves', () => {
  const listening = async (answer: (response: ServerResponse) => void) => {
    const server: Server = createServer((_request, response) => answer(response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const client = createIssuerClient({
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      secret: 's'.repeat(43),
    });
    open.push(() => client.close());
    open.push(async () => {
      server.closeAllConnections();
      server.close();
    });
    return client;
  };
  const HUGE = Buffer.alloc(10_000_000, ' ');
  const json = { 'content-type': 'application/json' };
  const valid = JSON.stringify({ active: true, sub: 'u', username: 'n', roles: [], exp: 9e9 });

  it.each([
    ['that answers 500', (response: ServerResponse) => response.writeHead(500, json).end(valid)],
    ['that answers 204', (response: ServerResponse) => response.writeHead(204).end()],
    [
      'that answers with a page',
      (response: ServerResponse) => response.writeHead(200, { 'content-type': 'text/html' }).end(valid),
    ],
    ['that answers with 10 MB', (response: ServerResponse) => response.writeHead(200, json).end(HUGE)],
    ['that breaks off', (response: ServerResponse) => response.destroy()],
    ['that never answers', () => {}],
    ['that begins and never ends', (response: ServerResponse) => response.writeHead(200, json).write('{')],
  ])('%s is an outage, reported within its deadline', async (_what, answer) => {
    const client = await listening((response) => void answer(response));
    // More than there are connections: queued requests have the same deadline.
    const asked = Array.from({ length: 100 }, () => client.introspect('A'.repeat(43)));
    const settled = await Promise.allSettled(asked);
    for (const each of settled) {
      expect(each.status).toBe('rejected');
      if (each.status === 'rejected') expect(each.reason).toMatchObject({ statusCode: 503 });
    }
  });
});
