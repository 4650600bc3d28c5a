import { expect, it } from 'vitest';
import { countOutliers, labelOutliers } from './outliers.ts';

it('labels values beyond Tukey’s inner and outer fences, and keeps every one', () => {
  // Quartiles 11 and 15: fences at 5 and 21, and at −1 and 27.
  const values = [10, 11, 11, 12, 13, 14, 15, 15, 16, 22, -2];
  const labels = labelOutliers(values);
  expect(labels).toHaveLength(values.length);
  expect(labels.slice(0, 9)).toEqual(new Array(9).fill('none'));
  expect(labels[9]).toBe('mild-high');
  expect(labels[10]).toBe('severe-low');
  expect(countOutliers(labels)).toEqual({ outliers: 2, severe: 1 });
});

it('labels low outliers as well', () => {
  const middle = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13];
  expect(labelOutliers([...middle, 60]).at(-1)).toBe('severe-high');
  expect(labelOutliers([...middle, -7]).at(-1)).toBe('mild-low');
});

it('finds none in constant values', () => {
  expect(countOutliers(labelOutliers([4, 4, 4, 4]))).toEqual({ outliers: 0, severe: 0 });
});
