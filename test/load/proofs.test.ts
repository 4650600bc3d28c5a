/** Every load against servers that accept a proof once: a repeated proof, or one for another request, is refused. */

import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeSecrets, makeUsers, type User } from '../../bench/fleet/secrets.ts';
import { Clients } from '../../bench/load/clients/clients.ts';
import { type Credential, login } from '../../bench/load/clients/credential.ts';
import { Probe } from '../../bench/load/clients/probe.ts';
import { closedSlice } from '../../bench/load/closed/closed.ts';
import { Connection } from '../../bench/load/connection/connection.ts';
import { openRequests, wireRequest } from '../../bench/load/connection/request.ts';
import { runOpenLoop } from '../../bench/load/open/drive.ts';
import { OpenLoop } from '../../bench/load/open/open.ts';
import { createSchedule } from '../../bench/load/open/schedule.ts';
import { PairedLoad } from '../../bench/load/paired/paired.ts';
import { ConnectionPools } from '../../bench/load/pool/pool.ts';
import type { Target } from '../../bench/load/protocol.ts';
import type { Tally } from '../../bench/load/replies.ts';
import { TimelineLoad } from '../../bench/load/timeline/load.ts';
import { OUTCOMES } from '../../bench/load/timeline/protocol.ts';
import { warmUp } from '../../bench/load/warm-up/warm-up.ts';
import { thenEnding } from '../../core/errors.ts';
import { createRandom } from '../../core/stats/random.ts';
import { findArm } from '../../servers/arms.ts';
import { serve } from '../../servers/process/serve.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';

const HOST = '127.0.0.1';
const arm = findArm('jwt-dpop');
let redis: TestRedis;
let users: readonly User[];
let target: Target;
let credentials: Credential[];
const apps: FastifyInstance[] = [];

beforeAll(async () => {
  if (arm === undefined) throw new Error('there is no such arm');
  redis = await startRedis();
  const secrets = await makeSecrets();
  users = await makeUsers(3, { memoryKiB: 64, passes: 1, cheap: true });
  const start = {
    arm: arm.info.name,
    host: HOST,
    port: 0,
    secrets,
    users: users.map(({ record }) => record),
    redis: { url: redis.url, keyPrefix: 'proofs:' },
  };
  const served = [await serve(start, false, () => arm), await serve(start, false, () => arm)];
  apps.push(...served.map(({ app }) => app));
  const addresses = served.map(({ port }) => ({ host: HOST, port }));
  const [first = { host: HOST, port: 0 }] = addresses;
  credentials = await Promise.all(users.map((user) => login(first, user, arm.info)));
  const requests = credentials.map(({ headers, meBody }) => ({
    method: 'GET',
    path: '/me',
    headers: { ...headers },
    expectedStatus: 200,
    expectedBody: meBody,
  }));
  target = { key: 'bound', addresses, requests, processes: { replicas: [process.pid, process.pid], redis: null } };
});

afterAll(async () => {
  for (const app of apps) {
    app.server.closeAllConnections();
    await app.close();
  }
  await redis.stop();
});

function expectRight(tally: Tally | undefined, requests?: number): void {
  expect(tally).toMatchObject({ unexpected: 0, failed: 0, statuses: { 200: tally?.requests } });
  if (requests === undefined) expect(tally?.requests).toBeGreaterThan(3);
  else expect(tally?.requests).toBe(requests);
}

it('paired, in turns and over new connections', async () => {
  const load = await PairedLoad.open([target]);
  try {
    const turns = await load.block({ rounds: 2, inFlight: 3, keys: null, lengths: [6, 12] }, createRandom(1));
    // Each length once per round, and possibly one more turn that only separates others.
    expect(turns[0]?.requests).toBeGreaterThanOrEqual(36);
    expectRight(turns[0], turns[0]?.requests);
    const [opened] = await load.connect({ rounds: 1, connections: 4, resume: false, keys: null }, createRandom(1));
    expectRight(opened, 4);
  } finally {
    load.close();
  }
});

it('closed, by connections and in pools', async () => {
  expectRight(await closedSlice(target, { connections: 4, rampMs: 0, windowMs: 100 }));
  const pools = await ConnectionPools.open([{ key: 'pool', target, connections: 4, sequence: null }]);
  await thenEnding(
    async () => {
      await pools.keepAlive();
      expectRight(await pools.run('pool', { addresses: [0, 1], perAddress: 2, rampMs: 0, windowMs: 100 }));
    },
    () => pools.close(),
  );
});

it('a warm-up, several requests at a time', async () => {
  const [warmed] = await warmUp([target], { atLeast: 300, atMost: 300, timeoutMs: 20_000 });
  expect(warmed).toMatchObject({ fault: null });
  expect(warmed?.requests).toBeGreaterThanOrEqual(300);
});

it('open loop, a timeline and a probe', async () => {
  const options = {
    targets: target.addresses,
    requests: openRequests(target.addresses, target.requests),
    ratePerSecond: 100,
    durationMs: 200,
    warmupMs: 0,
    arrivals: 'uniform',
    seed: 1,
    timeoutMs: 5_000,
    connections: 4,
    maxConnections: 8,
  } as const;
  const nowMicros = () => performance.now() * 1000;
  const loop = new OpenLoop({
    options,
    nextArrival: createSchedule({ ...options, totalMs: 200, random: createRandom(1), shard: 0, shards: 1 }),
    nowMicros,
    open: (index) => Connection.open(target.addresses[index] ?? { host: HOST, port: 0 }),
    share: 1,
  });
  await loop.connect();
  const opened = await runOpenLoop(loop, { startMicros: nowMicros() });
  expect(opened).toMatchObject({ answered: 20, unexpected: 0, statuses: { 200: 20 } });

  const [address = { host: HOST, port: 0 }] = target.addresses;
  const requests = target.requests.map((request) => ({ ...address, ...wireRequest(address, request) }));
  let ms = 0;
  const timeline = new TimelineLoad({
    options: { streams: [{ key: 'me', ratePerSecond: 100, requests }], timeoutMs: 5_000, longestMs: 60_000 },
    nowMs: () => ms,
    open: (to, timeoutMs) => Connection.open(to, timeoutMs),
  });
  ms = 95;
  timeline.tick();
  const [record] = await timeline.finish(() => new Promise(() => {}));
  expect(record?.outcome.map((index) => OUTCOMES[index])).toEqual(Array.from({ length: 10 }, () => 'accepted'));

  const [request] = target.requests;
  if (request === undefined) throw new Error('there is no request');
  const probe = new Probe(address, request);
  await probe.run(performance.now() + 50, 100);
  expect(probe.counts).toMatchObject({ unexpected: 0, failed: 0 });
  expect(probe.counts.requests).toBeGreaterThan(1);
});

it('clients who log in and out, each with a key', async () => {
  const { key, addresses, processes } = target;
  const named = users.map(({ username, password }) => ({ username, password }));
  const clients = new Clients([{ key, addresses, users: named, senderConstrained: true, processes }]);
  const operate = (operation: 'login' | 'logout') =>
    clients.operate({ operation, rounds: 1, batches: 2, inFlight: 3, keys: null }, createRandom(1));
  expectRight((await operate('login'))[0], 6);
  expect((await operate('logout'))[0]).toMatchObject({ requests: 6, unexpected: 0, statuses: { 204: 6 } });
  clients.close();
  // Without a key, a login does not count as one here.
  const keyless = new Clients([{ key, addresses, users: named, processes }]);
  const [refused] = await keyless.operate(
    { operation: 'login', rounds: 1, batches: 1, inFlight: 1, keys: null },
    createRandom(1),
  );
  expect(refused).toMatchObject({ unexpected: 1, statuses: { 400: 1 } });
  keyless.close();
});
