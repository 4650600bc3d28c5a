import { once } from 'node:events';
import type { FastifyInstance } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import { thenEnding } from '../../core/errors.ts';
import { ARMS, findArm } from '../../servers/arms.ts';
import { buildApp } from '../../servers/http/app.ts';
import { turnedClock } from '../support/arms.ts';
import { startRedis } from '../support/redis.ts';
import { ADA, clientOf, freshSecrets, testUsers } from '../support/servers.ts';

const secrets = freshSecrets();
const users = testUsers();

const open: FastifyInstance[] = [];
afterEach(() => Promise.all(open.splice(0).map((app) => app.close())));

describe('when Redis is unavailable', () => {
  it.each(['session-redis', 'session-redis-lean'])(
    '%s fails closed with 503, serves public routes, and recovers',
    async (name) => {
      const own = await startRedis();
      const arm = findArm(name);
      if (arm === undefined) throw new Error(`no arm ${name}`);
      const app = await buildApp({ arm, secrets, users, redis: { url: own.url, keyPrefix: 'x:' } });
      open.push(app);
      const client = clientOf(app);
      await client.login(ADA);

      own.process.kill('SIGSTOP');
      // Both the request on the wire and those queued behind it are answered.
      const hung = await Promise.all([client.get('/me'), client.get('/me'), client.get('/public')]);
      expect(hung.map((answer) => answer.status)).toEqual([503, 503, 200]);
      own.process.kill('SIGCONT');
      // A command is answered once the resumed server has processed its backlog.
      await expect.poll(async () => (await client.get('/me')).status).toBe(200);

      await own.stop();
      for (const answer of [
        await client.get('/me'),
        await client.post('/transfer', { to: 'bob', amount: 1 }),
        await clientOf(app).login(ADA),
      ]) {
        expect(answer.status).toBe(503);
        expect(answer.headers['content-type']).toMatch(/problem\+json/);
        expect(answer.text).not.toMatch(/redis|127\.0\.0\.1|ECONN/i);
      }
      expect((await client.get('/public')).status).toBe(200);
      expect((await client.get('/healthz')).status).toBe(200);

      const again = await startRedis(own.port, new URL(own.url).password);
      await thenEnding(
        async () => {
          await expect.poll(async () => (await clientOf(app).login(ADA)).status, { timeout: 10_000 }).toBe(200);
        },
        () => again.stop(),
      );
    },
  );

  it.each(ARMS.filter(({ info }) => info.usesRedis).map(({ info }) => info))(
    'GET /me of $name is answered as declared, and no critical operation is done',
    async ({ name, survivesRedisOutage, variant, revocation }) => {
      const own = await startRedis();
      const arm = findArm(name);
      if (arm === undefined) throw new Error(`no arm ${name}`);
      const clock = turnedClock();
      const redis = { url: own.url, keyPrefix: 'x:' };
      const app = await buildApp({ arm, secrets, users, redis, now: clock.now, storeNow: clock.now });
      open.push(app);
      const client = clientOf(app);
      await client.login(ADA);
      expect((await client.get('/me')).status).toBe(200);
      await own.stop();
      // Longer than a cache may serve a session.
      clock.forward(typeof revocation === 'object' ? revocation.withinMs : 0);
      const me = async () => (await client.get('/me')).status;
      // The pushed state of a replica stays valid for a while, by a clock that the test does not control.
      if (variant === 'cached' || variant === 'tracked') await expect.poll(me, { timeout: 10_000 }).toBe(503);
      else expect(await me()).toBe(survivesRedisOutage ? 200 : 503);
      expect((await client.post('/transfer', { to: 'bob', amount: 1 })).status).toBe(503);
      expect((await clientOf(app).login(ADA)).status).toBe(503);
    },
  );

  it('session-redis-rolling breaks public routes too, as a plugin for the whole application does', async () => {
    const own = await startRedis();
    const arm = findArm('session-redis-rolling');
    if (arm === undefined) throw new Error('no arm');
    const app = await buildApp({ arm, secrets, users, redis: { url: own.url, keyPrefix: 'x:' } });
    open.push(app);
    const client = clientOf(app);
    await client.login(ADA);
    const exited = once(own.process, 'exit');
    await own.stop();
    await exited;
    expect((await client.get('/public')).status).toBe(503);
    expect((await client.get('/me')).status).toBe(503);
    expect((await client.get('/healthz')).status).toBe(200);
  });
});
