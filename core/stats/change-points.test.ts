import { expect, it } from 'vitest';
import { changePoints, penaltyFor } from './change-points.ts';
import { createRandom } from './random.ts';

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const error = (values: readonly number[]) => values.reduce((sum, value) => sum + (value - mean(values)) ** 2, 0);

/** Tries every segmentation: slow, and plainly right. */
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

it('finds what trying every segmentation finds', () => {
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

it('asks for a change larger than noise shows', () => {
  const random = createRandom(6);
  for (const length of [10, 40, 150]) {
    let alarms = 0;
    for (let trial = 0; trial < 300; trial++) {
      const noise = Array.from({ length }, () => random.normal());
      if (changePoints(noise, penaltyFor(noise, 0)).length > 0) alarms++;
    }
    expect(alarms / 300).toBeLessThan(0.05);
  }
  const stepped = Array.from({ length: 40 }, (_, i) => (i < 30 ? 0 : 4) + random.normal());
  const [at] = changePoints(stepped, penaltyFor(stepped, 0));
  expect(Math.abs((at ?? 0) - 30)).toBeLessThanOrEqual(1);
});

it('takes repeated counts for noisier than they are', () => {
  const counts = [1, 1, 1, 1, 1, 2, 2, 2];
  expect(penaltyFor(counts, 0)).toBe(0);
  expect(changePoints(counts, penaltyFor(counts, 0.003))).toEqual([5]);
});
