import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { decodeJwt } from 'jose';
import { afterEach, describe, expect, it } from 'vitest';
import { findArm } from '../../servers/arms.ts';
import type { ChainPlace } from '../../servers/configuration.ts';
import { SERVICE_TOKEN } from '../../servers/contract.ts';
import { buildApp } from '../../servers/http/app.ts';
import { forwardsLeft } from '../../servers/http/forward.ts';
import { armAt } from '../../servers/process/chain-place.ts';
import { IDENTITY_HEADER, passedIdentity } from '../../servers/schemes/chain/passed-identity.ts';
import { issuerHere } from '../support/companions.ts';
import { ADA, BOB, clientOf, freshSecrets, testUsers } from '../support/servers.ts';

const secrets = freshSecrets();
const users = testUsers();
const open: FastifyInstance[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((app) => app.close()));
});

interface Service {
  readonly app: FastifyInstance;
  readonly url: string;
}

/** A service of the arm with plain tokens, at a position in a chain. */
async function service(chain: ChainPlace): Promise<Service> {
  const arm = findArm('jwt-hs256');
  if (arm === undefined) throw new Error('there is no jwt-hs256');
  const app = await buildApp({ arm: armAt(arm, chain), secrets, users, chain });
  open.push(app);
  return { app, url: await app.listen({ host: '127.0.0.1', port: 0 }) };
}

const me = (at: Service, hops: number, headers: Record<string, string> = {}) =>
  at.app.inject({ method: 'GET', url: '/me', headers: { ...headers, 'max-forwards': `${hops - 1}` } });

/** The headers that a client sends after a login at a service. */
async function bearer(at: Service, who = ADA): Promise<{ authorization: string }> {
  const client = clientOf(at.app);
  expect((await client.login(who)).status).toBe(200);
  return { authorization: `Bearer ${client.held.accessToken}` };
}

describe('a chain that is checked at its edge', () => {
  async function chain() {
    const last = await service({ checks: 'passed-on' });
    const middle = await service({ checks: 'passed-on', next: { url: last.url, sends: 'identity' } });
    const edge = await service({ checks: 'own', next: { url: middle.url, sends: 'identity' } });
    return { edge, middle, last };
  }

  it('gives the same answer through one, two and three services', async () => {
    const { edge, middle, last } = await chain();
    const seen = [0, 0];
    for (const [i, { app }] of [middle, last].entries())
      app.server.prependListener('request', () => {
        seen[i] = (seen[i] ?? 0) + 1;
      });
    const headers = await bearer(edge);
    const answers = [];
    for (const hops of [1, 2, 3]) answers.push(await me(edge, hops, headers));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200]);
    expect(new Set(answers.map(({ payload }) => payload)).size).toBe(1);
    expect(answers.map(({ headers: { 'content-type': type } }) => type)).toEqual(
      Array(3).fill('application/json; charset=utf-8'),
    );
    expect(seen).toEqual([2, 1]);
  });

  it('accepts inside only assertions that a service signed, and not for long', async () => {
    const { edge, last } = await chain();
    const { id, username, roles } = users[0] ?? { id: '', username: '', roles: [] };
    const identity = { id, username, roles };
    const written = passedIdentity(secrets, Date.now).write(identity);
    expect((await me(last, 1, { [IDENTITY_HEADER]: written })).json()).toEqual(identity);
    const [payload = '', signature = ''] = written.split('.');
    const admin = Buffer.from(payload, 'base64url').toString().replace(username, 'eve');
    const forged = [
      '',
      '.',
      payload,
      `${payload}.`,
      `${Buffer.from(admin).toString('base64url')}.${signature}`,
      passedIdentity(freshSecrets(), Date.now).write(identity),
      passedIdentity(secrets, () => Date.now() - 31_000).write(identity),
    ];
    for (const header of forged)
      expect((await me(last, 1, { [IDENTITY_HEADER]: header })).statusCode, header).toBe(401);
    // Nor the client's own credential, which only the edge checks.
    expect((await me(last, 1, await bearer(edge))).statusCode).toBe(401);
    expect((await clientOf(last.app).login(ADA)).status).toBe(404);
  });

  it('does not forward identity headers of a client', async () => {
    const { edge } = await chain();
    const ada = passedIdentity(secrets, Date.now).write({ id: 'u-1', username: 'ada', roles: ['user', 'admin'] });
    expect((await me(edge, 3, { [IDENTITY_HEADER]: ada })).statusCode).toBe(401);
    const answer = await me(edge, 3, { ...(await bearer(edge, BOB)), [IDENTITY_HEADER]: ada });
    expect(answer.json()).toMatchObject({ username: 'bob' });
  });
});

describe('a chain that is checked at every hop', () => {
  it('sends the credential on, and says so when a service refuses it', async () => {
    const last = await service({ checks: 'own' });
    const edge = await service({ checks: 'own', next: { url: last.url, sends: 'credential' } });
    const headers = await bearer(edge);
    expect((await me(edge, 2, headers)).json()).toMatchObject({ username: 'ada' });
    const strict = await buildApp({
      arm: findArm('jwt-hs256') ?? expect.fail(),
      secrets: { ...secrets, hmacKey: freshSecrets().hmacKey },
      users,
    });
    open.push(strict);
    const url = await strict.listen({ host: '127.0.0.1', port: 0 });
    const before = await service({ checks: 'own', next: { url, sends: 'credential' } });
    const refused = await me(before, 2, headers);
    expect([refused.statusCode, refused.json()]).toMatchObject([401, { status: 401 }]);
  });

  it('answers 502 if the next service is unreachable', async () => {
    const last = await service({ checks: 'own' });
    const edge = await service({ checks: 'own', next: { url: last.url, sends: 'credential' } });
    const headers = await bearer(edge);
    await last.app.close();
    expect((await me(edge, 2, headers)).statusCode).toBe(502);
    expect((await me(edge, 1, headers)).statusCode).toBe(200);
  });
});

describe('a chain that asks an auth service', () => {
  it('asks it at each hop, and accepts nothing without its answer', async () => {
    const authService = await service({ checks: 'own' });
    let asked = 0;
    authService.app.server.prependListener('request', () => {
      asked++;
    });
    const place = { checks: 'asked', authService: authService.url } as const;
    const last = await service(place);
    const edge = await service({ ...place, next: { url: last.url, sends: 'credential' } });
    const headers = await bearer(authService);
    expect((await me(edge, 2, headers)).json()).toMatchObject({ username: 'ada' });
    expect(asked).toBe(2);
    expect((await me(edge, 2, { authorization: 'Bearer nobody' })).statusCode).toBe(401);
    await authService.app.close();
    expect((await me(edge, 2, headers)).statusCode).toBe(503);
  });

  it.each([
    ['another status', 204, ''],
    ['no identity', 200, '{"username":"ada"}'],
    ['no JSON', 200, 'ada'],
  ])('refuses an answer with %s', async (_what, status, body) => {
    const strange = createServer((_request, response) => response.writeHead(status).end(body));
    await new Promise<void>((resolve) => strange.listen(0, '127.0.0.1', resolve));
    const { port } = strange.address() as AddressInfo;
    const edge = await service({ checks: 'asked', authService: `http://127.0.0.1:${port}` });
    expect((await me(edge, 1, { authorization: 'Bearer x' })).statusCode).toBe(503);
    strange.closeAllConnections();
    strange.close();
  });

  it('cannot be started without the address of one', () => {
    const arm = findArm('jwt-hs256') ?? expect.fail();
    expect(() => armAt(arm, { checks: 'asked' })).toThrow('set chain.authService');
  });
});

describe('a chain behind a separate edge', () => {
  it('exchanges the token once; every service verifies it, and none accepts the client’s token', async () => {
    const arm = findArm('phantom-token') ?? expect.fail();
    const issuer = await issuerHere(undefined, secrets.rsaPrivateKey);
    open.push(issuer.app);
    let exchanges = 0;
    issuer.app.server.prependListener('request', ({ url }: { url?: string }) => {
      if (url === '/token') exchanges++;
    });
    const at = async (chain: ChainPlace) => {
      const companions = { issuer: issuer.address };
      const app = await buildApp({ arm: armAt(arm, chain), secrets, users, companions, chain });
      open.unshift(app);
      return { app, url: await app.listen({ host: '127.0.0.1', port: 0 }) };
    };
    const inner = await at({ checks: 'own', inner: true });
    const seen: (string | undefined)[] = [];
    inner.app.server.prependListener('request', ({ headers }: { headers: { authorization?: string } }) =>
      seen.push(headers.authorization),
    );
    const first = await at({ checks: 'own', next: { url: inner.url, sends: 'credential' } });
    const headers = await bearer(first);
    const answers = [];
    for (const hops of [1, 2, 2]) answers.push(await me(first, hops, headers));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200]);
    expect(new Set(answers.map(({ payload }) => payload)).size).toBe(1);
    expect(exchanges).toBe(1);
    expect(seen).toHaveLength(2);
    const [authorization = ''] = seen;
    expect(decodeJwt(authorization.replace('Bearer ', '')).aud).toBe(SERVICE_TOKEN.aud);
    expect((await me(inner, 1, headers)).statusCode).toBe(401);
    expect((await me(inner, 1, { authorization })).statusCode).toBe(200);
    expect((await me(first, 1, { authorization })).statusCode).toBe(401);
  });
});

it('a request goes no further than its hop count, which must be a plain number', () => {
  expect(['2', '0', undefined, '-1', '1e3', ' 1', '999'].map(forwardsLeft)).toEqual([2, 0, 0, 0, 0, 0, 0]);
});
