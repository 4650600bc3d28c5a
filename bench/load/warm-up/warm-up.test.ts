import { setTimeout as elapsed } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Target } from '../protocol.ts';
import type { WarmedReplica } from './replica.ts';
import { replicasOf, together, warmUp } from './warm-up.ts';

const target = (key: string, ports: readonly number[], paths: readonly string[], pids = ports): Target => ({
  key,
  addresses: ports.map((port) => ({ host: '127.0.0.1', port })),
  requests: paths.map((path) => ({ method: 'GET', path, headers: {}, expectedStatus: 200, expectedBody: null })),
  processes: { replicas: [...pids], redis: null },
});
const view = (targets: readonly Target[]) =>
  replicasOf(targets).map(({ address, pid, requests, keys }) => ({
    port: address.port,
    pid,
    paths: requests.map(({ bytes }) => bytes.next().toString().split(' ')[1]),
    keys: [...keys],
  }));

describe('the replicas of a warm-up', () => {
  it('get the requests that a load would send them', () => {
    expect(view([target('a', [1, 2], ['/0', '/1', '/2'])])).toEqual([
      { port: 1, pid: 1, paths: ['/0', '/2'], keys: ['a'] },
      { port: 2, pid: 2, paths: ['/1'], keys: ['a'] },
    ]);
  });

  it('all get requests, even if there are fewer requests than replicas', () => {
    expect(view([target('a', [1, 2], ['/0'])]).map(({ paths }) => paths)).toEqual([['/0'], ['/0']]);
  });

  it('are warmed up once, with the requests of all their targets', () => {
    expect(view([target('few', [1], ['/0']), target('many', [1], ['/1']), target('other', [2], ['/2'])])).toEqual([
      { port: 1, pid: 1, paths: ['/0', '/1'], keys: ['few', 'many'] },
      { port: 2, pid: 2, paths: ['/2'], keys: ['other'] },
    ]);
  });

  it('have no process if it is unknown which is which', () => {
    expect(view([target('a', [1, 2], ['/0', '/1'], [7])]).map(({ pid }) => pid)).toEqual([null, null]);
  });
});

describe('the time of a warm-up', () => {
  const limits = { timeoutMs: 60_000, atLeast: 1_000, atMost: 3_000 };
  const reached = (requests: number, isWarm: boolean, fault: string | null = null): WarmedReplica => ({
    requests,
    isWarm,
    helperShare: 0,
    cpuUsPerRequest: 10,
    fault,
  });
  const targets = [1, 2, 3, 4].map((port) => target(String(port), [port], ['/']));

  it('is divided among the remaining replicas', async () => {
    const parts: number[] = [];
    await warmUp(targets, limits, async (_replica, _limits, deadline) => {
      parts.push(deadline - performance.now());
      return reached(1_000, true);
    });
    expect(parts).toHaveLength(4);
    // Two at a time, or one if there is one core: the last has all of it.
    expect(parts[0]).toBeLessThan(31_000);
    expect(parts.at(-1)).toBeGreaterThan(55_000);
  });

  it('is used to continue with one that needs more', async () => {
    const asked: [port: number, answered: number | undefined][] = [];
    const warmed = await warmUp(targets, limits, async ({ address }, _limits, _deadline, answered = 0) => {
      asked.push([address.port, answered]);
      return reached(answered + 500, address.port !== 2 || answered === 1_000);
    });
    expect(asked.filter(([port]) => port === 2)).toEqual([
      [2, 0],
      [2, 500],
      [2, 1_000],
    ]);
    expect(asked).toHaveLength(6);
    expect(warmed.map(({ key, requests, isWarm }) => [key, requests, isWarm])).toEqual([
      ['1', 500, true],
      ['2', 1_500, true],
      ['3', 500, true],
      ['4', 500, true],
    ]);
  });

  it('is not spent on one with wrong responses, or that did not become warm', async () => {
    let calls = 0;
    const warmed = await warmUp(targets.slice(0, 2), limits, async ({ address }) => {
      calls++;
      return address.port === 1 ? reached(10, false, 'status 500') : reached(3_000, false);
    });
    expect(calls).toBe(2);
    expect(warmed.map(({ isWarm }) => isWarm)).toEqual([false, false]);
  });

  it('ends for all', async () => {
    const never = warmUp(targets, { ...limits, timeoutMs: 300 }, async (_r, _l, deadline, answered = 0) => {
      await elapsed(Math.max(0, deadline - performance.now()));
      return reached(answered + 1, false);
    });
    const warmed = await never;
    expect(warmed.every(({ requests, isWarm }) => requests > 0 && !isWarm)).toBe(true);
  });
});

describe('a target of several replicas', () => {
  const warm: WarmedReplica = { requests: 20_000, isWarm: true, helperShare: 0.01, cpuUsPerRequest: 20, fault: null };

  it('is as warm as its coldest one', () => {
    const cold = { ...warm, requests: 18_500, isWarm: false, helperShare: 0.3, cpuUsPerRequest: 15, fault: 'gone' };
    expect(together([warm, cold])).toEqual({ ...cold, cpuUsPerRequest: 20 });
    expect(together([warm])).toEqual(warm);
  });

  it('has no share if that of one is unknown', () => {
    expect(together([warm, { ...warm, helperShare: null }]).helperShare).toBeNull();
  });
});
