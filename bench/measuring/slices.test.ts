import { expect, it } from 'vitest';
import type { Tally } from '../load/protocol.ts';
import { sliceOf } from './slices.ts';

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

it('takes the larger account where threads that ended are missing from the one from outside, and flags it', () => {
  const byThreads: Tally = { ...tally, replicaCpuNs: [100e6, 50e6], cpuAccount: 'threads' };
  const own = (ownCpuNs: number) => sliceOf(byThreads, { ...paired, ownCpuNs });
  expect(own(370e6).measures.replica_cpu_ns).toBe(370e6);
  expect(own(370e6).flags).toEqual(['cpu-account-incomplete']);
  // What it costs to be asked for one's own account is no loss.
  expect(own(159e6).measures.replica_cpu_ns).toBe(150e6);
  expect(own(159e6).flags).toEqual([]);
  // A control group loses nothing.
  const byGroups = sliceOf({ ...byThreads, cpuAccount: 'groups' }, { ...paired, ownCpuNs: 370e6 });
  expect(byGroups.measures.replica_cpu_ns).toBe(150e6);
  expect(byGroups.flags).toEqual([]);
});

it('flags CPU time that was counted in clock ticks', () => {
  expect(sliceOf({ ...tally, cpuAccount: 'incomplete' }, paired).flags).toEqual(['cpu-account-incomplete']);
});

it('takes the replicas’ own account where there is no other, and flags it', () => {
  const slice = sliceOf({ ...tally, replicaCpuNs: null }, { ...paired, ownCpuNs: 5e6 });
  expect(slice.measures.replica_cpu_ns).toBe(5e6);
  expect(slice.flags).toEqual(['cpu-from-inside']);
});

it('has no CPU time where nothing tells it, and does not make one up', () => {
  const slice = sliceOf({ ...tally, replicaCpuNs: null }, { ...paired, mode: 'closed' });
  expect(slice.measures).not.toHaveProperty('replica_cpu_ns');
});

it('flags a single unexpected or failed answer', () => {
  expect(sliceOf({ ...tally, unexpected: 1 }, paired).flags).toEqual(['unexpected-responses']);
  expect(sliceOf({ ...tally, failed: 1 }, paired).flags).toEqual(['unexpected-responses']);
});
