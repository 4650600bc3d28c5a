import { expect, it } from 'vitest';
import { costsOf, designFor, logRatioOf } from './contest.ts';

it('takes the typical ratio of pairs, whatever a stall did to some of them', () => {
  const reference = Array.from({ length: 21 }, (_, i) => 50 + (i % 5));
  const side = reference.map((us) => us * 1.05);
  expect(logRatioOf(reference, side)).toBeCloseTo(Math.log(1.05), 10);
  const stalled = side.map((us, i) => (i % 6 === 0 ? us * 3 : us));
  expect(Math.abs(logRatioOf(reference, stalled) - Math.log(1.05))).toBeLessThan(0.001);
  expect(logRatioOf([], side)).toBeNaN();
});

it('adds Redis to the replica turn by turn', () => {
  const costs = { replicaUs: [10, 20], redisUs: [1, 2] };
  expect(costsOf(costs, 'total_cpu_us_per_request')).toEqual([11, 22]);
  expect(costsOf({ ...costs, redisUs: [] }, 'total_cpu_us_per_request')).toEqual([10, 20]);
  expect(costsOf(costs, 'redis_cpu_us_per_request')).toEqual([1, 2]);
  expect(costsOf(undefined, 'cpu_us_per_request')).toEqual([]);
});

it('settles how many forks there may be from what they take', () => {
  expect(designFor(90, 6, 4).mostForks).toBe(22);
  expect(designFor(5, 6, 4).mostForks).toBe(4);
  expect(designFor(100_000, 6, 4).mostForks).toBe(120);
});
