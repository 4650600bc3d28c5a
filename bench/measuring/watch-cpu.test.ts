import { expect, it } from 'vitest';
import type { Reading } from '../load/tally.ts';
import { watchedBetween } from './watch-cpu.ts';

const MS = 1e6;
const at = (atMs: number, ns: number | null, ticksNs: number | null): Reading => ({
  atMs,
  replicaNs: [ns, 0],
  redisNs: null,
  ticks: { replicaNs: [ticksNs, 0], redisNs: null },
});

it('gives the CPU time between two readings', () => {
  expect(watchedBetween(at(0, 500 * MS, 500 * MS), at(100, 540 * MS, 540 * MS))).toEqual({
    replicaCpuNs: 40 * MS,
    redisCpuNs: null,
    wallNs: 100 * MS,
  });
  expect(watchedBetween(at(0, 500 * MS, 500 * MS), at(100, null, null))).toBeNull();
});

it('includes exited threads and processes, and says so', () => {
  expect(watchedBetween(at(0, 500 * MS, 500 * MS), at(100, 510 * MS, 590 * MS))).toMatchObject({
    replicaCpuNs: 90 * MS,
    isIncomplete: true,
  });
});
