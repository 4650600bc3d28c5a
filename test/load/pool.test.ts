import { once } from 'node:events';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Generator, startGenerator } from '../../bench/load/generator.ts';
import type { PoolTarget } from '../../bench/load/protocol.ts';
import { Janitor } from '../../bench/processes/janitor.ts';
import { type Counting, startCounting, stopCounting } from '../support/known/counting.ts';

let janitor: Janitor;
let generator: Generator;
beforeAll(async () => {
  janitor = await Janitor.start();
  generator = startGenerator(janitor);
});
afterAll(async () => {
  await generator.stop();
  await stopCounting();
  await janitor.finish();
});

const USERS = 3;
const PER_ADDRESS = 6;

function poolOf(servers: readonly Counting[], sequence: number | null, path = '/me'): PoolTarget {
  return {
    key: 'load',
    target: {
      key: 'fleet',
      addresses: servers.map(({ port }) => ({ host: '127.0.0.1', port })),
      requests: Array.from({ length: USERS * (sequence ?? 1) }, (_, i) => ({
        method: 'GET',
        path,
        headers: { authorization: `${i}` },
        expectedStatus: 200,
        expectedBody: 'ok',
      })),
      processes: { replicas: servers.map(({ pid }) => pid), redis: null },
    },
    connections: PER_ADDRESS * servers.length,
    sequence,
  };
}

const run = (addresses: number[], perAddress: number) =>
  generator.ask('runPool', { key: 'load', addresses, perAddress, rampMs: 20, windowMs: 150 });

it('opens each connection once, and loads only the replicas that a run names', async () => {
  const servers = [await startCounting(), await startCounting(), await startCounting()];
  await generator.ask('openPools', [poolOf(servers, null)]);
  // Each client sends one request after it has connected.
  for (const server of servers) {
    const { asked, users } = await server.counts();
    expect(asked).toBe(PER_ADDRESS);
    expect(users).toEqual({ 0: 2, 1: 2, 2: 2 });
  }
  const before = await Promise.all(servers.map((server) => server.counts()));
  const tally = await run([0, 2], 4);
  const after = await Promise.all(servers.map((server) => server.counts()));
  const asked = after.map((counts, i) => counts.asked - (before[i]?.asked ?? 0));
  expect(tally).toMatchObject({ key: 'fleet', unexpected: 0, failed: 0, statuses: { 200: tally.requests } });
  expect(asked[1]).toBe(0);
  expect(tally.requests).toBeGreaterThan(0);
  // Excludes those of the ramp, and answers after the window.
  expect(tally.requests).toBeLessThan((asked[0] ?? 0) + (asked[2] ?? 0));
  expect(tally.replicaCpuNs).toHaveLength(2);
  expect(await Promise.all(servers.map((server) => server.connections()))).toEqual([
    PER_ADDRESS,
    PER_ADDRESS,
    PER_ADDRESS,
  ]);
});

it('is paused between runs: no request is sent, and every run counts from zero', async () => {
  const server = await startCounting();
  await generator.ask('openPools', [poolOf([server], null)]);
  await run([0], 2);
  const between = await server.counts();
  await generator.ask('keepAlive', null);
  expect((await server.counts()).asked).toBe(between.asked + PER_ADDRESS);
  const tally = await run([0], PER_ADDRESS);
  expect((await server.counts()).asked).toBeGreaterThanOrEqual(between.asked + PER_ADDRESS + tally.requests);
});

it('uses all connections in turn when runs take only some', async () => {
  const server = await startCounting();
  await generator.ask('openPools', [poolOf([server], null)]);
  const seen = new Set<string>();
  for (let i = 0; i < 3; i++) {
    const { users: before } = await server.counts();
    await run([0], 2);
    const { users } = await server.counts();
    const asking = Object.keys(users).filter((user) => users[user] !== before[user]);
    // With one replica, adjacent connections belong to two users.
    expect(asking).toHaveLength(2);
    for (const user of asking) seen.add(user);
  }
  expect([...seen].sort()).toEqual(['0', '1', '2']);
});

it('sends the requests of a sequence in turn', async () => {
  const server = await startCounting();
  await generator.ask('openPools', [poolOf([server], 2)]);
  expect((await server.counts()).asked).toBe(0);
  const tally = await run([0], PER_ADDRESS);
  const { users } = await server.counts();
  expect(tally.unexpected).toBe(0);
  for (const user of [0, 1, 2]) {
    const [first = 0, second = 0] = [users[2 * user], users[2 * user + 1]];
    // Two connections per user, each at most one request further in its own sequence.
    expect(Math.abs(first - second)).toBeLessThanOrEqual(2);
  }
});

it.each([null, 1])('counts unexpected answers (sequence %s)', async (sequence) => {
  const server = await startCounting({ failEvery: 4 });
  await generator.ask('openPools', [poolOf([server], sequence)]);
  const { requests, unexpected, statuses } = await run([0], 4);
  expect(unexpected).toBe(statuses['503'] ?? 0);
  expect(Math.abs(unexpected - requests / 4)).toBeLessThanOrEqual(2);
});

it.each([null, 1])('reopens connections that a server has closed (sequence %s)', async (sequence) => {
  const server = await startCounting();
  await generator.ask('openPools', [poolOf([server], sequence)]);
  await generator.ask('keepAlive', null);
  await server.closeConnections();
  // Resolves once the generator has noticed: it could not answer earlier.
  await generator.ask('keepAlive', null);
  const tally = await run([0], PER_ADDRESS);
  expect(tally).toMatchObject({ unexpected: 0, failed: 0 });
  expect(tally.requests).toBeGreaterThan(0);
  expect(await server.connections()).toBe(PER_ADDRESS);
});

it.each([null, 1])('reports that nothing listens (sequence %s)', async (sequence) => {
  const server = await startCounting();
  const target = poolOf([server], sequence);
  const gone = once(server.child, 'exit');
  server.child.kill('SIGKILL');
  await gone;
  await expect(generator.ask('openPools', [target])).rejects.toThrow('cannot connect to 127.0.0.1');
});

it('closes earlier pools, and refuses one that is not open', async () => {
  const server = await startCounting();
  await generator.ask('openPools', [poolOf([server], null)]);
  expect(await server.connections()).toBe(PER_ADDRESS);
  await generator.ask('openPools', []);
  while ((await server.connections()) > 0);
  await expect(run([0], 1)).rejects.toThrow('no connection pool load is open');
  await generator.ask('openPools', [poolOf([server], 1)]);
  await expect(run([0], PER_ADDRESS + 1)).rejects.toThrow('has 6 connections to one address, fewer than 7');
  // On a busy machine there may be no answer within a window.
  await expect.poll(async () => (await run([0], 1)).requests, { timeout: 60_000 }).toBeGreaterThan(0);
});
