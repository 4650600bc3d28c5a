import { expect, test } from 'vitest';
import { oneCoreLimit, ownRedisCpu } from './redis-use.ts';

const range = (value: number, low: number, high: number) => ({ value, low, high });
const NOTHING = range(0, 0, 0);

test('the CPU time of a Redis that ran no command is charged to no arm, however precisely it was measured', () => {
  expect(ownRedisCpu(range(0.94, 0.7, 1.25), { value: 0 })).toEqual(NOTHING);
  expect(ownRedisCpu(range(0.94, 0.7, 1.25), { value: 0.004 })).toEqual(NOTHING);
  expect(ownRedisCpu(range(7, 6.8, 7.2), { value: 1 })).toEqual(range(7, 6.8, 7.2));
});

test('without a count of commands the CPU time is used, and it is never negative', () => {
  expect(ownRedisCpu(range(0.2, -0.1, 0.5), null)).toEqual(range(0.2, 0, 0.5));
  expect(ownRedisCpu(null, { value: 1 })).toEqual(NOTHING);
});

test('one Redis carries the load that keeps its core at the highest utilisation', () => {
  // 0.7 s of CPU time a second over 7 µs.
  const limit = oneCoreLimit(range(7, 5, 10), 0.7);
  expect(limit?.value).toBeCloseTo(100_000, 6);
  expect(limit?.low).toBeCloseTo(70_000, 6);
  expect(limit?.high).toBeCloseTo(140_000, 6);
  expect(oneCoreLimit(range(0.2, 0, 0.5), 0.7)).toBeNull();
  expect(oneCoreLimit(NOTHING, 0.7)).toBeNull();
});
