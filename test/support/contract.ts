/** Requirements for every arm, whatever its storage: the endpoint contract, and its own declaration. */
import type { FastifyInstance } from 'fastify';
import { Value } from 'typebox/value';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Arm } from '../../servers/arms.ts';
import type { Secrets, UserRecord } from '../../servers/configuration.ts';
import { Identity, LoginReply, Problem } from '../../servers/contract.ts';
import { buildApp } from '../../servers/http/app.ts';
import type { RedisAddress } from '../../servers/redis-address.ts';
import { PROOF_CHALLENGE } from '../../servers/schemes/tokens/dpop/dpop.ts';
import { companionsHere, type TestCompanions } from './companions.ts';
import { ADA, type Answer, BOB, clientOf, copyOf } from './servers.ts';

export interface ContractOptions {
  readonly arm: Arm;
  readonly secrets: Secrets;
  readonly users: readonly UserRecord[];
  readonly address: () => RedisAddress;
}

const isShared = ({ serverState }: Arm['info']) => serverState !== 'none' && serverState !== 'process';

/** Declares a test only if it applies to the arm. */
function itWhere(applies: boolean): (name: string, test: () => Promise<void>) => void {
  return applies ? it : () => {};
}

function expectProblem(answer: Answer, status: number): void {
  expect(answer.status).toBe(status);
  expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
  const body: unknown = JSON.parse(answer.text);
  expect(Value.Check(Problem, body)).toBe(true);
  expect(body).toMatchObject({ status });
}

/**
 * Declares the tests of one arm, on two replicas.
 *
 * @param address read when they start; the arm's keys start with its prefix
 */
export function describeContract({ arm, secrets, users, address }: ContractOptions): void {
  const { info } = arm;
  const { name } = info;
  const isGuarded = !info.baseline;
  const endsAtOnce = info.revocation === 'at-once';
  /** Status for an ended credential. At expiry means 200: a limit that is declared without need is also an error. */
  const onceEnded = endsAtOnce ? [401] : info.revocation === 'at-expiry' ? [200] : [200, 401];
  const sendsCookie = info.needsCsrfProtection;
  let app: FastifyInstance;
  let other: FastifyInstance;

  let companions: TestCompanions;

  const start = () => buildApp({ arm, secrets, users, redis: address(), companions: companions.addresses });
  beforeAll(async () => {
    companions = await companionsHere(info, secrets);
    [app, other] = await Promise.all([start(), start()]);
  });
  afterAll(async () => {
    await Promise.all([app.close(), other.close()]);
    await companions.stop();
  });

  it('logs in, and names the user in exactly the same bytes in every arm', async () => {
    const client = clientOf(app);
    const login = await client.login(ADA);
    expect(login.status).toBe(200);
    expect(login.headers['cache-control']).toBe('no-store');
    expect(Value.Check(LoginReply, JSON.parse(login.text))).toBe(true);
    const me = await client.get('/me');
    expect(me.status).toBe(200);
    expect(me.headers['cache-control']).toBe('no-store');
    expect(me.text).toBe('{"id":"u-1","username":"ada","roles":["user","admin"]}');
    expect(Value.Check(Identity, JSON.parse(me.text))).toBe(true);
  });

  it('serves public routes without a credential, and without storing anything', async () => {
    const answer = await clientOf(app).get('/public');
    expect(answer.status).toBe(200);
    expect(answer.text).toBe('{"service":"tollgate"}');
    expect(answer.headers['set-cookie']).toBeUndefined();
    expect((await clientOf(app).get('/healthz')).text).toBe('{"status":"ok"}');
  });

  it('lets no cache store a public reply that contains a user’s cookie', async () => {
    const client = clientOf(app);
    await client.login(ADA);
    const answer = await client.get('/public');
    expect(answer.status).toBe(200);
    if (answer.headers['set-cookie'] !== undefined) expect(answer.headers['cache-control']).toBe('no-store');
  });

  it('lets an administrator in and keeps others out', async () => {
    const admin = clientOf(app);
    await admin.login(ADA);
    expect((await admin.get('/admin')).text).toBe('{"area":"admin","username":"ada"}');
    if (!isGuarded) return;
    const user = clientOf(app);
    await user.login(BOB);
    expectProblem(await user.get('/admin'), 403);
    expectProblem(await user.post('/admin/users/u-1/disable'), 403);
  });

  it('accepts a transfer', async () => {
    const client = clientOf(app);
    await client.login(ADA);
    const answer = await client.post('/transfer', { to: 'bob', amount: 5 });
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text)).toEqual({ accepted: true, from: 'ada', to: 'bob', amount: 5 });
  });

  it('refuses invalid bodies with a problem document', async () => {
    const client = clientOf(app);
    await client.login(ADA);
    expectProblem(await client.post('/transfer', { to: 'bob', amount: '5' }), 400);
    expectProblem(await client.post('/transfer', { to: 'bob', amount: 0 }), 400);
    expectProblem(await client.post('/transfer', { to: 'bob', amount: 5, extra: true }), 400);
    expectProblem(await client.post('/login', { username: 'ada' }), 400);
    expectProblem(await client.post('/login', { ...ADA, password: 'x'.repeat(20_000) }), 413);
    expectProblem(await client.get('/nowhere'), 404);
    expectProblem(await client.get('/transfer'), 404);
    expectProblem(await client.post('/refresh', {}), name === 'jwt-refresh' ? 401 : 404);
    expectProblem(await client.post('/admin/users/nobody/disable'), 404);
  });

  it('parses only JSON', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=b']) {
      const response = await app.inject({
        method: 'POST',
        url: '/login',
        headers: { 'content-type': type },
        payload: JSON.stringify(ADA),
      });
      expect(response.statusCode).toBe(415);
      expect(response.headers['content-type']).toMatch(/problem\+json/);
    }
    const broken = await app.inject({
      method: 'POST',
      url: '/login',
      headers: { 'content-type': 'application/json' },
      payload: '{"username":',
    });
    expect(broken.statusCode).toBe(400);
  });

  it('gives the same answer for a wrong password and an unknown user', async () => {
    const wrong = await clientOf(app).login({ ...ADA, password: 'wrong' });
    const unknown = await clientOf(app).login({ username: 'nobody', password: 'wrong' });
    expectProblem(wrong, 401);
    expect(unknown.status).toBe(wrong.status);
    expect(unknown.text).toBe(wrong.text);
  });

  itWhere(isGuarded)('asks for a credential on every guarded route', async () => {
    for (const path of ['/me', '/admin']) {
      const answer = await clientOf(app).get(path);
      expectProblem(answer, 401);
      expect(answer.headers['cache-control']).toBe('no-store');
      const scheme = info.senderConstrained === true ? PROOF_CHALLENGE : 'Bearer realm="tollgate"';
      expect(answer.headers['www-authenticate']).toBe(info.crossOrigin ? scheme : undefined);
    }
    for (const path of ['/transfer', '/logout', '/logout-all', '/admin/users/u-2/disable'])
      expectProblem(await clientOf(app).post(path), 401);
  });

  itWhere(sendsCookie)('asks for the CSRF token of this very session on every state change', async () => {
    const client = clientOf(app);
    await client.login(ADA);
    const stranger = clientOf(app);
    await stranger.login(ADA);
    for (const csrfToken of [undefined, 'x', `${client.held.csrfToken}x`, stranger.held.csrfToken]) {
      const forged = clientOf(app, { ...copyOf(client.held), csrfToken });
      expectProblem(await forged.post('/transfer', { to: 'bob', amount: 5 }), 403);
      expectProblem(await forged.post('/logout'), 403);
      expectProblem(await forged.post('/admin/users/u-2/disable'), 403);
    }
    expect((await client.get('/me')).status).toBe(200);
  });

  itWhere(sendsCookie)(
    'gives out a cookie that scripts cannot read, that is no id in a body, and new at each login',
    async () => {
      const client = clientOf(app);
      const login = await client.login(ADA);
      const [[cookieName, first] = ['', '']] = Object.entries(client.held.cookies);
      expect(first).not.toBe('');
      expect(String(login.headers['set-cookie'])).toMatch(/; HttpOnly/);
      expect(String(login.headers['set-cookie'])).toMatch(/; SameSite=Lax/);
      expect(String(login.headers['set-cookie'])).toMatch(/; Path=\//);
      for (const part of first.split(/[.;]/).filter((text) => text !== '')) expect(login.text).not.toContain(part);
      const before = clientOf(app, copyOf(client.held));
      await client.login(ADA);
      expect(client.held.cookies[cookieName]).not.toBe(first);
      expect(onceEnded).toContain((await before.get('/me')).status);
    },
  );

  itWhere(sendsCookie)('refuses a cookie with any one character altered', async () => {
    const client = clientOf(app);
    await client.login(ADA);
    const [[cookieName, value] = ['', '']] = Object.entries(client.held.cookies);
    const separator = value.search(/[.;]/);
    // The last letter, and the one before a separator, contain bits that base64 does not use. They matter if the cookie is
    // compared as text; if it is decoded first, they change nothing, and an attacker gains nothing.
    const edges = info.serverState === 'none' ? [] : [separator - 1, value.length - 1];
    for (const at of [0, 10, separator + 1, ...edges]) {
      // To the adjacent letter: in the last position, that differs in the unused bits.
      const swapped = String.fromCharCode(value.charCodeAt(at) ^ 1);
      const altered = value.slice(0, at) + swapped + value.slice(at + 1);
      expectProblem(await clientOf(app, { cookies: { [cookieName]: altered } }).get('/me'), 401);
    }
    for (const broken of ['', '.', ';', 'x', `x${value}`, value.slice(0, separator), 'a'.repeat(4_000)])
      expectProblem(await clientOf(app, { cookies: { [cookieName]: broken } }).get('/me'), 401);
    expect((await client.get('/me')).status).toBe(200);
  });

  itWhere(sendsCookie)('takes the first of two session cookies, and never mixes them', async () => {
    const [ada, bob] = [clientOf(app), clientOf(app)];
    await ada.login(ADA);
    await bob.login(BOB);
    const cookie = [ada, bob]
      .flatMap(({ held }) => Object.entries(held.cookies))
      .map(([cookieName, value]) => `${cookieName}=${encodeURIComponent(value)}`)
      .join('; ');
    const me = await app.inject({ url: '/me', headers: { cookie } });
    expect(JSON.parse(me.body)).toMatchObject({ username: 'ada' });
    const csrf = { cookie, 'x-csrf-token': bob.held.csrfToken ?? '' };
    expect((await app.inject({ method: 'POST', url: '/logout', headers: csrf })).statusCode).toBe(403);
  });

  it('ends a credential at logout, as far as the arm promises', async () => {
    const client = clientOf(app);
    await client.login(ADA);
    const stolen = clientOf(app, copyOf(client.held));
    expect((await client.post('/logout')).status).toBe(204);
    expect(onceEnded).toContain((await stolen.get('/me')).status);
  });

  it('ends all of a user’s credentials at logout-all, as far as the arm promises, and nobody else’s', async () => {
    const [first, second, bob] = [clientOf(app), clientOf(app), clientOf(app)];
    await first.login(ADA);
    await second.login(ADA);
    await bob.login(BOB);
    const copies = [first, second].map(({ held }) => clientOf(app, copyOf(held)));
    expect((await first.post('/logout-all')).status).toBe(204);
    for (const client of copies) expect(onceEnded).toContain((await client.get('/me')).status);
    expect((await bob.get('/me')).status).toBe(200);
  });

  it('works across replicas unless it declares that it needs sticky routing', async () => {
    const client = clientOf(app);
    await client.login(ADA);
    const elsewhere = clientOf(other, copyOf(client.held));
    expect((await elsewhere.get('/me')).status).toBe(info.needsStickyRouting ? 401 : 200);
    if (!isShared(info) || !endsAtOnce) return;
    expect((await elsewhere.post('/logout')).status).toBe(204);
    expectProblem(await client.get('/me'), 401);
  });

  // Last, since it leaves Bob disabled.
  itWhere(isGuarded)('disables a user, and says nothing of it at login', async () => {
    const [admin, bob] = [clientOf(app), clientOf(app)];
    await admin.login(ADA);
    await bob.login(BOB);
    const atOther = clientOf(other);
    await atOther.login(BOB);
    expect((await admin.post('/admin/users/u-2/disable')).status).toBe(204);
    expect(onceEnded).toContain((await bob.get('/me')).status);
    const refused = await clientOf(app).login(BOB);
    expect(refused.text).toBe((await clientOf(app).login({ ...ADA, password: 'wrong' })).text);
    expect((await admin.get('/me')).status).toBe(200);
    // Another replica learns of it through Redis, or through the arm's substitute for it.
    const shared = isShared(info);
    expect(shared ? onceEnded : [200]).toContain((await atOther.get('/me')).status);
    if (shared) expectProblem(await atOther.post('/transfer', { to: 'bob', amount: 5 }), 401);
    expect((await clientOf(other).login(BOB)).status).toBe(shared ? 401 : 200);
  });
}
