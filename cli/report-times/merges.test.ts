import { expect, it } from 'vitest';
import { costBy, cpuRatio, type Merge, mergeExcesses, mergesText } from './merges.ts';

const merge = (side: Merge['side'], turn: number, seconds: number, megabytes: number): Merge => ({
  ...{ side, turn, wallSeconds: seconds, cpuSeconds: 1.5 * seconds, peakRssBytes: megabytes * 1e6 },
});
const merges = [
  merge('head', 0, 12, 400),
  merge('base', 0, 24, 600),
  merge('base', 1, 30, 610),
  merge('head', 1, 15, 420),
];

it('compares the least times, the median memory, and the CPU time in the same turns', () => {
  expect(costBy(merges, 'head')).toEqual({ leastWallSeconds: 12, leastCpuSeconds: 18, peakRssBytes: 410e6 });
  expect(cpuRatio(merges).value).toBeCloseTo(0.5, 9);
  expect(mergesText(merges, { head: 'new', base: 'old' })).toMatch(
    /12\.0 s +18\.0 s +410\u202fMB {2}new\n.*old\n.*0\.50×.*\n2 turns/,
  );
});

it('judges this build alone, by both limits', () => {
  expect(mergeExcesses(merges)).toEqual([]);
  expect(mergeExcesses([merge('head', 0, 21, 501)])).toEqual([
    'merging takes more than 20 s',
    'merging takes more than 500\u202fMB',
  ]);
});
