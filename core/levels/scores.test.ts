import { expect, it } from 'vitest';
import { matched, scoreOf } from './scores.ts';

it('matches each true change with a detected one within the margin', () => {
  expect(matched([10, 30], [12, 36])).toBe(1);
  expect(matched([10, 14], [12])).toBe(1);
  expect(matched([10, 14], [11, 13])).toBe(2);
  expect(matched([10], [16])).toBe(0);
});

it('gives scores calculated by hand', () => {
  // 100 values, a change at 40; found at 42 and 80. With the start: 3 reported, 2 true, both found.
  const { precision, recall, f1, cover } = scoreOf(100, [40], [42, 80]);
  expect(precision).toBeCloseTo(2 / 3, 12);
  expect(recall).toBe(1);
  expect(f1).toBeCloseTo(0.8, 12);
  // [0, 40) is covered best by [0, 42): 40/42. [40, 100) by [42, 80): 38/60.
  expect(cover).toBeCloseTo(0.4 * (40 / 42) + 0.6 * (38 / 60), 12);
  expect(scoreOf(50, [], [])).toEqual({ precision: 1, recall: 1, f1: 1, cover: 1 });
});
