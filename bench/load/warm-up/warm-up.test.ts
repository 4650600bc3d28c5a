import { describe, expect, it } from 'vitest';
import type { Target } from '../protocol.ts';
import type { WarmedReplica } from './replica.ts';
import { replicasOf, together } from './warm-up.ts';

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
    paths: requests.map(({ bytes }) => bytes.toString().split(' ')[1]),
    keys: [...keys],
  }));

describe('the replicas of a warm-up', () => {
  it('get the requests that a load would send them', () => {
    expect(view([target('a', [1, 2], ['/0', '/1', '/2'])])).toEqual([
      { port: 1, pid: 1, paths: ['/0', '/2'], keys: ['a'] },
      { port: 2, pid: 2, paths: ['/1'], keys: ['a'] },
    ]);
  });

  it('all get requests, even where there are fewer than replicas', () => {
    expect(view([target('a', [1, 2], ['/0'])]).map(({ paths }) => paths)).toEqual([['/0'], ['/0']]);
  });

  it('are warmed up once, with the requests of every target that reaches them', () => {
    expect(view([target('few', [1], ['/0']), target('many', [1], ['/1']), target('other', [2], ['/2'])])).toEqual([
      { port: 1, pid: 1, paths: ['/0', '/1'], keys: ['few', 'many'] },
      { port: 2, pid: 2, paths: ['/2'], keys: ['other'] },
    ]);
  });

  it('have no process where it is not known which is whose', () => {
    expect(view([target('a', [1, 2], ['/0', '/1'], [7])]).map(({ pid }) => pid)).toEqual([null, null]);
  });
});

describe('a target of several replicas', () => {
  const warm: WarmedReplica = { requests: 20_000, isWarm: true, helperShare: 0.01, cpuUsPerRequest: 20, fault: null };

  it('is as warm as its coldest', () => {
    const cold = { ...warm, requests: 18_500, isWarm: false, helperShare: 0.3, cpuUsPerRequest: 15, fault: 'gone' };
    expect(together([warm, cold])).toEqual({ ...cold, cpuUsPerRequest: 20 });
    expect(together([warm])).toEqual(warm);
  });

  it('has no share where that of one is not known', () => {
    expect(together([warm, { ...warm, helperShare: null }]).helperShare).toBeNull();
  });
});
