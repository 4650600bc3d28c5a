import { expect, test } from 'vitest';
import { testHeader, testSlice } from '../../bench/testing/slices.ts';
import { RunTally } from '../../core/results/live/tally.ts';
import { CPU_SHARE, Figures, pauseAfter } from './figures.ts';

test('the pause limits the figures to their share of a core, and is at least ten seconds', () => {
  expect(pauseAfter(0.1)).toBe(10);
  expect(4 / (4 + pauseAfter(4))).toBeLessThan(CPU_SHARE);
});

test('figures are due once a fresh start has ended, and immediately when the run has', () => {
  const figures = new Figures(null, () => {});
  const tally = new RunTally();
  tally.add(testHeader);
  expect(figures.isDue(tally, 0)).toBe(false);
  tally.add(testSlice({ experiment: 'toll', arm: 'none' }));
  expect(figures.isDue(tally, 0)).toBe(false);
  tally.add({ kind: 'fork-ended', experiment: 'toll', fork: 0, seconds: { start: 1, load: 1, end: 1 } });
  expect(figures.isDue(tally, 0)).toBe(true);
  const short = new RunTally();
  short.add(testHeader);
  short.add(testSlice({ experiment: 'toll', arm: 'none' }));
  short.add({ kind: 'run-ended', at: testHeader.startedAt, interrupted: true, seconds: 1, peakRssBytes: 1 });
  expect(figures.isDue(short, 0)).toBe(true);
});
