import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readsOf } from '../../servers/stores/read-batch.ts';
import { connectRedis, type RedisStore } from '../../servers/stores/redis.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';

const LONG_MS = 60_000;
const keys = Array.from({ length: 60 }, (_, i) => `k${i}`);
let redis: TestRedis;
let store: RedisStore;
beforeAll(async () => {
  redis = await startRedis();
  store = await connectRedis({ url: redis.url, keyPrefix: '' });
  await Promise.all(keys.map((key) => store.client.set(key, `value of ${key}`)));
});
afterAll(async () => {
  store.client.disconnect();
  await redis.stop();
});

describe('reads that are sent together', () => {
  it('each return their own value, and extend the lifetime of the sessions that they read', async () => {
    const values = await Promise.all(keys.map((key) => store.reads.getex(key, LONG_MS)));
    expect(values).toEqual(keys.map((key) => `value of ${key}`));
    expect(await store.client.pttl('k7')).toBeGreaterThan(LONG_MS / 2);
    const [mixed, missing, there, away] = await Promise.all([
      store.reads.mget(['k1', 'nothing', 'k2']),
      store.reads.getex('nothing', LONG_MS),
      store.reads.exists('k3'),
      store.reads.exists('nothing'),
    ]);
    expect([mixed, missing, there, away]).toEqual([['value of k1', null, 'value of k2'], null, 1, 0]);
  });

  it('fail individually if Redis refuses one of them', async () => {
    await store.client.rpush('list', 'x');
    const [good, bad, alsoGood] = await Promise.allSettled(
      ['k1', 'list', 'k2'].map((key) => store.reads.getex(key, 1)),
    );
    expect(good).toMatchObject({ value: 'value of k1' });
    expect(bad).toMatchObject({ status: 'rejected', reason: { message: expect.stringContaining('WRONGTYPE') } });
    expect(alsoGood).toMatchObject({ value: 'value of k2' });
    await Promise.all(['k1', 'k2'].map((key) => store.client.set(key, `value of ${key}`)));
  });

  it('share one deadline, and a late answer reaches no other request', async () => {
    const reads = readsOf(store.client, 50);
    const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    redis.process.kill('SIGSTOP');
    const before = timers();
    const asked = keys.map((key) => reads.getex(key, LONG_MS));
    const late = Promise.allSettled(asked);
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    expect(timers() - before).toBeLessThanOrEqual(1);
    for (const each of await late) {
      expect(each).toMatchObject({ status: 'rejected', reason: { message: 'Redis did not answer in time.' } });
    }
    redis.process.kill('SIGCONT');
    const values = await Promise.all(keys.toReversed().map((key) => store.reads.getex(key, LONG_MS)));
    expect(values).toEqual(keys.toReversed().map((key) => `value of ${key}`));
  });

  it('are answered if Redis was in time and only this process was delayed', async () => {
    const reads = readsOf(store.client, 50);
    const asked = keys.map((key) => reads.getex(key, LONG_MS));
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    const until = performance.now() + 400;
    while (performance.now() < until);
    expect(await Promise.all(asked)).toEqual(keys.map((key) => `value of ${key}`));
  });

  it('fail at once without a connection, including those in flight when it broke', async () => {
    const own = await connectRedis({ url: redis.url, keyPrefix: '' });
    redis.process.kill('SIGSTOP');
    const underWay = own.reads.getex('k1', LONG_MS);
    const broken = expect(underWay).rejects.toThrow('max retries per request');
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    if (own.client instanceof Redis) own.client.stream.destroy();
    await broken;
    own.client.disconnect();
    await expect(own.reads.getex('k1', LONG_MS)).rejects.toThrow('Redis is not connected.');
    redis.process.kill('SIGCONT');
  });
});
