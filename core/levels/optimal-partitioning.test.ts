import { expect, it } from 'vitest';
import { createRandom } from '../stats/random.ts';
import { changePoints, textbookPenalty } from './optimal-partitioning.ts';

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const error = (values: readonly number[]) => values.reduce((sum, value) => sum + (value - mean(values)) ** 2, 0);

/** Tries every segmentation: slow and obviously correct. */
function byTrying(values: readonly number[], penalty: number, minSize: number): number[] {
  let best = { total: error(values), points: [] as number[] };
  const extend = (from: number, points: number[], spent: number) => {
    const total = spent + error(values.slice(from));
    if (total < best.total - 1e-9) best = { total, points };
    for (let at = from + minSize; at <= values.length - minSize; at++) {
      extend(at, [...points, at], spent + error(values.slice(from, at)) + penalty);
    }
  };
  extend(0, [], 0);
  return best.points;
}

it('finds the same as an exhaustive search', () => {
  const random = createRandom(5);
  for (let trial = 0; trial < 60; trial++) {
    const values = Array.from(
      { length: 11 },
      (_, i) => (i < 4 ? 0 : i < 8 ? 3 * random.random() : 1) + random.normal(),
    );
    for (const penalty of [0.5, 2, 6]) {
      for (const minSize of [1, 2, 3]) {
        expect(changePoints(values, penalty, minSize)).toEqual(byTrying(values, penalty, minSize));
      }
    }
  }
});

it('finds steps where they are, by hand', () => {
  const steps = [...Array(10).fill(5), ...Array(7).fill(9), ...Array(5).fill(5)] as number[];
  expect(changePoints(steps, 1)).toEqual([10, 17]);
  // A step of 4 in 10 and 7 values saves 4²·10·7/17 = 65.9 of squared error: not worth a penalty above that.
  expect(changePoints(steps.slice(0, 17), 65.8)).toEqual([10]);
  expect(changePoints(steps.slice(0, 17), 65.9)).toEqual([]);
  expect(changePoints([1], 1)).toEqual([]);
});

it('estimates the noise from the differences of neighbours', () => {
  // Differences 1, -1, 3, -1, 1 have the median 1 and the median absolute deviation 2.
  const spread = (1.4826 * 2) / Math.SQRT2;
  expect(textbookPenalty([0, 1, 0, 3, 2, 3])).toBeCloseTo(2 * spread ** 2 * Math.log(6), 12);
  expect(textbookPenalty([4])).toBe(0);
});
