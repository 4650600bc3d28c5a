import { describe, expect, it } from 'vitest';
import { ARMS } from '../../servers/arms.ts';
import { armBench } from '../support/arms.ts';
import { ADA, BOB, clientOf } from '../support/servers.ts';

const bench = armBench();
const wrong = { ...ADA, password: 'wrong' };
const settings = { failedLoginsPerUser: 3 };

describe.each(ARMS.map(({ info }) => info))('login at $name', ({ name, usesRedis }) => {
  it('is refused for one username after the configured number of failures, on every replica that shares Redis', async () => {
    const [here, there] = await Promise.all([bench.start(name, { settings }), bench.start(name, { settings })]);
    for (let i = 0; i < settings.failedLoginsPerUser; i += 1)
      expect((await clientOf(here).login(wrong)).status).toBe(401);
    const refused = await clientOf(here).login(ADA);
    expect(refused.status).toBe(429);
    expect(refused.headers['content-type']).toMatch(/problem\+json/);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(60);
    expect((await clientOf(there).login(ADA)).status).toBe(usesRedis ? 429 : 200);
    expect((await clientOf(here).login(BOB)).status).toBe(200);
  });
});

describe.each(['session-memory', 'session-redis-lean'])('the limit of %s', (name) => {
  it('does not count successful logins', async () => {
    const app = await bench.start(name, { settings: { failedLoginsPerUser: 1, failedLoginsPerAddress: 1 } });
    const answers = await Promise.all(Array.from({ length: 50 }, () => clientOf(app).login(ADA)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  });

  it('counts unknown usernames like known ones', async () => {
    const app = await bench.start(name, { settings });
    const statuses = async (username: string) => {
      const seen: number[] = [];
      for (let i = 0; i < 5; i += 1) seen.push((await clientOf(app).login({ username, password: 'wrong' })).status);
      return seen;
    };
    expect(await statuses('nobody')).toEqual([401, 401, 401, 429, 429]);
    expect(await statuses('bob')).toEqual([401, 401, 401, 429, 429]);
  });

  it('answers a burst of wrong passwords with no more 401 than the limit allows', async () => {
    const app = await bench.start(name, { settings });
    const answers = await Promise.all(Array.from({ length: 20 }, () => clientOf(app).login(wrong)));
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(settings.failedLoginsPerUser);
  });

  it('lets nobody in with the last of many concurrent guesses', async () => {
    const app = await bench.start(name, { settings: { failedLoginsPerUser: 1 } });
    const guesses = [...Array.from({ length: 40 }, () => wrong), ADA];
    const answers = await Promise.all(guesses.map((guess) => clientOf(app).login(guess)));
    expect(answers.at(-1)?.status).toBe(429);
  });

  it('applies to each client of a trusted proxy, and to all clients of an untrusted one together', async () => {
    const limit = { failedLoginsPerAddress: 3 };
    const trusting = await bench.start(name, { settings: { ...limit, trustedProxies: ['127.0.0.1'] } });
    const login = async (app: typeof trusting, client: string, username: string) => {
      const headers = { 'x-forwarded-for': client };
      return (await app.inject({ method: 'POST', url: '/login', headers, payload: { username, password: 'wrong' } }))
        .statusCode;
    };
    for (let i = 0; i < 3; i++) expect(await login(trusting, '192.0.2.1', `u${i}`)).toBe(401);
    expect(await login(trusting, '192.0.2.1', 'u3')).toBe(429);
    expect(await login(trusting, '192.0.2.2', 'u3')).toBe(401);
    // The client's own entry is not trusted: only the last, added by the proxy, counts.
    expect(await login(trusting, '192.0.2.9, 192.0.2.1', 'u4')).toBe(429);
    const wary = await bench.start(name, { settings: limit });
    await bench.probe().flushall();
    for (let i = 0; i < 3; i++) expect(await login(wary, `192.0.2.${i}`, `u${i}`)).toBe(401);
    expect(await login(wary, '192.0.2.9', 'u4')).toBe(429);
  });

  it('refuses an address that fails with changing usernames', async () => {
    const app = await bench.start(name, { settings: { failedLoginsPerAddress: 5 } });
    for (let i = 0; i < 5; i += 1)
      expect((await clientOf(app).login({ username: `u${i}`, password: 'x' })).status).toBe(401);
    expect((await clientOf(app).login({ username: 'u5', password: 'x' })).status).toBe(429);
  });
});

it('the counts of failed logins expire by themselves', async () => {
  await clientOf(await bench.start('session-redis-lean')).login(wrong);
  const keys = await bench.probe().keys('session-redis-lean:failed-login:*');
  expect(keys).toHaveLength(2);
  for (const key of keys) {
    const ttlMs = await bench.probe().pttl(key);
    expect(ttlMs).toBeGreaterThan(0);
    expect(ttlMs).toBeLessThanOrEqual(60_000);
  }
});
