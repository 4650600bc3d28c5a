import { expect, it } from 'vitest';
import { limitFiles, quotaFor } from './shares.ts';

it('sets a share as a quota within a short period', () => {
  expect(quotaFor(0.2, 'steady')).toEqual({ quotaMicros: 2_000, periodMicros: 10_000 });
  expect(quotaFor(1.5, 'steady')).toEqual({ quotaMicros: 15_000, periodMicros: 10_000 });
});

it('lengthens the period if the quota would be below the kernel’s minimum', () => {
  expect(quotaFor(0.03, 'steady')).toEqual({ quotaMicros: 1_000, periodMicros: 33_334 });
  for (const cores of [0.005, 0.01, 0.03, 0.07, 0.15, 0.5]) {
    for (const period of ['steady', 'warm'] as const) {
      const { quotaMicros, periodMicros } = quotaFor(cores, period);
      expect(quotaMicros).toBeGreaterThanOrEqual(1_000);
      expect(quotaMicros / periodMicros).toBeCloseTo(cores, 2);
    }
  }
});

it('runs long enough for warm caches, in a period no longer than the usual one', () => {
  expect(quotaFor(0.07, 'warm')).toEqual({ quotaMicros: 7_000, periodMicros: 100_000 });
  expect(quotaFor(0.28, 'warm')).toEqual({ quotaMicros: 7_000, periodMicros: 25_000 });
  expect(quotaFor(0.03, 'warm')).toEqual({ quotaMicros: 3_000, periodMicros: 100_000 });
  expect(quotaFor(1.5, 'warm')).toEqual({ quotaMicros: 15_000, periodMicros: 10_000 });
});

it('writes a limit in the format of each version of control groups', () => {
  const quota = { quotaMicros: 1_500, periodMicros: 10_000 };
  expect(limitFiles(2, quota)).toEqual([{ file: 'cpu.max', text: '1500 10000' }]);
  expect(limitFiles(1, quota)).toEqual([
    { file: 'cpu.cfs_period_us', text: '10000' },
    { file: 'cpu.cfs_quota_us', text: '1500' },
  ]);
});
