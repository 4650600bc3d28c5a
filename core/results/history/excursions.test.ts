import { expect, it } from 'vitest';
import { excursionsOf } from './excursions.ts';
import type { Series } from './series.ts';

function series(values: readonly number[]): Series {
  const points = values.map((value, i) => ({
    ...{ at: '', commit: null, runId: `run-${i}`, value, low: value, high: value, flags: [] },
  }));
  return { machineClass: 'm', experiment: 'toll', arm: null, factors: {}, metric: 'cpu_us_per_request', points };
}
const noisy = (level: number, count: number) =>
  Array.from({ length: count }, (_, i) => level * (1 + 0.004 * ((i * 7) % 5) - 0.008));

it('groups runs that are off by a factor, with the factor, and the unit if it is a power of 1,000', () => {
  const values = [...noisy(20, 20), ...noisy(20_000, 10), ...noisy(20, 20), ...noisy(2, 3), ...noisy(20, 20)];
  const found = excursionsOf(series(values));
  expect(found.map(({ first, last, runs }) => [first.runId, last.runId, runs])).toEqual([
    ['run-20', 'run-29', 10],
    ['run-50', 'run-52', 3],
  ]);
  expect(found.map(({ ratio }) => Math.round(100 * (ratio ?? 0)))).toEqual([100_000, 10]);
  expect(found.map(({ isOtherUnit }) => isOtherUnit)).toEqual([true, false]);
});

it('says whether the series has returned', () => {
  const isOver = (values: readonly number[]) =>
    excursionsOf(series(values)).flatMap((one) => (one.reason === 'implausible' ? [one.isOver] : []));
  expect(isOver([...noisy(20, 20), 180, 181, ...noisy(20, 5)])).toEqual([true]);
  expect(isOver([...noisy(20, 20), 180, 181])).toEqual([false]);
});

it('has none if a unit changes permanently, which is a change of level', () => {
  expect(excursionsOf(series([...noisy(20, 20), ...noisy(20_000, 11)]))).toEqual([]);
});
