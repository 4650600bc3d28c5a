import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Janitor } from '../bench/fleet/janitor.ts';
import { Generator } from '../bench/load/generator-client.ts';
import type { Target } from '../bench/load/messages.ts';

interface Served {
  readonly child: ChildProcess;
  readonly port: number;
  counts(): Promise<{ asked: number; users: Record<string, number> }>;
}

let janitor: Janitor;
let generator: Generator;
const started: ChildProcess[] = [];
beforeAll(async () => {
  janitor = await Janitor.start();
  generator = new Generator(janitor);
});
afterAll(async () => {
  await generator.stop();
  for (const child of started) child.kill('SIGKILL');
  await janitor.finish();
});

async function serve(failEvery = 0): Promise<Served> {
  const child = fork(fileURLToPath(new URL('./support/counting-server.ts', import.meta.url)), [], { execArgv: [] });
  started.push(child);
  child.send({ type: 'start', plan: { body: 'ok', failEvery, garbleEvery: 0 } });
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  return {
    child,
    port,
    async counts() {
      child.send({ type: 'counts' });
      const [counts] = await once(child, 'message');
      return counts as { asked: number; users: Record<string, number> };
    },
  };
}

function target(servers: readonly Served[], users: number): Target {
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
    processes: { replicas: servers.map(({ child }) => child.pid ?? 0), redis: null },
  };
}

const walk = (servers: readonly Served[], spreading: 'connection' | 'request' | 'sticky', sequence = 1) =>
  generator.walk({ target: target(servers, 6), walkers: 6, spreading, sequence, rampMs: 50, windowMs: 200 });

it('takes every user to every replica in turn, by request', async () => {
  const servers = [await serve(), await serve(), await serve()];
  const { requests, unexpected, failed } = await walk(servers, 'request');
  expect({ unexpected, failed }).toEqual({ unexpected: 0, failed: 0 });
  const counts = await Promise.all(servers.map((server) => server.counts()));
  const asked = counts.map((count) => count.asked);
  expect(asked.reduce((sum, each) => sum + each, 0)).toBeGreaterThanOrEqual(requests);
  // Each walker is at most one request ahead at one of them.
  expect(Math.max(...asked) - Math.min(...asked)).toBeLessThanOrEqual(6);
  // Six walkers on three replicas are two users.
  for (const { users } of counts) expect(Object.keys(users).sort()).toEqual(['0', '1']);
});

it('keeps every user on one replica, sticky', async () => {
  const servers = [await serve(), await serve()];
  await walk(servers, 'sticky');
  const [first, second] = await Promise.all(servers.map((server) => server.counts()));
  expect(Object.keys(first?.users ?? {}).sort()).toEqual(['0', '2', '4']);
  expect(Object.keys(second?.users ?? {}).sort()).toEqual(['1', '3', '5']);
});

it('sends the requests of a sequence equally often', async () => {
  const servers = [await serve()];
  await walk(servers, 'connection', 3);
  const counts = await Promise.all(servers.map((server) => server.counts()));
  const own = counts.flatMap(({ users }) => Object.values(users));
  expect(own).toHaveLength(6);
  for (const sequence of [own.slice(0, 3), own.slice(3)]) {
    expect(Math.max(...sequence) - Math.min(...sequence)).toBeLessThanOrEqual(6);
  }
});

it('counts what is answered otherwise than expected', async () => {
  const { requests, unexpected, statuses } = await walk([await serve(4)], 'connection');
  expect(unexpected).toBe(statuses['503']);
  expect(Math.abs(unexpected - requests / 4)).toBeLessThanOrEqual(2);
});

it('counts what a replica that goes away leaves unanswered, and ends', async () => {
  const server = await serve();
  const walked = generator.walk({
    target: target([server], 6),
    walkers: 6,
    spreading: 'connection',
    sequence: 1,
    rampMs: 0,
    windowMs: 500,
  });
  while ((await server.counts()).asked === 0);
  server.child.kill('SIGKILL');
  // Each walker has one request under way, and then finds nobody to connect to.
  expect((await walked).failed).toBeGreaterThanOrEqual(6);
});
