import { expect, test } from 'vitest';
import { logTicks, thinTicks } from './ticks.ts';

test('over many decades, ticks are the powers of ten within the bounds', () => {
  expect(logTicks(0.04, 130)).toEqual([0.1, 1, 10, 100]);
});

test('over few decades, they include 2 and 5 times these', () => {
  expect(logTicks(0.9, 12)).toEqual([1, 2, 5, 10]);
  expect(logTicks(2.5, 8)).toEqual([5]);
});

test('a tick is omitted if its label would overlap the previous one', () => {
  const ticks = [
    { px: 0, label: '50' },
    { px: 90, label: '90' },
    { px: 100, label: '95' },
    { px: 120, label: '99' },
  ];
  expect(thinTicks(ticks).map(({ label }) => label)).toEqual(['50', '90', '99']);
});
