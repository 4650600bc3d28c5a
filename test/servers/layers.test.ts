import { expect, it } from 'vitest';
import { findArm } from '../../servers/arms.ts';
import { buildApp } from '../../servers/http/app.ts';
import { armBench } from '../support/arms.ts';
import { startRedis } from '../support/redis.ts';
import { ADA, clientOf, testUsers } from '../support/servers.ts';

const bench = armBench();

it.each(['none', 'jwt-hs256', 'session-redis'])('counts requests to all replicas of %s in Redis', async (name) => {
  const settings = { rateLimit: 'redis', requestsPerMinute: 3 } as const;
  const [here, there] = await Promise.all([bench.start(name, { settings }), bench.start(name, { settings })]);
  const statuses = [];
  for (const app of [here, there, here, there, here]) statuses.push((await app.inject({ url: '/public' })).statusCode);
  expect(statuses).toEqual([200, 200, 200, 429, 429]);
});

it('uses Redis only for the count if the arm itself uses no Redis', async () => {
  const app = await bench.start('jwt-hs256', { settings: { rateLimit: 'redis' } });
  const client = clientOf(app);
  await client.login(ADA);
  expect((await client.get('/me')).status).toBe(200);
  expect(await bench.probe().keys('*')).toHaveLength(1);
});

it('lets requests pass while Redis is unavailable', async () => {
  const redis = await startRedis();
  const arm = findArm('jwt-hs256');
  if (arm === undefined) throw new Error('no arm jwt-hs256');
  const app = await buildApp({
    arm,
    secrets: bench.secrets,
    users: testUsers(),
    redis: { url: redis.url, keyPrefix: 'limited:' },
    settings: { rateLimit: 'redis', requestsPerMinute: 2 },
  });
  const client = clientOf(app);
  await client.login(ADA);
  await redis.stop();
  const statuses = [];
  for (let i = 0; i < 4; i++) statuses.push((await client.get('/me')).status);
  expect(statuses).toEqual([200, 200, 200, 200]);
  await app.close();
});
