import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Generator, startGenerator } from '../../bench/load/generator.ts';
import type { Target } from '../../bench/load/protocol.ts';
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

function target(servers: readonly Counting[], users: number): Target {
  return {
    key: 'walked',
    addresses: servers.map(({ port }) => ({ host: '127.0.0.1', port })),
    requests: Array.from({ length: users }, (_, i) => ({
      method: 'GET',
      path: '/me',
      headers: { authorization: `${i}` },
      expectedStatus: 200,
      expectedBody: 'ok',
    })),
    processes: { replicas: servers.map(({ pid }) => pid), redis: null },
  };
}

const walk = (servers: readonly Counting[], spreading: 'connection' | 'request' | 'sticky') =>
  generator.ask('walk', { target: target(servers, 6), walkers: 6, spreading, rampMs: 50, windowMs: 200 });

it('sends every user to every replica in turn, request by request', async () => {
  const servers = [await startCounting(), await startCounting(), await startCounting()];
  const { requests, unexpected, failed } = await walk(servers, 'request');
  expect({ unexpected, failed }).toEqual({ unexpected: 0, failed: 0 });
  const counts = await Promise.all(servers.map((server) => server.counts()));
  const asked = counts.map((count) => count.asked);
  expect(asked.reduce((sum, each) => sum + each, 0)).toBeGreaterThanOrEqual(requests);
  // Each connection is at most one request ahead at one of them.
  expect(Math.max(...asked) - Math.min(...asked)).toBeLessThanOrEqual(6);
  // Six connections on three replicas are two users.
  for (const { users } of counts) expect(Object.keys(users).sort()).toEqual(['0', '1']);
});

it('keeps every user on one replica with sticky routing', async () => {
  const servers = [await startCounting(), await startCounting()];
  await walk(servers, 'sticky');
  const [first, second] = await Promise.all(servers.map((server) => server.counts()));
  expect(Object.keys(first?.users ?? {}).sort()).toEqual(['0', '2', '4']);
  expect(Object.keys(second?.users ?? {}).sort()).toEqual(['1', '3', '5']);
});

it('counts unexpected answers', async () => {
  const { requests, unexpected, statuses } = await walk([await startCounting({ failEvery: 4 })], 'connection');
  expect(unexpected).toBe(statuses['503'] ?? 0);
  expect(Math.abs(unexpected - requests / 4)).toBeLessThanOrEqual(2);
});

it('counts requests that a dying replica leaves unanswered, and ends', async () => {
  const server = await startCounting({ dieAt: 1 });
  const walked = generator.ask('walk', {
    target: target([server], 6),
    walkers: 6,
    spreading: 'connection',
    rampMs: 0,
    windowMs: 500,
  });
  // Each connection has one request in flight, and then cannot reconnect.
  expect((await walked).failed).toBeGreaterThanOrEqual(6);
});
