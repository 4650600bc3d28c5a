import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Generator, startGenerator } from '../../bench/load/generator.ts';
import type { Target } from '../../bench/load/protocol.ts';
import { Janitor } from '../../bench/processes/janitor.ts';
import { thenEnding } from '../../core/errors.ts';
import { descendants, stillAlive } from '../support/bench-process.ts';
import { type Counting, startCounting, stopCounting } from '../support/known/counting.ts';

let janitor: Janitor;
beforeAll(async () => {
  janitor = await Janitor.start();
});
afterAll(async () => {
  await stopCounting();
  await janitor.finish();
});

function target(key: string, servers: readonly Counting[], users = 4, expectedBody: string | null = 'ok'): Target {
  return {
    key,
    addresses: servers.map(({ port }) => ({ host: '127.0.0.1', port })),
    requests: Array.from({ length: users }, (_, i) => ({
      method: 'GET',
      path: '/me',
      headers: { authorization: `Bearer ${i}` },
      expectedStatus: 200,
      expectedBody,
    })),
    processes: { replicas: servers.map(({ pid }) => pid), redis: null },
  };
}

async function withGenerator<T>(work: (generator: Generator) => Promise<T>): Promise<T> {
  const generator = startGenerator(janitor);
  return thenEnding(
    async () => {
      return await work(generator);
    },
    () => generator.stop(),
  );
}

describe('paired load', () => {
  it('sends every target exactly the reported number of requests, and counts each response once', async () => {
    const [a, b] = [await startCounting(), await startCounting()];
    const tallies = await withGenerator(async (generator) => {
      await generator.ask('open', [target('a', [a]), target('b', [b])]);
      return generator.ask('paired', { rounds: 50, batches: 1, inFlight: 4, seed: 1, keys: null });
    });
    for (const [i, served] of [a, b].entries()) {
      expect(tallies[i]).toMatchObject({ requests: 200, unexpected: 0, failed: 0, statuses: { 200: 200 } });
      expect(await served.counts()).toEqual({
        asked: 200,
        users: { 'Bearer 0': 50, 'Bearer 1': 50, 'Bearer 2': 50, 'Bearer 3': 50 },
      });
    }
    // The bytes on the wire are the intended ones: request line, host, credential, blank line.
    const one = `GET /me HTTP/1.1\r\nhost: 127.0.0.1:${a.port}\r\nauthorization: Bearer 0\r\n\r\n`.length;
    expect(tallies[0]?.requestBytes).toBe(200 * one);
  });

  it('reads CPU time from outside: that of the busy target increases, that of the idle one does not', async () => {
    const [busy, idle] = [await startCounting(), await startCounting()];
    const tallies = await withGenerator(async (generator) => {
      await generator.ask('open', [target('busy', [busy]), target('idle', [idle])]);
      const only = await generator.ask('paired', { rounds: 200, batches: 1, inFlight: 4, seed: 1, keys: ['busy'] });
      const both = await generator.ask('paired', { rounds: 1, batches: 1, inFlight: 1, seed: 1, keys: null });
      return { only, both };
    });
    expect(tallies.only).toHaveLength(1);
    const worked = tallies.only[0]?.replicaCpuNs?.[0] ?? 0;
    const rested = tallies.both.find(({ key }) => key === 'idle')?.replicaCpuNs?.[0] ?? 0;
    expect(worked).toBeGreaterThan(0);
    expect(rested).toBeLessThan(worked);
  });

  it('counts a wrong status and a wrong body as unexpected', async () => {
    const [failing, garbling] = [await startCounting({ failEvery: 10 }), await startCounting({ garbleEvery: 4 })];
    const tallies = await withGenerator(async (generator) => {
      await generator.ask('open', [target('failing', [failing]), target('garbling', [garbling])]);
      return generator.ask('paired', { rounds: 100, batches: 1, inFlight: 1, seed: 1, keys: null });
    });
    expect(tallies[0]).toMatchObject({ requests: 100, unexpected: 10, statuses: { 200: 90, 503: 10 } });
    expect(tallies[1]).toMatchObject({ requests: 100, unexpected: 25, statuses: { 200: 100 } });
  });

  it('counts requests to a server that died as failed and does not hang', async () => {
    // It dies within the block, whenever that begins: at the hundredth request, with 99 answered.
    const served = await startCounting({ dieAt: 100 });
    const tallies = await withGenerator(async (generator) => {
      await generator.ask('open', [target('dead', [served], 1)]);
      return generator.ask('paired', { rounds: 20_000, batches: 1, inFlight: 1, seed: 1, keys: null });
    });
    expect(tallies[0]).toMatchObject({ requests: 99, failed: 19_901, unexpected: 0 });
  });

  it('says which target cannot be reached', async () => {
    const served = await startCounting();
    const gone = once(served.child, 'exit');
    served.child.kill('SIGKILL');
    await gone;
    await withGenerator(async (generator) => {
      await expect(generator.ask('open', [target('gone', [served])])).rejects.toThrow(`127.0.0.1:${served.port}`);
    });
  });
});

describe('the closed loop', () => {
  it('spreads connections evenly over replicas, and sends every user to every replica', async () => {
    const servers = [await startCounting(), await startCounting()];
    const tally = await withGenerator((generator) =>
      generator.ask('closed', { target: target('fleet', servers), connections: 8, rampMs: 0, windowMs: 300 }),
    );
    expect(tally.requests).toBeGreaterThan(0);
    expect(tally.unexpected).toBe(0);
    const counts = await Promise.all(servers.map((server) => server.counts()));
    for (const { users } of counts)
      expect(Object.keys(users).sort()).toEqual(['Bearer 0', 'Bearer 1', 'Bearer 2', 'Bearer 3']);
    // Each answer in the window was requested; answers before and after it are not in the tally.
    expect(tally.requests).toBeLessThanOrEqual(counts.reduce((sum, { asked }) => sum + asked, 0));
  });

  it('counts the true share of unexpected statuses', async () => {
    const served = await startCounting({ failEvery: 5 });
    const tally = await withGenerator((generator) =>
      generator.ask('closed', { target: target('failing', [served]), connections: 4, rampMs: 50, windowMs: 300 }),
    );
    expect(tally.unexpected).toBe(tally.statuses['503'] ?? 0);
    expect(Math.abs(tally.unexpected - tally.requests / 5)).toBeLessThanOrEqual(4);
  });
});

it('kills a watched process as soon as its pipe closes', async () => {
  const own = await Janitor.start();
  const child = fork(fileURLToPath(new URL('../support/known/counting-server.ts', import.meta.url)), [], {
    execArgv: [],
  });
  await once(child, 'spawn');
  own.watch(child);
  const running = descendants(process.pid).filter(({ pid }) => pid === child.pid);
  expect(running).toHaveLength(1);
  const gone = once(child, 'exit');
  await own.finish();
  expect((await gone)[1]).toBe('SIGKILL');
  expect(stillAlive(running)).toEqual([]);
});
