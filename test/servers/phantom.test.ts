import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { afterEach, describe, expect, it } from 'vitest';
import { findArm } from '../../servers/arms.ts';
import { SERVICE_TOKEN } from '../../servers/contract.ts';
import { type AppOptions, buildApp, buildEdgeOf } from '../../servers/http/app.ts';
import { clientAuthorization, EXCHANGE } from '../../servers/issuer/protocol.ts';
import { DEFAULT_SETTINGS } from '../../servers/scheme.ts';
import { JWT_AUDIENCE } from '../../servers/schemes/access-tokens.ts';
import { serviceTokenSeconds } from '../../servers/schemes/issued/phantom/edge.ts';
import { turnedClock } from '../support/arms.ts';
import { issuerHere } from '../support/companions.ts';
import { ADA, BOB, clientOf, copyOf, freshSecrets, testUsers } from '../support/servers.ts';

const BOUND_MS = DEFAULT_SETTINGS.introspectionCacheMs;
const secrets = freshSecrets();
const users = testUsers();
const [ada] = users;
const phantom = findArm('phantom-token');
if (phantom === undefined || ada === undefined) throw new Error('there is no phantom-token');
const arm = phantom;
const USER = { id: ada.id, username: ada.username, roles: ada.roles };

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

/** An authorization server that counts exchanges, and reveals the token of a user. */
async function issuer(now?: () => number) {
  const { app, address } = await issuerHere(now, secrets.rsaPrivateKey);
  let exchanges = 0;
  app.server.prependListener('request', ({ url }: { url?: string }) => {
    if (url === '/token') exchanges++;
  });
  const stop = async () => {
    app.server.closeAllConnections();
    await app.close();
  };
  open.push(stop);
  const headers = { authorization: clientAuthorization(address.secret) };
  async function tokenFor(lifetimeSeconds: number): Promise<string> {
    const payload = { user: USER, lifetimeSeconds };
    return (await app.inject({ method: 'POST', url: '/tokens', headers, payload })).json().token;
  }
  return { app, companions: { issuer: address }, headers, tokenFor, stop, exchanges: () => exchanges };
}
type Issuer = Awaited<ReturnType<typeof issuer>>;

async function replica({ companions }: Pick<Issuer, 'companions'>, more: Partial<AppOptions> = {}) {
  const app = await buildApp({ arm, secrets, users, companions, ...more });
  open.push(() => app.close());
  return app;
}

/** Forwarded by an edge to the service behind it, which answers with what it received. */
async function edgeBeforeEcho(
  { companions }: Pick<Issuer, 'companions'>,
  now?: () => number,
  settings: AppOptions['settings'] = {},
) {
  const got: { request: IncomingMessage; body: string }[] = [];
  const echo = createServer((request, reply) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      got.push({ request, body });
      reply.writeHead(request.url === '/logout' ? 204 : 201, { 'x-hop': 'a', connection: 'keep-alive, x-hop' });
      reply.end(request.url === '/logout' ? undefined : 'as it is: é');
    });
  });
  await new Promise<void>((done) => echo.listen(0, '127.0.0.1', done));
  open.push(() => new Promise((done) => echo.close(done)));
  const { port } = echo.address() as AddressInfo;
  const clock = now === undefined ? {} : { now };
  const edge = await buildEdgeOf({ arm, companions, behind: `http://127.0.0.1:${port}`, settings, ...clock });
  open.push(() => edge.close());
  const last = () => {
    const latest = got.at(-1);
    if (latest === undefined) throw new Error('nothing was sent on');
    return latest;
  };
  return { edge, last, sent: () => got.length };
}

const me = (app: FastifyInstance, token: string) =>
  app.inject({ url: '/me', headers: { authorization: `Bearer ${token}` } });

describe('the edge of phantom tokens', () => {
  it('forwards a signed token instead of the opaque one, for as long as it may be cached', async () => {
    const server = await issuer();
    const { edge, last } = await edgeBeforeEcho(server);
    const token = await server.tokenFor(900);
    expect((await me(edge, token)).statusCode).toBe(201);
    const [, signed = ''] = last().request.headers.authorization?.split('Bearer ') ?? [];
    expect(last().request.rawHeaders.join()).not.toContain(token);
    expect(decodeProtectedHeader(signed)).toMatchObject({ alg: 'RS256', typ: SERVICE_TOKEN.typ });
    const { exp = 0, iat = 0, ...claims } = decodeJwt(signed);
    expect(claims).toMatchObject({ sub: USER.id, iss: SERVICE_TOKEN.iss, aud: SERVICE_TOKEN.aud, roles: USER.roles });
    expect(exp - iat).toBe(serviceTokenSeconds(BOUND_MS));
    expect(exp - iat).toBe(15);
  });

  it('asks once per token within the bound, and each time for a critical operation', async () => {
    const clock = turnedClock();
    const server = await issuer(clock.now);
    const { edge } = await edgeBeforeEcho(server, clock.now);
    const token = await server.tokenFor(900);
    for (let i = 0; i < 3; i++) await me(edge, token);
    expect(server.exchanges()).toBe(1);
    const headers = { authorization: `Bearer ${token}` };
    await edge.inject({ method: 'POST', url: '/transfer', headers, payload: { to: 'bob', amount: 1 } });
    expect(server.exchanges()).toBe(2);
    clock.forward(BOUND_MS - 1);
    await me(edge, token);
    expect(server.exchanges()).toBe(2);
    clock.forward(1);
    await me(edge, token);
    expect(server.exchanges()).toBe(3);
  });

  it('never accepts a token after its expiry, cached or not', async () => {
    const clock = turnedClock();
    const server = await issuer(clock.now);
    const { edge, sent } = await edgeBeforeEcho(server, clock.now);
    const token = await server.tokenFor(3);
    clock.forward(2_999);
    expect((await me(edge, token)).statusCode).toBe(201);
    clock.forward(1);
    expect((await me(edge, token)).statusCode).toBe(401);
    expect(sent()).toBe(1);
  });

  it('refuses anything but an opaque token without a remote check', async () => {
    const server = await issuer();
    const { edge, sent } = await edgeBeforeEcho(server);
    for (const token of ['x', 'a.b.c', `${'a'.repeat(44)}`, `${'a'.repeat(43)}, Bearer ${'b'.repeat(43)}`]) {
      const { statusCode, headers } = await me(edge, token);
      expect([statusCode, headers['www-authenticate']]).toEqual([401, 'Bearer realm="tollgate"']);
    }
    expect([server.exchanges(), sent()]).toEqual([0, 0]);
  });

  it('forwards bodies unchanged, and no credential if none is needed', async () => {
    const server = await issuer();
    const { edge, last } = await edgeBeforeEcho(server);
    const headers = { authorization: `Bearer ${await server.tokenFor(900)}`, 'content-type': 'application/json' };
    const payload = '{"username": "é", "broken';
    const reply = await edge.inject({ method: 'POST', url: '/login?a=%20b', headers, payload });
    expect([reply.statusCode, reply.body, reply.headers['x-hop']]).toEqual([201, 'as it is: é', undefined]);
    const { request, body } = last();
    expect([request.method, request.url, body]).toEqual(['POST', '/login?a=%20b', payload]);
    expect(request.headers.authorization).toBeUndefined();
    expect(server.exchanges()).toBe(0);
    const large = await edge.inject({ method: 'POST', url: '/login', headers, payload: 'x'.repeat(20_000) });
    expect(large.statusCode).toBe(413);
  });

  it('forwards the protocol that a TLS-terminating proxy reports only if it trusts that proxy', async () => {
    const server = await issuer();
    const claim = async (trustedProxies: string[], headers: Record<string, string>) => {
      const { edge, last } = await edgeBeforeEcho(server, undefined, { trustedProxies });
      await edge.inject({ url: '/public', headers });
      const { 'x-forwarded-proto': protocol, 'x-forwarded-for': client } = last().request.headers;
      return [protocol, client];
    };
    const claimed = { 'x-forwarded-proto': 'https', 'x-forwarded-for': '192.0.2.7' };
    expect(await claim(['127.0.0.1'], claimed)).toEqual(['https', '192.0.2.7']);
    expect(await claim(['127.0.0.1'], { 'x-forwarded-for': '192.0.2.7' })).toEqual(['http', '192.0.2.7']);
    expect(await claim(['10.0.0.0/8'], claimed)).toEqual(['http', '127.0.0.1']);
    expect(await claim([], claimed)).toEqual(['http', '127.0.0.1']);
  });

  it('evicts a token that was ended through it', async () => {
    const server = await issuer();
    const { edge } = await edgeBeforeEcho(server);
    const token = await server.tokenFor(900);
    await me(edge, token);
    await edge.inject({ method: 'POST', url: '/logout', headers: { authorization: `Bearer ${token}` } });
    expect(server.exchanges()).toBe(1);
    await me(edge, token);
    expect(server.exchanges()).toBe(2);
  });

  it('limits requests before it exchanges anything, and counts none twice', async () => {
    const server = await issuer();
    const app = await replica(server, { settings: { rateLimit: 'local', requestsPerMinute: 3 } });
    const token = await server.tokenFor(900);
    const answers = [];
    for (const each of [token, 'a'.repeat(43), token, 'a'.repeat(43), token]) answers.push(await me(app, each));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 401, 200, 429, 429]);
    expect(answers[2]?.headers['x-ratelimit-remaining']).toBe('0');
    expect(server.exchanges()).toBe(2);
  });

  it('reports that a service does not answer, without details', async () => {
    const server = await issuer();
    const edge = await buildEdgeOf({ arm, companions: server.companions, behind: 'http://127.0.0.1:1' });
    open.push(() => edge.close());
    const reply = await edge.inject({ url: '/public' });
    expect(reply.statusCode).toBe(502);
    expect(reply.body).not.toMatch(/ECONN|127\.0\.0\.1/);
  });
});

describe('phantom-token', () => {
  it('is ended by a logout at once here, and elsewhere within the bound, or at once for critical operations', async () => {
    const clock = turnedClock();
    const server = await issuer(clock.now);
    const [here, there] = await Promise.all([replica(server, { now: clock.now }), replica(server, { now: clock.now })]);
    const client = clientOf(here);
    await client.login(ADA);
    const [stolen, elsewhere] = [clientOf(here, copyOf(client.held)), clientOf(there, copyOf(client.held))];
    for (const each of [stolen, elsewhere]) expect((await each.get('/me')).status).toBe(200);
    expect((await client.post('/logout')).status).toBe(204);
    expect((await stolen.get('/me')).status).toBe(401);
    expect((await elsewhere.get('/me')).status).toBe(200);
    expect((await elsewhere.post('/transfer', { to: 'bob', amount: 1 })).status).toBe(401);
    // The answer for the critical operation is newer than the cached one.
    expect((await elsewhere.get('/me')).status).toBe(401);
  });

  it('evicts all tokens of a user who is logged out everywhere or disabled through it, and no others', async () => {
    const server = await issuer();
    const app = await replica(server);
    const [admin, other, bob] = [clientOf(app), clientOf(app), clientOf(app)];
    for (const [client, who] of [
      [admin, ADA],
      [other, ADA],
      [bob, BOB],
    ] as const) {
      await client.login(who);
      expect((await client.get('/me')).status).toBe(200);
    }
    expect((await admin.post('/admin/users/u-2/disable')).status).toBe(204);
    expect((await bob.get('/me')).status).toBe(401);
    expect((await other.get('/me')).status).toBe(200);
    expect((await admin.post('/logout-all')).status).toBe(204);
    expect((await other.get('/me')).status).toBe(401);
  });

  it('fails closed without its authorization server, and serves public routes', async () => {
    const server = await issuer();
    const app = await replica(server);
    const client = clientOf(app);
    await client.login(ADA);
    await server.stop();
    expect((await client.get('/me')).status).toBe(503);
    expect((await client.get('/public')).status).toBe(200);
    expect((await client.post('/login', ADA)).status).toBe(503);
  });
});

describe('an exchange', () => {
  const form = (fields: Record<string, string>) => ({
    method: 'POST' as const,
    url: '/token',
    payload: new URLSearchParams({
      grant_type: EXCHANGE.grant,
      subject_token_type: EXCHANGE.accessToken,
      requested_token_type: EXCHANGE.jwt,
      audience: SERVICE_TOKEN.aud,
      lifetime: '15',
      ...fields,
    }).toString(),
  });

  it('issues a token for services only, and only to clients of the server', async () => {
    const { app, headers: known, tokenFor } = await issuer();
    const headers = { ...known, 'content-type': 'application/x-www-form-urlencoded' };
    const token = await tokenFor(900);
    const ask = async (fields: Record<string, string>, by = headers) => app.inject({ ...form(fields), headers: by });
    const given = await ask({ subject_token: token });
    expect([given.statusCode, given.headers['cache-control']]).toEqual([200, 'no-store']);
    expect(given.json()).toMatchObject({ issued_token_type: EXCHANGE.jwt, token_type: 'Bearer', expires_in: 15 });
    const refused = await ask({ subject_token: 'a'.repeat(43) });
    expect([refused.statusCode, refused.json()]).toEqual([400, { error: 'invalid_request' }]);
    const other = await ask({ subject_token: token, audience: JWT_AUDIENCE });
    expect([other.statusCode, other.json()]).toEqual([400, { error: 'invalid_target' }]);
    expect((await ask({ subject_token: token, lifetime: '0' })).statusCode).toBe(400);
    expect((await ask({ subject_token: token }, { ...headers, authorization: 'Basic x' })).statusCode).toBe(401);
  });
});
