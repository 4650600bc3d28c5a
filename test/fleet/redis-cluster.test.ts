import { readFileSync } from 'node:fs';
import { Cluster } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Fleet } from '../../bench/fleet/fleet.ts';
import { ARGON2_CHEAP, makeSecrets, makeUsers } from '../../bench/fleet/secrets.ts';
import { startFleet } from '../../bench/fleet/start.ts';
import { Connection } from '../../bench/load/connection/connection.ts';
import { requestBytes } from '../../bench/load/connection/request.ts';
import { Janitor } from '../../bench/processes/janitor.ts';
import { describeArms } from '../../bench/run/arms.ts';
import { startBench } from '../support/bench-process.ts';

let janitor: Janitor;
let fleet: Fleet;

beforeAll(async () => {
  janitor = await Janitor.start();
  const arm = (await describeArms()).find(({ name }) => name === 'session-redis-lean');
  if (!arm) throw new Error('there is no session-redis-lean');
  const environment = {
    janitor,
    secrets: await makeSecrets(),
    users: await makeUsers(9, ARGON2_CHEAP),
    shares: null,
    redisUrl: null,
    runId: 'test',
    onDeath: () => {},
  };
  const spec = { key: arm.name, arm, replicas: 2, cluster: true, users: 8 };
  fleet = await startFleet(environment, spec);
});
afterAll(async () => {
  await fleet?.stop();
  await janitor.finish();
});

it('is a cluster of three nodes, whose processes expose no password', () => {
  const { redis } = fleet;
  expect(redis?.pids).toHaveLength(3);
  const password = new URL(redis?.url ?? '').password;
  expect(password.length).toBeGreaterThan(20);
  for (const pid of redis?.pids ?? []) {
    expect(readFileSync(`/proc/${pid}/cmdline`, 'latin1')).not.toContain(password);
    expect(readFileSync(`/proc/${pid}/environ`, 'latin1')).not.toContain(password);
  }
});

it('stores sessions on every node, valid at every replica', async () => {
  for (const credential of fleet.credentials) {
    for (const { address } of fleet.replicas) {
      const connection = await Connection.open(address);
      const me = await connection.request(
        requestBytes(address, { method: 'GET', path: '/me', headers: credential.headers }),
      );
      connection.close();
      expect(me.body.toString()).toBe(credential.meBody);
    }
  }
});

it('counts the commands of all nodes, and their CPU time', async () => {
  const { redis } = fleet;
  if (!redis) throw new Error('there is no Redis');
  const { hostname, port, password } = new URL(redis.url);
  const client = new Cluster([{ host: hostname, port: Number(port) }], { redisOptions: { password } });
  try {
    await client.ping();
    const [commands, cpu] = [await redis.commands(), await redis.cpuNanos()];
    const keys = Array.from({ length: 300 }, (_, i) => `key:${i}`);
    await Promise.all(keys.map((key) => client.set(key, 'x')));
    expect((await redis.commands()) - commands).toBe(300);
    expect(await redis.cpuNanos()).toBeGreaterThanOrEqual(cpu);
    const sizes = await Promise.all(client.nodes('master').map((node) => node.dbsize()));
    expect(sizes).toHaveLength(3);
    for (const size of sizes) expect(size).toBeGreaterThan(50);
  } finally {
    client.disconnect();
  }
});

it('leaves no node behind', async () => {
  const pids = fleet.redis?.pids ?? [];
  await fleet.stop();
  for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
});

it('reports an invalid request for a cluster in one line', async () => {
  const wrong = await startBench(['bench', '--redis', 'sentinel']).ended;
  expect(wrong).toMatchObject({ code: 2 });
  expect(wrong.stderr).toContain('--redis: "sentinel" must be single or cluster');
  const both = await startBench(['bench', '--redis', 'cluster'], { REDIS_URL: 'redis://127.0.0.1:6379' }).ended;
  expect(both).toMatchObject({ code: 2 });
  expect(both.stderr).toContain('unset REDIS_URL');
  const sizes = await startBench(['bench', '--store-sizes', '10,1e9,x']).ended;
  expect(sizes).toMatchObject({ code: 2 });
  expect(sizes.stderr.match(/--store-sizes/g)).toHaveLength(2);
});
