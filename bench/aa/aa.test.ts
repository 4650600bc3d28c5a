import { expect, it } from 'vitest';
import { iterationsFor } from './aa.ts';
import { calledDifferent, calledSlower, scheduleFor } from './compare.ts';

const found = (low: number, high: number) => ({
  side: 'x',
  ratio: { value: (low + high) / 2, low, high, confidence: 0.99, blocks: 6, forks: 5 },
});

it('injects in proportion to what the pilot cost', () => {
  // The pilot’s 20,000 iterations made a request cost half as much again: 5 % is a tenth of that.
  expect(iterationsFor(5, 1.5)).toBe(2_000);
  expect(iterationsFor(2, 3)).toBe(200);
});

it('calls slower only what lies wholly above 1, and different what excludes 1', () => {
  expect([found(1.01, 1.05), found(0.99, 1.05), found(0.9, 0.98)].map(calledSlower)).toEqual([true, false, false]);
  expect([found(1.01, 1.05), found(0.99, 1.05), found(0.9, 0.98)].map(calledDifferent)).toEqual([true, false, true]);
});

it('always has starts enough for an interval over starts', () => {
  for (const seconds of [1, 5, 10, 20, 60, 600]) {
    expect(scheduleFor(seconds).forks).toBeGreaterThanOrEqual(4);
    expect(scheduleFor(seconds).forks).toBeLessThanOrEqual(16);
  }
});
