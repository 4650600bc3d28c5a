/** Two runs that share the Redis of REDIS_URL and start within the same second. */
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { provideRedis } from '../../bench/fleet/redis/provide.ts';
import { Janitor } from '../../bench/processes/janitor.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';

let redis: TestRedis;
let janitor: Janitor;
beforeAll(async () => {
  [redis, janitor] = await Promise.all([startRedis(), Janitor.start()]);
});
afterAll(() => Promise.all([redis.stop(), janitor.finish()]));

it('never share a key, so that neither removes keys of the other', async () => {
  const source = { janitor, redisUrl: redis.url, runId: '2026-01-31T12-00-00Z' };
  const [one, other] = await Promise.all([provideRedis(source, 'toll'), provideRedis(source, 'toll')]);
  const client = new Redis(redis.url);
  try {
    await client.set(`${one.keyPrefix}session`, 'one');
    await client.set(`${other.keyPrefix}session`, 'other');
    expect(await client.get(`${one.keyPrefix}session`)).toBe('one');
    await other.stop();
    expect(await client.keys('*')).toEqual([`${one.keyPrefix}session`]);
    await one.stop();
    expect(await client.keys('*')).toEqual([]);
  } finally {
    client.disconnect();
  }
});
