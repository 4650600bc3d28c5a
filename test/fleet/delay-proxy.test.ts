import { once } from 'node:events';
import { connect } from 'node:net';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type DelayProxy, startDelayProxy, startDelayProxyFor } from '../../bench/fleet/delay/client.ts';
import { pingTimes } from '../../bench/fleet/ping.ts';
import { startRedis } from '../../bench/fleet/redis/own.ts';
import type { RedisInstance } from '../../bench/fleet/redis/redis.ts';
import { Janitor } from '../../bench/processes/janitor.ts';
import { thenEnding } from '../../core/errors.ts';
import { startRedisWith } from '../support/redis.ts';

let janitor: Janitor;
let redis: RedisInstance;
let proxy: DelayProxy;
const deaths: Error[] = [];

beforeAll(async () => {
  janitor = await Janitor.start();
  redis = await startRedis(janitor);
  proxy = await startDelayProxy({ janitor, redisUrl: redis.url, onDeath: (error) => deaths.push(error) });
});
afterAll(async () => {
  await proxy.stop();
  await redis.stop();
  await janitor.finish();
});

it('never passes a reply before its delay, and can remove the delay', async () => {
  const quickest = async () => Math.min(...(await pingTimes(proxy.url, 40)));
  const plain = await quickest();
  for (const micros of [200, 500, 5_000]) {
    await proxy.delay(micros);
    // Only a minimum holds for every reply: how much longer it takes depends on the machine.
    expect(await quickest()).toBeGreaterThanOrEqual(micros);
  }
  await proxy.delay(0);
  expect(await quickest()).toBeLessThan(plain + 5_000);
});

it('reports its lateness for each piece that it delayed', async () => {
  await proxy.delay(300);
  await proxy.lateness();
  const times = await pingTimes(proxy.url, 40);
  const { delayed, totalMicros, maxMicros } = await proxy.lateness();
  // The reply to the password counts as well; the end of a connection, this one's or an earlier one's, is not a reply.
  expect(delayed).toBe(times.length + 1);
  expect(totalMicros).toBeGreaterThanOrEqual(maxMicros);
  // Whichever was latest, including the reply to the password: the pings waited for all others. 1 µs each for rounding.
  const waited = times.reduce((sum, micros) => sum + micros, 0);
  expect(waited).toBeGreaterThanOrEqual((300 - 1) * times.length + totalMicros - maxMicros);
  await proxy.delay(0);
});

it('does not mistake the end of a connection for a reply', async () => {
  await proxy.delay(300);
  await proxy.lateness();
  const { hostname, port } = new URL(proxy.url);
  const socket = connect({ host: hostname, port: Number(port) });
  // Redis replies to QUIT and closes.
  socket.write('QUIT\r\n');
  const [goodbye] = await Promise.all([once(socket, 'data'), once(socket, 'close')]);
  expect(String(goodbye)).toBe('+OK\r\n');
  expect((await proxy.lateness()).delayed).toBe(1);
  await proxy.delay(0);
});

it('passes every byte in order, while the delay changes', async () => {
  const client = new Redis(proxy.url);
  await thenEnding(
    async () => {
      const values = Array.from({ length: 300 }, (_, i) => `${i}:${'é\r\n\u0000'.repeat(i)}`);
      const answers: Promise<string>[] = [];
      for (const [i, value] of values.entries()) {
        if (i % 60 === 0) await proxy.delay(((i / 60) % 3) * 700);
        answers.push(client.echo(value));
      }
      expect(await Promise.all(answers)).toEqual(values);
    },
    () => client.disconnect(),
    () => proxy.delay(0),
  );
});

it('closes a connection that Redis closes', async () => {
  const client = new Redis(proxy.url, { retryStrategy: () => null });
  client.on('error', () => {});
  await client.ping();
  const closed = once(client, 'end');
  const killer = new Redis(redis.url);
  await killer.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
  killer.disconnect();
  await closed;
  expect(client.status).toBe('end');
});

it('also works in front of a Unix socket, and for an ACL user', async () => {
  const other = await startRedisWith((directory) => [
    `unixsocket "${directory}/a socket"`,
    'user default off',
    'user app on >p%w ~* &* +@all',
  ]);
  const redisUrl = `${other.directory}/a socket?username=app&password=p%25w`;
  const own = await startDelayProxy({ janitor, redisUrl, onDeath: (error) => deaths.push(error) });
  await thenEnding(
    async () => {
      await own.delay(2_000);
      expect(Math.min(...(await pingTimes(own.url, 10)))).toBeGreaterThanOrEqual(2_000);
      await own.delay(0);
      expect(Math.max(...(await pingTimes(redisUrl, 1)))).toBeGreaterThan(0);
      const client = new Redis(own.url);
      expect(await client.acl('WHOAMI')).toBe('app');
      client.disconnect();
    },
    () => own.stop(),
    () => other.stop(),
  );
});

it('reports its own unexpected end', async () => {
  const own = await startDelayProxy({ janitor, redisUrl: redis.url, onDeath: (error) => deaths.push(error) });
  process.kill(own.pid, 'SIGKILL');
  await expect(own.lateness()).rejects.toThrow('the proxy that delays Redis ended with SIGKILL');
  expect(deaths.map(({ message }) => message)).toEqual(['the proxy that delays Redis ended with SIGKILL']);
});

it.each([
  { name: 'a cluster', url: 'redis://127.0.0.1:1', cluster: true, fault: 'a Redis Cluster cannot be delayed' },
  {
    name: 'a Redis elsewhere over TLS',
    url: 'rediss://redis.example:1',
    cluster: false,
    fault: 'a Redis on another machine cannot be delayed over TLS',
  },
])('is not started in front of $name', async ({ url, cluster, fault }) => {
  await expect(startDelayProxyFor({ url, cluster }, { janitor, onDeath: () => {} })).rejects.toThrow(fault);
});
