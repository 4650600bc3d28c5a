/** A load shared by several generators: the parts add up to the whole. */
import { expect, it } from 'vitest';
import { LatencyHistogram } from '../../../core/results/histogram.ts';
import { assignmentOf } from '../../load/closed/walk.ts';
import type { Spreading, Target } from '../../load/protocol.ts';
import type { Tally } from '../../load/replies.ts';
import { sliceOf } from '../../measuring/slices.ts';
import { mergeTallies } from './merge.ts';
import { spentBetween, watchedOn } from './server-cpu.ts';
import { partsOf, poolOfPart, targetOfPart } from './split.ts';

const USERS = 12;
const target = (addresses: number): Target => ({
  key: 'arm',
  addresses: Array.from({ length: addresses }, (_, i) => ({ host: '10.0.0.1', port: 1000 + i })),
  requests: Array.from({ length: USERS }, (_, i) => ({
    method: 'GET',
    path: `/${i}`,
    headers: {},
    expectedStatus: 200,
    expectedBody: null,
  })),
  processes: { replicas: [1, 2, 3], redis: 4 },
});

/** Address and path of each walker. */
function walks({ addresses, requests }: Target, count: number, spreading: Spreading): string[] {
  return Array.from({ length: count }, (_, i) => {
    const { addresses: own, user } = assignmentOf(i, addresses.length, requests.length, spreading);
    return `${own.join()} ${requests[user]?.path}`;
  });
}

it.each<Spreading>(['connection', 'request', 'sticky'])('has the walkers of one process (%s)', (spreading) => {
  for (const addresses of [1, 2, 3, 4]) {
    for (const generators of [1, 2, 3, 5]) {
      const count = 20 * addresses;
      const whole = target(addresses);
      const parts = partsOf(count, addresses, generators);
      const together = parts.flatMap((part) => walks(targetOfPart(whole, part, spreading), part.count, spreading));
      expect(together).toEqual(walks(whole, count, spreading));
    }
  }
});

it('is shared evenly, without an empty part or a remainder', () => {
  expect(partsOf(80, 4, 3)).toEqual([
    { first: 0, count: 24 },
    { first: 24, count: 28 },
    { first: 52, count: 28 },
  ]);
  expect(partsOf(2, 1, 3)).toHaveLength(2);
  expect(partsOf(7, 2, 2)).toEqual([
    { first: 0, count: 2 },
    { first: 2, count: 5 },
  ]);
});

it('opens the connections of one process, with whole sequences', () => {
  const pool = { key: 'arm', target: target(2), connections: 8, sequence: 3 };
  const [first, second] = partsOf(8, 2, 2).map((part) => poolOfPart(pool, part));
  expect([first?.connections, second?.connections]).toEqual([4, 4]);
  // Connections 4 and 5 are of the third user, whose requests are the seventh to the ninth.
  expect(second?.target.requests[0]?.path).toBe('/6');
  expect(second?.target.processes).toEqual({ replicas: [], redis: null });
});

function tally(requests: number, answered: number, latencies: readonly number[]): Tally {
  const histogram = LatencyHistogram.empty();
  for (const micros of latencies) histogram.record(micros);
  return {
    key: 'arm',
    requests,
    unexpected: 1,
    failed: 2,
    statuses: { 200: requests - 1, 503: 1 },
    requestBytes: 100 * requests,
    responseBytes: 200 * requests,
    durationMs: 300,
    replicaCpuNs: [],
    redisCpuNs: null,
    cpuAccount: 'groups',
    generatorCpuNs: 5_000,
    generatorBusy: requests / 1000,
    answered,
    latency: histogram.encode(),
  };
}

it('keeps the CPU time of a balancer separate from that of the replicas', () => {
  const processes = { replicas: [1, 2], redis: 3, balancer: [4, 5] };
  const at = (ns: readonly number[]) => new Map(ns.map((each, i) => [i + 1, { ns: each, ticksNs: null }]));
  const spent = spentBetween(processes, at([0, 0, 0, 10, 20]), at([100, 200, 50, 40, 80]));
  expect(spent).toEqual({ replicaNs: [100, 200], redisNs: 50, balancerNs: [30, 60], account: 'groups' });
  // Half of the answers came within the window.
  const merged = mergeTallies([tally(100, 200, [])], spent);
  expect(merged).toMatchObject({ replicaCpuNs: [50, 100], redisCpuNs: 25, balancerCpuNs: [15, 30] });
  expect(
    sliceOf(merged, { mode: 'closed', position: { fork: 0, block: 0, order: 0 }, factors: {} }).measures,
  ).toMatchObject({ replica_cpu_ns: 150, redis_cpu_ns: 25, balancer_cpu_ns: 45 });
  const unread = spentBetween(processes, at([0, 0, 0, 10]), at([100, 200, 50, 40]));
  expect(mergeTallies([tally(100, 200, [])], unread)).toMatchObject({ replicaCpuNs: [50, 100], balancerCpuNs: null });
});

it('takes CPU time of an open loop from clock ticks if a thread exited during it, and says so', () => {
  const processes = { replicas: [1, 2], redis: 3, balancer: [4] };
  const at = (...each: [pid: number, ns: number, ticksNs: number | null][]) =>
    new Map(each.map(([pid, ns, ticksNs]) => [pid, { ns, ticksNs }]));
  const [first, second] = [
    { wallNs: 1_000, before: at([1, 5e6, 10e6], [3, 0, null]), after: at([1, 905e6, 910e6], [3, 70e6, null]) },
    { wallNs: 1_002, before: at([2, 0, 0], [4, 0, 0]), after: at([2, 800e6, 820e6], [4, 30e6, 30e6]) },
  ];
  const whole = { replicaCpuNs: 1700e6, redisCpuNs: 70e6, balancerCpuNs: [30e6], wallNs: 1_001 };
  expect(watchedOn(processes, [first, second])).toEqual(whole);
  const lost = { ...second, after: at([2, 500e6, 820e6], [4, 30e6, 30e6]) };
  expect(watchedOn(processes, [first, lost])).toEqual({ ...whole, replicaCpuNs: 1720e6, isIncomplete: true });
  expect(watchedOn(processes, [first])).toBeNull();
  expect(watchedOn(processes, [])).toBeNull();
});

it('adds up, and scales the CPU time to the window', () => {
  const cpu = { replicaNs: [1_000_000, 500_000], redisNs: 200_000, account: 'groups' } as const;
  const merged = mergeTallies([tally(300, 500, [100, 200]), tally(100, 300, [400])], cpu);
  expect(merged).toMatchObject({
    requests: 400,
    unexpected: 2,
    failed: 4,
    statuses: { 200: 398, 503: 2 },
    requestBytes: 40_000,
    responseBytes: 80_000,
    durationMs: 300,
    // 400 of 800 answers came within the windows.
    replicaCpuNs: [500_000, 250_000],
    redisCpuNs: 100_000,
    generatorCpuNs: 10_000,
    generatorBusy: 0.3,
    answered: 800,
    generators: 2,
  });
  const whole = LatencyHistogram.empty();
  for (const micros of [100, 200, 400]) whole.record(micros);
  const latency = LatencyHistogram.decode(merged.latency ?? '');
  expect([latency.count, latency.percentile(50), latency.percentile(100)]).toEqual([
    3,
    whole.percentile(50),
    whole.percentile(100),
  ]);
});
