import { expect, it } from 'vitest';
import { createRandom } from '../../../core/stats/random.ts';
import { createSchedule } from './schedule.ts';

const all = (arrivals: 'uniform' | 'poisson', shard = 0, shards = 1, ratePerSecond = 1000) => {
  const random = createRandom(7);
  const next = createSchedule({ ratePerSecond, totalMs: 10_000, arrivals, random, shard, shards });
  const list: { index: number; atMicros: number }[] = [];
  for (let arrival = next(); arrival !== null; arrival = next()) list.push(arrival);
  return list;
};

it('spaces uniform arrivals by the period, without drift', () => {
  const list = all('uniform', 0, 1, 3000);
  expect(list.length).toBe(30_000);
  expect(list[29_999]?.atMicros).toBeCloseTo((29_999 / 3000) * 1e6, 6);
});

it('spaces Poisson arrivals exponentially', () => {
  const list = all('poisson');
  expect(Math.abs(list.length - 10_000)).toBeLessThan(4 * Math.sqrt(10_000));
  const gaps = list.slice(1).map(({ atMicros }, i) => atMicros - (list[i]?.atMicros ?? 0));
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  const beyondMean = gaps.filter((gap) => gap > mean).length / gaps.length;
  expect(beyondMean).toBeCloseTo(Math.exp(-1), 1);
});

it.each(['uniform', 'poisson'] as const)('%s is the same split over shards', (arrivals) => {
  const parts = [0, 1, 2].flatMap((shard) => all(arrivals, shard, 3));
  expect(parts.sort((a, b) => a.index - b.index)).toEqual(all(arrivals));
});
