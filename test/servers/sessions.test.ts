import type { FastifyInstance } from 'fastify';
import type { Redis } from 'ioredis';
import { beforeAll, describe, expect, it } from 'vitest';
import { ARMS } from '../../servers/arms.ts';
import { DEFAULT_SETTINGS, type SchemeSettings } from '../../servers/scheme.ts';
import { CLOCK_MARGIN_MS } from '../../servers/stores/redis-clock.ts';
import { armBench } from '../support/arms.ts';
import { ADA, BOB, clientOf, copyOf, freshSecrets } from '../support/servers.ts';

const bench = armBench();
const { secrets } = bench;
const IDLE_MS = 60_000;
const ABSOLUTE_MS = 600_000;

/** The test's own connection to Redis. */
let probe: Redis;
beforeAll(() => {
  probe = bench.probe();
});

const appOf = (
  name: string,
  now?: () => number,
  settings: Partial<SchemeSettings> = {},
  given = secrets,
): Promise<FastifyInstance> =>
  bench.start(name, {
    settings: { idleTimeoutMs: IDLE_MS, absoluteTimeoutMs: ABSOLUTE_MS, ...settings },
    secrets: given,
    ...(now === undefined ? {} : { now }),
  });

/** Calls per command that Redis executed while `work` ran, without the probe's own. */
async function commandsDuring(work: () => Promise<void>): Promise<Record<string, number>> {
  await probe.config('RESETSTAT');
  await work();
  const stats = await probe.info('commandstats');
  const counts: Record<string, number> = {};
  for (const [, command, calls] of stats.matchAll(/cmdstat_([^:]+):calls=(\d+)/g)) {
    if (command !== undefined && command !== 'info' && command !== 'config|resetstat') counts[command] = Number(calls);
  }
  return counts;
}

async function sessionKeyOf(name: string): Promise<string> {
  const [key, ...more] = await probe.keys(`${name}:session:*`);
  if (key === undefined || more.length > 0)
    throw new Error(`one session expected, found ${more.length + (key ? 1 : 0)}`);
  return key;
}

describe('Redis commands', () => {
  it.each(ARMS.map(({ info }) => info))('per GET /me are as $name declares', async (info) => {
    // The clock is stopped, so that cached entries do not age.
    const atMs = Date.now();
    const client = clientOf(await appOf(info.name, () => atMs));
    await client.login(ADA);
    await client.get('/me');
    const counts = await commandsDuring(async () => {
      for (let i = 0; i < 10; i += 1) expect((await client.get('/me')).status).toBe(200);
    });
    const total = Object.values(counts).reduce((sum, calls) => sum + calls, 0);
    if (info.redisCommandsAreAtMost) expect(total).toBeLessThanOrEqual(10 * info.redisCommandsPerRequest);
    else expect(total).toBe(10 * info.redisCommandsPerRequest);
  });

  it('of session-cached are the declared bound if every request misses, and none if it hits', async () => {
    let atMs = Date.now();
    const client = clientOf(await appOf('session-cached', () => atMs));
    const read = async () => void expect((await client.get('/me')).status).toBe(200);
    await client.login(ADA);
    await read();
    expect(await commandsDuring(read)).toEqual({});
    const missing = await commandsDuring(async () => {
      for (let i = 0; i < 5; i += 1) {
        atMs += DEFAULT_SETTINGS.cacheStalenessMs;
        await read();
      }
    });
    expect(missing).toEqual({ getex: 5 });
  });

  it('are none for a public route with a cookie, except where the plugin covers it', async () => {
    for (const [name, expected] of [
      ['session-redis', {}],
      ['session-redis-lean', {}],
      ['session-redis-rolling', { get: 1, set: 1 }],
    ] as const) {
      const client = clientOf(await appOf(name));
      await client.login(ADA);
      expect(await commandsDuring(async () => void (await client.get('/public')))).toEqual(expected);
    }
  });

  it('store no key for requests without a session', async () => {
    for (const name of ['session-redis', 'session-redis-lean', 'session-redis-rolling']) {
      const app = await appOf(name);
      for (const path of ['/public', '/me']) for (let i = 0; i < 3; i++) await clientOf(app).get(path);
    }
    expect(await probe.keys('*')).toEqual([]);
  });

  it('are none for a cookie whose signature is wrong', async () => {
    for (const name of ['session-redis', 'session-redis-lean']) {
      const client = clientOf(await appOf(name), { cookies: { sid: `${'a'.repeat(43)}.${'b'.repeat(43)}` } });
      expect(await commandsDuring(async () => void (await client.get('/me')))).toEqual({});
    }
  });
});

describe.each(['session-redis', 'session-redis-rolling', 'session-redis-lean'])('a session of %s', (name) => {
  it('has its idle timeout extended by use', async () => {
    const client = clientOf(await appOf(name));
    await client.login(ADA);
    const key = await sessionKeyOf(name);
    await probe.pexpire(key, IDLE_MS / 3);
    expect((await client.get('/me')).status).toBe(200);
    expect(await probe.pttl(key)).toBeGreaterThan(IDLE_MS / 2);
  });

  it('expires if it was idle for too long', async () => {
    const client = clientOf(await appOf(name));
    await client.login(ADA);
    await probe.pexpire(await sessionKeyOf(name), 0);
    expect((await client.get('/me')).status).toBe(401);
  });

  it('ends at its absolute end despite use, and is then removed', async () => {
    let atMs = Date.now();
    const client = clientOf(await appOf(name, () => atMs));
    await client.login(ADA);
    const key = await sessionKeyOf(name);
    atMs += ABSOLUTE_MS - 1;
    expect((await client.get('/me')).status).toBe(200);
    atMs += 1;
    expect((await client.get('/me')).status).toBe(401);
    expect(await probe.exists(key)).toBe(0);
  });

  it.each([
    '',
    '{',
    'null',
    '[]',
    '"x"',
    '{"user":1,"endsAtMs":1}',
    '{"user":{"id":"u-1"}}',
    '{"user":{"id":"u-1","username":"ada","roles":"admin"},"endsAtMs":9e15}',
  ])('is invalid if the store contains %s', async (damaged) => {
    const client = clientOf(await appOf(name));
    await client.login(ADA);
    await probe.set(await sessionKeyOf(name), damaged);
    expect((await client.get('/me')).status).toBe(401);
  });

  it('is not restored by a request in flight at logout', async () => {
    const app = await appOf(name);
    const client = clientOf(app);
    await client.login(ADA);
    const stolen = clientOf(app, copyOf(client.held));
    await Promise.all([
      ...Array.from({ length: 20 }, () => clientOf(app, copyOf(client.held)).get('/me')),
      client.post('/logout'),
    ]);
    expect((await stolen.get('/me')).status).toBe(401);
  });

  it('leaves nothing in its user’s index after logout or expiry', async () => {
    let atMs = Date.now();
    const app = await appOf(name, () => atMs);
    const [first, second, third] = [clientOf(app), clientOf(app), clientOf(app)];
    await first.login(ADA);
    await second.login(ADA);
    expect(await probe.zcard(`${name}:user:{u-1}`)).toBe(2);
    expect(await probe.pttl(`${name}:user:{u-1}`)).toBeGreaterThan(0);
    await first.post('/logout');
    expect(await probe.zcard(`${name}:user:{u-1}`)).toBe(1);
    atMs += ABSOLUTE_MS - 1_000;
    await third.login(ADA);
    expect(await probe.zcard(`${name}:user:{u-1}`)).toBe(2);
    atMs += 2_000;
    // It stays in the index as long as a replica with a slow clock may still serve it.
    await first.login(ADA);
    expect(await probe.zcard(`${name}:user:{u-1}`)).toBe(3);
    await first.post('/logout');
    atMs += CLOCK_MARGIN_MS;
    await first.login(ADA);
    // The third and the new one.
    expect(await probe.zcard(`${name}:user:{u-1}`)).toBe(2);
    expect((await second.get('/me')).status).toBe(401);
  });

  it('replaces the client’s earlier session', async () => {
    const client = clientOf(await appOf(name));
    await client.login(BOB);
    await client.login(ADA);
    expect(await probe.zcard(`${name}:user:{u-2}`)).toBe(0);
    expect(JSON.parse((await probe.get(await sessionKeyOf(name))) ?? '').user.username).toBe('ada');
  });

  it('is refused a critical operation once its user is disabled, even if the session itself lives on', async () => {
    const client = clientOf(await appOf(name));
    await client.login(ADA);
    await probe.set(`${name}:disabled:{u-1}`, '1');
    expect((await client.get('/me')).status).toBe(200);
    expect((await client.post('/transfer', { to: 'bob', amount: 1 })).status).toBe(401);
  });

  it('outlives a rotation of the key that signed its cookie, while the old key is known', async () => {
    const client = clientOf(await appOf(name));
    await client.login(ADA);
    const rotated = { ...freshSecrets(), previous: { cookieKey: secrets.cookieKey } };
    const kept = clientOf(await appOf(name, undefined, {}, rotated), copyOf(client.held));
    expect((await kept.get('/me')).status).toBe(200);
    expect((await kept.post('/transfer', { to: 'bob', amount: 1 })).status).toBe(200);
    const forgotten = clientOf(await appOf(name, undefined, {}, freshSecrets()), copyOf(client.held));
    expect((await forgotten.get('/me')).status).toBe(401);
  });

  it('has Secure and the __Host- prefix behind TLS', async () => {
    const app = await appOf(name, undefined, { secureCookies: true });
    const response = await app.inject({ method: 'POST', url: '/login', payload: ADA });
    expect(String(response.headers['set-cookie'])).toMatch(/^__Host-sid=[^;]+; Path=\/(?=.*; HttpOnly)(?=.*; Secure)/);
  });
});

describe('a session in process memory', () => {
  it('has an idle timeout that use extends, and an absolute one', async () => {
    let atMs = 1_000_000;
    const client = clientOf(await appOf('session-memory', () => atMs));
    await client.login(ADA);
    for (let used = 0; used + IDLE_MS - 1 < ABSOLUTE_MS; used += IDLE_MS - 1) {
      expect((await client.get('/me')).status).toBe(200);
      atMs += IDLE_MS - 1;
    }
    atMs = 1_000_000 + ABSOLUTE_MS;
    expect((await client.get('/me')).status).toBe(401);
    await client.login(ADA);
    atMs += IDLE_MS;
    expect((await client.get('/me')).status).toBe(401);
  });
});
