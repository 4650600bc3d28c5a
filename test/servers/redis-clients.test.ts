/** Common behaviour of the arms that differ in their Redis client, and the writes of each. */
import { Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { nodeRedisCommands } from '../../servers/stores/node-redis/commands.ts';
import { connectRedis, type RedisStore } from '../../servers/stores/redis.ts';
import { ioredisCommands, type SessionCommands } from '../../servers/stores/session-commands.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';

const READS = 50;
const TTL_MS = 60_000;

let redis: TestRedis;
let pipelined: RedisStore;
let plain: RedisStore;
let nodeRedis: ReturnType<typeof nodeRedisCommands>;
beforeAll(async () => {
  redis = await startRedis();
  const address = { url: redis.url, keyPrefix: 'clients:' };
  pipelined = await connectRedis(address);
  plain = await connectRedis(address, false, false);
  nodeRedis = nodeRedisCommands(address);
  await nodeRedis.open();
});
afterAll(async () => {
  nodeRedis.close();
  for (const { client } of [pipelined, plain]) client.disconnect();
  await redis.stop();
});

/** Writes to Redis until `work` is done: a stream makes each in one system call. */
async function writesDuring(work: () => Promise<unknown>): Promise<number> {
  const spies = [vi.spyOn(Socket.prototype, '_write'), vi.spyOn(Socket.prototype, '_writev')];
  try {
    await work();
    const sockets = spies.flatMap(({ mock }) => mock.contexts) as unknown as readonly Socket[];
    return sockets.filter(({ remotePort }) => remotePort === redis.port).length;
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

const readMany = (commands: SessionCommands) =>
  Promise.all(Array.from({ length: READS }, (_, i) => commands.getex(`clients:${i}`, TTL_MS)));

describe('session reads that start in one event-loop iteration', () => {
  it.each([
    ['a write each through ioredis without autopipelining', () => ioredisCommands(plain), READS],
    ['one write with autopipelining', () => ioredisCommands(pipelined), 1],
    ['one write through node-redis', () => nodeRedis, 1],
  ])('are %s', async (_, commands, expected) => {
    expect(await writesDuring(() => readMany(commands()))).toBe(expected);
  });
});

describe('sessions through node-redis', () => {
  it('are written, read and deleted as through ioredis', async () => {
    const commands = [ioredisCommands(pipelined), nodeRedis];
    for (const [i, own] of commands.entries()) {
      const key = `clients:same:${i}`;
      await own.set(key, 'ended', TTL_MS, true);
      expect(await own.get(key)).toBeNull();
      await own.set(key, 'one', 1_000, false);
      await own.set(key, 'two', 2_000, true);
      expect(await own.get(key)).toBe('two');
      expect(await pipelined.client.pttl(key)).toBeLessThanOrEqual(2_000);
      expect(await own.getex(key, TTL_MS)).toBe('two');
      expect(await pipelined.client.pttl(key)).toBeGreaterThan(2_000);
      await own.del(key);
      expect(await own.get(key)).toBeNull();
    }
  });

  it('fail together when Redis does not answer in time, and are answered again afterwards', async () => {
    redis.process.kill('SIGSTOP');
    try {
      const read = await Promise.allSettled(Array.from({ length: 3 }, () => nodeRedis.get('clients:x')));
      expect(read.map((one) => one.status === 'rejected' && String(one.reason))).toEqual(
        Array(3).fill('Error: Redis did not answer in time.'),
      );
    } finally {
      redis.process.kill('SIGCONT');
    }
    expect(await nodeRedis.get('clients:x')).toBeNull();
  });
});
