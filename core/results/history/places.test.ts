import { expect, it } from 'vitest';
import { createRandom } from '../../stats/random.ts';
import { placesInTime } from './places.ts';

const HOUR_MS = 3_600_000;
const at = (day: number, hours = 2) => new Date(Date.UTC(2026, 0, 1 + day) + hours * HOUR_MS).toISOString();
const week = (day: number) => (day % 7 < 5 ? 0 : 0.05);
const random = createRandom(1);
const nights = Array.from({ length: 100 }, (_, i) => i).filter((i) => i === 0 || random.random() > 0.2);
const all = [...nights.keys()];
const weekly = nights.map((day) => week(day) + 0.01 * random.normal());

it('are days if nightly runs have a season by the day, also around midnight', () => {
  const times = nights.map((day) => at(day));
  expect(placesInTime(times, all, weekly, 0.003)).toEqual(nights);
  const around = nights.map((day) => at(day, 23.9 + 0.2 * random.random()));
  expect(placesInTime(around, all, weekly, 0.003)).toEqual(nights);
  const kept = all.filter((i) => i % 10 !== 3);
  const values = kept.map((i) => weekly[i] as number);
  expect(placesInTime(times, kept, values, 0.003)).toEqual(kept.map((i) => nights[i]));
});

it('are counted if nothing repeats by the day, or if runs are not daily', () => {
  const times = nights.map((day) => at(day));
  const byRun = all.map((i) => week(i) + 0.01 * random.normal());
  expect(placesInTime(times, all, byRun, 0.003)).toBe(all);
  expect(
    placesInTime(
      nights.map((day) => at(3 * day)),
      all,
      weekly,
      0.003,
    ),
  ).toBe(all);
  expect(placesInTime(times.toReversed(), all, weekly, 0.003)).toBe(all);
  expect(
    placesInTime(
      nights.map(() => ''),
      all,
      weekly,
      0.003,
    ),
  ).toBe(all);
  expect(placesInTime([], [], [], 0.003)).toEqual([]);
});
