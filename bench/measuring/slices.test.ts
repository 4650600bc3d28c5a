import { expect, it } from 'vitest';
import type { Tally } from '../load/replies.ts';
import { testSlice } from '../testing/slices.ts';
import { paired as pairs, perBlock, sliceOf } from './slices.ts';

const tally: Tally = {
  key: 'none',
  requests: 100,
  unexpected: 0,
  failed: 0,
  statuses: { 200: 100 },
  requestBytes: 4_300,
  responseBytes: 26_100,
  durationMs: 10,
  replicaCpuNs: [2e6, 1e6],
  redisCpuNs: null,
  generatorCpuNs: 1e6,
  generatorBusy: 0.5,
};
const position = { fork: 0, block: 0, order: 0 };
const paired = { mode: 'paired', position, factors: {} } as const;

it('adds up the CPU time of all replicas, as read from outside', () => {
  const slice = sliceOf(tally, { ...paired, measures: { gc_ms: 1 } });
  expect(slice.measures).toMatchObject({ replica_cpu_ns: 3e6, gc_ms: 1 });
  expect(slice.flags).toEqual([]);
});

it('prefers the account from outside to the replicas’ own', () => {
  const slice = sliceOf(tally, { ...paired, ownCpuNs: 5e6 });
  expect(slice.measures.replica_cpu_ns).toBe(3e6);
  expect(slice.flags).toEqual([]);
});

it('takes the larger account if exited threads are missing from the outside one, and flags it', () => {
  const byThreads: Tally = { ...tally, replicaCpuNs: [100e6, 50e6], cpuAccount: 'threads' };
  const own = (ownCpuNs: number) => sliceOf(byThreads, { ...paired, ownCpuNs });
  expect(own(370e6).measures.replica_cpu_ns).toBe(370e6);
  expect(own(370e6).flags).toEqual(['cpu-account-incomplete']);
  // Each of the hundred requests gets a hundredth of it, whichever turn it was in.
  const inTurns = sliceOf({ ...byThreads, lengths: [turns(50, 4), turns(300, 9)] }, { ...paired, ownCpuNs: 370e6 });
  expect(inTurns.measures).toMatchObject({
    short_replica_cpu_ns: 500 + 100 * 2.2e6,
    long_replica_cpu_ns: 3000 + 600 * 2.2e6,
    short_redis_cpu_ns: 4,
  });
  // The cost of being asked for one's own account is not a loss.
  expect(own(159e6).measures.replica_cpu_ns).toBe(150e6);
  expect(own(159e6).flags).toEqual([]);
  // Control groups lose nothing.
  const byGroups = sliceOf({ ...byThreads, cpuAccount: 'groups' }, { ...paired, ownCpuNs: 370e6 });
  expect(byGroups.measures.replica_cpu_ns).toBe(150e6);
  expect(byGroups.flags).toEqual([]);
});

it('flags CPU time counted in clock ticks', () => {
  expect(sliceOf({ ...tally, cpuAccount: 'incomplete' }, paired).flags).toEqual(['cpu-account-incomplete']);
});

it('uses the replicas’ own account if there is no other, and flags it', () => {
  const slice = sliceOf({ ...tally, replicaCpuNs: null }, { ...paired, ownCpuNs: 5e6 });
  expect(slice.measures.replica_cpu_ns).toBe(5e6);
  expect(slice.flags).toEqual(['cpu-from-inside']);
});

it('has no CPU time if there is no account', () => {
  const slice = sliceOf({ ...tally, replicaCpuNs: null }, { ...paired, mode: 'closed' });
  expect(slice.measures).not.toHaveProperty('replica_cpu_ns');
});

it('flags a single unexpected or failed response', () => {
  expect(sliceOf({ ...tally, unexpected: 1 }, paired).flags).toEqual(['unexpected-responses']);
  expect(sliceOf({ ...tally, failed: 1 }, paired).flags).toEqual(['unexpected-responses']);
});

const turns = (requestsPerTurn: number, redisCpuNs: number | null) => ({
  requestsPerTurn,
  turns: 2,
  requests: 2 * requestsPerTurn,
  replicaCpuNs: requestsPerTurn * 10,
  redisCpuNs,
});

it('keeps the sums of short and long turns separate', () => {
  const lengths = [turns(50, 4), turns(300, 9)];
  const ofTurns = { short_turns: 2, short_requests: 100, long_turns: 2, long_requests: 600 };
  const ofCpu = { short_replica_cpu_ns: 500, long_replica_cpu_ns: 3000 };
  const { measures } = sliceOf({ ...tally, lengths }, paired);
  expect(measures).toMatchObject({ ...ofTurns, ...ofCpu, short_redis_cpu_ns: 4, long_redis_cpu_ns: 9 });
  const without = sliceOf({ ...tally, lengths: [turns(50, null), turns(300, null)] }, paired).measures;
  expect(without).toMatchObject({ ...ofTurns, ...ofCpu });
  expect(without).not.toHaveProperty('short_redis_cpu_ns');
});

it('charges no Redis CPU time to turns of an arm without Redis', () => {
  const lengths = [turns(50, null), turns(300, null)];
  const { measures } = sliceOf({ ...tally, lengths }, { ...paired, measures: { redis_cpu_ns: 0 } });
  expect(measures).toMatchObject({ short_redis_cpu_ns: 0, long_redis_cpu_ns: 0 });
});

it('has no sums by length if there is one length, or CPU times could not be read', () => {
  const { replicaCpuNs: _none, ...rest } = turns(50, 4);
  for (const lengths of [[turns(50, 4)], [{ ...rest, replicaCpuNs: null }, turns(300, 4)]]) {
    expect(sliceOf({ ...tally, lengths }, paired).measures).not.toHaveProperty('long_requests');
  }
});

it('records the process number of an arm from the second one on', () => {
  expect(sliceOf(tally, { ...paired, process: 2 })).toMatchObject({ process: 2 });
  expect(sliceOf(tally, { ...paired, process: 0 })).not.toHaveProperty('process');
});

const of = (arm: string, block: number, cpu: number, process?: number) =>
  testSlice({
    experiment: 'toll',
    arm,
    block,
    measures: { replica_cpu_ns: cpu },
    ...(process === undefined ? {} : { process }),
  });

it('takes the mean of an arm’s processes in each block', () => {
  const slices = [of('none', 0, 10), of('none', 0, 20, 1), of('none', 0, 60, 2), of('none', 1, 7), of('a', 0, 5)];
  expect(perBlock(slices)).toEqual([of('none', 0, 30), of('none', 1, 7), of('a', 0, 5)]);
});

it('combines no slices that differ in fork, arm, mode or factors, and keeps their order', () => {
  const one = of('none', 0, 10, 1);
  const apart: (typeof one)[] = [
    one,
    { ...one, factors: { in_flight: 50 } },
    { ...one, fork: 1 },
    { ...one, mode: 'count' },
    { ...one, arm: null },
    { ...one, arm: 'null' },
    { ...one, block: 1 },
  ];
  expect(perBlock(apart)).toEqual(apart);
  const again = apart.map((slice) => ({ ...slice, process: 2 }));
  expect(perBlock([...apart, ...again])).toEqual(apart.map(({ process: _, ...slice }) => slice));
});

it('pairs a slice with the mean of the baseline’s processes, not with one of them', () => {
  const baselines = [of('none', 0, 10), of('none', 0, 20, 1), of('none', 0, 60, 2)];
  const [[pair] = []] = pairs([of('a', 0, 90), of('a', 1, 90)], baselines);
  expect(pair?.baseline.measures.replica_cpu_ns).toBe(30);
  expect(pairs([of('a', 0, 90)], baselines).flat()).toHaveLength(1);
});
